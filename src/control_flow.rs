//! Choices by an index, loops over rows, and arrays of tensors that loops read and write, beyond
//! [`GraphBuilder::cond`](crate::GraphBuilder::cond).

mod fold;
mod map_fn;
mod rows;
mod scan;
mod switch_case;
mod tensor_array;
mod while_loop;

pub use fold::{FirstRow, FoldOptions, Initial, Initializer};
pub use map_fn::MapOptions;
pub use rows::Elements;
pub use scan::ScanOptions;
pub use switch_case::SwitchCaseBuilder;
pub use tensor_array::{TensorArray, TensorArrayOptions};
pub use while_loop::WhileOptions;
