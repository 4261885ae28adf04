//! Signatures: the named inputs and outputs by which a module is applied.

mod end;
mod tensor;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use crate::error::{Rule, first_at};
use crate::graph::{AnyTensor, Graph, GraphBuilder, HashMap, Origin};
use crate::proto::tensorflow::SignatureDef;
use crate::sorted_map::SortedMap;

pub(super) use end::{End, component_names};
pub use end::{TensorDescription, TensorKind};
pub use tensor::{IntoSignatureTensor, SignatureTensor};

/// The name of the signature, input and output that consumers take when they name none.
pub const DEFAULT: &str = "default";

/// The signatures of one variant.
#[derive(Debug, Default)]
pub(super) struct Signatures(pub(super) Vec<Signature>);

#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: String,
    pub(super) inputs: SortedMap<String, End>,
    pub(super) outputs: SortedMap<String, End>,
    /// The kind of the signature in TensorFlow Serving's words; empty in modules made by hub.
    pub(super) method_name: String,
    pub(super) origin: Origin,
    pub(super) location: &'static Location<'static>,
    /// The author's lines that gave the keys.
    lines: HashMap<(Side, String), &'static Location<'static>>,
}

/// Adds inputs and outputs to a signature; [`GraphBuilder::signature`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct SignatureBuilder<'g> {
    graph: &'g GraphBuilder,
    /// The place in the graph's list of signatures.
    index: usize,
}

/// The side of a signature that an end is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Input,
    Output,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Side::Input => "input",
            Side::Output => "output",
        }
    }
}

impl GraphBuilder {
    /// Starts a signature (`hub.add_signature`): named inputs that a consumer feeds and named outputs that it gets.
    ///
    /// Consumers that name no signature take `default`, and those that name no output take the output `default`. A
    /// signature may have no inputs or no outputs, and an input may be an output too. An empty name stands for
    /// `default`. The name is one that `hub.Module` can apply: letters, digits, `.`, `-`, `_` and `:`. Keys of inputs
    /// and outputs are any texts.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 50));
    /// let y = x * 2.0;
    /// g.signature("default").input("x", x).output("default", y);
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn signature(&self, name: impl Into<String>) -> SignatureBuilder<'_> {
        let name = match name.into() {
            name if name.is_empty() => DEFAULT.to_owned(),
            name => name,
        };
        let location = self.here(Location::caller());
        let known = self
            .extension::<Signatures>()
            .0
            .iter()
            .find(|known| known.name == name)
            .map(|known| known.location);
        if let Some(first) = known {
            let message = format!("signature \"{name}\" is defined twice{}", first_at(first));
            self.report(Rule::Signature, message);
        }
        if !can_be_applied(&name) {
            let message = format!(
                "signature {name:?}: expected letters, digits and \".\", \"-\", \"_\", \":\" in the name, of which \
                 hub.Module makes a scope"
            );
            self.report(Rule::Signature, message);
        }
        self.add_signature(name, Origin::Built, location)
    }

    /// Adds a signature without inputs and outputs, whatever its name.
    pub(super) fn add_signature(
        &self,
        name: String,
        origin: Origin,
        location: &'static Location<'static>,
    ) -> SignatureBuilder<'_> {
        let signatures = &mut self.extension::<Signatures>().0;
        signatures.push(Signature {
            name,
            inputs: SortedMap::new(),
            outputs: SortedMap::new(),
            method_name: String::new(),
            origin,
            location,
            lines: HashMap::default(),
        });
        SignatureBuilder {
            graph: self,
            index: signatures.len() - 1,
        }
    }

    /// Adds the signature `default` with one input and one output, both called `default` too, as
    /// `hub.add_signature(inputs=input, outputs=output)` does.
    #[track_caller]
    pub fn default_signature<'g>(
        &'g self,
        input: impl IntoSignatureTensor<'g>,
        output: impl IntoSignatureTensor<'g>,
    ) {
        self.signature(DEFAULT)
            .input(DEFAULT, input)
            .output(DEFAULT, output);
    }
}

impl<'g> SignatureBuilder<'g> {
    /// Adds an input, in most cases a placeholder, which a consumer feeds under `key`.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// use tfhub::ops::sparse::sparse_dense_matmul;
    /// let words = g.sparse_placeholder::<f32>((None, 3));
    /// let weights = g.get_variable::<f32>("weights").shape([3, 2]).finish();
    /// let sums = sparse_dense_matmul(words, weights);
    /// g.signature("default").input("words", words).output("default", sums);
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn input(self, key: impl Into<String>, tensor: impl IntoSignatureTensor<'g>) -> Self {
        self.tensor(Side::Input, key.into(), tensor.into_signature_tensor())
    }

    /// Adds an output, which a consumer gets under `key`.
    #[track_caller]
    pub fn output(self, key: impl Into<String>, tensor: impl IntoSignatureTensor<'g>) -> Self {
        self.tensor(Side::Output, key.into(), tensor.into_signature_tensor())
    }

