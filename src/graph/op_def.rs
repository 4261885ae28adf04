//! Op definitions: which ops exist, and what their nodes look like.
//!
//! TensorFlow registers each op with an `OpDef`: the names of its inputs, outputs and attributes, the attributes'
//! kinds, defaults and constraints, and how the types of inputs and outputs follow from the attributes. The table here
//! holds the ops of TensorFlow 1.15.5's C++ registry, which a graph may have. The registry of the Python front end is
//! narrower; [`Standing`] is what an export makes of an op for that reason.
//!
//! An input or output ("arg") stands for one tensor or several; see [`ArgKind`]. Take `ConcatV2`: its arg `values` is
//! `N * T`, so a node with the attributes `N = 3` and `T = DT_FLOAT` takes three float tensors there.
//!
//! The table is embedded in encoded form. An op is decoded when it is first looked up and then kept. A table of other
//! facts, such as an op's shape function, is a [`ByOp`].

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use super::HashMap;
use crate::proto::Message as _;
use crate::proto::tensorflow as pb;

// `TABLE`: (name, start, end, standing) of each op in `ENCODED`, sorted by name.
include!(concat!(env!("OUT_DIR"), "/op_table.rs"));

/// The encoded `OpDef` messages, one after another.
static ENCODED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ops.bin"));

static MESSAGES: [OnceLock<pb::OpDef>; TABLE.len()] = [const { OnceLock::new() }; TABLE.len()];
static OPS: [OnceLock<OpDef>; TABLE.len()] = [const { OnceLock::new() }; TABLE.len()];

/// The positions of the ops in `TABLE`.
static INDEX: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    let names = TABLE.iter().map(|(name, ..)| *name);
    names.zip(0..).collect()
});

/// A registered op, or the signature of a function, which nodes can use like one.
#[derive(Debug)]
pub(crate) struct OpDef {
    pub(crate) name: Cow<'static, str>,
    pub(crate) inputs: Vec<ArgDef>,
    pub(crate) outputs: Vec<ArgDef>,
    /// In the order of registration; [`ArgKind`] refers to them by index.
    pub(crate) attrs: Vec<AttrDef>,
    /// Nodes keep state, or have effects, so that they are neither merged nor removed.
    pub(crate) is_stateful: bool,
    /// Since which version of GraphDef nodes are refused.
    pub(crate) deprecation: Option<Cow<'static, pb::OpDeprecation>>,
    /// The position in the list of all registered ops; `None` for functions.
    pub(crate) position: Option<usize>,
    pub(crate) standing: Standing,
}

/// The standing of an op when TensorFlow's front end exports a graph as a `MetaGraphDef`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The op is exported and listed among the ops that the graph uses.
    Listed,
    /// The op is exported, but not listed: arguments and results of functions.
    Unlisted,
    /// A graph with the op is not exported.
    Refused,
}

errors! {
    /// Why a message is not the definition of an op.
    #[derive(Debug)]
    pub(crate) enum OpDefError {
        #[error("there is no attribute \"{0}\"")]
        NoAttr(String),
        #[error("attribute \"{attr}\" has the unknown kind \"{kind}\"")]
        AttrKind { attr: String, kind: String },
    }
}

/// An input or output of an op.
#[derive(Debug)]
pub(crate) struct ArgDef {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: ArgKind,
    /// Carries references to variables of the old kind, such as `VariableV2` yields, not values.
    pub(crate) is_ref: bool,
}

/// Which tensors an arg stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgKind {
    /// One tensor.
    One(ArgType),
    /// As many tensors of one type as the int attribute with index `count` says.
    Repeated { count: usize, of: ArgType },
    /// One tensor for each type in the `list(type)` attribute with this index.
    List(usize),
}

/// Where the element type of an arg comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgType {
    /// Always the same: a number of the `DataType` enum.
    Fixed(i32),
    /// The value of the type attribute with this index.
    Attr(usize),
}

