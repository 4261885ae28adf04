//! Matching the inputs of a node with its op's definition.

use crate::dtype::DType;
use crate::graph::attr::{check_attr, text::attr_text, type_name};
use crate::graph::node::{Attr, Attrs};
use crate::graph::op_def::{ArgDef, ArgKind, ArgType, OpDef};
use crate::graph::{Node, TensorRef};
use crate::proto::tensorflow::AttrValue as AttrProto;
use crate::proto::tensorflow::attr_value::{ListValue, Value};

/// An input of a node that is being made, and the attributes that the node has so far.
pub(super) struct Input<'a> {
    pub(super) op: &'a OpDef,
    pub(super) def: &'a ArgDef,
    pub(super) attrs: &'a mut Attrs,
}

impl Input<'_> {
    /// Checks the dtypes of the tensors that are given and sets the attributes that follow from them.
    pub(super) fn match_with(
        &mut self,
        tensors: &[TensorRef],
        nodes: &[Node],
    ) -> Result<(), String> {
        match self.def.kind {
            ArgKind::One(of) => match *tensors {
                [tensor] => {
                    let dtype = self.dtype(tensor, nodes)?;
                    self.set_type(of, dtype)
                }
                _ => {
                    let found = tensors.len();
                    Err(self.fault(&format!("expected one tensor, found {found}")))
                }
            },
            ArgKind::Repeated { count, of } => {
                self.set(count, Value::I(tensors.len() as i64))?;
                for &tensor in tensors {
                    let dtype = self.dtype(tensor, nodes)?;
                    self.set_type(of, dtype)?;
                }
                Ok(())
            }
            ArgKind::List(index) => {
                let mut list = ListValue::default();
                list.r#type.reserve_exact(tensors.len());
                for &tensor in tensors {
                    list.r#type.push(self.dtype(tensor, nodes)?.number());
                }
                self.set(index, Value::List(list.into()))
            }
        }
    }

    fn dtype(&self, tensor: TensorRef, nodes: &[Node]) -> Result<DType, String> {
        let output = tensor.output(nodes);
        match self.def.is_ref && !output.is_ref {
            true => Err(self.fault("expected a reference to a variable, found a value")),
            false => Ok(output.dtype),
        }
    }

    fn set_type(&mut self, of: ArgType, dtype: DType) -> Result<(), String> {
        match of {
            ArgType::Attr(index) => self.set(index, Value::Type(dtype.number())),
            ArgType::Fixed(number) if number == dtype.number() => Ok(()),
            ArgType::Fixed(number) => {
                let expected = type_name(number);
                Err(self.fault(&format!("expected {expected}, found {dtype}")))
            }
        }
    }

    /// Sets an attribute of the op, or checks that it has this value.
    fn set(&mut self, index: usize, value: Value) -> Result<(), String> {
        let attr = &self.op.attrs[index];
        let value = AttrProto { value: Some(value) };
        let Some((_, known)) = self.attrs.iter().find(|(name, _)| *name == attr.name) else {
            check_attr(attr, &value).map_err(|message| self.fault(&message))?;
            self.attrs.push((attr.name.clone(), Attr::Own(value)));
            return Ok(());
        };
        if **known == value {
            return Ok(());
        }
        Err(format!(
            "input \"{}\" makes attribute \"{}\" {}, it is {} already",
            self.def.name,
            attr.name,
            attr_text(&value),
            attr_text(known)
        ))
    }

    fn fault(&self, message: &str) -> String {
        format!("input \"{}\": {message}", self.def.name)
    }
}
