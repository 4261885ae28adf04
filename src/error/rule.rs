//! The rules that a graph and a module are checked against.

use std::fmt;

macro_rules! rules {
    ($($(#[$example:meta])* $variant:ident $code:literal $doc:literal)*) => {
        /// The rules that a graph and a module are checked against, each with a stable code: those of graphs begin with B, since
        /// they are checked while one is built, and those of modules with M.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($code, ": ", $doc, "\n")] $(#[$example])* $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            /// The stable code that error texts print, for example `B03`.
            pub fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code,)* }
            }

            /// The demand of the rule, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $(Rule::$variant => $doc,)* }
            }
        }
    };
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.description())
    }
}

rules! {
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.op("Frobnicate").finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::UnknownOp);
    /// ```
    UnknownOp "B01" "every node's op is one that TensorFlow 1.15 has"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.op("MatMul").input(x).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Inputs);
    /// ```
    Inputs "B02" "a node has the inputs its op declares, in number and dtype"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.op("Placeholder").finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Attribute);
    /// ```
    Attribute "B03" "a node has the attributes its op demands, of the declared type and among the allowed values"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.named("two words", || x + 1.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Name);
    /// ```
    Name "B04" "node and scope names are ones that TensorFlow accepts"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let _ = x + [1.0, 2.0];
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Shape);
    /// ```
    Shape "B05" "the shapes of a node's inputs fit its op"
    /// ```
    /// # use tfhub::{GraphBuilder, ops::math, error::Rule};
    /// let g = GraphBuilder::new();
    /// let other = GraphBuilder::new();
    /// math::add(g.constant(1.0), other.constant(2.0));
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::OtherGraph);
    /// ```
    OtherGraph "B06" "a node uses only tensors and operations of its own graph"
    /// ```
    /// # use tfhub::{GraphBuilder, init, error::Rule};
    /// let g = GraphBuilder::new();
    /// let ramp = init::constant([1, 2, 3]);
    /// g.get_variable::<f32>("v").shape([2]).initializer(ramp).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Value);
    /// ```
    Value "B07" "a constant's values fit its dtype and shape"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.device("/tusk:3", || g.constant(1.0f32));
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Device);
    /// ```
    Device "B08" "a device string is one that TensorFlow can parse"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.get_variable::<f32>("v").shape([2]).finish();
    /// g.get_variable::<f32>("v").shape([2]).finish();
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Variable);
    /// ```
    Variable "B09" "a variable is created once, and reused only with the same dtype and shape"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// g.named("y", || (x + 1.0) * 2.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Named);
    /// ```
    Named "B10" "`named` covers exactly one op"
    /// ```
    /// # use tfhub::{GraphBuilder, Tensor, error::Rule};
    /// let g = GraphBuilder::new();
    /// g.function("Relu", ["x"], |x: Tensor<f32>| x * 2.0);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Function);
    /// ```
    Function "B11" "a function has a name that no op and no other function has"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let x = g.constant([1f32, 2.0]);
    /// let is_training = g.constant(true);
    /// g.cond(is_training, || vec![x, x], || vec![x]);
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::Structure);
    /// ```
    Structure "B12" "both branches of a conditional, and each turn of a loop, give tensors of the same structure, dtypes and shapes"
    /// ```
    /// # use tfhub::{GraphBuilder, error::Rule};
    /// let g = GraphBuilder::new();
    /// let (x, is_training) = (g.constant(1f32), g.constant(true));
    /// let mut inside = x;
    /// g.cond(is_training, || { inside = x * 2.0; inside }, || x);
    /// let _ = inside + 1.0;
    /// let error = g.finish().unwrap_err();
    /// assert_eq!(error.diagnostics()[0].rule(), Rule::ControlFlow);
    /// ```
    ControlFlow "B13" "a tensor of a branch or a loop is used outside only as one of its results"
    /// ```
    /// # use tfhub::{GraphBuilder, ModuleSpec, error::Rule, module::{Module, ModuleOptions}};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    /// })?;
    /// let g = GraphBuilder::new();
    /// Module::new(&g, &spec, ModuleOptions::new().tags(["train"]));
    /// assert_eq!(g.finish().unwrap_err().diagnostics()[0].rule(), Rule::Instance);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    Instance "B14" "a module is put into a graph as a variant that it has, in a scope of its own, with variables that its checkpoint has"
    /// ```
    /// # use tfhub::{GraphBuilder, ModuleSpec, error::Rule, module::Module};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    /// })?;
    /// let g = GraphBuilder::new();
    /// Module::new(&g, &spec, ()).call(g.placeholder::<f32>((None, 4)));
    /// assert_eq!(g.finish().unwrap_err().diagnostics()[0].rule(), Rule::Application);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    Application "B15" "a module is applied by a signature that it has, to the inputs that the signature has"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.default_signature(x, x * 2.0);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Signature);
    /// ```
    Signature "M01" "signatures have names that hub.Module can apply, and each name of theirs and of an input or output is used once"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     g.placeholder::<f32>((None, 3));
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::NoSignature);
    /// ```
    NoSignature "M02" "every variant has a signature"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let training = g.placeholder::<f32>(());
    ///     g.default_signature(x, x * training);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::UndeclaredPlaceholder);
    /// ```
    UndeclaredPlaceholder "M03" "every placeholder that an output depends on is an input of the same signature"
    /// ```
    /// # use tfhub::{ModuleSpec, ops::array, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let fed = g.colocate_with(x, || array::identity(x));
    ///     g.default_signature(fed, fed * 2.0);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::InputColocation);
    /// ```
    InputColocation "M04" "a signature's input carries no colocation"
    /// ```
    /// # use tfhub::{DType, ModuleSpec, Shape, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.colocate_with(x, || {
    ///         let handle = g.op("VarHandleOp").attr("dtype", DType::Float32);
    ///         handle.attr("shape", Shape::scalar()).attr("shared_name", "v").finish()
    ///     });
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::StateColocation);
    /// ```
    StateColocation "M05" "a state op is colocated only with state ops"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.add_to_collection("losses", x);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Collection);
    /// ```
    Collection "M06" "only collections that a module can carry are filled"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.attach_bytes("1a", []);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Attachment);
    /// ```
    Attachment "M07" "an attachment's key is a letter followed by letters, digits and underscores"
    /// ```
    /// # use tfhub::{DType, ModuleSpec, Shape, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     let handle = g.op("VarHandleOp").attr("dtype", DType::Float32);
    ///     handle.attr("shape", Shape::scalar()).finish();
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::SharedName);
    /// ```
    SharedName "M08" "every variable and table has a shared name of its own"
    /// ```
    /// # use tfhub::{GraphBuilder, ModuleSpec, Tags, error::Rule};
    /// let scaled = |g: &GraphBuilder, size: usize| {
    ///     let x = g.placeholder::<f32>((None, size));
    ///     let v = g.get_variable::<f32>("v").shape([size]).finish();
    ///     g.default_signature(x, x * v);
    /// };
    /// let builder = ModuleSpec::builder().variant(Tags::none(), |g| scaled(g, 2));
    /// let spec = builder.variant(["train"], |g| scaled(g, 3)).finish();
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Variants);
    /// ```
    Variants "M09" "tag sets are unique, and variables of one name have one dtype, shape and partition in all variants"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.asset("words/");
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::Asset);
    /// ```
    Asset "M10" "an asset is a scalar string constant that holds the path of a file that can be read"
    /// ```
    /// # use tfhub::{ModuleSpec, graph::keys, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let v = g.get_variable::<f32>("v").shape([3]).finish();
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x * v);
    ///     g.add_to_collection(keys::VARIABLES, v);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::CollectionItem);
    /// ```
    CollectionItem "M11" "a collection's items are of its kind and name what the graph has, and no variable is listed twice"
    /// ```
    /// # use tfhub::{ModuleSpec, Tags, error::Rule, graph::keys};
    /// let builder = ModuleSpec::builder().drop_collections([keys::VARIABLES]);
    /// let spec = builder.variant(Tags::none(), |g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let v = g.get_variable::<f32>("v").shape([3]).finish();
    ///     g.default_signature(x, x * v);
    /// });
    /// assert_eq!(spec.finish().unwrap_err().diagnostics()[0].rule(), Rule::State);
    /// ```
    State "M12" "no output or regularization loss depends on a variable or table whose collection is dropped"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, x);
    ///     g.op("CopyHost").input(x).finish();
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::UnregisteredOp);
    /// ```
    UnregisteredOp "M13" "every op is one that TensorFlow's front end registers, for it exports no others"
    /// ```
    /// # use tfhub::{ModuleSpec, error::Rule, module::image};
    /// let spec = ModuleSpec::new(|g| {
    ///     let images = image::images(g, [8, 8]);
    ///     image::feature_vector(images, images);
    /// });
    /// assert_eq!(spec.unwrap_err().diagnostics()[0].rule(), Rule::CommonSignature);
    /// ```
    CommonSignature "M14" "common signatures have the inputs and outputs that their consumers expect, and hyperparameters are scalars with a default"
}
