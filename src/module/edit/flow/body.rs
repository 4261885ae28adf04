//! The body of a function as a graph, which edits change like that of a variant.

use super::ops::Ops;
use crate::dtype::DType;
use crate::graph::{HashMap, HashSet, OUTPUT_SHAPES, outputs_before, shape_proto};
use crate::module::edit::nodes::{input_of, is_control, node, nodes_of, tensor};
use crate::module::edit::variables::{EditedVariable, places};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::{Kind, NodeList};
use crate::proto::tensorflow::{
    CollectionDef, FunctionDef, GraphDef, MetaGraphDef, NodeDef, SignatureDef, TensorInfo,
    VariableDef,
};
use crate::shape::Shape;

/// The op of the nodes that stand for arguments.
const ARGUMENT: &str = "_Arg";
/// The collection of the nodes that a call runs though no result needs them.
const CONTROLS: &str = "control outputs";
/// From here on, outputs are spelled in a way that says nothing here: those of ops that are not known.
const UNKNOWN_OUTPUTS: u32 = 1 << 31;

/// The body of a function.
#[derive(Clone)]
pub(super) struct Body {
    /// The nodes that stand for the arguments, those of the body, and the results as outputs of a signature.
    pub(super) meta: MetaGraphDef,
    /// The function without them.
    def: FunctionDef,
    /// Inputs from nodes whose outputs are not known, as the function spells them.
    unknown: Vec<String>,
}

impl Body {
    pub(super) fn new(def: &FunctionDef, ops: &Ops<'_>) -> Self {
        let arguments = def.signature.iter().flat_map(|it| &it.input_arg);
        let arguments: Vec<_> = arguments.collect();
        let mut flattener = Flattener {
            arguments: arguments.iter().map(|arg| &*arg.name).collect(),
            nodes: &def.node_def,
            places: places(&def.node_def),
            ops,
            unknown: Vec::new(),
        };
        let placeholders = arguments.iter().map(|arg| {
            let dtype = Value::Type(arg.r#type);
            node(&*arg.name, ARGUMENT, [], [("dtype", dtype)])
        });
        let mut nodes: Vec<NodeDef> = placeholders.collect();
        nodes.extend(def.node_def.iter().cloned().map(|mut node| {
            for input in &mut node.input {
                *input = flattener.flat(input);
            }
            node
        }));
        let results = def.ret.iter();
        let results = results.map(|(name, tensor)| (name.clone(), end(flattener.flat(tensor))));
        let signature = SignatureDef {
            outputs: results.collect(),
            inputs: arguments
                .iter()
                .map(|arg| (arg.name.clone(), end(arg.name.clone())))
                .collect(),
            ..SignatureDef::default()
        };
        let controls = CollectionDef {
            kind: Some(Kind::NodeList(NodeList {
                value: def.control_ret.values().cloned().collect(),
            })),
        };
        let unknown = flattener.unknown;
        Body {
            meta: MetaGraphDef {
                graph_def: Some(GraphDef {
                    node: nodes,
                    ..GraphDef::default()
                }),
                signature_def: [(String::new(), signature)].into(),
                collection_def: [(CONTROLS.to_owned(), controls)].into(),
                ..MetaGraphDef::default()
            },
            def: FunctionDef {
                signature: def.signature.clone(),
                attr: def.attr.clone(),
                arg_attr: def.arg_attr.clone(),
                resource_arg_unique_id: def.resource_arg_unique_id.clone(),
                control_ret: def.control_ret.clone(),
                ..FunctionDef::default()
            },
            unknown,
        }
    }

    /// The names of the arguments.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        let arguments = self.def.signature.iter().flat_map(|it| &it.input_arg);
        arguments.map(|arg| &*arg.name)
    }

    /// Whether each argument is one tensor.
    pub(super) fn is_plain(&self) -> bool {
        let mut arguments = self.def.signature.iter().flat_map(|it| &it.input_arg);
        arguments.all(|arg| arg.number_attr.is_empty() && arg.type_list_attr.is_empty())
    }

    /// The nodes, those of the arguments first.
    pub(super) fn nodes(&self) -> &[NodeDef] {
        nodes_of(&self.meta)
    }

    /// The tensors that the results are, by node and output.
    pub(super) fn results(&self) -> Vec<Option<(usize, u32)>> {
        let places = places(self.nodes());
        let ends = self.meta.signature_def.get("").map(|it| &it.outputs);
        let results = self.def.signature.iter().flat_map(|it| &it.output_arg);
        let tensors = results.map(|result| {
            let name = ends?.get(&result.name)?.name.as_deref()?;
            let (node, output) = tensor(name);
            Some((*places.get(node)?, output))
        });
        tensors.collect()
    }

    /// The variable of a dtype that an argument is.
    pub(super) fn variable(&self, argument: usize, dtype: DType) -> EditedVariable {
        let name = self.nodes()[argument].name.clone();
        EditedVariable {
            key: name.clone(),
            name,
            dtype,
            shape: None,
            part: None,
            is_resource: true,
            def: VariableDef::default(),
        }
    }

