//! Loops, and arrays of tensors that loops read and write, beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond).

mod tensor_array;
mod while_loop;

pub use tensor_array::{TensorArray, TensorArrayOptions};
pub use while_loop::WhileOptions;
