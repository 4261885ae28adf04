//! Modules inside of graphs: the instance of a module, whose state is made once and which is applied any number of times.

mod call;
mod inputs;
mod instances;
mod outputs;
mod refusal;
mod state;

use std::fmt;
use std::panic::Location;

use super::spec::ModuleSpec;
use super::tags::Tags;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::variable::EnterScope;

pub use call::ModuleCall;
pub use instances::ModuleInstance;
pub use outputs::ModuleOutputs;

use super::signature::{DEFAULT, IntoSignatureTensor};
use instances::Instances;
use refusal::Refusal;

/// The options of a [`Module`], the arguments of `hub.Module`; `()` stands for the defaults of all.
///
/// ```
/// use tfhub::module::{Module, ModuleOptions};
/// use tfhub::{GraphBuilder, ModuleSpec};
///
/// let spec = ModuleSpec::with_modes(|g, _| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, -x);
/// })?;
/// let g = GraphBuilder::new();
/// let options = ModuleOptions::new().name("negate").trainable(true).tags(["train"]);
/// assert_eq!(Module::new(&g, &spec, options).scope(), "negate");
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModuleOptions {
    name: String,
    trainable: bool,
    tags: Tags,
}

impl Default for ModuleOptions {
    fn default() -> Self {
        ModuleOptions {
            name: "module".to_owned(),
            trainable: false,
            tags: Tags::none(),
        }
    }
}

/// The defaults of all.
impl From<()> for ModuleOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl ModuleOptions {
    /// An instance called `module` of the variant without tags, which training leaves as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of the scope for the module's state; a number follows if it is taken.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether training changes the module: then its trainable variables are some of the graph around, its regularization
    /// losses are added to that graph's, and its update ops with each application.
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.trainable = trainable;
        self
    }

    /// The tags of the variant.
    pub fn tags(mut self, tags: impl Into<Tags>) -> Self {
        self.tags = tags.into();
        self
    }
}

/// A module inside of a graph (`hub.Module`).
///
/// Its state, such as variables and tables, is made once, under a scope of its own; each application of a signature adds
/// the nodes of the module once more, with the state shared. Nodes and names are those of Python.
///
/// The variables begin with the values that the module was loaded with. Those of a module that was built in code have its
/// initializers.
///
/// Other than in Python, an instance may be applied inside of functions, which capture its state: only the nodes that the
/// outputs need become part of the function.
///
/// ```
/// use tfhub::module::{Module, ModuleOptions};
/// use tfhub::{GraphBuilder, ModuleSpec, Session, Tensor, layers};
///
/// let encoder = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(8).apply(x));
/// })?;
///
/// // A classifier on top of the encoder, a module itself.
/// let classifier = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     let encoder = Module::new(g, &encoder, ModuleOptions::new().name("encoder"));
///     let encoded: Tensor<f32> = encoder.call(x).typed();
///     g.default_signature(x, layers::dense(2).apply(encoded));
/// })?;
/// let session = Session::new(&classifier)?;
/// assert_eq!(session.read::<f32>("encoder/dense/kernel")?.shape(), [3, 8]);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Module<'g> {
    graph: &'g GraphBuilder,
    /// The place among the graph's instances; none for one that could not be made.
    index: Option<usize>,
}