/// An attribute of an op.
#[derive(Debug)]
pub(crate) struct AttrDef {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: AttrKind,
    /// The value that a node without the attribute has.
    pub(crate) default: Option<Cow<'static, pb::AttrValue>>,
    /// A list of the strings or types that are allowed; any is if absent.
    pub(crate) allowed: Option<Cow<'static, pb::AttrValue>>,
    /// The least value of an int, or the least length of a list.
    pub(crate) minimum: Option<i64>,
}

/// The kind of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttrKind {
    One(AttrType),
    List(AttrType),
}

/// The type of an attribute, or of each element of a list attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttrType {
    Int,
    Float,
    Bool,
    /// Any bytes.
    String,
    Type,
    Shape,
    Tensor,
    Func,
}

/// The op of this name, if it is registered.
pub(crate) fn lookup(name: &str) -> Option<&'static OpDef> {
    INDEX.get(name).map(|&index| at(index))
}

/// A fact of some registered ops, by their positions.
pub(crate) struct ByOp<T>(Vec<Option<T>>);

impl<T> ByOp<T> {
    /// Reads rows of names and facts.
    ///
    /// # Panics
    ///
    /// If a row names no registered op, or one that has a row already.
    pub(crate) fn new(rows: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut facts: Vec<_> = TABLE.iter().map(|_| None).collect();
        for (name, fact) in rows {
            let Some(&index) = INDEX.get(name) else {
                panic!("TensorFlow has no op {name}");
            };
            let former = facts[index].replace(fact);
            assert!(former.is_none(), "{name} has two rows");
        }
        ByOp(facts)
    }

    /// The fact of an op; `None` where it has no row, as functions have none.
    pub(crate) fn get(&self, op: &OpDef) -> Option<&T> {
        self.0[op.position?].as_ref()
    }
}

/// The names of all registered ops, each at its position.
pub(crate) fn names() -> impl ExactSizeIterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

fn at(index: usize) -> &'static OpDef {
    OPS[index].get_or_init(|| {
        let (name, _, _, standing) = TABLE[index];
        let op = OpDef::new(message(index), &Borrowed);
        OpDef {
            position: Some(index),
            standing,
            ..op.unwrap_or_else(|error| panic!("op {name}: {error}"))
        }
    })
}

/// The message of a registered op.
fn message(index: usize) -> &'static pb::OpDef {
    let (_, start, end, _) = TABLE[index];
    let decode = || pb::OpDef::decode(&ENCODED[start..end]).expect("the build script encoded it");
    MESSAGES[index].get_or_init(decode)
}

/// How a definition holds the parts of the message that it is made of.
trait Holds<'a> {
    fn hold<T: ToOwned + ?Sized>(&self, part: &'a T) -> Cow<'static, T>;
}

/// The message lives as long as the program.
struct Borrowed;

impl Holds<'static> for Borrowed {
    fn hold<T: ToOwned + ?Sized>(&self, part: &'static T) -> Cow<'static, T> {
        Cow::Borrowed(part)
    }
}

/// The message is in a file that was read.
struct Copied;

impl<'a> Holds<'a> for Copied {
    fn hold<T: ToOwned + ?Sized>(&self, part: &'a T) -> Cow<'static, T> {
        Cow::Owned(part.to_owned())
    }
}

impl OpDef {
    /// The definition of the op that nodes which call a function are of.
    pub(crate) fn of_function(signature: &pb::OpDef) -> Result<Self, OpDefError> {
        Self::new(signature, &Copied)
    }

