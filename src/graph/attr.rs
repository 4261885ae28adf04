//! Attribute values for nodes that are made op by op.

mod check;
pub(super) mod text;

use crate::dtype::DType;
use crate::proto::tensorflow::{self as pb, attr_value::ListValue, attr_value::Value};
use crate::shape::Shape;
use crate::value::{TensorValue, encode_tensor_proto};

pub(super) use check::check_attr;

/// The value of a node's attribute: a number, a bool, bytes, a dtype, a shape, a tensor, a function, or a list of one
/// of them.
///
/// It is made with `From`:
///
/// ```
/// use tfhub::DType;
/// use tfhub::graph::AttrValue;
///
/// let attrs = [AttrValue::from(true), 3.into(), DType::Int32.into(), "SAME".into(), [1, 2, 2, 1].into()];
/// assert_ne!(attrs[0], attrs[1]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AttrValue(pub(crate) pb::AttrValue);

impl AttrValue {
    fn new(value: Value) -> Self {
        AttrValue(pb::AttrValue { value: Some(value) })
    }

    fn list(list: ListValue) -> Self {
        AttrValue::new(Value::List(list.into()))
    }
}

/// A function of the graph's library as an attribute names it, with values for the function's own attributes.
///
/// ```
/// use tfhub::DType;
/// use tfhub::graph::{AttrValue, FunctionRef};
///
/// let plain = AttrValue::from(FunctionRef::new("body"));
/// let with_type = FunctionRef::new("body").attr("T", DType::Float32);
/// assert_ne!(plain, with_type.into());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionRef(pb::NameAttrList);

impl FunctionRef {
    /// The function with this name.
    pub fn new(name: impl Into<String>) -> Self {
        FunctionRef(pb::NameAttrList {
            name: name.into(),
            ..pb::NameAttrList::default()
        })
    }

    /// The value of one of the function's attributes.
    pub fn attr(mut self, name: impl Into<String>, value: impl Into<AttrValue>) -> Self {
        self.0.attr.insert(name.into(), value.into().0);
        self
    }
}

impl From<&str> for FunctionRef {
    fn from(name: &str) -> Self {
        FunctionRef::new(name)
    }
}

macro_rules! from_scalar {
    ($($rust:ty, $value:ident => $variant:expr;)*) => {$(
        impl From<$rust> for AttrValue {
            fn from($value: $rust) -> Self {
                AttrValue::new($variant)
            }
        }
    )*};
}

from_scalar! {
    bool, value => Value::B(value);
    i64, value => Value::I(value);
    i32, value => Value::I(value.into());
    f32, value => Value::F(value);
    &str, value => Value::S(value.into());
    &[u8], value => Value::S(value.into());
    Vec<u8>, value => Value::S(value);
    DType, value => Value::Type(value.number());
    Shape, value => Value::Shape(shape_proto(&value));
    &Shape, value => Value::Shape(shape_proto(value));
    TensorValue, value => Value::Tensor(encode_tensor_proto(&value, value.shape()).into());
    FunctionRef, value => Value::Func(value.0.into());
}

macro_rules! from_list {
    ($($rust:ty, $item:ident => $field:ident $convert:expr;)*) => {$(
        impl<const N: usize> From<[$rust; N]> for AttrValue {
            fn from(list: [$rust; N]) -> Self {
                Vec::from(list).into()
            }
        }

        impl From<Vec<$rust>> for AttrValue {
            fn from(list: Vec<$rust>) -> Self {
                let $field = list.into_iter().map(|$item| $convert).collect();
                AttrValue::list(ListValue { $field, ..ListValue::default() })
            }
        }
    )*};
}

from_list! {
    bool, item => b item;
    i64, item => i item;
    i32, item => i item.into();
    f32, item => f item;
    &str, item => s item.into();
    Vec<u8>, item => s item;
    DType, item => r#type item.number();
    Shape, item => shape shape_proto(&item);
    TensorValue, item => tensor encode_tensor_proto(&item, item.shape());
    FunctionRef, item => func item.0;
}

impl From<Value> for AttrValue {
    fn from(value: Value) -> Self {
        AttrValue::new(value)
    }
}

/// A dimension as messages have it: -1 where it is unknown, or larger than they can say.
pub(super) fn dim_size(dim: Option<usize>) -> i64 {
    dim.and_then(|size| i64::try_from(size).ok()).unwrap_or(-1)
}

/// The message of a static shape.
pub(crate) fn shape_proto(shape: &Shape) -> pb::TensorShapeProto {
    use pb::tensor_shape_proto::Dim;
    let dim = |&dim: &Option<usize>| Dim {
        size: dim_size(dim),
        name: String::new(),
    };
    match shape.dims() {
        Some(dims) => pb::TensorShapeProto {
            dim: dims.iter().map(dim).collect(),
            unknown_rank: false,
        },
        None => pb::TensorShapeProto {
            dim: Vec::new(),
            unknown_rank: true,
        },
    }
}

/// The static shape in a message; a negative size is an unknown one.
pub(crate) fn shape_from_proto(proto: &pb::TensorShapeProto) -> Shape {
    if proto.unknown_rank {
        return Shape::unknown();
    }
    let dims = proto.dim.iter();
    dims.map(|dim| usize::try_from(dim.size).ok()).collect()
}

/// The name of a dtype; of one that TensorFlow 1.15 lacks, its number and what later releases call it.
pub(super) fn type_name(number: i32) -> String {
    match (
        DType::from_number(number),
        pb::DataType::from_number(number),
    ) {
        (Some(dtype), _) => dtype.name().to_owned(),
        (None, Some(later)) => format!("DataType {number} ({})", later.as_str_name()),
        (None, None) => format!("DataType {number}"),
    }
}
