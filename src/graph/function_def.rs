//! The body of a function as a `FunctionDef`.

use super::arity::{self, FREE_OUTPUTS};
use super::{HashMap, Node, NodeId, TensorRef, shape_proto};
use crate::dtype::DType;
use crate::proto::ArgAttr;
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::function_def::ArgAttrs;
use crate::proto::tensorflow::op_def::ArgDef;
use crate::proto::tensorflow::{AttrValue, FunctionDef, NodeDef, OpDef, TensorShapeProto};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;

/// The attributes of a function, by name.
pub(super) type FunctionAttrs = SortedMap<String, AttrValue>;

/// A graph that becomes a function.
pub(super) struct BodyGraph<'a> {
    pub(super) nodes: &'a [Node],
    /// The placeholders that stand for the arguments.
    pub(super) arguments: &'a [NodeId],
    pub(super) results: &'a [TensorRef],
    /// The names of the results, where they are not those of the nodes.
    pub(super) result_names: &'a [String],
    /// The nodes that a call runs though no result needs them.
    pub(super) control_outputs: &'a [NodeId],
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
    /// The function of this name with these attributes.
    ///
    /// Results have their names first, then the arguments, then the nodes, so that of two alike the last gets a number.
    pub(super) fn to_function_def(&self, name: &str, attr: FunctionAttrs) -> FunctionDef {
        let mut names = FunctionNames::default();
        let mut arg = |tensor: TensorRef, name: Option<&String>| {
            let name = match name {
                Some(name) => name.clone(),
                None => names.of_arg(&self.nodes[tensor.node.index()].name),
            };
            ArgDef {
                name,
                r#type: tensor.output(self.nodes).dtype.number(),
                ..ArgDef::default()
            }
        };
        let results = self.results.iter().enumerate();
        let results = results.map(|(at, &tensor)| arg(tensor, self.result_names.get(at)));
        let output_arg: Vec<_> = results.collect();
        let arguments = self.arguments.iter();
        let arguments = arguments.map(|&node| arg(TensorRef { node, index: 0 }, None));
        let input_arg: Vec<_> = arguments.collect();

        let names = self.node_names(names, &input_arg);
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.filter(|(id, _)| !names[*id].is_argument);
        let is_stateful = nodes.clone().any(|(_, node)| node.op.is_stateful);
        let node_def = nodes.map(|(id, node)| self.node_def(id, node, &names));
        let node_def = node_def.collect();
        let results = output_arg.iter().zip(self.results);
        let ret = results.map(|(arg, &tensor)| (arg.name.clone(), self.tensor(tensor, &names)));
        let of_args = self.arguments.iter().enumerate();
        let of_args = of_args.map(|(index, id)| ArgAttr {
            index: index as u32,
            attrs: ArgAttrs {
                attr: attr_map(&self.nodes[id.index()], |name| name.starts_with('_')),
            },
        });
        let controls = self.control_outputs.iter();
        let controls = controls.map(|id| {
            let name = self.nodes[id.index()].name.to_string();
            (name, names[id.index()].name.clone())
        });
        let control_ret: SortedMap<_, _> = controls.collect();
        FunctionDef {
            ret: ret.collect(),
            arg_attr: of_args.collect(),
            attr,
            node_def,
            signature: Some(OpDef {
                name: name.to_owned(),
                input_arg,
                output_arg,
                control_output: control_ret.keys().cloned().collect(),
                is_stateful,
                ..OpDef::default()
            }),
            control_ret,
            ..FunctionDef::default()
        }
    }

    /// Adds the shapes that an export of Python writes into the function of a `FuncGraph`: those of the arguments, and
    /// those of each node for the one that has its name in the graph.
    pub(super) fn add_shapes(&self, def: &mut FunctionDef) {
        let arguments = self.arguments.iter();
        let shapes = arguments.map(|id| {
            let output = &self.nodes[id.index()].outputs[0];
            match output.dtype {
                DType::Resource => shape_proto(&Shape::unknown()),
                _ => shape_proto(&output.shape),
            }
        });
        let shapes = match self.arguments {
            [] => AttrValue::default(),
            _ => shape_list(shapes.collect()),
        };
        def.attr.insert("_input_shapes".to_owned(), shapes);
        let by_name: HashMap<_, _> = self.nodes.iter().map(|it| (&*it.name, it)).collect();
        for node_def in &mut def.node_def {
            if let Some(node) = by_name.get(&*node_def.name) {
                let shapes = node.outputs.iter().map(|it| shape_proto(&it.shape));
                let shapes = shape_list(shapes.collect());
                node_def.attr.insert("_output_shapes".to_owned(), shapes);
            }
        }
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
fn attr_map(node: &Node, is_wanted: fn(&str) -> bool) -> FunctionAttrs {
    let attrs = node.attrs.iter().filter(|(name, _)| is_wanted(name));
    let attrs = attrs.map(|(name, value)| (name.to_string(), AttrValue::clone(value)));
    attrs.collect()
}

fn shape_list(shape: Vec<TensorShapeProto>) -> AttrValue {
    let list = ListValue {
        shape,
        ..ListValue::default()
    };
    AttrValue {
        value: Some(Value::List(list.into())),
    }
}

/// The attribute that keeps TensorFlow from looking into the function for the shapes of a call.
pub(super) const NO_SHAPES: &str = "_disable_call_shape_inference";
