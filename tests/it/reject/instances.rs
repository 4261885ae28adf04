//! Modules that are put into a graph, or applied, as they cannot be.

use tfhub::ModuleSpec;
use tfhub::error::Rule;
use tfhub::module::{Module, ModuleOptions};

use super::{Case, case, signed};

/// A module with an input of three columns.
fn negate() -> ModuleSpec {
    ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, -x);
    })
    .unwrap()
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            Rule::Instance,
            "the module has no variant {train}, expected one of {}",
            |g| {
                signed(g);
                Module::new(g, &negate(), ModuleOptions::new().tags(["train"]));
            },
        ),
        case(
            Rule::Application,
            "signature \"default\": input \"default\": expected a dense tensor, float32 [?, 3]",
            |g| {
                signed(g);
                Module::new(g, &negate(), ()).call(g.placeholder::<f32>((None, 4)));
            },
        ),
    ]
}
