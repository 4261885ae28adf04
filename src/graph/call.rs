//! Shapes through calls of functions: TensorFlow infers those of the body from what is passed in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::graph_def::GraphDef;
use super::import::ImportOptions;
use super::library::Function;
use super::node::Attr;
use super::op_def::{self, ArgKind};
use super::{AnyTensor, GraphBuilder, Library, Node, arity, facts};
use crate::dtype::DType;
use crate::error::Rule;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{self as pb, NodeDef};
use crate::shape::Shape;

/// How deep calls may be nested; functions that call themselves have no end.
const MAX_DEPTH: usize = 32;

/// What is known of an output: its shape, and the shapes and dtypes of what is behind it if it is a handle.
pub(super) type Outcome = (Shape, Vec<(Shape, DType)>);

impl GraphBuilder {
    /// The shapes of the outputs of a call by the function's body, or the fault of a node that does not fit there.
    ///
    /// Nothing is known where TensorFlow does not look at the body either, or where the bodies of a graph are so large
    /// or so many that it would take long.
    pub(super) fn called(&self, node: &Node) -> Option<Result<Vec<Outcome>, String>> {
        let (function, attrs) = self.callee(node)?;
        let depth = self.state.borrow().depth + 1;
        let library = self.state.borrow().library.clone();
        let (function, def) = (&function.def, &function.op);
        let signature = function.signature.as_ref()?;
        let is_single = |kind| matches!(kind, ArgKind::One(_));
        let single = def.inputs.iter().all(|arg| is_single(arg.kind));
        if depth > MAX_DEPTH || !single || def.inputs.len() != node.inputs.len() {
            return None;
        }
        library.spend(function.node_def.len() + 1)?;
        let inner = GraphBuilder::new();
        inner.state.borrow_mut().depth = depth;
        inner.state.borrow_mut().library = library.clone();
        inner.state.borrow_mut().versions = self.state.borrow().versions.clone();
        let args = signature.input_arg.iter().enumerate();
        let nodes = function.node_def.iter();
        let body = Body {
            library: &library,
            args: args.map(|(index, arg)| (&arg.name[..], index)).collect(),
            nodes: nodes.map(|node| (&node.name[..], node)).collect(),
            attrs,
        };
        let args = self.args(&inner, node);
        let mut used = vec![false; args.len()];
        let mut message = pb::GraphDef::default();
        for node in &function.node_def {
            message.node.push(body.flattened(node, &mut used)?);
        }
        let mut options = ImportOptions::new()
            .prefix("")
            .ignore_shapes(true)
            .of_body();
        let names = signature.input_arg.iter().map(|arg| &arg.name);
        for ((name, &tensor), _) in names.zip(&args).zip(used).filter(|(_, used)| *used) {
            options = options.map_input(name.clone(), tensor);
        }
        let graph_def = GraphDef::from_message(message);
        let imported = match inner.import_graph_def(graph_def, options) {
            Ok(imported) => imported,
            Err(error) => {
                let fault = error.diagnostics().first()?;
                let text = || format!("function \"{}\": {error}", def.name);
                return (fault.rule == Rule::Shape).then(|| Err(text()));
            }
        };
        let outputs = inner.nodes().iter().map(|node| node.outputs.len()).sum();
        library.spend(outputs)?;
        let outcome = |arg: &pb::op_def::ArgDef| {
            let source = function.ret.get(&arg.name)?;
            let tensor = match body.args.get(source.as_str()) {
                Some(&index) => *args.get(index)?,
                None => imported.tensor(&body.tensor(source)?).ok()?,
            };
            let tensor = tensor.tensor_ref();
            let nodes = inner.nodes();
            let output = tensor.output(&nodes);
            Some((output.shape.clone(), output.known.handle().to_vec()))
        };
        let outcomes: Vec<_> = signature
            .output_arg
            .iter()
            .map(outcome)
            .collect::<Option<_>>()?;
        (outcomes.len() == node.outputs.len()).then_some(Ok(outcomes))
    }

