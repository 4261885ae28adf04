//! Shapes, indices and joins, the functions of Python's `array_ops`.

use super::{Arg, Nodes, Size, sizes_value};
use crate::dtype::DType;
use crate::graph::AnyTensor;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// One item of the index in `x[...]`.
#[derive(Debug, Clone)]
pub(crate) enum Slice<'g> {
    At(Arg<'g>),
    /// Start, stop and step.
    Range(Option<Arg<'g>>, Option<Arg<'g>>, Size<'g>),
    /// `tf.newaxis`
    NewAxis,
    /// `...`
    Ellipsis,
}

impl<'g> Slice<'g> {
    /// `:`
    pub(crate) const ALL: Self = Slice::Range(None, None, Size::Known(1));

    pub(crate) fn at(index: impl Into<Arg<'g>>) -> Self {
        Slice::At(index.into())
    }

    pub(crate) fn from(start: impl Into<Arg<'g>>) -> Self {
        Slice::Range(Some(start.into()), None, Size::Known(1))
    }

    pub(crate) fn to(stop: impl Into<Arg<'g>>) -> Self {
        Slice::Range(None, Some(stop.into()), Size::Known(1))
    }

    pub(crate) fn between(start: impl Into<Arg<'g>>, stop: impl Into<Arg<'g>>) -> Self {
        Slice::Range(Some(start.into()), Some(stop.into()), Size::Known(1))
    }
}

/// Facts of shapes.
impl<'g> Nodes<'g> {
    #[track_caller]
    pub(crate) fn shape(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.shape_as("Shape", x, DType::Int32)
    }

    /// `tf.shape` under a name with an `out_type`.
    #[track_caller]
    pub(crate) fn shape_as(self, name: &str, x: impl Into<Arg<'g>>, dtype: DType) -> AnyTensor<'g> {
        let value = |shape: &Shape| Some(sizes_value(&shape.to_static()?, dtype));
        self.known_or(("Shape", name), x.into(), dtype, &value)
    }

    #[track_caller]
    pub(crate) fn rank(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.rank_as("Rank", x)
    }

    #[track_caller]
    pub(crate) fn rank_as(self, name: &str, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        let value = |shape: &Shape| Some((shape.rank()? as i32).into_tensor_value());
        self.known_or(("Rank", name), x.into(), DType::Int32, &value)
    }

    #[track_caller]
    pub(crate) fn size(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.size_as("Size", x, DType::Int32)
    }

    #[track_caller]
    pub(crate) fn size_as(self, name: &str, x: impl Into<Arg<'g>>, dtype: DType) -> AnyTensor<'g> {
        let value = |shape: &Shape| {
            let empty = shape.dims()?.contains(&Some(0));
            let size = if empty { 0 } else { shape.num_elements()? };
            Some(sizes_value(&[size], dtype).reshaped(&[]))
        };
        self.known_or(("Size", name), x.into(), dtype, &value)
    }

    /// A constant where the shape tells the value, and else the op's node.
    #[track_caller]
    fn known_or(
        self,
        (op, name): (&'static str, &str),
        x: Arg<'g>,
        dtype: DType,
        value: &dyn Fn(&Shape) -> Option<TensorValue>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let name = match x {
            Arg::List(_) => "packed",
            _ => "Const",
        };
        let tensor = x.clone().convert(self.0, name, DType::Float32);
        if let Some(value) = value(&tensor.shape()) {
            return self.0.constant_named(&scope, value);
        }
        // A variable is read for its shape, and once more for the node.
        let tensor = match x.is_variable() {
            true => x.convert(self.0, name, DType::Float32),
            false => tensor,
        };
        let node = self.0.op(op).name(&scope).input(tensor);
        match dtype {
            DType::Int32 => node.output(),
            _ => node.attr("out_type", dtype).output(),
        }
    }

    pub(crate) fn shape_n(self, x: [Arg<'g>; 2]) -> [AnyTensor<'g>; 2] {
        let shapes = self.op("ShapeN").list(x.into()).finish();
        [shapes.output(0), shapes.output(1)]
    }
}

/// Other shapes for the same elements.
impl<'g> Nodes<'g> {
    #[track_caller]
    pub(crate) fn reshape(self, x: impl Into<Arg<'g>>, shape: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.binary("Reshape", x, shape)
    }

    #[track_caller]
    pub(crate) fn transpose(
        self,
        x: impl Into<Arg<'g>>,
        perm: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        self.call(("Transpose", "transpose"), [x.into(), perm.into()])
    }

    #[track_caller]
    pub(crate) fn expand_dims(self, x: impl Into<Arg<'g>>, axis: i32) -> AnyTensor<'g> {
        self.binary("ExpandDims", x, axis)
    }

    /// `tf.squeeze` of some dimensions.
    #[track_caller]
    pub(crate) fn squeeze(self, x: AnyTensor<'g>, axes: &[i64]) -> AnyTensor<'g> {
        let squeeze = self.op("Squeeze").input(x);
        squeeze.attr("squeeze_dims", axes.to_vec()).output()
    }

    #[track_caller]
    pub(crate) fn identity(self, name: &str, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.call(("Identity", name), [x.into()])
    }

    #[track_caller]
    pub(crate) fn stop_gradient(self, name: &str, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.call(("StopGradient", name), [x.into()])
    }
}

/// Joins and parts.
impl<'g> Nodes<'g> {
    /// `tf.concat` of at least two.
    #[track_caller]
    pub(crate) fn concat(self, values: Vec<Arg<'g>>, axis: i32) -> AnyTensor<'g> {
        let concat = self.named("ConcatV2", "concat").list(values);
        concat.input(axis).output()
    }

    #[track_caller]
    pub(crate) fn stack(self, items: Vec<Arg<'g>>) -> AnyTensor<'g> {
        self.stack_as("stack", items)
    }

    #[track_caller]
    pub(crate) fn stack_as(self, name: &str, items: Vec<Arg<'g>>) -> AnyTensor<'g> {
        Arg::List(items).convert(self.0, name, DType::Int32)
    }

    #[track_caller]
    pub(crate) fn unstack(self, x: AnyTensor<'g>, num: usize) -> Vec<AnyTensor<'g>> {
        let unpack = self.named("Unpack", "unstack").input(x);
        let parts = unpack.attr("num", num as i64).finish();
        (0..num).map(|index| parts.output(index)).collect()
    }

    #[track_caller]
    pub(crate) fn gather(
        self,
        params: impl Into<Arg<'g>>,
        indices: impl Into<Arg<'g>>,
        axis: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        let args = [params.into(), indices.into(), axis.into()];
        self.call(("GatherV2", "GatherV2"), args)
    }

    #[track_caller]
    pub(crate) fn slice(
        self,
        x: impl Into<Arg<'g>>,
        begin: impl Into<Arg<'g>>,
        size: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        self.call(("Slice", "Slice"), [x.into(), begin.into(), size.into()])
    }

    /// `x[...]`.
    #[track_caller]
    pub(crate) fn index<const N: usize>(
        self,
        x: AnyTensor<'g>,
        items: [Slice<'g>; N],
    ) -> AnyTensor<'g> {
        self.index_as("strided_slice", x, items.into())
    }

    /// `x[...]` under a name.
    #[track_caller]
    pub(crate) fn index_as(
        self,
        name: &str,
        x: AnyTensor<'g>,
        items: Vec<Slice<'g>>,
    ) -> AnyTensor<'g> {
        let (mut begins, mut ends, mut strides) = (Vec::new(), Vec::new(), Vec::new());
        let [
            mut begin_mask,
            mut end_mask,
            mut ellipsis_mask,
            mut new_axis_mask,
            mut shrink,
        ] = [0i64; 5];
        for (at, item) in items.into_iter().enumerate() {
            // More dimensions than any tensor has are a fault of the slice itself.
            let bit = 1i64.checked_shl(at as u32).unwrap_or(0);
            let zero = || Arg::Number(0.0);
            let (begin, end, stride) = match item {
                Slice::At(at) => {
                    shrink |= bit;
                    let next = match &at {
                        Arg::Number(number) => Arg::Number(number + 1.0),
                        at => self.add(at, 1).into(),
                    };
                    (at, next, 1.into())
                }
                Slice::Range(from, to, stride) => {
                    begin_mask |= if from.is_none() { bit } else { 0 };
                    end_mask |= if to.is_none() { bit } else { 0 };
                    let (from, to) = (from.unwrap_or_else(zero), to.unwrap_or_else(zero));
                    (from, to, stride.into())
                }
                Slice::NewAxis => {
                    new_axis_mask |= bit;
                    (zero(), zero(), 1.into())
                }
                Slice::Ellipsis => {
                    ellipsis_mask |= bit;
                    (zero(), zero(), 1.into())
                }
            };
            begins.push(begin);
            ends.push(end);
            strides.push(stride);
        }
        let scope = self.open_scope(name);
        let [begin, end, strides] = self.bounds(begins, ends, strides);
        let slice = self.0.op("StridedSlice").name(&scope).input(x);
        let slice = slice.input(begin).input(end).input(strides);
        let slice = slice
            .attr("begin_mask", begin_mask)
            .attr("end_mask", end_mask);
        let slice = slice.attr("ellipsis_mask", ellipsis_mask);
        let slice = slice.attr("new_axis_mask", new_axis_mask);
        slice.attr("shrink_axis_mask", shrink).output()
    }

    /// The vectors of bounds, all int64 if one is.
    fn bounds(
        self,
        begins: Vec<Arg<'g>>,
        ends: Vec<Arg<'g>>,
        strides: Vec<Arg<'g>>,
    ) -> [AnyTensor<'g>; 3] {
        if begins.is_empty() {
            return [self.constant("Const", [0i32; 0]); 3];
        }
        let mut packed = [
            self.stack_as("stack", begins),
            self.stack_as("stack_1", ends),
            self.stack_as("stack_2", strides),
        ];
        if packed.iter().any(|bounds| bounds.dtype() == DType::Int64) {
            for bounds in &mut packed {
                *bounds = self.cast(*bounds, DType::Int64);
            }
        }
        packed
    }

    /// One element of a vector.
    #[track_caller]
    pub(crate) fn at(self, x: AnyTensor<'g>, index: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.index(x, [Slice::at(index)])
    }

    /// `tf.where` of three arguments.
    #[track_caller]
    pub(crate) fn select(
        self,
        condition: AnyTensor<'g>,
        x: impl Into<Arg<'g>>,
        y: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        self.call(("Select", "Select"), [condition.into(), x.into(), y.into()])
    }

    /// `tf.pad` with zeros.
    #[track_caller]
    pub(crate) fn pad(self, x: impl Into<Arg<'g>>, paddings: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.binary("Pad", x, paddings)
    }
}

/// Tensors of one number.
impl<'g> Nodes<'g> {
    #[track_caller]
    pub(crate) fn zeros_like(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.zeros_like_as("zeros_like", x.into(), None)
    }

    /// `tf.zeros_like` under a name with a dtype.
    #[track_caller]
    pub(crate) fn zeros_like_as(
        self,
        name: &str,
        x: Arg<'g>,
        dtype: Option<DType>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let x = x.convert(self.0, "tensor", DType::Float32);
        let dtype = dtype.unwrap_or(x.dtype());
        match x.shape().to_static() {
            Some(shape) if dtype != DType::Variant => self.filled(&scope, 0.0, dtype, shape.into()),
            _ if dtype == x.dtype() => self.0.op("ZerosLike").name(&scope).input(x).output(),
            _ => self.filled(&scope, 0.0, dtype, self.shape(x).into()),
        }
    }

    #[track_caller]
    pub(crate) fn ones_like(self, x: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.ones_like_as("ones_like", x.into(), None)
    }

    /// `tf.ones_like` under a name with a dtype.
    #[track_caller]
    pub(crate) fn ones_like_as(
        self,
        name: &str,
        x: Arg<'g>,
        dtype: Option<DType>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let x = x.convert(self.0, "tensor", DType::Float32);
        let shape = self.shape(x);
        let ones = self.filled(&scope, 1.0, dtype.unwrap_or(x.dtype()), shape.into());
        ones.set_shape(x.shape());
        ones
    }
}
