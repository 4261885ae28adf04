//! Arrays of tensors that loops read and write, and the functions that are made of them.

mod tensor_array;

pub use tensor_array::{TensorArray, TensorArrayOptions};