    fn new<'a>(message: &'a pb::OpDef, parts: &impl Holds<'a>) -> Result<Self, OpDefError> {
        let index = |attr: &str| {
            let position = message.attr.iter().position(|a| a.name == attr);
            position.ok_or_else(|| OpDefError::NoAttr(attr.to_owned()))
        };
        let arg = |arg: &'a pb::op_def::ArgDef| {
            let kind = if arg.type_list_attr.is_empty() {
                let of = if arg.type_attr.is_empty() {
                    ArgType::Fixed(arg.r#type)
                } else {
                    ArgType::Attr(index(&arg.type_attr)?)
                };
                if arg.number_attr.is_empty() {
                    ArgKind::One(of)
                } else {
                    let count = index(&arg.number_attr)?;
                    ArgKind::Repeated { count, of }
                }
            } else {
                ArgKind::List(index(&arg.type_list_attr)?)
            };
            Ok(ArgDef {
                name: parts.hold(arg.name.as_str()),
                kind,
                is_ref: arg.is_ref,
            })
        };
        let attr = |attr: &'a pb::op_def::AttrDef| {
            let kind = AttrKind::parse(&attr.r#type).ok_or_else(|| OpDefError::AttrKind {
                attr: attr.name.clone(),
                kind: attr.r#type.clone(),
            })?;
            Ok(AttrDef {
                name: parts.hold(attr.name.as_str()),
                kind,
                default: attr.default_value.as_ref().map(|value| parts.hold(value)),
                allowed: attr.allowed_values.as_ref().map(|value| parts.hold(value)),
                minimum: attr.has_minimum.then_some(attr.minimum),
            })
        };
        Ok(Self {
            name: parts.hold(message.name.as_str()),
            inputs: message
                .input_arg
                .iter()
                .map(arg)
                .collect::<Result<_, _>>()?,
            outputs: message
                .output_arg
                .iter()
                .map(arg)
                .collect::<Result<_, _>>()?,
            attrs: message.attr.iter().map(attr).collect::<Result<_, _>>()?,
            is_stateful: message.is_stateful,
            deprecation: message.deprecation.as_ref().map(|it| parts.hold(it)),
            position: None,
            standing: Standing::Unlisted,
        })
    }

    /// The attribute of this name.
    pub(crate) fn attr(&self, name: &str) -> Option<&AttrDef> {
        self.attrs.iter().find(|attr| attr.name == name)
    }

    /// Whether nodes hold state of their own, as variables, tables, iterators and queues do: stateful, and without
    /// inputs. TensorFlow Hub treats such nodes apart, and looks only at ops that are listed.
    pub(crate) fn is_state_op(&self) -> bool {
        self.is_stateful && self.inputs.is_empty() && self.standing == Standing::Listed
    }

    /// The message as TensorFlow has it, without documentation: what a module's op list holds.
    ///
    /// `None` for functions.
    pub(crate) fn proto(&self) -> Option<&'static pb::OpDef> {
        self.position.map(message)
    }
}

impl AttrKind {
    /// Reads TensorFlow's spelling, such as `list(int)`.
    fn parse(text: &str) -> Option<Self> {
        let list = text
            .strip_prefix("list(")
            .and_then(|rest| rest.strip_suffix(')'));
        let element = match list.unwrap_or(text) {
            "int" => AttrType::Int,
            "float" => AttrType::Float,
            "bool" => AttrType::Bool,
            "string" => AttrType::String,
            "type" => AttrType::Type,
            "shape" => AttrType::Shape,
            "tensor" => AttrType::Tensor,
            "func" => AttrType::Func,
            _ => return None,
        };
        Some(if list.is_some() {
            Self::List(element)
        } else {
            Self::One(element)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pb::DataType;
    use pb::attr_value::Value;

    fn all() -> impl Iterator<Item = &'static OpDef> {
        (0..TABLE.len()).map(at)
    }

    fn op(name: &str) -> &'static OpDef {
        lookup(name).unwrap_or_else(|| panic!("no op {name}"))
    }

    fn proto(op: &OpDef) -> &'static pb::OpDef {
        op.proto().expect("the op is registered")
    }

    fn fixed(dtype: DataType) -> ArgType {
        ArgType::Fixed(dtype.into())
    }

