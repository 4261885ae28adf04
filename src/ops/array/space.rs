//! Moving elements between spatial dimensions, channels and the batch; other types of the same bytes.

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::constant_value;
use crate::ops::nn::DataFormat;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::{Bits, IndexType};
use crate::ops::{OrDefault, TensorLike};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

or_default! {
    [] DataFormat;
}

/// Images with the pixels of each square of `block_size` moved into the batch, after padding with zeros
/// (`tf.space_to_batch`).
#[track_caller]
pub fn space_to_batch<'g, T: TensorType, I: IndexType>(
    x: impl TensorLike<'g, T>,
    paddings: impl Operand<'g, I>,
    block_size: i32,
) -> Tensor<'g, T> {
    of_rank_4(space_to_batch_nd(x, [block_size, block_size], paddings))
}

functions! {
    /// Images with squares of `block_size` pixels moved into the channels (`tf.space_to_depth`).
    ///
    /// ```
    /// use tfhub::ops::{array, nn::DataFormat};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4, 6, 3));
    /// assert_eq!(array::space_to_depth(x, 2, ()).shape().to_string(), "[?, 2, 3, 12]");
    /// let x = g.placeholder::<f32>((None, 3, 4, 6));
    /// assert_eq!(array::space_to_depth(x, 2, DataFormat::Nchw).shape().to_string(), "[?, 12, 2, 3]");
    /// ```
    space_to_depth "SpaceToDepth"
        <T: TensorType>(x: T; block_size: i64, data_format: impl Into<OrDefault<DataFormat>>) -> T
        { "block_size" = block_size, "data_format" = data_format.into().0.unwrap_or_default().name() };
    /// Images with channels moved into squares of `block_size` pixels (`tf.depth_to_space`).
    depth_to_space "DepthToSpace"
        <T: TensorType>(x: T; block_size: i64, data_format: impl Into<OrDefault<DataFormat>>) -> T
        { "block_size" = block_size, "data_format" = data_format.into().0.unwrap_or_default().name() };
    /// Moves blocks in any number of dimensions into the batch, after padding (`tf.space_to_batch_nd`).
    space_to_batch_nd "SpaceToBatchND"
        <T: TensorType, I: IndexType, J: IndexType>(x: T, block_shape: I, paddings: J) -> T;
    /// Moves entries of the batch into blocks in any number of dimensions, which are cropped (`tf.batch_to_space_nd`).
    batch_to_space_nd "BatchToSpaceND"
        <T: TensorType, I: IndexType, J: IndexType>(x: T, block_shape: I, crops: J) -> T;
    /// The bytes of a tensor as elements of another type (`tf.bitcast`); a last dimension is split or joined where the sizes of
    /// the types differ.
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// assert_eq!(array::bitcast::<u8, _>(x).shape().to_string(), "[?, 3, 4]");
    /// ```
    bitcast "Bitcast" <U: Bits, T: Bits>(x: T) -> U { "type" = U::DTYPE };
}

/// Images with entries of the batch moved into squares of `block_size` pixels, which are cropped afterwards
/// (`tf.batch_to_space`).
#[track_caller]
pub fn batch_to_space<'g, T: TensorType, I: IndexType>(
    x: impl TensorLike<'g, T>,
    crops: impl Operand<'g, I>,
    block_size: i32,
) -> Tensor<'g, T> {
    of_rank_4(batch_to_space_nd(x, [block_size, block_size], crops))
}

#[track_caller]
fn of_rank_4<T: TensorType>(x: Tensor<'_, T>) -> Tensor<'_, T> {
    x.set_shape(Shape::unknown_of_rank(4));
    x
}

/// The paddings and crops with which [`space_to_batch_nd`] and [`batch_to_space_nd`] take any sizes
/// (`tf.required_space_to_batch_paddings`): two matrices with a row for each block dimension.
///
/// The shape of `block_shape` must be known. They come on top of `base_paddings`, `()` for none.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let size = g.placeholder::<i32>((2,));
/// let (paddings, crops) = array::required_space_to_batch_paddings(&g, size, [2, 3], ());
/// assert_eq!(paddings.shape().to_string(), "[2, 2]");
/// assert_eq!(crops.shape().to_string(), "[2, 2]");
/// ```
#[track_caller]
pub fn required_space_to_batch_paddings<'g>(
    g: &'g GraphBuilder,
    input_shape: impl Operand<'g, i32>,
    block_shape: impl Operand<'g, i32>,
    base_paddings: impl Into<OrDefault<AnyOperand<'g, i32>>>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let [input, block] = [Arg::of(input_shape), Arg::of(block_shape)];
    let base = base_paddings.into().0.map(Arg::of);
    let _scope = g.open_function_scope("required_space_to_batch_paddings");
    let [paddings, crops] = Nodes(g).required_paddings(input, block, base);
    (paddings.typed(), crops.typed())
}