    /// The function that a node calls, with the values of its attributes.
    fn callee(&self, node: &Node) -> Option<(Arc<Function>, Attrs)> {
        let is_opaque = || node.bool_attr("_disable_call_shape_inference") == Some(true);
        let calls_function = facts::of(&node.op).calls_function;
        match (node.op.function(), calls_function) {
            (Some(function), _) if !is_opaque() => {
                let attrs = node.attrs.iter();
                let attrs =
                    attrs.map(|(name, value)| (name.to_string(), value.clone().into_owned()));
                Some((function.clone(), attrs.collect()))
            }
            (None, true) if !is_opaque() => {
                let Some(Value::Func(function)) = node.attr("f") else {
                    return None;
                };
                let state = self.state.borrow();
                let found = state.library.get(&function.name)?;
                Some((found.clone(), function.attr.clone()))
            }
            _ => None,
        }
    }

    /// Placeholders in another graph for what is passed to a call.
    fn args<'g>(&self, inner: &'g GraphBuilder, call: &Node) -> Vec<AnyTensor<'g>> {
        let nodes = self.nodes();
        let arg = |index: usize| {
            let input = call.inputs[index];
            let passed = nodes
                .get(input.node.index())?
                .outputs
                .get(input.index as usize)?;
            let name = format!("arg{index}");
            let made = inner
                .op("Placeholder")
                .name(name)
                .attr("dtype", passed.dtype);
            let tensor = made.finish().output(0);
            if tensor.is_poison() {
                return None;
            }
            let mut state = inner.state.borrow_mut();
            let output = &mut state.nodes[tensor.tensor_ref().node.index()].outputs[0];
            output.shape = passed.shape.clone();
            output.known.set_handle(passed.known.handle().to_vec());
            drop(state);
            Some(tensor)
        };
        let args: Option<Vec<_>> = (0..call.inputs.len()).map(arg).collect();
        args.unwrap_or_default()
    }
}

type Attrs = BTreeMap<String, pb::AttrValue>;

/// A function's parts by name.
struct Body<'a> {
    library: &'a Library,
    args: HashMap<&'a str, usize>,
    nodes: HashMap<&'a str, &'a NodeDef>,
    attrs: Attrs,
}

impl Body<'_> {
    /// A node as it stands in a graph: attributes have values, and inputs the names of graphs' tensors.
    fn flattened(&self, node: &NodeDef, used: &mut [bool]) -> Option<NodeDef> {
        let input = |input: &String| {
            if input.starts_with('^') {
                return Some(input.clone());
            }
            match self.args.get(input.strip_suffix(":0").unwrap_or(input)) {
                Some(&index) => {
                    *used.get_mut(index)? = true;
                    Some(input.clone())
                }
                None => self.tensor(input),
            }
        };
        let input = node.input.iter().map(input).collect::<Option<_>>()?;
        Some(NodeDef {
            name: node.name.clone(),
            op: node.op.clone(),
            input,
            device: String::new(),
            attr: self.substituted(&node.attr)?,
            ..NodeDef::default()
        })
    }

    /// Attributes with the values that the call gives.
    fn substituted(&self, attrs: &Attrs) -> Option<Attrs> {
        let one = |(name, value): (&String, &pb::AttrValue)| {
            let value = match &value.value {
                Some(Value::Placeholder(of)) => self.attrs.get(of)?.clone(),
                Some(Value::Func(function)) => pb::AttrValue {
                    value: Some(Value::Func(Box::new(pb::NameAttrList {
                        name: function.name.clone(),
                        attr: self.substituted(&function.attr)?,
                    }))),
                },
                _ => value.clone(),
            };
            Some((name.clone(), value))
        };
        attrs.iter().map(one).collect()
    }

    /// The name in a graph, `node:3`, of a tensor such as `node:values:1`.
    fn tensor(&self, name: &str) -> Option<String> {
        let mut parts = name.split(':');
        let (node, arg) = (parts.next()?, parts.next()?);
        let index: usize = parts.next().unwrap_or("0").parse().ok()?;
        let def = self.nodes.get(node)?;
        let attrs = self.substituted(&def.attr)?.into_iter();
        let attrs = attrs
            .map(|(name, value)| (name.into(), Attr::Own(value)))
            .collect();
        let op = match self.library.get(&def.op) {
            Some(function) => &function.op,
            None => op_def::lookup(&def.op)?,
        };
        let position = op.outputs.iter().position(|output| output.name == arg)?;
        let before = arity::before(op, position, &attrs)?;
        Some(format!("{node}:{}", before.checked_add(index)?))
    }
}
