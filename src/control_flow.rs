//! Conditionals and loops beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond).

mod switch_case;
mod while_loop;

pub use switch_case::SwitchCaseBuilder;
pub use while_loop::WhileOptions;