impl<'g> Nodes<'g> {
    /// [`required_space_to_batch_paddings`] in a scope that is open.
    pub(in crate::ops) fn required_paddings(
        self,
        input: Arg<'g>,
        block: Arg<'g>,
        base: Option<Arg<'g>>,
    ) -> [AnyTensor<'g>; 2] {
        let input = input.convert(self.0, "input_shape", DType::Int32);
        let block = block.convert(self.0, "block_shape", DType::Int32);
        let poison = [AnyTensor::poison(self.0); 2];
        let shape = block.shape();
        let Some(&[Some(count)]) = shape.dims() else {
            let message = format!("a vector of known length is expected, found {shape}");
            block.report(Rule::Shape, &message);
            return poison;
        };
        let zeros = |rows: usize| self.filled("zeros", 0.0, DType::Int32, [rows, 2].into());
        if count == 0 {
            return [zeros(0), zeros(0)];
        }
        let fits = |tensor: AnyTensor<'g>, shape: Shape| {
            let fits = tensor.shape().is_compatible_with(&shape);
            if !fits {
                let message = format!("shape {shape} is expected, found {}", tensor.shape());
                tensor.report(Rule::Shape, &message);
            }
            fits
        };
        if !fits(input, [count].into()) {
            return poison;
        }
        let base = match base {
            Some(base) => base.convert(self.0, "base_paddings", DType::Int32),
            None => zeros(count),
        };
        if !fits(base, [count, 2].into()) {
            return poison;
        }
        let known = |tensor| constant_value::of(tensor)?.to_i64s();
        match (known(block), known(input), known(base)) {
            (Some(block), Some(input), Some(base)) => self.known_paddings(&block, &input, &base),
            _ => self.worked_out_paddings(count, block, input, base),
        }
    }

    fn known_paddings(self, block: &[i64], input: &[i64], base: &[i64]) -> [AnyTensor<'g>; 2] {
        let (mut paddings, mut crops) = (Vec::new(), Vec::new());
        for ((&block, &input), base) in block.iter().zip(input).zip(base.chunks(2)) {
            // As numpy divides by zero.
            let remainder = |value: i64| match block {
                0 => 0,
                _ => ((value % block) + block) % block,
            };
            let extra = remainder(block - remainder(input + base[0] + base[1]));
            paddings.extend([base[0] as i32, (base[1] + extra) as i32]);
            crops.extend([0, extra as i32]);
        }
        let matrix = |name, values: Vec<i32>| {
            let value = values.into_tensor_value().reshaped(&[block.len(), 2]);
            self.0.constant_named(name, value)
        };
        [matrix("paddings", paddings), matrix("crops", crops)]
    }

    fn worked_out_paddings(
        self,
        count: usize,
        block: AnyTensor<'g>,
        input: AnyTensor<'g>,
        base: AnyTensor<'g>,
    ) -> [AnyTensor<'g>; 2] {
        let column = |at| self.index(base, [Slice::ALL, Slice::at(at)]);
        let (start, end) = (column(0), column(1));
        let full = self.add(self.add(input, start), end);
        let missing = self.sub(block, self.modulo(full, block));
        let extra = self.modulo(missing, block);
        let end = self.add(end, extra);
        let of = |sizes: AnyTensor<'g>, at| Arg::from(self.at(sizes, at));
        let (mut paddings, mut crops) = (Vec::new(), Vec::new());
        for at in 0..count as i32 {
            paddings.push(Arg::List(vec![of(start, at), of(end, at)]));
        }
        let paddings = self.stack_as("paddings", paddings);
        for at in 0..count as i32 {
            crops.push(Arg::List(vec![0.into(), of(extra, at)]));
        }
        [paddings, self.stack_as("crops", crops)]
    }
}
