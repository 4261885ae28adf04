//! Arithmetic, casts, reductions and products, the functions of Python's `math_ops`.

use super::{Arg, Axes, Nodes};
use crate::dtype::DType;
use crate::graph::AnyTensor;

macro_rules! operators {
    ($($name:ident $op:literal $default:literal;)*) => {
        impl<'g> Nodes<'g> {
            $(
                #[track_caller]
                pub(crate) fn $name(self, x: impl Into<Arg<'g>>, y: impl Into<Arg<'g>>) -> AnyTensor<'g> {
                    self.call(($op, $default), [x.into(), y.into()])
                }
            )*
        }
    };
}

operators! {
    add "AddV2" "add";
    sub "Sub" "sub";
    mul "Mul" "mul";
    floordiv "FloorDiv" "floordiv";
    modulo "FloorMod" "mod";
    pow "Pow" "pow";
    maximum "Maximum" "Maximum";
    minimum "Minimum" "Minimum";
}

impl<'g> Nodes<'g> {
    /// `x / y`; integers are cast to floats.
    #[track_caller]
    pub(crate) fn truediv(self, x: impl Into<Arg<'g>>, y: impl Into<Arg<'g>>) -> AnyTensor<'g> {
        self.truediv_as("truediv", x.into(), y.into())
    }

    /// `x / y` under a name.
    #[track_caller]
    pub(crate) fn truediv_as(self, name: &str, x: Arg<'g>, y: Arg<'g>) -> AnyTensor<'g> {
        let dtype = x.dtype().or(y.dtype()).unwrap_or(DType::Int32);
        let cast = |x: AnyTensor<'g>| match x.dtype() {
            DType::Int8 | DType::Int16 | DType::UInt8 | DType::UInt16 => {
                self.cast(x, DType::Float32)
            }
            DType::Int32 | DType::Int64 => self.cast(x, DType::Float64),
            _ => x,
        };
        let scope = self.open_scope(name);
        let x = x.convert(self.0, "x", dtype);
        let y = y.convert(self.0, "y", dtype);
        let (x, y) = (cast(x), cast(y));
        self.0.op("RealDiv").name(&scope).input(x).input(y).output()
    }

    /// `tf.math.logical_xor` under a name.
    #[track_caller]
    pub(crate) fn logical_xor(self, name: &str, x: Arg<'g>, y: Arg<'g>) -> AnyTensor<'g> {
        let either = self.binary("LogicalOr", &x, &y);
        let both = self.binary("LogicalAnd", x, y);
        let not_both = self.unary("LogicalNot", both);
        self.call(("LogicalAnd", name), [either.into(), not_both.into()])
    }

    /// `tf.cast`, which gives back a tensor that has the dtype.
    #[track_caller]
    pub(crate) fn cast(self, x: impl Into<Arg<'g>>, dtype: DType) -> AnyTensor<'g> {
        self.cast_as("Cast", x.into(), dtype)
    }

    /// `tf.cast` under a name.
    #[track_caller]
    pub(crate) fn cast_as(self, name: &str, x: Arg<'g>, dtype: DType) -> AnyTensor<'g> {
        let cast = |name: &str, x: AnyTensor<'g>| match x.is_poison() || x.dtype() == dtype {
            true => x,
            false => {
                let cast = self.named("Cast", name).input(x);
                cast.attr("DstT", dtype).output()
            }
        };
        match x {
            Arg::Tensor(x) => cast(name, x),
            x => {
                let scope = self.open_scope(name);
                cast(&scope, x.convert(self.0, "x", dtype))
            }
        }
    }

    /// `tf.cast` where a variable may be given back, which it is if it has the dtype.
    #[track_caller]
    pub(crate) fn cast_arg(self, x: impl Into<Arg<'g>>, dtype: DType) -> Arg<'g> {
        self.cast_arg_as("Cast", x.into(), dtype)
    }

    /// [`Nodes::cast_arg`] under a name.
    #[track_caller]
    pub(crate) fn cast_arg_as(self, name: &str, x: Arg<'g>, dtype: DType) -> Arg<'g> {
        match x.is_variable() && x.dtype() == Some(dtype) {
            true => x,
            false => self.cast_as(name, x, dtype).into(),
        }
    }

    #[track_caller]
    pub(crate) fn range(
        self,
        start: impl Into<Arg<'g>>,
        limit: impl Into<Arg<'g>>,
    ) -> AnyTensor<'g> {
        let args = [start.into(), limit.into(), 1.into()];
        self.call(("Range", "range"), args)
    }

    /// A reduction under its op's name.
    #[track_caller]
    pub(crate) fn reduce(
        self,
        op: &'static str,
        x: impl Into<Arg<'g>>,
        axes: impl Into<Axes>,
    ) -> AnyTensor<'g> {
        self.reduce_as((op, op), x.into(), &axes.into())
    }

    /// A reduction under a name.
    #[track_caller]
    pub(crate) fn reduce_as(
        self,
        op: (&'static str, &str),
        x: Arg<'g>,
        axes: &Axes,
    ) -> AnyTensor<'g> {
        let listed = axes.listed().map(Arg::from);
        self.reduce_along(op, x, listed, axes.keep_dims)
    }

    /// A reduction along all axes, or along those that an argument lists.
    #[track_caller]
    pub(crate) fn reduce_along(
        self,
        (op, name): (&'static str, &str),
        x: Arg<'g>,
        axes: Option<Arg<'g>>,
        keep_dims: bool,
    ) -> AnyTensor<'g> {
        let all = axes.is_none();
        // What lists all axes is made before the scope of the reduction is opened.
        let axes = axes.unwrap_or_else(|| self.all_axes(&x).into());
        let reduced = self.named(op, name).input(x).input(axes);
        let reduced = reduced.attr("keep_dims", keep_dims).output();
        if all && !keep_dims {
            reduced.set_shape(());
        }
        reduced
    }

    /// A vector of all axes: a constant if the rank of a tensor is known; a variable is read for it.
    #[track_caller]
    fn all_axes(self, x: &Arg<'g>) -> AnyTensor<'g> {
        match x {
            Arg::Tensor(x) if x.shape().rank().is_some() => {
                let axes = 0..x.shape().rank().unwrap_or_default() as i32;
                self.constant("Const", axes.collect::<Vec<_>>())
            }
            x => self.range(0, self.rank(x)),
        }
    }

    /// The sum of everything.
    #[track_caller]
    pub(crate) fn sum_all(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.reduce("Sum", x, Axes::ALL)
    }
}