impl<'g> Module<'g> {
    /// Makes the state of a module in a graph.
    ///
    /// It is made outside of control dependencies, conditionals, loops and functions, wherever it is asked for. The scope
    /// is below the variable scope that is open.
    ///
    /// A variant that the module has not, a scope whose name nodes have, parts of variables that do not make up a whole,
    /// and variables that the module's checkpoint lacks or has in another shape, are faults.
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        spec: &ModuleSpec,
        options: impl Into<ModuleOptions>,
    ) -> Module<'g> {
        make(g, spec, options.into(), Location::caller())
    }

    /// The graph that the module is in.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    /// The scope of the state, in front of the names of the module's variables; empty if it could not be made.
    pub fn scope(&self) -> String {
        self.with(|instance| instance.scope().to_owned())
            .unwrap_or_default()
    }

    /// The module's variables by their names in the module, each with its name in the graph, or with those of its parts
    /// in their order (`Module.variable_map`).
    pub fn variable_map(&self) -> Vec<(String, Vec<String>)> {
        self.with(|instance| instance.variable_map().to_vec())
            .unwrap_or_default()
    }

    /// Applies the signature `default`, which has one input, and gives its output `default`, a dense tensor.
    ///
    /// [`signature`](Self::signature) applies others, and gives all outputs.
    #[track_caller]
    pub fn call(&self, input: impl IntoSignatureTensor<'g>) -> AnyTensor<'g> {
        let call = self.signature(DEFAULT).only_input(input);
        call.finish().output(DEFAULT)
    }

    /// Starts the application of a signature.
    ///
    /// ```
    /// # use tfhub::{GraphBuilder, ModuleSpec, module::Module};
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     let y = g.placeholder::<f32>((None, 3));
    /// #     g.signature("mix").input("x", x).input("y", y).output("sum", x + y).output("product", x * y);
    /// # })?;
    /// let g = GraphBuilder::new();
    /// let module = Module::new(&g, &spec, ());
    /// let (x, y) = (g.placeholder::<f32>((8, 3)), g.placeholder::<f32>((8, 3)));
    /// let outputs = module.signature("mix").input("x", x).input("y", y).finish();
    /// assert_eq!(outputs.keys().collect::<Vec<_>>(), ["product", "sum"]);
    /// assert_eq!(outputs.output("sum").shape().to_string(), "[8, 3]");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn signature(&self, name: impl Into<String>) -> ModuleCall<'g> {
        ModuleCall::new(*self, name.into(), Location::caller())
    }

    /// Looks at the instance; nothing for one that could not be made.
    fn with<R>(&self, f: impl FnOnce(&ModuleInstance) -> R) -> Option<R> {
        let index = self.index?;
        Some(f(&self.graph.extension::<Instances>().0[index]))
    }
}

fn make<'g>(
    g: &'g GraphBuilder,
    spec: &ModuleSpec,
    options: ModuleOptions,
    location: &'static Location<'static>,
) -> Module<'g> {
    let make = || match instance(g, spec, options) {
        Ok(instance) => {
            let instances = &mut g.extension::<Instances>().0;
            instances.push(instance);
            Some(instances.len() - 1)
        }
        Err(refusal) => {
            refusal.report(g, Rule::Instance);
            None
        }
    };
    let index = g.called_from(g.here(location), || g.in_main_graph(make));
    Module { graph: g, index }
}

/// Makes the state in the main graph, which is open.
fn instance(
    g: &GraphBuilder,
    spec: &ModuleSpec,
    options: ModuleOptions,
) -> Result<ModuleInstance, Refusal> {
    let ModuleOptions {
        name,
        trainable,
        tags,
    } = options;
    let graph = spec.graph_of(&tags)?;
    let enter = EnterScope::with_default_name(name.as_str()).without_name_scope();
    let around = g.current_variable_scope();
    let scope = g.variable_scope(enter, |scope| scope.name().to_owned());
    let (parent, own) = scope.rsplit_once('/').unwrap_or(("", &scope));
    // The names of nodes have to be free too, whatever name scope is open.
    let free = g.in_scope(&format!("{}/", around.name()), || g.free_name(&name));
    if free != scope {
        return Err(format!(
            "the variable scope \"{scope}\" is free for the module, but the name scope is not: the next free one is \
             \"{free}\""
        )
        .into());
    }
    g.in_scope(&format!("{parent}/"), || {
        g.without_control_dependencies(|| state::make(g, spec, graph, own, &tags, trainable))
    })
}

impl fmt::Debug for Module<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("scope", &self.scope())
            .finish_non_exhaustive()
    }
}