    #[test]
    fn table_is_sorted_and_complete() {
        assert_eq!(names().len(), 1393);
        assert!(names().is_sorted_by(|a, b| a < b));
        assert!(names().all(|name| lookup(name).is_some_and(|op| op.name == name)));
        assert_eq!(TABLE[TABLE.len() - 1].2, ENCODED.len());
        assert!(lookup("").is_none());
        assert!(lookup("matmul").is_none());
        assert!(lookup("zzz").is_none());
    }

    #[test]
    #[should_panic(expected = "TensorFlow has no op matmul")]
    fn tables_name_only_registered_ops() {
        ByOp::new([("MatMul", 1), ("matmul", 2)]);
    }

    #[test]
    #[should_panic(expected = "MatMul has two rows")]
    fn tables_have_one_row_for_an_op() {
        ByOp::new([("MatMul", 1), ("Add", 2), ("MatMul", 3)]);
    }

    #[test]
    fn exports_take_what_the_front_end_knows() {
        let with = |standing| all().filter(move |op| op.standing == standing);
        assert_eq!(with(Standing::Listed).count(), 1227);
        let unlisted: Vec<_> = with(Standing::Unlisted).map(|op| &*op.name).collect();
        assert_eq!(
            unlisted,
            ["_Arg", "_ArrayToList", "_ListToArray", "_Retval"]
        );
        assert_eq!(with(Standing::Refused).count(), 162);
        let internal = names().filter(|name| name.starts_with('_'));
        assert_eq!(internal.count(), 44);
        for name in ["_FusedConv2D", "Skipgram", "Rpc", "HostConst", "Copy"] {
            assert_eq!(op(name).standing, Standing::Refused, "{name}");
        }
    }

    #[test]
    fn lookup_decodes_once() {
        assert!(std::ptr::eq(op("MatMul"), op("MatMul")));
    }

    #[test]
    fn every_op_decodes_and_encodes_to_the_stored_bytes() {
        for (op, (name, start, end, _)) in all().zip(TABLE) {
            assert_eq!((&*op.name, proto(op).name.as_str()), (name, name));
            assert_eq!(proto(op).encode_to_vec(), ENCODED[start..end], "{name}");
        }
    }

    #[test]
    fn no_op_has_documentation() {
        for op in all() {
            let op = proto(op);
            assert!(
                op.summary.is_empty() && op.description.is_empty(),
                "{}",
                op.name
            );
            assert!(
                op.attr.iter().all(|attr| attr.description.is_empty()),
                "{}",
                op.name
            );
            let mut args = op.input_arg.iter().chain(&op.output_arg);
            assert!(args.all(|arg| arg.description.is_empty()), "{}", op.name);
        }
    }

    #[test]
    fn args_refer_to_attributes_of_the_right_kind() {
        for op in all() {
            for arg in op.inputs.iter().chain(&op.outputs) {
                let kind = |index: usize| op.attrs[index].kind;
                let of = match arg.kind {
                    ArgKind::One(of) => of,
                    ArgKind::Repeated { count, of } => {
                        assert_eq!(kind(count), AttrKind::One(AttrType::Int), "{}", op.name);
                        of
                    }
                    ArgKind::List(index) => {
                        assert_eq!(kind(index), AttrKind::List(AttrType::Type), "{}", op.name);
                        continue;
                    }
                };
                match of {
                    ArgType::Fixed(dtype) => assert_ne!(dtype, 0, "{}", op.name),
                    ArgType::Attr(index) => {
                        assert_eq!(kind(index), AttrKind::One(AttrType::Type), "{}", op.name);
                    }
                }
            }
        }
    }

