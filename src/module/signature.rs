//! Signatures: the named inputs and outputs by which a module is applied.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::{Rule, first_at};
use crate::graph::{
    AnyTensor, Graph, GraphBuilder, HashMap, Origin, RefTensor, Tensor, TensorRef,
    shape_from_proto, shape_proto,
};
use crate::ops::sparse::{AnySparseTensor, SparseTensor};
use crate::proto::tensorflow::structured_value::Kind as StructuredKind;
use crate::proto::tensorflow::tensor_info::{CompositeTensor, CooSparse, Encoding};
use crate::proto::tensorflow::{SignatureDef, TensorInfo, TensorShapeProto};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;

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

/// An input or output of a signature.
#[derive(Debug, Clone)]
pub(super) enum End {
    Tensor(TensorRef),
    /// Tensors that make up a sparse or ragged one, which `info` names in the same order.
    Composite {
        info: Box<TensorInfo>,
        tensors: Vec<TensorRef>,
    },
}

impl End {
    pub(super) fn tensors(&self) -> &[TensorRef] {
        match self {
            End::Tensor(tensor) => std::slice::from_ref(tensor),
            End::Composite { tensors, .. } => tensors,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            End::Tensor(_) => Kind::Dense,
            End::Composite { info, .. } => match info.encoding {
                Some(Encoding::CompositeTensor(_)) => Kind::Ragged,
                _ => Kind::Sparse,
            },
        }
    }

    fn to_proto(&self, graph: &Graph) -> TensorInfo {
        match self {
            End::Tensor(tensor) => tensor_info(graph, *tensor),
            End::Composite { info, .. } => TensorInfo::clone(info),
        }
    }

    pub(super) fn describe(&self, graph: &Graph) -> TensorDescription {
        let tensors = self.tensors();
        let names = tensors.iter().map(|&tensor| graph.tensor_name(tensor));
        // The first one has the elements.
        let first = tensors[0];
        let output = first.output(graph.nodes());
        let (components, shape) = match self {
            End::Tensor(_) => (Vec::new(), output.shape.clone()),
            End::Composite { info, .. } => (names.collect(), dense_shape(info)),
        };
        TensorDescription {
            tensor: graph.tensor_name(first),
            components,
            dtype: output.dtype,
            shape,
        }
    }
}

/// The names of the tensors under a key, the one with the elements first; `None` if the message is malformed.
pub(super) fn component_names(info: &TensorInfo) -> Option<Vec<&str>> {
    match (&info.name, &info.encoding) {
        (Some(name), None) => Some(vec![name]),
        (None, Some(Encoding::CooSparse(sparse))) => Some(vec![
            &sparse.values_tensor_name,
            &sparse.indices_tensor_name,
            &sparse.dense_shape_tensor_name,
        ]),
        (None, Some(Encoding::CompositeTensor(composite))) if !composite.components.is_empty() => {
            let components = composite.components.iter();
            components.map(|info| info.name.as_deref()).collect()
        }
        _ => None,
    }
}

/// The shape of a sparse or ragged tensor, as far as it is known.
fn dense_shape(info: &TensorInfo) -> Shape {
    let shape = match &info.encoding {
        Some(Encoding::CompositeTensor(composite)) => specified_shape(composite),
        _ => info.tensor_shape.as_ref(),
    };
    shape.map_or_else(Shape::unknown, shape_from_proto)
}

/// The shape in the state of a type spec, `(shape, dtype, …)` for all that have one.
fn specified_shape(composite: &CompositeTensor) -> Option<&TensorShapeProto> {
    let state = composite.type_spec.as_ref()?.type_state.as_ref()?;
    let Some(StructuredKind::TupleValue(state)) = &state.kind else {
        return None;
    };
    match state.values.first()?.kind.as_ref()? {
        StructuredKind::TensorShapeValue(shape) => Some(shape),
        _ => None,
    }
}

/// An input or output of a signature: a tensor, or a [`SparseTensor`], which a consumer feeds or gets as
/// `tf.SparseTensor`.
#[derive(Debug, Clone)]
pub struct SignatureTensor<'g> {
    /// The elements.
    values: AnyTensor<'g>,
    sparse: Option<SparseParts<'g>>,
}

/// The indices and the dense shape of a sparse tensor.
#[derive(Debug, Clone)]
struct SparseParts<'g> {
    indices: AnyTensor<'g>,
    dense_shape: AnyTensor<'g>,
    /// The dense shape, as far as it is known.
    shape: Shape,
}

impl<'g, T: Into<AnyTensor<'g>>> From<T> for SignatureTensor<'g> {
    fn from(tensor: T) -> Self {
        SignatureTensor {
            values: tensor.into(),
            sparse: None,
        }
    }
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for SignatureTensor<'g> {
    fn from(tensor: SparseTensor<'g, T>) -> Self {
        SignatureTensor {
            values: tensor.values.any(),
            sparse: Some(SparseParts {
                indices: tensor.indices.any(),
                dense_shape: tensor.dense_shape.any(),
                shape: tensor.shape(),
            }),
        }
    }
}

/// A tensor that a signature takes as an input or output: any handle of one, or a [`SparseTensor`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tensor that a signature can have",
    label = "expected a tensor or a sparse tensor",
    note = "the value of a variable is read with `.value()`, and a constant is made into a tensor with `g.constant`"
)]
pub trait IntoSignatureTensor<'g>: sealed::Sealed {
    #[doc(hidden)]
    fn into_signature_tensor(self) -> SignatureTensor<'g>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Sealed {}
}

