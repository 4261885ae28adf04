//! Faults of a graph that is imported or copied.

use crate::error::{Diagnostic, Error, ErrorKind, Rule};
use crate::graph::Here;
use crate::graph::arity::ArityFault;
use crate::graph::attr::type_name;
use crate::graph::back_edge::BackEdgeFault;
use crate::graph::device::DeviceError;
use crate::graph::encode::PRODUCER;
use crate::graph::later::Writer;
use crate::graph::library::LibraryError;

errors! {
    /// Why a graph cannot be imported.
    #[derive(Debug)]
    pub(super) enum ImportError {
        #[error("{op} {name:?}: {fault}")]
        Node {
            name: String,
            op: String,
            fault: NodeFault,
        },
        /// A fault of a graph that a later release wrote, and may well take.
        #[error("{error}; the graph was written by {writer}")]
        Later {
            error: Box<ImportError>,
            writer: Writer,
        },
        /// A fault in a graph of ours.
        #[error(transparent)]
        Copy(Box<ImportError>),
        #[error("the graph needs version {0}, TensorFlow 1.15 has {PRODUCER}")]
        MinConsumer(i32),
        #[error("the graph is marked as one that TensorFlow 1.15 cannot run")]
        BadConsumer,
        #[error("the graph has version {0}")]
        Producer(i32),
        #[error(transparent)]
        Library(#[from] LibraryError),
        #[error("the prefix: {0}")]
        Prefix(String),
        #[error("what input {0:?} is mapped to could not be made, or is of another graph")]
        Mapped(String),
        #[error("input {0:?} is mapped, but the imported graph does not have it")]
        UnusedInput(String),
        #[error("the imported graph has no operation {0:?}")]
        NoOperation(String),
        #[error("the imported graph has no tensor {0:?}")]
        NoTensor(String),
    }
}

errors! {
    /// A fault of one node.
    #[derive(Debug)]
    pub(super) enum NodeFault {
        #[error("{0}")]
        Name(String),
        #[error("the graph has two nodes of this name")]
        Duplicate,
        #[error("no op is given")]
        NoOp,
        #[error("TensorFlow 1.15 has no op, and the graph no function, of this name")]
        UnknownOp,
        #[error("TensorFlow removed the op: {0}")]
        Removed(String),
        #[error("{0:?} is not the name of an input")]
        InputName(String),
        #[error("input {0:?} is not in the graph")]
        MissingInput(String),
        #[error("data input {0:?} follows a control input")]
        ControlOrder(String),
        #[error("input {input:?}: output {index} asked for, the node has {outputs}")]
        OutputIndex {
            input: String,
            index: u32,
            outputs: usize,
        },
        #[error("expected {expected} inputs, found {found}")]
        InputCount { expected: u64, found: usize },
        #[error("input {input:?}: expected {expected}, found {found}")]
        InputType {
            input: String,
            expected: String,
            found: String,
        },
        #[error("the node is part of a cycle that is not a loop")]
        Cycle,
        #[error("{0}")]
        Attr(String),
        #[error("the op has no attribute {0:?}")]
        UnknownAttr(String),
        #[error("attribute {0:?} is missing")]
        MissingAttr(String),
        #[error("{} is not one that TensorFlow 1.15 has", type_name(*number))]
        DType { number: i32 },
        #[error("the node has {0} outputs, which is more than a file of this size can explain")]
        Outputs(u64),
        #[error("{0}")]
        Shape(String),
        #[error("colocated with {0:?}, which is not in the graph")]
        Colocation(String),
        #[error("{0}")]
        Ambiguous(Box<Ambiguity>),
        #[error("a state op with {0} outputs, expected 1")]
        StateOutputs(usize),
        #[error("{0}")]
        Device(DeviceError),
    }
}

errors! {
    /// A node that is colocated with one whose outputs come from nodes in several places.
    #[derive(Debug)]
    #[error(
        "colocated with {target:?}, whose outputs are given by nodes that are colocated differently: {first} and {second}"
    )]
    pub(super) struct Ambiguity {
        target: String,
        first: String,
        second: String,
    }
}

