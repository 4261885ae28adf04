//! The nodes of a function's body in a call: attributes have values, and inputs are tensors.

use std::borrow::Cow;

use super::error::{ImportError, NodeFault};
use super::node::Matcher;
use super::order::Places;
use super::plan::{Lists, Plan, Source, Wired};
use super::{HashMap, Here, NodeId, TensorRef};
use crate::error::Rule;
use crate::graph::call::ShapeInference;
use crate::graph::library::Function;
use crate::graph::node::Attr;
use crate::graph::{Node, arity, op_def};
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{AttrValue, NameAttrList, NodeDef};

/// The body of a function that is called.
pub(in crate::graph) struct Body<'a> {
    function: &'a Function,
    /// The graph or body that the call is in.
    around: &'a ShapeInference<'a>,
    /// The attributes of the call.
    attrs: &'a dyn Fn(&str) -> Option<&'a AttrValue>,
    /// The numbers of the arguments' nodes.
    args: HashMap<&'a str, TensorRef>,
}

impl<'a> Body<'a> {
    /// The body with these values for the function's attributes, whose first nodes are its arguments.
    pub(in crate::graph) fn new(
        function: &'a Function,
        around: &'a ShapeInference<'a>,
        attrs: &'a dyn Fn(&str) -> Option<&'a AttrValue>,
    ) -> Self {
        let names = function.def.signature.iter().flat_map(|it| &it.input_arg);
        let args = names.enumerate().map(|(index, arg)| {
            let node = NodeId::new(index);
            (&*arg.name, TensorRef { node, index: 0 })
        });
        Body {
            function,
            around,
            attrs,
            args: args.collect(),
        }
    }

    /// Adds the nodes to those of the arguments and gives the results, or the fault of a node that does not fit; `None`
    /// if the body is malformed.
    pub(in crate::graph) fn add_to(
        &self,
        nodes: &mut Vec<Node>,
        location: Here,
    ) -> Option<Result<Vec<TensorRef>, String>> {
        let def = &self.function.def;
        let mut size = self.function.size;
        for value in def.node_def.iter().flat_map(|node| node.attr.values()) {
            size += match self.substituted(value)? {
                Cow::Borrowed(given) if std::ptr::eq(given, value) => 0,
                given => given.encoded_len(),
            };
        }
        let mut matcher = Matcher::new(None, size, location);
        let plan = Plan::with_sources(&def.node_def, |node, places, inputs| {
            self.add_sources(node, places, inputs)
        });
        let mut results = None;
        let added = plan.and_then(|plan| {
            let plan = plan.ordered(|place| &def.node_def[place].op)?;
            results = self.results(&plan.places);
            let ids = plan.ids(nodes.len());
            for &place in &plan.order {
                let def = &def.node_def[place];
                let wired = plan.wired(place, &ids, plan.names[place].clone());
                let made = self.node(def, wired, &mut matcher, &self.around.inside(nodes));
                nodes.push(made.map_err(|fault| ImportError::node(&*def.name, &*def.op, fault))?);
            }
            plan.set_back_edges(nodes, &ids)?;
            Ok(ids)
        });
        let ids = match added {
            Ok(ids) => ids,
            Err(error) => return misfit(&error).map(Err),
        };
        let results = results?.into_iter().map(|source| match source {
            Source::Tensor { node, index } => {
                let tensor = TensorRef {
                    node: ids[node],
                    index,
                };
                let outputs = nodes[tensor.node.index()].outputs.len();
                ((index as usize) < outputs).then_some(tensor)
            }
            Source::Mapped(tensor) => Some(tensor),
            Source::Control(_) | Source::MappedControl(_) => None,
        });
        Some(Ok(results.collect::<Option<_>>()?))
    }