    #[test]
    fn mat_mul_is_as_registered() {
        let op = op("MatMul");
        let args: Vec<_> = op
            .inputs
            .iter()
            .chain(&op.outputs)
            .map(|a| (&*a.name, a.kind, a.is_ref))
            .collect();
        let t = ArgKind::One(ArgType::Attr(2));
        assert_eq!(
            args,
            [("a", t, false), ("b", t, false), ("product", t, false)]
        );
        assert_eq!(op.inputs.len(), 2);
        let attrs: Vec<_> = op.attrs.iter().map(|a| (&*a.name, a.kind)).collect();
        let bool_ = AttrKind::One(AttrType::Bool);
        let type_ = AttrKind::One(AttrType::Type);
        assert_eq!(
            attrs,
            [("transpose_a", bool_), ("transpose_b", bool_), ("T", type_)]
        );
        let default = op.attrs[0]
            .default
            .as_ref()
            .expect("transpose_a has a default");
        assert_eq!(default.value, Some(Value::B(false)));
        assert!(op.attrs[0].allowed.is_none());
        assert!(op.attrs[2].default.is_none());
        let Some(Value::List(allowed)) = &op.attrs[2]
            .allowed
            .as_ref()
            .expect("T is constrained")
            .value
        else {
            panic!("allowed values are a list");
        };
        let types = allowed
            .r#type
            .iter()
            .map(|&number| pb::DataType::from_number(number));
        let allowed: Vec<_> = types.map(|dtype| dtype.unwrap().as_str_name()).collect();
        let expected = [
            "DT_BFLOAT16",
            "DT_HALF",
            "DT_FLOAT",
            "DT_DOUBLE",
            "DT_INT32",
            "DT_INT64",
            "DT_COMPLEX64",
            "DT_COMPLEX128",
        ];
        assert_eq!(allowed, expected);
        assert!(!op.is_stateful);
        assert!(op.deprecation.is_none());
    }

    #[test]
    fn arg_kinds() {
        let concat = op("ConcatV2");
        let [values, axis] = &concat.inputs[..] else {
            panic!("two inputs")
        };
        assert_eq!(
            values.kind,
            ArgKind::Repeated {
                count: 0,
                of: ArgType::Attr(1)
            }
        );
        assert_eq!(axis.kind, ArgKind::One(ArgType::Attr(2)));
        assert_eq!(
            (&*concat.attrs[0].name, concat.attrs[0].minimum),
            ("N", Some(2))
        );
        assert_eq!(concat.attr("Tidx").map(|attr| &*attr.name), Some("Tidx"));
        assert!(concat.attr("tidx").is_none());

        let save = op("SaveV2");
        assert_eq!(save.inputs[0].kind, ArgKind::One(fixed(DataType::DtString)));
        assert_eq!(save.inputs[3].kind, ArgKind::List(0));
        assert_eq!(save.attrs[0].kind, AttrKind::List(AttrType::Type));
        assert_eq!(save.attrs[0].minimum, Some(1));

        assert!(op("VariableV2").outputs[0].is_ref);
        assert!(op("Assign").inputs[0].is_ref);
        assert!(!op("Assign").inputs[1].is_ref);
    }

    #[test]
    fn deprecations() {
        let deprecation = &op("BatchNormWithGlobalNormalization").deprecation;
        assert_eq!(deprecation.as_ref().map(|d| d.version), Some(9));
    }

    #[test]
    fn state_ops() {
        assert_eq!(all().filter(|op| op.is_state_op()).count(), 90);
        for name in [
            "VarHandleOp",
            "VariableV2",
            "HashTableV2",
            "IteratorV2",
            "FIFOQueueV2",
        ] {
            assert!(op(name).is_state_op(), "{name}");
        }
        // Stateful with inputs, or neither.
        // TensorFlow Hub does not look at the last two.
        for name in [
            "RandomUniform",
            "Placeholder",
            "NoOp",
            "_Arg",
            "_VarHandlesOp",
        ] {
            assert!(!op(name).is_state_op(), "{name}");
        }
    }

    #[test]
    fn attr_kinds_are_read() {
        assert_eq!(AttrKind::parse("func"), Some(AttrKind::One(AttrType::Func)));
        assert_eq!(
            AttrKind::parse("list(shape)"),
            Some(AttrKind::List(AttrType::Shape))
        );
        assert_eq!(AttrKind::parse("list(list(int))"), None);
        assert_eq!(AttrKind::parse("list(int"), None);
        assert_eq!(AttrKind::parse("any"), None);
    }
}
