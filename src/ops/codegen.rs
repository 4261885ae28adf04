//! Writes the Rust code of `ops::raw` from the op table.
//!
//! The build script calls it; `src/ops/raw.rs` includes what it writes and says how the functions are formed. Nothing
//! here knows of protocol buffers: the build script hands over [`Op`]s.

use std::collections::{BTreeMap, BTreeSet};

/// Adds a line to a `String`.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        let _ = writeln!($out, $($arg)*);
    }};
}

// The build script finds the files by these paths, too.
#[path = "codegen/function.rs"]
mod function;
#[path = "codegen/names.rs"]
mod names;
#[path = "codegen/op.rs"]
mod op;
#[path = "codegen/samples.rs"]
mod samples;
#[cfg(test)]
#[path = "codegen/tests.rs"]
mod tests;
#[path = "codegen/types.rs"]
mod types;

use function::{write_function, write_options, write_outputs};
use names::identifier;
use types::{TypeSet, write_traits};

pub(crate) use op::{Arg, Attr, Op};
pub(crate) use samples::calls;
pub(crate) use types::TYPES;

/// The code of all functions, options and outputs, and of the traits.
pub(crate) fn generate(ops: &[Op]) -> String {
    let mut out = String::from(
        "// Written by src/ops/codegen.rs from proto/ops.pbtxt at build time. Do not edit.\n\n",
    );
    let mut names = BTreeSet::new();
    let mut sets: BTreeMap<TypeSet, Vec<&str>> = BTreeMap::new();
    for op in ops {
        let several = op.outputs.len() > 1;
        let own = [
            Some(identifier(&op.name)),
            several.then(|| op.outputs_name()),
            (!op.options().is_empty()).then(|| op.options_name()),
        ];
        for name in own.into_iter().flatten() {
            assert!(
                names.insert(name.clone()),
                "{name} stands for two things in ops::raw"
            );
        }
        for attr in op.type_params().filter(|a| !a.allowed_types.is_empty()) {
            let users = sets
                .entry(attr.allowed_types.iter().copied().collect())
                .or_default();
            if users.last() != Some(&op.name.as_str()) {
                users.push(&op.name);
            }
        }
        write_function(&mut out, op);
        write_outputs(&mut out, op);
        write_options(&mut out, op);
    }
    write_traits(&mut out, &sets);
    out
}
