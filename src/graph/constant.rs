//! Constants, which values become where an op takes a tensor.

use std::panic::Location;

use super::{AnyTensor, AttrValue, GraphBuilder};
use crate::error::Rule;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;
use crate::value::{TensorValue, encode_tensor_proto};

impl GraphBuilder {
    /// A constant under a name of the current scope.
    #[track_caller]
    pub(crate) fn constant_named(&self, name: &str, value: TensorValue) -> AnyTensor<'_> {
        self.constant_filled(name, &value, value.shape())
    }

    /// A constant whose last value stands for all that are missing.
    #[track_caller]
    pub(crate) fn constant_filled(
        &self,
        name: &str,
        value: &TensorValue,
        shape: &[usize],
    ) -> AnyTensor<'_> {
        // An empty tensor has no values to be told apart.
        let count = Shape::from(shape).num_elements();
        if count.is_none_or(|count| count < value.len()) && count != Some(0) {
            let here = self.here(Location::caller());
            let message = format!(
                "{} values do not fit the shape {}",
                value.len(),
                Shape::from(shape)
            );
            self.report_node(Rule::Value, "Const", &self.wanted_name(name), here, message);
            return AnyTensor::poison(self);
        }
        let proto = match count {
            Some(0) => encode_tensor_proto(&value.emptied(), shape),
            _ => encode_tensor_proto(value, shape),
        };
        let value_attr = AttrValue::from(Value::Tensor(proto.into()));
        self.op("Const")
            .name(name)
            .attr("dtype", value.dtype())
            .attr("value", value_attr)
            .output()
    }
}