    /// Forgets what the function says of arguments that are other variables, or their values, now.
    pub(super) fn forget(&mut self, arguments: &[(usize, DType)]) {
        for &(argument, _) in arguments {
            if let Some(signature) = &mut self.def.signature {
                signature.input_arg[argument].handle_data.clear();
            }
            let mut attrs = self.def.arg_attr.iter_mut();
            if let Some(entry) = attrs.find(|entry| entry.index as usize == argument) {
                for name in [OUTPUT_SHAPES, "_handle_dtypes", "_handle_shapes"] {
                    entry.attrs.attr.remove(name);
                }
            }
            let shapes = self.def.attr.get_mut("_input_shapes");
            if let Some(Value::List(list)) = shapes.and_then(|attr| attr.value.as_mut()) {
                if let Some(shape) = list.shape.get_mut(argument) {
                    *shape = shape_proto(&Shape::unknown());
                }
            }
        }
    }

    /// Has the function take the values of variables, and give those that it hands on.
    pub(super) fn take_values(&mut self, arguments: &[(usize, DType)], results: &[(u32, DType)]) {
        let Some(signature) = &mut self.def.signature else {
            return;
        };
        for &(argument, dtype) in arguments {
            let arg = &mut signature.input_arg[argument];
            arg.r#type = dtype.number();
            arg.type_attr.clear();
        }
        for &(result, dtype) in results {
            let arg = &mut signature.output_arg[result as usize];
            arg.r#type = dtype.number();
            arg.type_attr.clear();
        }
    }

    /// The function under another name.
    pub(super) fn into_function(mut self, name: &str, ops: &Ops<'_>) -> FunctionDef {
        let mut nodes = self.meta.graph_def.take().unwrap_or_default().node;
        let arguments: HashSet<String> = self.arguments().map(str::to_owned).collect();
        let speller = Speller {
            arguments: &arguments,
            nodes: &nodes,
            places: places(&nodes),
            ops,
            unknown: &self.unknown,
        };
        let inputs = nodes.iter().map(|node| {
            let inputs = node.input.iter().map(|input| speller.spelled(input));
            inputs.collect::<Vec<_>>()
        });
        let inputs: Vec<_> = inputs.collect();
        let signatures = self.meta.signature_def.values();
        let results = signatures.flat_map(|signature| &signature.outputs);
        let results = results.map(|(name, info)| {
            let tensor = info.name.as_deref().unwrap_or_default();
            (name.clone(), speller.spelled(tensor))
        });
        self.def.ret = results.collect();
        for (node, inputs) in nodes.iter_mut().zip(inputs) {
            node.input = inputs;
        }
        nodes.retain(|node| !arguments.contains(&node.name));
        if let Some(signature) = &mut self.def.signature {
            name.clone_into(&mut signature.name);
        }
        FunctionDef {
            node_def: nodes,
            ..self.def
        }
    }
}

/// The end of a signature that is a tensor.
fn end(tensor: String) -> TensorInfo {
    TensorInfo {
        name: Some(tensor),
        ..TensorInfo::default()
    }
}

/// Makes `node:1` of `node:argument:0`.
struct Flattener<'a> {
    arguments: HashSet<&'a str>,
    nodes: &'a [NodeDef],
    places: HashMap<&'a str, usize>,
    ops: &'a Ops<'a>,
    unknown: Vec<String>,
}

impl Flattener<'_> {
    fn flat(&mut self, input: &str) -> String {
        let argument = input.strip_suffix(":0").unwrap_or(input);
        if is_control(input) {
            return input.to_owned();
        }
        if self.arguments.contains(argument) {
            return argument.to_owned();
        }
        let node = input.split(':').next().unwrap_or_default();
        let output = self.output(input).unwrap_or_else(|| {
            self.unknown.push(input.to_owned());
            UNKNOWN_OUTPUTS + self.unknown.len() as u32 - 1
        });
        input_of(node, output)
    }

    /// The number of the output, if the op of the node is known.
    fn output(&self, input: &str) -> Option<u32> {
        let mut parts = input.split(':');
        let (node, output) = (parts.next()?, parts.next()?);
        let index: usize = parts.next().unwrap_or("0").parse().ok()?;
        let node = &self.nodes[*self.places.get(node)?];
        let before = self.ops.with_op(&node.op, |op| {
            let position = op.outputs.iter().position(|it| it.name == output)?;
            outputs_before(op, position, &|attr| node.attr.get(attr))
        });
        let number = u32::try_from(before??.checked_add(index)?).ok()?;
        (number < UNKNOWN_OUTPUTS).then_some(number)
    }
}

/// Makes `node:argument:0` of `node:1` again.
struct Speller<'a> {
    arguments: &'a HashSet<String>,
    nodes: &'a [NodeDef],
    places: HashMap<&'a str, usize>,
    ops: &'a Ops<'a>,
    unknown: &'a [String],
}

impl Speller<'_> {
    fn spelled(&self, input: &str) -> String {
        if is_control(input) || self.arguments.contains(input) {
            return input.to_owned();
        }
        let (name, output) = tensor(input);
        if let Some(unknown) = output.checked_sub(UNKNOWN_OUTPUTS) {
            return self.unknown[unknown as usize].clone();
        }
        let node = &self.nodes[self.places[name]];
        let spelled = self.ops.with_op(&node.op, |op| {
            let mut positions = (0..op.outputs.len()).rev();
            positions.find_map(|position| {
                let before = outputs_before(op, position, &|attr| node.attr.get(attr))?;
                let index = (output as usize).checked_sub(before)?;
                Some(format!("{name}:{}:{index}", op.outputs[position].name))
            })
        });
        // What had a number before an edit has one of an op that is known after it.
        spelled.flatten().unwrap_or_else(|| input.to_owned())
    }
}