    fn node(
        &self,
        def: &NodeDef,
        wired: Wired,
        matcher: &mut Matcher,
        inference: &ShapeInference<'_>,
    ) -> Result<Node, NodeFault> {
        let mut attrs = def.attr.iter().map(|(name, value)| {
            let value = self.substituted(value).unwrap_or(Cow::Borrowed(value));
            (Cow::Borrowed(name.as_str()), Attr::from(value.into_owned()))
        });
        let known = (inference.library, inference.nodes);
        let mut node = matcher.node(&def.op, &mut attrs, wired, known)?;
        inference.infer(&mut node).map_err(NodeFault::Shape)?;
        inference.know(&mut node);
        Ok(node)
    }

    /// Adds the inputs of a node.
    fn add_sources(
        &self,
        node: &NodeDef,
        places: &Places,
        sources: &mut Lists<Source>,
    ) -> Result<(), NodeFault> {
        let mut control = false;
        for input in &node.input {
            let missing = || NodeFault::MissingInput(input.clone());
            if let Some(name) = input.strip_prefix('^') {
                control = true;
                sources.push(Source::Control(*places.get(name).ok_or_else(missing)?));
                continue;
            }
            if control {
                return Err(NodeFault::ControlOrder(input.clone()));
            }
            let arg = self.args.get(input.strip_suffix(":0").unwrap_or(input));
            sources.push(match arg {
                Some(&tensor) => Source::Mapped(tensor),
                None => self.tensor(input, places).ok_or_else(missing)?,
            });
        }
        Ok(())
    }

    /// Where the results of the function come from.
    fn results(&self, places: &Places) -> Option<Vec<Source>> {
        let signature = self.function.def.signature.as_ref()?;
        let results = signature.output_arg.iter().map(|result| {
            let source = self.function.def.ret.get(&result.name)?;
            match self.args.get(source.as_str()) {
                Some(&tensor) => Some(Source::Mapped(tensor)),
                None => self.tensor(source, places),
            }
        });
        results.collect()
    }

    /// The output of a node that a body calls `node:values:1`.
    fn tensor(&self, name: &str, places: &Places) -> Option<Source> {
        let mut parts = name.split(':');
        let (node, arg) = (parts.next()?, parts.next()?);
        let index: usize = parts.next().unwrap_or("0").parse().ok()?;
        let place = *places.get(node)?;
        let def = &self.function.def.node_def[place];
        let op = match self.around.library.get(&def.op) {
            Some(function) => &function.op,
            None => op_def::lookup(&def.op)?,
        };
        let position = op.outputs.iter().position(|output| output.name == arg)?;
        // No attribute that counts outputs, or lists their types, is a function.
        let attr = |name: &str| match &def.attr.get(name)?.value {
            Some(Value::Placeholder(of)) => (self.attrs)(of),
            _ => def.attr.get(name),
        };
        let before = arity::before(op, position, &attr)?;
        Some(Source::Tensor {
            node: place,
            index: u32::try_from(before.checked_add(index)?).ok()?,
        })
    }

    /// The value of an attribute with those that the call gives.
    fn substituted<'v>(&'v self, value: &'v AttrValue) -> Option<Cow<'v, AttrValue>> {
        match &value.value {
            Some(Value::Placeholder(of)) => Some(Cow::Borrowed((self.attrs)(of)?)),
            Some(Value::Func(function)) if !function.attr.is_empty() => {
                let attrs = function.attr.iter().map(|(name, value)| {
                    Some((name.clone(), self.substituted(value)?.into_owned()))
                });
                let function = NameAttrList {
                    name: function.name.clone(),
                    attr: attrs.collect::<Option<_>>()?,
                };
                let value = Some(Value::Func(Box::new(function)));
                Some(Cow::Owned(AttrValue { value }))
            }
            _ => Some(Cow::Borrowed(value)),
        }
    }
}

/// The message about a node whose inputs do not fit, if that is the fault.
fn misfit(error: &ImportError) -> Option<String> {
    match error {
        ImportError::Node { fault, .. } => (fault.rule() == Rule::Shape).then(|| error.to_string()),
        _ => None,
    }
}
