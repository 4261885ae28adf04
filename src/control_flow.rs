//! Conditionals and loops beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond): choices among branches, loops over
//! rows, and arrays of tensors that loops read and write.

mod case;
mod fold;
mod map_fn;
mod rows;
mod scan;
mod smart_cond;
mod tensor_array;
mod while_loop;

pub use case::CaseBuilder;
pub use fold::{FirstRow, FoldOptions, Initial, Initializer};
pub use map_fn::MapOptions;
pub use rows::Elements;
pub use scan::ScanOptions;
pub use smart_cond::Predicate;
pub use tensor_array::{TensorArray, TensorArrayOptions};
pub use while_loop::WhileOptions;
