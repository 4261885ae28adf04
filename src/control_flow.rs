//! Conditionals and loops beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond).

mod while_loop;

pub use while_loop::WhileOptions;
