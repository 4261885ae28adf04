//! Programs and tables by subject; the modules are documentation alone.
//!
//! - [`from_python`]: Python's calls, and this crate's
//! - [`names`]: how nodes, variables and layers are named
//! - [`weights`]: checkpoints, files of NumPy and safetensors, layouts of PyTorch
//! - [`control_flow`]: conditionals, loops, functions, recurrent networks
//! - [`variants`]: modes and tag sets, update ops, hyperparameters, common signatures, attachments
//! - [`modules`]: modules inside of graphs, composition, re-export
//! - [`text`]: word vectors, tokenizers, fastText
//! - [`lint`]: what is checked before a module is published, by code

#[doc = include_str!("../docs/from_python.md")]
pub mod from_python {}

#[doc = include_str!("../docs/names.md")]
pub mod names {}

#[doc = include_str!("../docs/weights.md")]
pub mod weights {}

#[doc = include_str!("../docs/variants.md")]
pub mod variants {}

#[doc = include_str!("../docs/modules.md")]
pub mod modules {}

#[doc = include_str!("../docs/control_flow.md")]
pub mod control_flow {}

#[doc = include_str!("../docs/text.md")]
pub mod text {}

#[doc = include_str!("../docs/lint.md")]
pub mod lint {}
