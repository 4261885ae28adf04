//! How many tensors the args of a node stand for, and of which types.

use smallvec::SmallVec;

use super::Output;
use super::attr::type_name;
use super::node::{Attrs, Known, Outputs};
use super::op_def::{ArgDef, ArgKind, ArgType, OpDef};
use crate::dtype::DType;
use crate::proto::tensorflow::AttrValue;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

/// The difference between the numbers of a reference dtype and of its dtype.
const REF: i32 = 100;

impl Output {
    /// The number of the type in TensorFlow's messages, where references have types of their own.
    pub(crate) fn type_number(&self) -> i32 {
        self.dtype.number() + if self.is_ref { REF } else { 0 }
    }
}

/// How many outputs a node may have that nothing but an attribute asks for.
pub(super) const FREE_OUTPUTS: usize = 1 << 16;

/// The element types of some tensors, each with whether it is a reference.
pub(super) type Types = SmallVec<[(i32, bool); 4]>;

errors! {
    #[derive(Debug)]
    pub(super) enum ArityFault {
        #[error("attribute {0:?} is missing")]
        MissingAttr(String),
        #[error("{} is not one that TensorFlow 1.15 has", type_name(*number))]
        DType { number: i32 },
        #[error("the node has {0} outputs, which are too many")]
        Outputs(u64),
    }
}

/// The types of the tensors that `args` stand for, or their number where it is above `limit`.
pub(super) fn types(
    op: &OpDef,
    args: &[ArgDef],
    attrs: &Attrs,
    limit: u64,
) -> Result<Result<Types, u64>, ArityFault> {
    let attr = |name: &str| {
        let position = attrs.binary_search_by(|(key, _)| key.as_ref().cmp(name));
        Some(&*attrs[position.ok()?].1)
    };
    types_where(op, args, &attr, limit)
}

/// As [`types`], with the attributes that a function gives by name.
fn types_where<'a>(
    op: &'a OpDef,
    args: &[ArgDef],
    attr: &dyn Fn(&str) -> Option<&'a AttrValue>,
    limit: u64,
) -> Result<Result<Types, u64>, ArityFault> {
    let value = |index: usize| {
        let def = &op.attrs[index];
        attr(&def.name)
            .or(def.default.as_deref())
            .and_then(|value| value.value.as_ref())
    };
    let missing = |index: usize| ArityFault::MissingAttr(op.attrs[index].name.to_string());
    let number = |of: ArgType| match of {
        ArgType::Fixed(number) => Ok(number),
        ArgType::Attr(index) => match value(index) {
            Some(&Value::Type(number)) => Ok(number),
            _ => Err(missing(index)),
        },
    };
    let mut types = Types::new();
    for arg in args {
        let one = |number: i32| match number > REF {
            true => (number - REF, true),
            false => (number, arg.is_ref),
        };
        let room = limit - types.len() as u64;
        let (repeat, list): (u64, &[i32]) = match arg.kind {
            ArgKind::One(of) => (1, &[number(of)?]),
            ArgKind::Repeated { count, of } => match value(count) {
                Some(&Value::I(count)) => (u64::try_from(count).unwrap_or(0), &[number(of)?]),
                _ => return Err(missing(count)),
            },
            ArgKind::List(index) => match value(index) {
                Some(Value::List(list)) => (1, &list.r#type),
                _ => return Err(missing(index)),
            },
        };
        let added = repeat.saturating_mul(list.len() as u64);
        if added > room {
            return Ok(Err(added.saturating_add(types.len() as u64)));
        }
        for _ in 0..repeat {
            for &number in list {
                types.push(one(number));
            }
        }
    }
    Ok(Ok(types))
}

/// The outputs of a node, their shapes yet unknown.
pub(super) fn outputs(op: &OpDef, attrs: &Attrs, limit: usize) -> Result<Outputs, ArityFault> {
    let types = types(op, &op.outputs, attrs, limit as u64)?.map_err(ArityFault::Outputs)?;
    let mut outputs = Outputs::with_capacity(types.len());
    for &(number, is_ref) in &types {
        outputs.push(Output {
            dtype: DType::from_number(number).ok_or(ArityFault::DType { number })?,
            is_ref,
            shape: Shape::unknown(),
            known: Known::default(),
        });
    }
    Ok(outputs)
}

/// The number of tensors that the outputs before this one stand for, with the attributes that `attr` gives by name.
pub(crate) fn before<'a>(
    op: &'a OpDef,
    position: usize,
    attr: &dyn Fn(&str) -> Option<&'a AttrValue>,
) -> Option<usize> {
    let outputs = op.outputs.get(..position)?;
    let types = types_where(op, outputs, attr, FREE_OUTPUTS as u64).ok()?;
    types.ok().map(|types| types.len())
}
