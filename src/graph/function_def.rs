//! The body of a function as a `FunctionDef`.

use std::sync::Arc;

use super::arity::{self, FREE_OUTPUTS};
use super::library::Function;
use super::{HashSet, Node, NodeId, TensorRef};
use crate::proto::ArgAttr;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::function_def::ArgAttrs;
use crate::proto::tensorflow::op_def::ArgDef;
use crate::proto::tensorflow::{AttrValue, FunctionDef, NodeDef, OpDef};
use crate::sorted_map::SortedMap;

/// A graph that becomes a function.
pub(super) struct BodyGraph<'a> {
    pub(super) nodes: &'a [Node],
    /// The placeholders that stand for the arguments.
    pub(super) arguments: &'a [NodeId],
    pub(super) results: &'a [TensorRef],
}

/// The name that a node has in the function.
#[derive(Clone, Default)]
struct NodeName {
    name: String,
    is_argument: bool,
}

/// The names of a function's arguments, results and nodes, of which no two are alike.
#[derive(Default)]
struct FunctionNames(SortedMap<String, u32>);

impl FunctionNames {
    /// The name itself, or with the next number where it is taken.
    fn unique(&mut self, name: String) -> String {
        if !self.0.contains_key(&name) {
            self.0.insert(name.clone(), 0);
            return name;
        }
        loop {
            let next = self.0.get_or_insert_with(name.clone(), || 0);
            let candidate = format!("{name}_{next}");
            *next += 1;
            if !self.0.contains_key(&candidate) {
                self.0.insert(candidate.clone(), 0);
                return candidate;
            }
        }
    }

    /// The name of an argument or result: lower case, with underscores, from the first letter on.
    fn of_arg(&mut self, name: &str) -> String {
        let chars = name.chars().map(|char| match char {
            'A'..='Z' => char.to_ascii_lowercase(),
            'a'..='z' | '0'..='9' => char,
            _ => '_',
        });
        let name: String = chars
            .skip_while(|char| !char.is_ascii_lowercase())
            .collect();
        self.unique(match name.is_empty() {
            true => "unknown".to_owned(),
            false => name,
        })
    }
}

impl BodyGraph<'_> {
    /// The function of this name, and those that it calls.
    ///
    /// Results have their names first, then the arguments, then the nodes, so that of two alike the last gets a number.
    pub(super) fn to_function_def(&self, name: &str) -> (FunctionDef, Vec<Arc<Function>>) {
        let mut names = FunctionNames::default();
        let mut arg = |tensor: TensorRef| {
            let node = &self.nodes[tensor.node.index()];
            ArgDef {
                name: names.of_arg(&node.name),
                r#type: tensor.output(self.nodes).dtype.number(),
                ..ArgDef::default()
            }
        };
        let output_arg: Vec<_> = self.results.iter().copied().map(&mut arg).collect();
        let arguments = self.arguments.iter();
        let arguments = arguments.map(|&node| arg(TensorRef { node, index: 0 }));
        let input_arg: Vec<_> = arguments.collect();

        let names = self.node_names(names, &input_arg);
        let mut node_def = Vec::new();
        let mut called = HashSet::default();
        let mut callees = Vec::new();
        let mut is_stateful = false;
        for (id, node) in self.nodes.iter().enumerate() {
            if names[id].is_argument {
                continue;
            }
            is_stateful |= node.op.is_stateful;
            if let Some(function) = node.op.function() {
                if called.insert(node.op.name()) {
                    callees.push(function.clone());
                }
            }
            node_def.push(self.node_def(id, node, &names));
        }
        let results = output_arg.iter().zip(self.results);
        let ret = results.map(|(arg, &tensor)| (arg.name.clone(), self.tensor(tensor, &names)));
        let of_args = self.arguments.iter().enumerate();
        let of_args = of_args.map(|(index, id)| ArgAttr {
            index: index as u32,
            attrs: ArgAttrs {
                attr: attr_map(&self.nodes[id.index()], |name| name.starts_with('_')),
            },
        });
        let is_opaque = AttrValue {
            value: Some(Value::B(true)),
        };
        let def = FunctionDef {
            ret: ret.collect(),
            arg_attr: of_args.collect(),
            attr: SortedMap::from([(NO_SHAPES.to_owned(), is_opaque)]),
            node_def,
            signature: Some(OpDef {
                name: name.to_owned(),
                input_arg,
                output_arg,
                is_stateful,
                ..OpDef::default()
            }),
            ..FunctionDef::default()
        };
        (def, callees)
    }

    /// The names that the nodes have in the function: those of arguments are the arguments'.
    fn node_names(&self, mut names: FunctionNames, input_arg: &[ArgDef]) -> Vec<NodeName> {
        let mut of_nodes = vec![NodeName::default(); self.nodes.len()];
        for (id, arg) in self.arguments.iter().zip(input_arg) {
            of_nodes[id.index()] = NodeName {
                name: arg.name.clone(),
                is_argument: true,
            };
        }
        for (of_node, node) in of_nodes.iter_mut().zip(self.nodes) {
            if !of_node.is_argument {
                of_node.name = names.unique(node.name.to_string());
            }
        }
        of_nodes
    }

    fn node_def(&self, id: usize, node: &Node, names: &[NodeName]) -> NodeDef {
        let mut input: Vec<_> = node
            .inputs
            .iter()
            .map(|&tensor| self.tensor(tensor, names))
            .collect();
        let controls = node.control_inputs.iter();
        let mut controls: Vec<_> = controls
            .map(|id| format!("^{}", names[id.index()].name))
            .collect();
        controls.sort_unstable();
        input.append(&mut controls);
        NodeDef {
            name: names[id].name.clone(),
            op: node.op.name().to_owned(),
            input,
            device: node.device.to_string(),
            attr: attr_map(node, |_| true),
            ..NodeDef::default()
        }
    }

    /// A tensor as the inputs of a function's nodes spell it: `node:output:0`, or the name of an argument.
    fn tensor(&self, tensor: TensorRef, names: &[NodeName]) -> String {
        let NodeName { name, is_argument } = &names[tensor.node.index()];
        if *is_argument {
            return name.clone();
        }
        let node = &self.nodes[tensor.node.index()];
        let mut index = tensor.index as usize;
        for output in &node.op.outputs {
            let limit = FREE_OUTPUTS as u64;
            let types = arity::types(&node.op, std::slice::from_ref(output), &node.attrs, limit);
            let len = types
                .ok()
                .and_then(Result::ok)
                .map_or(0, |types| types.len());
            if index < len {
                return format!("{name}:{}:{index}", output.name);
            }
            index -= len;
        }
        unreachable!("a node has the outputs that its op declares");
    }
}

/// The attributes of a node whose names are wanted.
fn attr_map(node: &Node, is_wanted: fn(&str) -> bool) -> SortedMap<String, AttrValue> {
    let attrs = node.attrs.iter().filter(|(name, _)| is_wanted(name));
    let attrs = attrs.map(|(name, value)| (name.to_string(), AttrValue::clone(value)));
    attrs.collect()
}

/// The attribute that keeps TensorFlow from looking into the function for the shapes of a call.
pub(super) const NO_SHAPES: &str = "_disable_call_shape_inference";