/// One implementation for each type, so that the compiler blames this trait for whatever has none.
macro_rules! signature_tensors {
    ($([$($generics:tt)*] $tensor:ty;)*) => {$(
        impl<'g, $($generics)*> sealed::Sealed for $tensor {}

        impl<'g, $($generics)*> IntoSignatureTensor<'g> for $tensor {
            fn into_signature_tensor(self) -> SignatureTensor<'g> {
                self.into()
            }
        }
    )*};
}

signature_tensors! {
    [T: TensorType] Tensor<'g, T>;
    [T: TensorType] RefTensor<'g, T>;
    [] AnyTensor<'g>;
    [T: TensorType] SparseTensor<'g, T>;
    [] SignatureTensor<'g>;
}

/// The kind of an input or output: whether it is one tensor, or made up of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dense,
    Sparse,
    Ragged,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Dense => "a dense tensor",
            Kind::Sparse => "a sparse tensor",
            Kind::Ragged => "a ragged tensor",
        })
    }
}

impl<'g> SignatureTensor<'g> {
    /// An end of a signature, made up of these tensors.
    #[track_caller]
    pub(super) fn of(end: &End, tensors: &[AnyTensor<'g>]) -> Self {
        match (end.kind(), tensors) {
            (Kind::Sparse, &[values, indices, dense_shape]) => {
                let sparse = AnySparseTensor::new(indices, values, dense_shape);
                SignatureTensor {
                    values,
                    sparse: Some(SparseParts {
                        indices,
                        dense_shape,
                        shape: sparse.shape(),
                    }),
                }
            }
            _ => tensors[0].into(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.sparse {
            Some(_) => Kind::Sparse,
            None => Kind::Dense,
        }
    }

    /// The tensors that make it up, the one with the elements first.
    pub(super) fn components(&self) -> impl Iterator<Item = AnyTensor<'g>> {
        self.tensors()
    }

    /// The dtype and the shape, as far as it is known.
    pub(super) fn describe(&self) -> (DType, Shape) {
        let shape = self.sparse.as_ref().map(|parts| parts.shape.clone());
        let shape = shape.unwrap_or_else(|| self.values.shape());
        (self.values.dtype(), shape)
    }

    /// The sparse tensor, if it is one.
    pub(super) fn sparse(&self) -> Option<AnySparseTensor<'g>> {
        let parts = self.sparse.as_ref()?;
        Some(AnySparseTensor {
            indices: parts.indices.typed(),
            values: self.values,
            dense_shape: parts.dense_shape.typed(),
        })
    }

    /// The tensor, if it is a dense one.
    pub fn as_dense(&self) -> Option<AnyTensor<'g>> {
        self.sparse.is_none().then_some(self.values)
    }

    fn tensors(&self) -> impl Iterator<Item = AnyTensor<'g>> {
        let parts = self.sparse.as_ref();
        let parts = parts.map(|parts| [parts.indices, parts.dense_shape]);
        std::iter::once(self.values).chain(parts.into_iter().flatten())
    }

    fn end(&self) -> End {
        let Some(parts) = &self.sparse else {
            return End::Tensor(self.values.tensor_ref());
        };
        let sparse = CooSparse {
            values_tensor_name: self.values.name(),
            indices_tensor_name: parts.indices.name(),
            dense_shape_tensor_name: parts.dense_shape.name(),
        };
        let info = TensorInfo {
            dtype: self.values.dtype().number(),
            tensor_shape: Some(shape_proto(&parts.shape)),
            encoding: Some(Encoding::CooSparse(sparse)),
            ..TensorInfo::default()
        };
        End::Composite {
            info: info.into(),
            tensors: self.tensors().map(|tensor| tensor.tensor_ref()).collect(),
        }
    }
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
        if !tensor
            .tensors()
            .all(|part| g.owns_in_main(part.operation()))
        {
            let what = side.name();
            g.report(
                Rule::OtherGraph,
                format_args!("{what} \"{key}\" of the signature is of another graph"),
            );
            return self;
        }
        let mut parts = tensor.tensors();
        if let Some(text) = parts.find_map(|part| g.out_of_reach(part.operation())) {
            let what = side.name();
            g.report(
                Rule::ControlFlow,
                format_args!("{what} \"{key}\" of the signature: {text}"),
            );
        }
        match tensor.tensors().any(|part| part.is_poison()) {
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
fn can_be_applied(name: &str) -> bool {
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

fn tensor_info(graph: &Graph, tensor: TensorRef) -> TensorInfo {
    let output = tensor.output(graph.nodes());
    TensorInfo {
        name: Some(graph.tensor_name(tensor)),
        dtype: output.type_number(),
        tensor_shape: Some(shape_proto(&output.shape)),
        ..TensorInfo::default()
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

/// An input or output of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorDescription {
    /// The tensor's name in the graph; of a sparse or ragged one, that of the tensor with the elements.
    pub tensor: String,
    /// The names of the tensors that make up a sparse or ragged one: `tensor` first, then the indices and the dense
    /// shape, or what says where the rows end. Empty for a dense tensor.
    pub components: Vec<String>,
    /// The type of the elements.
    pub dtype: DType,
    /// The shape, as far as it is known.
    pub shape: Shape,
}

/// The dtype and the shape, and the tensors in the graph.
impl fmt::Display for TensorDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, self.shape)?;
        match self.components.is_empty() {
            true => write!(f, " ({})", self.tensor),
            false => write!(f, " ({})", self.components.join(", ")),
        }
    }
}