    pub(super) fn graph(self) -> &'g GraphBuilder {
        self.graph
    }

    /// Adds a signature of another name with the inputs and outputs so far.
    #[track_caller]
    pub(super) fn copied_as(self, name: impl Into<String>) -> SignatureBuilder<'g> {
        let copy = self.graph.signature(name);
        let signatures = &mut self.graph.extension::<Signatures>().0;
        let own = &signatures[self.index];
        let (inputs, outputs, lines) = (own.inputs.clone(), own.outputs.clone(), own.lines.clone());
        let signature = &mut signatures[copy.index];
        (signature.inputs, signature.outputs, signature.lines) = (inputs, outputs, lines);
        copy
    }

    pub(super) fn method_name(self, method_name: String) -> Self {
        self.graph.extension::<Signatures>().0[self.index].method_name = method_name;
        self
    }

    #[track_caller]
    fn tensor(self, side: Side, key: String, tensor: SignatureTensor<'g>) -> Self {
        let g = self.graph;
        let parts = tensor.tensors();
        let is_own = |part: &AnyTensor<'_>| g.owns_in_main(part.operation());
        if !parts.iter().all(is_own) {
            let what = side.name();
            g.report(
                Rule::OtherGraph,
                format_args!("{what} \"{key}\" of the signature is of another graph"),
            );
            return self;
        }
        let out_of_reach = |part: &AnyTensor<'g>| g.out_of_reach(part.operation());
        if let Some(text) = parts.iter().find_map(out_of_reach) {
            let what = side.name();
            g.report(
                Rule::ControlFlow,
                format_args!("{what} \"{key}\" of the signature: {text}"),
            );
        }
        match parts.iter().any(AnyTensor::is_poison) {
            true => self,
            false => self.end(side, key, tensor.end()),
        }
    }

    #[track_caller]
    pub(super) fn end(self, side: Side, key: String, end: End) -> Self {
        let g = self.graph;
        let line = g.here(Location::caller());
        let first = {
            let signature = &mut g.extension::<Signatures>().0[self.index];
            let ends = match side {
                Side::Input => &mut signature.inputs,
                Side::Output => &mut signature.outputs,
            };
            ends.insert(key.clone(), end);
            let place = (side, key.clone());
            let first = signature.lines.get(&place).copied();
            signature.lines.entry(place).or_insert(line);
            first
        };
        if let Some(first) = first {
            let side = side.name();
            let message = format!(
                "{side} \"{key}\" of the signature is defined twice{}",
                first_at(first)
            );
            g.report(Rule::Signature, message);
        }
        self
    }
}

/// Whether `hub.Module` can apply a signature of this name.
///
/// It imports the graph into the scope `module_apply_NAME`, with `_` for each `:`. TensorFlow takes no other characters
/// in a scope than these and slashes, and with a slash in the name the tensors are looked for where they are not.
pub(super) fn can_be_applied(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
}

impl Signature {
    /// The message in which the signature is exported.
    pub(super) fn to_proto(&self, graph: &Graph) -> SignatureDef {
        let ends = |ends: &SortedMap<String, End>| {
            ends.iter()
                .map(|(key, end)| (key.clone(), end.to_proto(graph)))
                .collect()
        };
        SignatureDef {
            inputs: ends(&self.inputs),
            outputs: ends(&self.outputs),
            method_name: self.method_name.clone(),
            ..SignatureDef::default()
        }
    }

    /// The author's line that gave a key.
    pub(super) fn line(&self, side: Side, key: &str) -> &'static Location<'static> {
        let line = self.lines.get(&(side, key.to_owned()));
        line.copied().unwrap_or(self.location)
    }

    pub(super) fn describe(&self, graph: &Graph) -> SignatureDescription {
        let ends = |ends: &SortedMap<String, End>| {
            let mut described = BTreeMap::new();
            for (key, end) in ends {
                described.insert(key.clone(), end.describe(graph));
            }
            described
        };
        SignatureDescription {
            name: self.name.clone(),
            inputs: ends(&self.inputs),
            outputs: ends(&self.outputs),
        }
    }
}

impl AnyTensor<'_> {
    /// Reports an output of a common signature that is no batch of vectors of a known size.
    #[track_caller]
    pub(super) fn expect_vectors(self, key: &str, signature: &str) {
        let shape = self.shape();
        let are_vectors = matches!(shape.dims(), Some([_, Some(_)]));
        if !self.is_poison() && !are_vectors {
            let message = format!(
                "output \"{key}\" of signature \"{signature}\": expected the shape [?, n] of a known n, found {shape}"
            );
            self.report(Rule::CommonSignature, &message);
        }
    }
}

/// A signature of a [`ModuleSpec`](crate::ModuleSpec).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureDescription {
    /// The signature's name.
    pub name: String,
    /// The tensors that a consumer feeds, by key.
    pub inputs: BTreeMap<String, TensorDescription>,
    /// The tensors that a consumer gets, by key.
    pub outputs: BTreeMap<String, TensorDescription>,
}

impl SignatureDescription {
    /// Whether `hub.Module` can apply the signature. It cannot if the name has characters besides letters, digits, `.`,
    /// `-`, `_` and `:`, as `head/predict` has, or is empty. Modules may have such signatures if they were made of a
    /// SavedModel.
    pub fn can_be_applied(&self) -> bool {
        !self.name.is_empty() && can_be_applied(&self.name)
    }
}

/// The name, then a line for each input and output.
///
/// ```
/// let spec = tfhub::ModuleSpec::new(|g| {
///     let x = g.named("x", || g.placeholder::<f32>((None, 3)));
///     g.default_signature(x, -x);
/// })?;
/// let variant = spec.variants().next().unwrap();
/// assert_eq!(
///     variant.signatures[0].to_string(),
///     "signature \"default\"\n  input \"default\": float32 [?, 3] (x:0)\n  output \"default\": float32 [?, 3] (Neg:0)\n"
/// );
/// # Ok::<(), tfhub::Error>(())
/// ```
impl fmt::Display for SignatureDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "signature {:?}", self.name)?;
        let sides = [("input", &self.inputs), ("output", &self.outputs)];
        for (side, tensors) in sides {
            for (key, tensor) in tensors {
                writeln!(f, "  {side} {key:?}: {tensor}")?;
            }
        }
        Ok(())
    }
}
