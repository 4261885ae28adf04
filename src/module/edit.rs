//! Editing modules without running them: what is published is changed, in its graphs and its values, and published again.

mod assets;
mod attachments;
mod cast;
mod devices;
mod editor;
mod error;
mod flow;
mod freeze;
mod names;
mod nodes;
mod removal;
mod rename;
mod resource;
mod signatures;
mod strip;
mod unfreeze;
mod values;
mod variables;
mod variants;

pub use editor::{EditedModule, ModuleEditor};
pub use unfreeze::Unfreeze;
pub use values::EditedValues;