impl NodeFault {
    /// That of a node which is colocated with `target`, whose outputs are in one group and in another.
    pub(super) fn ambiguous(target: &str, first: String, second: String) -> Self {
        let target = target.to_owned();
        let ambiguity = Ambiguity {
            target,
            first,
            second,
        };
        NodeFault::Ambiguous(ambiguity.into())
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            NodeFault::UnknownOp | NodeFault::Removed(_) | NodeFault::Outputs(_) => {
                ErrorKind::Unsupported
            }
            _ => ErrorKind::Corrupt,
        }
    }

    /// Whether another release may take the node: what it makes of ops, attributes, types, shapes, names and devices.
    /// A node that is there twice, has no op, or an input that is no node is wrong in any.
    fn depends_on_release(&self) -> bool {
        match self {
            NodeFault::Name(_)
            | NodeFault::UnknownOp
            | NodeFault::Removed(_)
            | NodeFault::OutputIndex { .. }
            | NodeFault::InputCount { .. }
            | NodeFault::InputType { .. }
            | NodeFault::Attr(_)
            | NodeFault::UnknownAttr(_)
            | NodeFault::MissingAttr(_)
            | NodeFault::DType { .. }
            | NodeFault::Shape(_)
            | NodeFault::Device(_) => true,
            NodeFault::Duplicate
            | NodeFault::NoOp
            | NodeFault::InputName(_)
            | NodeFault::MissingInput(_)
            | NodeFault::ControlOrder(_)
            | NodeFault::Cycle
            | NodeFault::Outputs(_)
            | NodeFault::Ambiguous(_)
            | NodeFault::StateOutputs(_)
            | NodeFault::Colocation(_) => false,
        }
    }

    pub(super) fn rule(&self) -> Rule {
        match self {
            NodeFault::Name(_) | NodeFault::Duplicate => Rule::Name,
            NodeFault::NoOp | NodeFault::UnknownOp | NodeFault::Removed(_) => Rule::UnknownOp,
            NodeFault::InputName(_)
            | NodeFault::MissingInput(_)
            | NodeFault::ControlOrder(_)
            | NodeFault::OutputIndex { .. }
            | NodeFault::InputCount { .. }
            | NodeFault::InputType { .. }
            | NodeFault::Cycle => Rule::Inputs,
            NodeFault::Attr(_)
            | NodeFault::UnknownAttr(_)
            | NodeFault::MissingAttr(_)
            | NodeFault::DType { .. }
            | NodeFault::Outputs(_)
            | NodeFault::Ambiguous(_)
            | NodeFault::StateOutputs(_)
            | NodeFault::Colocation(_) => Rule::Attribute,
            NodeFault::Shape(_) => Rule::Shape,
            NodeFault::Device(_) => Rule::Device,
        }
    }
}

impl From<BackEdgeFault> for NodeFault {
    fn from(fault: BackEdgeFault) -> Self {
        match fault {
            BackEdgeFault::OutputIndex {
                input,
                index,
                outputs,
            } => NodeFault::OutputIndex {
                input,
                index,
                outputs,
            },
            BackEdgeFault::InputType {
                input,
                expected,
                found,
            } => NodeFault::InputType {
                input,
                expected,
                found,
            },
        }
    }
}

impl From<ArityFault> for NodeFault {
    fn from(fault: ArityFault) -> Self {
        match fault {
            ArityFault::MissingAttr(name) => NodeFault::MissingAttr(name),
            ArityFault::DType { number } => NodeFault::DType { number },
            ArityFault::Outputs(count) => NodeFault::Outputs(count),
        }
    }
}

impl ImportError {
    pub(super) fn node(
        name: impl Into<String>,
        op: impl Into<String>,
        fault: impl Into<NodeFault>,
    ) -> Self {
        let op: String = op.into();
        ImportError::Node {
            name: name.into(),
            op: if op.is_empty() {
                "node".to_owned()
            } else {
                op.escape_debug().to_string()
            },
            fault: fault.into(),
        }
    }

    /// The error in a graph of this writer, if that is a later release.
    pub(super) fn of(self, writer: Option<Writer>) -> Self {
        let depends_on_release = match &self {
            ImportError::Node { fault, .. } => fault.depends_on_release(),
            ImportError::Library(error) => matches!(
                error,
                LibraryError::Signature { .. } | LibraryError::OpName(_)
            ),
            ImportError::MinConsumer(_) | ImportError::BadConsumer => true,
            _ => false,
        };
        match writer {
            Some(writer) if depends_on_release => ImportError::Later {
                error: Box::new(self),
                writer,
            },
            _ => self,
        }
    }

    /// The error in a graph that is copied, which is free of faults: a node does not fit into this one.
    pub(super) fn of_copy(self) -> Self {
        match self {
            ImportError::Node { .. } | ImportError::Library(_) => ImportError::Copy(Box::new(self)),
            _ => self,
        }
    }

    /// The error of an import at this line of the author's program.
    pub(super) fn at(self, location: Here) -> Error {
        let (error, writer) = match &self {
            ImportError::Later { error, writer } => (&**error, Some(writer)),
            ImportError::Copy(error) => (&**error, None),
            error => (error, None),
        };
        let by_writer = writer.map_or_else(String::new, |writer| {
            format!("; the graph was written by {writer}")
        });
        let diagnostic = match error {
            ImportError::Node { name, op, fault } => Some(Diagnostic {
                rule: fault.rule(),
                variant: None,
                file: None,
                node: name.clone(),
                op: op.clone(),
                location,
                message: format!("{fault}{by_writer}"),
            }),
            _ => None,
        };
        Error::from(self).with_diagnostics(diagnostic.into_iter().collect())
    }
}
