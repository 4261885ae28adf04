//! `tfhub::ops::array`.

use tfhub::dtype::ByteString;
use tfhub::ops::array::{
    self, Ellipsis, GatherOptions, Indexing, NewAxis, OneHotOptions, PadMode, Side, Slice, Splits,
    StridedSliceOptions, UnstackOptions,
};
use tfhub::{Element, GraphBuilder, Shape, Variable, init};

use super::{Table, calls};

/// `variable(name, shape)` of the Python side.
fn variable<'g, T: Element>(g: &'g GraphBuilder, name: &str, shape: &[usize]) -> Variable<'g, T> {
    g.get_variable::<T>(name)
        .shape(shape)
        .initializer(init::zeros())
        .finish()
}

const ANY: [&str; 4] = ["[2,3]", "[?,3]", "?", "[]"];
const MATRIX: [&str; 3] = ["[2,3]", "[?,3]", "?"];
const VECTOR: [&str; 3] = ["[4]", "[?]", "?"];
const SCALAR: [&str; 2] = ["[]", "?"];
const CUBE: [&str; 4] = ["[4,5,6]", "[?,5,6]", "[?,?,?]", "?"];
const IMAGE: [&str; 3] = ["[4,4,6,8]", "[?,4,?,8]", "?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    values(&mut table);
    control(&mut table);
    shapes(&mut table);
    fills(&mut table);
    indices(&mut table);
    joins(&mut table);
    gathers(&mut table);
    masks(&mut table);
    orders(&mut table);
    spaces(&mut table);
    table
}

fn values(table: &mut Table) {
    calls!(table, {
        "tf.placeholder(tf.float32, [2, None])" = |g| g.placeholder::<f32>((2, None));
        "tf.placeholder(tf.string, [])" = |g| g.placeholder::<ByteString>(());
        "tf.placeholder(tf.int64)" = |g| g.placeholder::<i64>(Shape::unknown());
        "tf.placeholder(tf.float32, name='x')" = |g| g.named("x", || g.placeholder::<f32>(Shape::unknown()));
        "tf.placeholder_with_default(x, [None, 3])" = |g, x: T| g.placeholder_with_default(x, (None, 3)), [f32, i64], MATRIX;
        "tf.placeholder_with_default(x, None)" = |g, x: T| g.placeholder_with_default(x, Shape::unknown()), [f32], MATRIX;
        "tf.placeholder_with_default(x, [5])" = |g, x: T| g.placeholder_with_default(x, [5]), [f32], ["[2]"];
        "tf.placeholder_with_default(tf.constant(0.5), [])" = |g| g.placeholder_with_default(g.constant(0.5f32), ());
        "tf.placeholder_with_default([1, 2], [None])" = |g| g.placeholder_with_default([1, 2], [None]);
        "tf.constant(1.5)" = |g| g.constant(1.5f32);
        "tf.constant([[1, 2], [3, 4]])" = |g| g.constant([[1, 2], [3, 4]]);
        "tf.constant([1, 1, 1], tf.int64)" = |g| g.constant([1i64, 1, 1]);
        "tf.constant(['a', 'bc'])" = |g| g.constant(["a", "bc"]);
        "tf.constant(True)" = |g| g.constant(true);
        "tf.constant([], tf.float64)" = |g| g.constant([0f64; 0]);
        "tf.constant(2.0, tf.float16)" = |g| g.constant(tfhub::half::f16::from_f32(2.0));
        "tf.constant(1 + 2j, tf.complex64)" = |g| g.constant(tfhub::num_complex::Complex::new(1f32, 2.0));
        "tf.constant(7, tf.uint8, [2, 3])" = |g| g.constant_of_shape(7u8, [2, 3]);
        "tf.constant(0.0, shape=[0, 2])" = |g| g.constant_of_shape(0f32, [0, 2]);
        "tf.constant(0.5, shape=[3])" = |g| g.constant_of_shape(0.5f32, [3]);
        "tf.constant(np.array([1.0, 2.0], np.float32))" =
            |g| g.constant_value(&tfhub::TensorValue::new([2], vec![1.0f32, 2.0]).unwrap());
        "tf.identity(x)" = |g, x: T| array::identity(x), [f32, bool, ByteString], ANY;
        "tf.identity(x, name='y')" = |g, x: T| g.named("y", || array::identity(x)), [f32], MATRIX;
        "tf.identity(variable('v', [2, 3]))" = |g| array::identity(variable::<f32>(g, "v", &[2, 3]));
        "tf.identity_n([x, y])" = |g, x: T, y: i32| array::identity_n(g, [x.any(), y.any()]), [f32, bool], ["[2,3] []", "[?] ?"];
        "tf.stop_gradient(x)" = |g, x: T| array::stop_gradient(x), [f32, i64], ANY;
        "tf.stop_gradient(variable('v', [2]))" = |g| array::stop_gradient(variable::<f32>(g, "v", &[2]));
        "tf.raw_ops.PreventGradient(input=x, message='no')" = |g, x: T| array::prevent_gradient(x, "no"), [f32, i32], ANY;
        "tf.raw_ops.PreventGradient(input=x)" = |g, x: T| array::prevent_gradient(x, ""), [f32], ["[2]"];
        "tf.check_numerics(x, 'bad')" = |g, x: T| array::check_numerics(x, "bad"), [f32, f64], ANY;
        "tf.guarantee_const(x)" = |g, x: T| array::guarantee_const(x), [f32, i32], ANY;
        "tf.fingerprint(x)" = |g, x: T| array::fingerprint(x), [f32, i64], MATRIX;
        "tf.fingerprint(x)" = |g, x: T| array::fingerprint(x), [ByteString], ["[2]", "[]"];
    });
}

fn control(table: &mut Table) {
    calls!(table, {
        "tf.no_op()" = |g| g.no_op();
        "tf.no_op('n')" = |g| g.named("n", || g.no_op());
        "tf.group(x, y)" = |g, x: T, y: T| g.group([x, y]), [f32], ["[] [2]"];
        "tf.group()" = |g| g.group([] as [tfhub::graph::Operation<'_>; 0]);
        "tf.group(x, name='train')" = |g, x: T| g.named("train", || g.group([x])), [f32], ["[]"];
        "[(d.__enter__(), tf.no_op('a'), d.__exit__(None, None, None))[1] for d in [tf.device('/cpu:0')]] \
            + [tf.group(tf.get_default_graph().get_operation_by_name('a'), x)]" =
            |g, x: T| {
                let a = g.device("/cpu:0", || g.named("a", || g.no_op()));
                vec![a, g.group([a, x.into()])]
            }, [f32], ["[]"];
        "[(d.__enter__(), tf.group(tf.no_op('a'), tf.no_op('b')), d.__exit__(None, None, None))[1] for d in [tf.device('/cpu:0')]]" =
            |g| g.device("/cpu:0", || {
                let operations = ["a", "b"].map(|name| g.named(name, || g.no_op()));
                g.group(operations)
            });
        "tf.tuple([x, y])" = |g, x: T, y: i32| g.tuple([x.any(), y.any()], ()), [f32, bool], ["[2,3] []", "[?] ?"];
        "tf.tuple([x, x])" = |g, x: T| g.tuple([x, x], ()), [f32], ["[2]"];
        "tf.tuple([])" = |g| g.tuple([] as [tfhub::graph::AnyTensor<'_>; 0], ());
        "tf.tuple([x], control_inputs=[y])" = |g, x: T, y: T| g.tuple([x], [y]), [f32], ["[2] []"];
        "tf.tuple([x], name='t', control_inputs=[y.op, x])" =
            |g, x: T, y: T| g.named("t", || g.tuple([x], [y, x])), [f32], ["[2] []"];
        "[c.__enter__() or tf.identity(y) for c in [tf.control_dependencies([x])]]" =
            |g, x: T, y: T| g.control_dependencies([x], || array::identity(y)), [f32], ["[2] []"];
        "[c.__enter__() or (x[0], x[y, 1:], tf.concat([x], 0)) for c in [tf.control_dependencies([x])]]" =
            |g, x: T, y: i32| g.control_dependencies([x], || (
                x.slice(0), x.slice((y, 1..)), array::concat(g, [x], 0),
            )), [f32], ["[2,3] []", "? ?"];
        "[c.__enter__() or d.__enter__() or tf.identity(x) for c in [tf.control_dependencies([y])] for d in [tf.control_dependencies(None)]]" =
            |g, x: T, y: T| g.control_dependencies([y], || {
                g.without_control_dependencies(|| array::identity(x))
            }), [f32], ["[2] []"];
        "[c.__enter__() or tf.tuple([x, y]) for c in [tf.control_dependencies([y])]]" =
            |g, x: T, y: T| g.control_dependencies([y], || g.tuple([x, y], ())), [f32], ["[2] []"];
        "[(d.__enter__(), tf.tuple([x, tf.identity(y)]), d.__exit__(None, None, None))[1] for d in [tf.device('/gpu:1')]]" =
            |g, x: T, y: T| g.device("/gpu:1", || g.tuple([x, array::identity(y)], ())), [f32], ["[2] []"];
        "[c.__enter__() or (tf.zeros([2]), tf.shape(y), tf.stack([y, 1.0])) for c in [tf.control_dependencies([x, y])]]" =
            |g, x: T, y: T| g.control_dependencies([x, y], || (
                array::zeros::<f32>(g, [2]), array::shape::<i32, _>(y), array::stack(g, (y, 1.0f32), 0),
            )), [f32], ["[2] []", "? ?"];
    });
}

fn shapes(table: &mut Table) {
    calls!(table, {
        "tf.shape(x)" = |g, x: T| array::shape::<i32, _>(x), [f32, ByteString], ANY;
        "tf.shape(x, name='s')" = |g, x: T| g.named("s", || array::shape::<i32, _>(x)), [f32], MATRIX;
        "tf.shape(x, out_type=tf.int64)" = |g, x: T| array::shape::<i64, _>(x), [f32, bool], ANY;
        "tf.shape(variable('v', [2, 3]))" = |g| array::shape::<i32, _>(variable::<f32>(g, "v", &[2, 3]));
        "tf.shape_n([x, y])" = |g, x: T, y: T| array::shape_n::<i32, Vec<_>, _>(g, [x, y]), [f32, i64], ["[2,3] []", "[?] ?"];
        "tf.shape_n([x, [1.0]], out_type=tf.int64)" = |g, x: T| array::shape_n::<i64, Vec<_>, _>(g, (x, [1.0])), [f32], MATRIX;
        "tf.size(x)" = |g, x: T| array::size::<i32, _>(x), [f32, bool], ["[2,3]", "[?,3]", "[?,0]", "?", "[]"];
        "tf.size(x, out_type=tf.int64)" = |g, x: T| array::size::<i64, _>(x), [f32, i32], ["[2,3]", "[?,3]", "[?,0]", "?"];
        "tf.size(variable('v', [2, 3]))" = |g| array::size::<i32, _>(variable::<f32>(g, "v", &[2, 3]));
        "tf.rank(x)" = |g, x: T| array::rank(x), [f32, i64], ANY;
        "tf.rank(variable('v', [2, 3]), name='r')" = |g| { let v = variable::<f32>(g, "v", &[2, 3]); g.named("r", || array::rank(v)) };
        "tf.reshape(x, [-1, 3])" = |g, x: T| array::reshape(x, [-1, 3]), [f32, i64], ["[2,3]", "[?,3]", "?", "[2,4]"];
        "tf.reshape(x, s)" = |g, x: T, s: i32| array::reshape(x, s), [f32, bool], ["[2,3] [2]", "[2,3] [?]", "? ?"];
        "tf.reshape(x, s)" = |g, x: T, s: i64| array::reshape(x, s), [f32], ["[2,3] [2]"];
        "tf.reshape(x, [n, 2, -1])" = |g, x: T, n: i32| array::reshape(x, (n, 2, -1)), [f32], ["[?,4] []", "? ?"];
        "tf.reshape(x, [m, n])" = |g, x: T, m: i32, n: i32| array::reshape(x, [m, n]), [f32], ["[?,4] [] []"];
        "tf.reshape(x, [])" = |g, x: T| array::reshape(x, [0i32; 0]), [f32], ["[1]", "[2]"];
        "tf.reshape(variable('v', [2, 3]), [6])" = |g| array::reshape(variable::<f32>(g, "v", &[2, 3]), [6]);
        "tf.expand_dims(x, 0)" = |g, x: T| array::expand_dims(x, 0), [f32, bool], ANY;
        "tf.expand_dims(x, -1)" = |g, x: T| array::expand_dims(x, -1), [f32], ANY;
        "tf.expand_dims(x, 4)" = |g, x: T| array::expand_dims(x, 4), [f32], ANY;
        "tf.expand_dims(x, n)" = |g, x: T, n: i64| array::expand_dims(x, n), [f32], ["[2,3] []"];
        "tf.expand_dims(variable('v', [2]), 1)" = |g| array::expand_dims(variable::<f32>(g, "v", &[2]), 1);
        "tf.squeeze(x)" = |g, x: T| array::squeeze(x, ()), [f32, i32], ["[1,3,1]", "[?,1]", "?"];
        "tf.squeeze(x, [0])" = |g, x: T| array::squeeze(x, [0]), [f32], ["[1,3,1]", "[?,1]", "?"];
        "tf.squeeze(x, -1)" = |g, x: T| array::squeeze(x, -1), [f32], ["[1,3,1]", "[?,1]", "[2]", "?"];
        "tf.squeeze(x, [0, 2])" = |g, x: T| array::squeeze(x, [0, 2]), [f32], ["[1,3,1]", "[1,1]", "?"];
        "tf.ensure_shape(x, [None, 3])" = |g, x: T| array::ensure_shape(x, (None, 3)), [f32, ByteString], ["[2,3]", "[?,?]", "?", "[3]"];
        "tf.ensure_shape(x, None)" = |g, x: T| array::ensure_shape(x, Shape::unknown()), [f32], MATRIX;
        "tf.broadcast_to(x, [2, 3])" = |g, x: T| array::broadcast_to(x, [2, 3]), [f32, bool], ["[3]", "[?,3]", "?", "[2]"];
        "tf.broadcast_to(x, s)" = |g, x: T, s: i64| array::broadcast_to(x, s), [f32], ["[3] [2]", "[3] [?]", "? ?"];
        "tf.broadcast_dynamic_shape(x, y)" = |g, x: T, y: T| array::broadcast_dynamic_shape(x, y), [i32, i64], ["[2] [3]", "[?] [2]", "? ?"];
        "tf.broadcast_dynamic_shape(x, [2, 3])" = |g, x: T| array::broadcast_dynamic_shape(x, [2, 3]), [i32], ["[2]"];
        "tf.placeholder(tf.float32, tf.broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3])))" =
            |g| g.placeholder::<f32>(array::broadcast_static_shape([2, 1], [3]).unwrap());
        "tf.placeholder(tf.float32, tf.broadcast_static_shape(tf.TensorShape([None, 1, 4]), tf.TensorShape([3, None, 1])))" =
            |g| g.placeholder::<f32>(array::broadcast_static_shape((None, 1, 4), (3, None, 1)).unwrap());
        "tf.placeholder(tf.float32, tf.broadcast_static_shape(tf.TensorShape(None), tf.TensorShape([3])))" =
            |g| g.placeholder::<f32>(array::broadcast_static_shape(Shape::unknown(), [3]).unwrap());
    });
}

fn fills(table: &mut Table) {
    calls!(table, {
        "tf.fill([2], variable('v', []))" = |g| array::fill(g, [2], variable::<f32>(g, "v", &[]));
        "tf.one_hot(variable('v', [2], tf.int64), 3)" = |g| array::one_hot::<f32, _>(variable::<i64>(g, "v", &[2]), 3, ());
        "tf.one_hot(x, 3, on_value=variable('v', []))" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().on_value(variable::<f32>(g, "v", &[]))), [i64], ["[2]"];
        "tf.shape(x)" = |g, x: T| array::shape::<i32, _>(x), [f32], ["[3000000000,2]"];
        "tf.shape(x, out_type=tf.int64)" = |g, x: T| array::shape::<i64, _>(x), [f32], ["[3000000000,2]"];
        "tf.size(x)" = |g, x: T| array::size::<i32, _>(x), [f32], ["[3000000000]", "[300000,300000]"];
        "tf.size(x, out_type=tf.int64)" = |g, x: T| array::size::<i64, _>(x), [f32], ["[3000000000]", "[300000,300000]"];
        "tf.zeros([3000000000])" = |g| array::zeros::<f32>(g, [3_000_000_000usize]);
        "tf.zeros_like(x)" = |g, x: T| array::zeros_like::<T, _>(x), [f32], ["[3000000000,2]"];
        "tf.ones_like(x)" = |g, x: T| array::ones_like::<T, _>(x), [f32], ["[3000000000,2]"];
        "tf.fill([2, 3], 1.5)" = |g| array::fill(g, [2, 3], 1.5f32);
        "tf.fill([2], 'a')" = |g| array::fill(g, [2], "a");
        "tf.fill([2], x)" = |g, x: T| array::fill(g, [2], x), [f32, bool, i64], ["[]", "?", "[2]"];
        "tf.fill(s, x)" = |g, x: T, s: i32| array::fill(g, s, x), [f32, ByteString], ["[] [2]", "[] [?]", "? ?"];
        "tf.fill([n, 3], 0.0)" = |g, n: i32| array::fill(g, (n, 3), 0.0f32), [f32], SCALAR;
        "tf.fill([-1], 0.0)" = |g| array::fill(g, [-1], 0.0f32);
        "tf.zeros([2, 3])" = |g| array::zeros::<f32>(g, &[2, 3]);
        "tf.zeros([])" = |g| array::zeros::<f32>(g, ());
        "tf.zeros([2], tf.string)" = |g| array::zeros::<ByteString>(g, [2]);
        "tf.zeros([2], tf.bool)" = |g| array::zeros::<bool>(g, vec![2]);
        "tf.zeros([20, 50], tf.int64)" = |g| array::zeros::<i64>(g, [20, 50]);
        "tf.zeros([27, 37])" = |g| array::zeros::<f32>(g, [27, 37]);
        "tf.zeros([0, 5000])" = |g| array::zeros::<f32>(g, [0, 5000]);
        "tf.zeros([2000], tf.complex64, name='z')" = |g| g.named("z", || array::zeros::<tfhub::num_complex::Complex<f32>>(g, [2000]));
        "tf.zeros([2], tf.qint8)" = |g| array::zeros::<tfhub::dtype::QInt8>(g, [2]);
        "tf.zeros(s)" = |g, s: i32| array::zeros::<f32>(g, s), [f32], ["[2]", "[?]", "[]", "?"];
        "tf.zeros(s, tf.bool)" = |g, s: i64| array::zeros::<bool>(g, s), [f32], ["[2]", "[]", "?"];
        "tf.zeros([n, 3])" = |g, n: i32| array::zeros::<f32>(g, (n, 3)), [f32], SCALAR;
        "tf.zeros([2, n, 3, 4], tf.int32)" = |g, n: i32| array::zeros::<i32>(g, (2, n, 3, 4)), [f32], ["[]"];
        "tf.zeros([2, 3, n])" = |g, n: i32| array::zeros::<f32>(g, (2, 3, n)), [f32], ["[]"];
        "tf.zeros([n])" = |g, n: i32| array::zeros::<f32>(g, (n,)), [f32], ["[]"];
        "tf.zeros([2, 3], tf.int32)" = |g| array::zeros::<i32>(g, (2, 3));
        "tf.zeros(tf.shape(x))" = |g, x: T| array::zeros::<f32>(g, array::shape::<i32, _>(x)), [f32], ANY;
        "tf.ones([2, 3])" = |g| array::ones::<f32>(g, &[2, 3]);
        "tf.ones([], tf.bool)" = |g| array::ones::<bool>(g, ());
        "tf.ones([1000], tf.float16)" = |g| array::ones::<tfhub::half::f16>(g, [1000]);
        "tf.ones([2], tf.string)" = |g| array::ones::<ByteString>(g, [2]);
        "tf.ones(s, tf.int64)" = |g, s: i32| array::ones::<i64>(g, s), [f32], ["[2]", "[?]", "[]", "?"];
        "tf.ones([n, m], name='o')" = |g, n: i32, m: i32| g.named("o", || array::ones::<f32>(g, (n, m))), [f32], ["[] []"];
        "tf.zeros_like(x)" = |g, x: T| array::zeros_like::<T, _>(x), [f32, bool, ByteString], ANY;
        "tf.zeros_like(x)" = |g, x: T| array::zeros_like::<T, _>(x), [i64], ["[2000]"];
        "tf.zeros_like(x)" = |g, x: T| array::zeros_like::<T, _>(x), [tfhub::dtype::Variant], ["[2]", "?"];
        "tf.zeros_like(x, tf.int64)" = |g, x: T| array::zeros_like::<i64, _>(x), [f32, i64], ANY;
        "tf.zeros_like(x, tf.string, name='z')" = |g, x: T| g.named("z", || array::zeros_like::<ByteString, _>(x)), [f32], ANY;
        "tf.zeros_like(variable('v', [2, 3]))" = |g| array::zeros_like::<f32, _>(variable::<f32>(g, "v", &[2, 3]));
        "tf.ones_like(x)" = |g, x: T| array::ones_like::<T, _>(x), [f32, bool, i32], ANY;
        "tf.ones_like(x)" = |g, x: T| array::ones_like::<T, _>(x), [ByteString], ["[2]"];
        "tf.ones_like(x, tf.int64)" = |g, x: T| array::ones_like::<i64, _>(x), [f32, ByteString], ANY;
        "tf.ones_like(variable('v', [2, 3]), name='o')" = |g| { let v = variable::<f32>(g, "v", &[2, 3]); g.named("o", || array::ones_like::<f32, _>(v)) };
        "tf.one_hot(x, 3)" = |g, x: T| array::one_hot::<f32, _>(x, 3, ()), [i32, u8, i64], ANY;
        "tf.one_hot(x, n, dtype=tf.int64)" = |g, x: T, n: i32| array::one_hot::<i64, _>(x, n, ()), [i32], ["[2] []", "? ?"];
        "tf.one_hot(x, 3, on_value=5.0, off_value=0.5, axis=0)" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().on_value(5.0f32).off_value(0.5).axis(0)), [i64], MATRIX;
        "tf.one_hot(x, 3, on_value=5)" =
            |g, x: T| array::one_hot::<i32, _>(x, 3, OneHotOptions::default().on_value(5)), [i64], MATRIX;
        "tf.one_hot(x, 3, off_value=-1.0, axis=-1)" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().off_value(-1f32).axis(-1)), [i64], ["[2]"];
        "tf.one_hot(x, 3, True, False)" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().on_value(true).off_value(false)), [i64], MATRIX;
        "tf.one_hot(x, 3, 'a', 'b')" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().on_value("a").off_value("b")), [i64], ["[2]"];
        "tf.one_hot(x, 3, on_value=y, dtype=tf.float32)" =
            |g, x: T, y: f32| array::one_hot(x, 3, OneHotOptions::default().on_value(y)), [i64], ["[2] []", "? ?"];
        "tf.one_hot(x, 3, dtype=tf.bool)" = |g, x: T| array::one_hot::<bool, _>(x, 3, ()), [i64], ["[2]"];
        "tf.one_hot(x, 3, dtype=tf.string)" = |g, x: T| array::one_hot::<ByteString, _>(x, 3, ()), [i64], ["[2]"];
        "tf.one_hot(x, 3, on_value=True)" =
            |g, x: T| array::one_hot(x, 3, OneHotOptions::default().on_value(true)), [i64], ["[2]"];
        "tf.one_hot(x, 3, axis=3, name='h')" =
            |g, x: T| g.named("h", || array::one_hot::<f32, _>(x, 3, OneHotOptions::default().axis(3))), [i64], MATRIX;
        "tf.one_hot(x, -1)" = |g, x: T| array::one_hot::<f32, _>(x, -1, ()), [i64], ["[2]"];
    });
}

fn indices(table: &mut Table) {
    calls!(table, {
        "x[0]" = |g, x: T| x.slice(0), [f32, ByteString], ["[4,5,6]", "[?,5,6]", "?", "[]", "[0]"];
        "x[-1]" = |g, x: T| x.slice(-1), [f32], CUBE;
        "x[4]" = |g, x: T| x.slice(4), [f32], CUBE;
        "x[:, 1:3, 0]" = |g, x: T| x.slice((.., 1..3, 0)), [f32, i64], CUBE;
        "x[:, 1:3, 0, tf.newaxis, ...]" = |g, x: T| x.slice((.., 1..3, 0, NewAxis, Ellipsis)), [f32, bool], CUBE;
        "x[..., tf.newaxis]" = |g, x: T| x.slice((Ellipsis, NewAxis)), [f32], CUBE;
        "x[tf.newaxis]" = |g, x: T| x.slice(NewAxis), [f32], ANY;
        "x[...]" = |g, x: T| x.slice(Ellipsis), [f32], ANY;
        "x[..., -1]" = |g, x: T| x.slice((Ellipsis, -1)), [f32], CUBE;
        "x[..., 0, ...]" = |g, x: T| x.slice((Ellipsis, 0, Ellipsis)), [f32], CUBE;
        "x[1:]" = |g, x: T| x.slice(1..), [f32], CUBE;
        "x[:-1]" = |g, x: T| x.slice(..-1), [f32], CUBE;
        "x[::2, ::-1]" = |g, x: T| x.slice((Slice::from(..).step(2), Slice::from(..).step(-1))), [f32], CUBE;
        "x[3:0:-2]" = |g, x: T| x.slice(Slice::new(3, 0).step(-2)), [f32], CUBE;
        "x[:]" = |g, x: T| x.slice(..), [f32], CUBE;
        "x[()]" = |g, x: T| x.slice(()), [f32], ANY;
        "x[0, 0, 0, 0]" = |g, x: T| x.slice((0, 0, 0, 0)), [f32], CUBE;
        "x[::0]" = |g, x: T| x.slice(Slice::from(..).step(0)), [f32], CUBE;
        "x[n]" = |g, x: T, n: i32| x.slice(n), [f32, i64], ["[4,5] []", "[?,5] []", "? ?"];
        "x[n]" = |g, x: T, n: i64| x.slice(n), [f32], ["[4,5] []", "[?,5] []", "? ?"];
        "x[n]" = |g, x: T, n: i32| x.slice(n), [f32], ["[4,5] [2]"];
        "x[n:]" = |g, x: T, n: i32| x.slice(n..), [f32], ["[4,5] []", "[?,5] []", "? ?"];
        "x[:n, 1:]" = |g, x: T, n: i64| x.slice((..n, 1..)), [f32], ["[4,5] []", "[?,5] []", "? ?"];
        "x[m:n]" = |g, x: T, m: i32, n: i32| x.slice(m..n), [f32], ["[4,5] [] []"];
        "x[1:n, ::n]" = |g, x: T, n: i32| x.slice((Slice::new(1, n), Slice::from(..).step(n))), [f32], ["[4,5] []"];
        "x[m, :n]" = |g, x: T, m: i64, n: i32| x.slice((m, ..n)), [f32], ["[4,5] [] []"];
        "x[m, n]" = |g, x: T, m: i64, n: i32| x.slice((m, n)), [f32], ["[4,5] [] []"];
        "variable('v', [4, 5])[1:, 0]" = |g| array::index(variable::<f32>(g, "v", &[4, 5]), (1.., 0));
        "variable('v', [4, 5])[n]" = |g, n: i32| array::index(variable::<f32>(g, "v", &[4, 5]), n), [f32], ["[]"];
        "tf.shape(x)[0]" = |g, x: T| array::index(array::shape::<i32, _>(x), 0), [f32], MATRIX;
        "tf.zeros([tf.shape(x)[0], 3])" = |g, x: T| array::zeros::<f32>(g, (array::shape::<i32, _>(x).slice(0), 3)), [f32], MATRIX;
        "tf.slice(x, [1, 0, 2], [2, -1, 3])" = |g, x: T| array::slice(x, [1, 0, 2], [2, -1, 3]), [f32, bool], CUBE;
        "tf.slice(x, b, s)" = |g, x: T, b: i32, s: i32| array::slice(x, b, s), [f32], ["[4,5] [2] [2]", "[4,5] [?] [?]", "? ? ?"];
        "tf.slice(x, [0, n], [m, -1])" = |g, x: T, n: i32, m: i32| array::slice(x, (0, n), (m, -1)), [f32], ["[4,5] [] []", "[?,5] [] []"];
        "tf.slice(x, [0], [9])" = |g, x: T| array::slice(x, [0], [9]), [f32], ["[4]"];
        "tf.slice(x, [0], [1])" = |g, x: T| array::slice(x, [0], [1]), [f32], ["[4,5]"];
        "tf.strided_slice(x, [1], [3])" = |g, x: T| array::strided_slice(x, [1], [3], ()), [f32, i32], CUBE;
        "tf.strided_slice(x, b, e)" = |g, x: T, b: i32, e: i32| array::strided_slice(x, b, e, ()), [f32], ["[4,5] [1] [1]", "? ? ?", "[4,5] [?] [?]"];
        "tf.strided_slice(x, b, e)" = |g, x: T, b: i64, e: i64| array::strided_slice(x, b, e, ()), [f32], ["[4,5] [1] [1]"];
        "tf.strided_slice(x, [1, 0], [3, 4], [2, 1])" =
            |g, x: T| array::strided_slice(x, [1, 0], [3, 4], StridedSliceOptions::default().strides([2, 1])), [f32], CUBE;
        "tf.strided_slice(x, [1, 0, 0], [3, 4, 0], [1, 1, 1], begin_mask=1, end_mask=2, shrink_axis_mask=4)" =
            |g, x: T| array::strided_slice(x, [1, 0, 0], [3, 4, 0], StridedSliceOptions::default().strides([1, 1, 1]).begin_mask(1).end_mask(2).shrink_axis_mask(4)), [f32], CUBE;
        "tf.strided_slice(x, [0, 0], [0, 0], ellipsis_mask=1, new_axis_mask=2, name='s')" =
            |g, x: T| g.named("s", || array::strided_slice(x, [0, 0], [0, 0], StridedSliceOptions::default().ellipsis_mask(1).new_axis_mask(2))), [f32], CUBE;
    });
}

fn joins(table: &mut Table) {
    calls!(table, {
        "tf.concat([x, y], 0)" = |g, x: T, y: T| array::concat(g, [x, y], 0), [f32, ByteString], ["[2,3] [4,3]", "[?,3] [2,?]", "? [2,3]", "? ?", "[2] [2,3]"];
        "tf.concat([x, y], -1)" = |g, x: T, y: T| array::concat(g, vec![x, y], -1), [f32], ["[2,3] [2,4]", "[?,3] [2,?]", "? ?", "[2,3] [3,3]"];
        "tf.concat([x, y, x], n)" = |g, x: T, y: T, n: i32| array::concat(g, [x, y, x], n), [f32], ["[2,3] [2,4] []", "? ? ?"];
        "tf.concat([x, y], n, name='c')" = |g, x: T, y: T, n: i64| g.named("c", || array::concat(g, [x, y], n)), [f32], ["[2,3] [2,4] []"];
        "tf.concat([x], 0)" = |g, x: T| array::concat(g, [x], 0), [f32, i32], MATRIX;
        "tf.concat(x, 1, name='c')" = |g, x: T| g.named("c", || array::concat(g, x, 1)), [f32], MATRIX;
        "tf.concat([x], [0])" = |g, x: T| array::concat(g, [x], [0]), [f32], ["[2]"];
        "tf.concat([x], n)" = |g, x: T, n: i64| array::concat(g, [x], n), [f32], ["[2] []"];
        "tf.concat([x, [[1.0, 2.0]]], 0)" = |g, x: T| array::concat(g, (x, [[1.0, 2.0]]), 0), [f32], ["[2,2]", "[?,2]", "?"];
        "tf.concat([x, [n]], 0)" = |g, x: T, n: T| array::concat(g, (x, (n,)), 0), [f32], ["[2] []", "? ?"];
        "tf.concat([x, [n, 1]], 0)" = |g, x: T, n: T| array::concat(g, (x, (n, 1)), 0), [i32], ["[2] []"];
        "tf.concat([x, variable('v', [3])], 0)" = |g, x: T| array::concat(g, (x, variable::<f32>(g, "v", &[3])), 0), [f32], ["[2]"];
        "tf.concat([], 0)" = |g| array::concat(g, [] as [tfhub::Tensor<'_, f32>; 0], 0);
        "tf.stack([x, y])" = |g, x: T, y: T| array::stack(g, [x, y], 0), [f32, bool], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[] []", "[2] [3]"];
        "tf.stack([x, y], axis=1)" = |g, x: T, y: T| array::stack(g, [x, y], 1), [f32], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[] []"];
        "tf.stack([x, y], axis=-1, name='s')" = |g, x: T, y: T| g.named("s", || array::stack(g, [x, y], -1)), [f32], ["[2,3] [2,3]", "? ?"];
        "tf.stack([x, 1.0, x])" = |g, x: T| array::stack(g, (x, 1.0, x), 0), [f32], SCALAR;
        "tf.stack([x, [1.0, 2.0]])" = |g, x: T| array::stack(g, (x, [1.0, 2.0]), 0), [f32], ["[2]", "?"];
        "tf.stack([[x, 1], [2, 3]])" = |g, x: T| array::stack(g, ((x, 1), (2, 3)), 0), [i32], SCALAR;
        "tf.stack([x, [1.0, 2.0]], axis=1)" = |g, x: T| array::stack(g, (x, [1.0, 2.0]), 1), [f32], ["[2]", "?"];
        "tf.stack([[1.0, 2.0], x], axis=1)" = |g, x: T| array::stack(g, ([1.0, 2.0], x), 1), [f32], ["[2]", "?"];
        "tf.stack([[x, y], [y, x]], axis=1)" = |g, x: T, y: T| array::stack(g, ([x, y], [y, x]), 1), [f32], ["[] []", "? ?"];
        "tf.stack([[[x, 1], [2, 3]], [[4, 5], [6, 7]]])" = |g, x: T| array::stack(g, (((x, 1), (2, 3)), ((4, 5), (6, 7))), 0), [i32], SCALAR;
        "tf.stack([[1, 2], [3]])" = |g| array::stack(g, ((1, 2), (3,)), 0);
        "tf.stack([x, variable('v', [2])[0], 2.0])" = |g, x: T| array::stack(g, (x, array::index(variable::<f32>(g, "v", &[2]), 0), 2.0), 0), [f32], SCALAR;
        "tf.stack([1, 2])" = |g| array::stack(g, (1, 2), 0);
        "tf.stack([[1, 2], [3, 4]], name='m')" = |g| g.named("m", || array::stack(g, ([1, 2], [3, 4]), 0));
        "tf.stack([1, 2], axis=1)" = |g| array::stack(g, (1, 2), 1);
        "tf.stack(x)" = |g, x: T| array::stack(g, x, 0), [f32], ["[2]"];
        "tf.stack([variable('v', [3]), x])" = |g, x: T| array::stack(g, (variable::<f32>(g, "v", &[3]), x), 0), [f32], ["[3]"];
        "tf.stack([variable('v', [3]), x], axis=1)" = |g, x: T| array::stack(g, (variable::<f32>(g, "v", &[3]), x), 1), [f32], ["[3]"];
        "tf.parallel_stack([x, y])" = |g, x: T, y: T| array::parallel_stack(g, [x, y]), [f32, i32], ["[2,3] [2,3]", "[] []", "[2] [3]", "[?] [?]", "? ?"];
        "tf.unstack(x)" = |g, x: T| array::unstack::<Vec<_>, _>(x, 0), [f32, ByteString], ["[2,3]", "[2,?]", "[?,3]", "?", "[]"];
        "tf.unstack(x, axis=-1)" = |g, x: T| array::unstack::<Vec<_>, _>(x, -1), [f32], ["[2,3]", "[?,3]", "?"];
        "tf.unstack(x, axis=2)" = |g, x: T| array::unstack::<Vec<_>, _>(x, 2), [f32], ["[2,3]"];
        "tf.unstack(x, 3, 1, name='u')" = |g, x: T| g.named("u", || array::unstack::<Vec<_>, _>(x, UnstackOptions::default().num(3).axis(1))), [f32], ["[2,3]", "[2,?]", "?", "[2,2]"];
        "tf.unstack(variable('v', [2, 3]))" = |g| array::unstack::<Vec<_>, _>(variable::<f32>(g, "v", &[2, 3]), 0);
        "tf.unstack(variable('v', [2, 3]), 2)" = |g| array::unstack::<Vec<_>, _>(variable::<f32>(g, "v", &[2, 3]), UnstackOptions::default().num(2));
        "tf.split(x, 3)" = |g, x: T| array::split::<Vec<_>, _>(x, 3, 0), [f32, bool], ["[6,2]", "[?,2]", "?", "[4]"];
        "tf.split(x, 2, axis=-1)" = |g, x: T| array::split::<Vec<_>, _>(x, 2, -1), [f32], ["[6,2]", "[?,2]", "[2,?]", "?"];
        "tf.split(x, 2, axis=n, name='s')" = |g, x: T, n: i32| g.named("s", || array::split::<Vec<_>, _>(x, 2, n)), [f32], ["[6,2] []", "? ?"];
        "tf.split(variable('v', [4]), 2)" = |g| array::split::<Vec<_>, _>(variable::<f32>(g, "v", &[4]), 2, 0);
        "tf.split(x, 0)" = |g, x: T| array::split::<Vec<_>, _>(x, 0, 0), [f32], ["[4]"];
        "tf.split(x, [1, 2, 3])" = |g, x: T| array::split::<Vec<_>, _>(x, [1, 2, 3], 0), [f32, i32], ["[6,2]", "[?,2]", "?", "[5]"];
        "tf.split(x, [1, -1], axis=1)" = |g, x: T| array::split::<Vec<_>, _>(x, [1, -1], 1), [f32], ["[6,2]", "[2,?]", "?"];
        "tf.split(x, s, axis=1)" = |g, x: T, s: i64| array::split::<Vec<_>, _>(x, s, 1), [f32], ["[6,2] [2]", "[6,2] [?]", "[6,2] []", "? ?"];
        "tf.split(x, s, 1, num=2, name='s')" = |g, x: T, s: i32| g.named("s", || array::split::<Vec<_>, _>(x, Splits::from(s).num(2), 1)), [f32], ["[6,2] [2]", "[6,2] [?]", "? ?", "[6,2] []"];
        "tf.tile(variable('v', [2]), [variable('n', [], tf.int32)])" =
            |g| { let v = variable::<f32>(g, "v", &[2]); array::tile(v, (variable::<i32>(g, "n", &[]),)) };
        "tf.repeat(variable('v', [2, 3]), 2)" = |g| array::repeat(variable::<f32>(g, "v", &[2, 3]), 2, ());
        "tf.repeat(variable('v', [2, 3]), 2, axis=1)" = |g| array::repeat(variable::<f32>(g, "v", &[2, 3]), 2, 1);
        "tf.tile(x, [2, 1])" = |g, x: T| array::tile(x, [2, 1]), [f32, ByteString], ["[2,3]", "[?,3]", "?", "[2]"];
        "tf.tile(x, [n, 1])" = |g, x: T, n: i32| array::tile(x, (n, 1)), [f32], ["[2,3] []", "[?,3] []", "? ?"];
        "tf.tile(x, m)" = |g, x: T, m: i64| array::tile(x, m), [f32], ["[2,3] [2]", "? [2]", "? ?"];
        "tf.pad(x, [[1, 2], [0, 3]])" = |g, x: T| array::pad(x, [[1, 2], [0, 3]], ()), [f32, ByteString], ["[2,3]", "[?,3]", "?", "[2]"];
        "tf.pad(x, p)" = |g, x: T, p: i32| array::pad(x, p, ()), [f32], ["[2,3] [2,2]", "[2,3] ?", "? ?", "? [2,2]"];
        "tf.pad(x, [[0, n], [1, 1]])" = |g, x: T, n: i32| array::pad(x, ((0, n), (1, 1)), ()), [f32], ["[2,3] []", "[?,3] []", "? ?"];
        "tf.pad(x, [[0, 5 - tf.shape(x)[0]], [1, 1]])" =
            |g, x: T| array::pad(x, ((0, 5 - array::shape::<i32, _>(x).slice(0)), (1, 1)), ()), [f32], MATRIX;
        "tf.pad(x, [[1, 2], [0, 3]], constant_values=1.5)" =
            |g, x: T| array::pad(x, [[1, 2], [0, 3]], PadMode::constant(1.5f32)), [f32], MATRIX;
        "tf.pad(x, [[1, 2], [0, 3]], constant_values=0.0)" =
            |g, x: T| array::pad(x, [[1, 2], [0, 3]], PadMode::constant(0f32)), [f32], MATRIX;
        "tf.pad(x, [[1, 2], [0, 3]], constant_values=y)" =
            |g, x: T, y: T| array::pad(x, [[1, 2], [0, 3]], PadMode::constant(y)), [f32, i64], ["[2,3] []", "? ?"];
        "tf.pad(x, [[1, 2], [0, 3]], constant_values='a')" =
            |g, x: T| array::pad(x, [[1, 2], [0, 3]], PadMode::constant("a")), [ByteString], ["[2,3]"];
        "tf.pad(x, [[1, 1], [0, 2]], 'REFLECT')" = |g, x: T| array::pad(x, [[1, 1], [0, 2]], PadMode::Reflect), [f32, i32], MATRIX;
        "tf.pad(x, [[1, 1], [0, n]], 'SYMMETRIC', name='p')" =
            |g, x: T, n: i32| g.named("p", || array::pad(x, ((1, 1), (0, n)), PadMode::Symmetric)), [f32], ["[2,3] []", "[?,3] []", "? ?"];
        "tf.pad(variable('v', [2]), [[1, 1]])" = |g| array::pad(variable::<f32>(g, "v", &[2]), [[1, 1]], ());
        "tf.repeat(x, 2)" = |g, x: T| array::repeat(x, 2, ()), [f32, ByteString], ANY;
        "tf.repeat(x, [1, 2, 3])" = |g, x: T| array::repeat(x, [1, 2, 3], ()), [f32], ["[3]", "[?]", "?", "[2]"];
        "tf.repeat(x, 2, axis=0)" = |g, x: T| array::repeat(x, 2, 0), [f32, i32], ANY;
        "tf.repeat(x, 2, axis=-1)" = |g, x: T| array::repeat(x, 2, -1), [f32], ANY;
        "tf.repeat(x, [2, 1, 2], axis=1)" = |g, x: T| array::repeat(x, [2, 1, 2], 1), [f32], ANY;
        "tf.repeat(x, [2, 1], axis=0, name='r')" = |g, x: T| g.named("r", || array::repeat(x, [2, 1], 0)), [f32], ANY;
        "tf.repeat(x, n, axis=1)" = |g, x: T, n: i64| array::repeat(x, n, 1), [f32], ["[2,3] []", "[2,3] [3]", "[2,3] [?]", "[2,3] ?", "? []", "? ?", "[2,3] [2]", "[2,3] [3,2]"];
        "tf.repeat(x, n, axis=0)" = |g, x: T, n: i32| array::repeat(x, n, 0), [f32], ["[2,3] []", "[2,3] [2]", "[0,3] [0]", "[2,3] ?", "? []", "? ?"];
        "tf.repeat(x, n)" = |g, x: T, n: u8| array::repeat(x, n, ()), [f32], ["[2,3] []"];
        "tf.repeat(x, 2, axis=5)" = |g, x: T| array::repeat(x, 2, 5), [f32], ANY;
        "tf.meshgrid(x, y)" = |g, x: T, y: T| array::meshgrid::<Vec<_>, _>(g, [x, y], ()), [f32, i32], ["[2] [3]", "[?] [3]", "? ?"];
        "tf.meshgrid(x, y, x, indexing='ij')" = |g, x: T, y: T| array::meshgrid::<Vec<_>, _>(g, [x, y, x], Indexing::Ij), [f32, i64], ["[2] [3]", "[?] [3]", "? ?"];
        "tf.meshgrid(x, y, y, name='m')" = |g, x: T, y: T| g.named("m", || array::meshgrid::<Vec<_>, _>(g, [x, y, y], Indexing::Xy)), [f32], ["[2] [3]"];
        "tf.meshgrid(x, variable('v', [3]))" =
            |g, x: T| array::meshgrid::<Vec<_>, _>(g, (x, variable::<f32>(g, "v", &[3])), ()), [f32], ["[2]", "?"];
        "tf.meshgrid(variable('v', [3]), x, indexing='ij')" =
            |g, x: T| array::meshgrid::<Vec<_>, _>(g, (variable::<f32>(g, "v", &[3]), x), Indexing::Ij), [f32], ["[2]", "?"];
        "tf.meshgrid(x, [1.0, 2.0])" = |g, x: T| array::meshgrid::<Vec<_>, _>(g, (x, [1f32, 2.0]), ()), [f32], ["[2]", "?"];
        "tf.meshgrid(x)" = |g, x: T| array::meshgrid::<Vec<_>, _>(g, [x], ()), [f32], ["[2]", "?", "[]"];
        "tf.meshgrid()" = |g| array::meshgrid::<Vec<_>, _>(g, Vec::<tfhub::Tensor<'_, f32>>::new(), ());
    });
}

fn gathers(table: &mut Table) {
    calls!(table, {
        "tf.gather(x, i)" = |g, x: T, i: i32| array::gather(x, i, ()), [f32, ByteString], ["[4,5] [2]", "[?,5] [?,3]", "? ?", "[4] []", "[] [2]"];
        "tf.gather(x, i)" = |g, x: T, i: i64| array::gather(x, i, ()), [f32], ["[4,5] [2]"];
        "tf.gather(x, [0, 2], axis=1)" = |g, x: T| array::gather(x, [0, 2], 1), [f32, i64], CUBE;
        "tf.gather(x, 1, axis=-1, name='g')" = |g, x: T| g.named("g", || array::gather(x, 1, -1)), [f32], CUBE;
        "tf.gather(x, i, batch_dims=1)" = |g, x: T, i: i32| array::gather(x, i, GatherOptions::default().batch_dims(1)), [f32], ["[4,5] [4,2]", "[?,5] [4,2]", "? ?", "[4,5] [3,2]"];
        "tf.gather(x, i, axis=2, batch_dims=1)" =
            |g, x: T, i: i32| array::gather(x, i, GatherOptions::default().axis(2).batch_dims(1)), [f32], ["[4,5,6] [4,2]", "? ?"];
        "tf.gather(x, i, axis=0, batch_dims=1)" =
            |g, x: T, i: i32| array::gather(x, i, GatherOptions::default().axis(0).batch_dims(1)), [f32], ["[4,5,6] [4,2]"];
        "tf.gather(x, i, batch_dims=-1)" = |g, x: T, i: i32| array::gather(x, i, GatherOptions::default().batch_dims(-1)), [f32], ["[4,5] [4,2]"];
        "tf.gather(variable('v', [4, 5]), i)" = |g, i: i64| array::gather(variable::<f32>(g, "v", &[4, 5]), i, ()), [f32], ["[2]", "?"];
        "tf.gather(variable('v', [4, 5]), [1, 2], name='g')" =
            |g| { let v = variable::<f32>(g, "v", &[4, 5]); g.named("g", || array::gather(v, [1, 2], ())) };
        "tf.gather(variable('v', [4, 5]), i, axis=1)" =
            |g, i: i32| array::gather(variable::<f32>(g, "v", &[4, 5]), i, 1), [f32], ["[2]"];
        "tf.gather_nd(x, i)" = |g, x: T, i: i32| array::gather_nd(x, i, ()), [f32, bool], ["[4,5] [3,2]", "[?,5] [3,1]", "[4,5] [?,?]", "? ?", "[4] [3,2]"];
        "tf.gather_nd(x, [[0, 1]])" = |g, x: T| array::gather_nd(x, [[0, 1]], ()), [f32], CUBE;
        "tf.gather_nd(x, i, batch_dims=0)" = |g, x: T, i: i64| array::gather_nd(x, i, 0), [f32], ["[4,5] [3,2]"];
        "tf.gather_nd(x, i, batch_dims=1)" = |g, x: T, i: i32| array::gather_nd(x, i, 1), [f32], ["[4,5] [4,1]", "[?,5] [?,3,1]", "[4,5,6] [4,2]", "[4,5] ?", "? [4,1]", "? ?", "[4] [4,1]"];
        "tf.gather_nd(x, i, batch_dims=2, name='b')" =
            |g, x: T, i: i64| g.named("b", || array::gather_nd(x, i, 2)), [f32], ["[4,5,6] [4,5,1]", "[?,?,6] [?,?,3,1]"];
        "tf.gather_nd(variable('v', [4, 5]), i)" = |g, i: i64| array::gather_nd(variable::<f32>(g, "v", &[4, 5]), i, ()), [f32], ["[3,2]", "?"];
        "tf.batch_gather(x, i)" = |g, x: T, i: T| array::batch_gather(x, i), [i32, i64], ["[4,5] [4,2]", "[4,5,6] [4,2]", "[?,5,6] [4,?,2]", "[4] [2]", "? [4,2]", "[4,5] ?", "[4] [4,2]", "[4] []", "[3,5] [4,2]"];
        "tf.batch_gather(variable('v', [4, 5]), i)" = |g, i: i32| array::batch_gather(variable::<f32>(g, "v", &[4, 5]), i), [f32], ["[4,2]"];
        "tf.scatter_nd(i, x, [8, 3])" = |g, x: T, i: i32| array::scatter_nd(i, x, [8, 3]), [f32, i64], ["[2,3] [2,1]", "[?,3] [?,1]", "? ?", "[2] [2,2]", "[2,4] [2,1]"];
        "tf.scatter_nd(i, x, s)" = |g, x: T, i: i64, s: i64| array::scatter_nd(i, x, s), [f32], ["[2,3] [2,1] [2]", "? ? ?"];
        "tf.tensor_scatter_update(x, i, y)" = |g, x: T, i: i32, y: T| array::tensor_scatter_nd_update(x, i, y), [f32, ByteString], ["[8,3] [2,1] [2,3]", "[?,3] [2,1] [2,?]", "? ? ?", "[8,3] [2,1] [2,4]"];
        "tf.tensor_scatter_add(x, i, y)" = |g, x: T, i: i64, y: T| array::tensor_scatter_nd_add(x, i, y), [f32, i32], ["[8,3] [2,1] [2,3]", "? ? ?"];
        "tf.tensor_scatter_sub(x, [[0], [4]], y)" = |g, x: T, y: T| array::tensor_scatter_nd_sub(x, [[0], [4]], y), [f32], ["[8,3] [2,3]", "[?,3] [2,3]", "? ?"];
        "tf.dynamic_partition(x, p, 2)" = |g, x: T, p: i32| array::dynamic_partition::<Vec<_>, _>(x, p, 2), [f32, ByteString], ["[4,5] [4]", "[?,5] [?]", "? ?", "[4,5] [3]"];
        "tf.dynamic_stitch([i, j], [x, y])" = |g, x: T, y: T, i: i32, j: i32| array::dynamic_stitch(g, [i, j], [x, y]), [f32, i64], ["[2,3] [4,3] [2] [4]", "[?,3] [?,3] [?] [?]", "? ? ? ?", "[2,3] [4,4] [2] [4]"];
        "tf.dynamic_stitch([[0, 2], [1]], [x, y])" = |g, x: T, y: T| array::dynamic_stitch(g, ([0, 2], [1]), [x, y]), [f32], ["[2,3] [1,3]"];
    });
}

fn masks(table: &mut Table) {
    calls!(table, {
        "tf.where(variable('v', [2, 3]))" = |g| array::where_(variable::<f32>(g, "v", &[2, 3]));
        "tf.where(c, x, variable('v', [2]))" = |g, c: bool, x: T| array::select(c, x, variable::<f32>(g, "v", &[2])), [f32], ["[2] [2]"];
        "tf.where(x)" = |g, x: T| array::where_(x), [bool, f32, i64], ANY;
        "tf.where(x, name='w')" = |g, x: T| g.named("w", || array::where_(x)), [bool], MATRIX;
        "tf.where(c, x, y)" = |g, c: bool, x: T, y: T| array::select(c, x, y), [f32, ByteString], ["[2,3] [2,3] [2,3]", "[2] [2,3] [?,3]", "[] [2] [2]", "? ? ?", "[3] [2,3] [2,3]", "[2,3] [2,3] [3]"];
        "tf.where(c, x, [1.0, 2.0])" = |g, c: bool, x: T| array::select(c, x, [1.0, 2.0]), [f32], ["[2] [2]", "? ?"];
        "tf.where_v2(c, x, y)" = |g, c: bool, x: T, y: T| array::select_v2(c, x, y), [f32, i64], ["[2,3] [2,3] [2,3]", "[?,1] [3] []", "? ? ?", "[2] [3] [3]"];
        "tf.where_v2(c, x, 0.0, name='s')" = |g, c: bool, x: T| g.named("s", || array::select_v2(c, x, 0.0)), [f32], ["[2,1] [2,3]", "? [3]"];
        "tf.boolean_mask(x, m)" = |g, x: T, m: bool| array::boolean_mask(x, m, ()), [f32, ByteString], ["[4,5] [4]", "[4,5] [4,5]", "[?,5] [?]", "[?,?] [4,?]", "? [?]", "? [?,3]", "[4,5] ?", "[4,5] []", "[4,5] [3]", "[4] [4,5]"];
        "tf.boolean_mask(x, m, axis=1)" = |g, x: T, m: bool| array::boolean_mask(x, m, 1), [f32], ["[4,5] [5]", "[4,5,6] [5,6]", "[?,?,6] [?]", "? [3]", "[4,5] [4]"];
        "tf.boolean_mask(x, [True, False], name='b')" = |g, x: T| g.named("b", || array::boolean_mask(x, [true, false], ())), [f32], MATRIX;
        "tf.boolean_mask(variable('v', [2, 3]), m)" = |g, m: bool| array::boolean_mask(variable::<f32>(g, "v", &[2, 3]), m, ()), [f32], ["[2]"];
        "tf.sequence_mask(x)" = |g, x: T| array::sequence_mask::<bool, _>(x, ()), [i32, i64], ANY;
        "tf.sequence_mask(x, dtype=tf.float32)" = |g, x: T| array::sequence_mask::<f32, _>(x, ()), [i32], MATRIX;
        "tf.sequence_mask(x, 5)" = |g, x: T| array::sequence_mask::<bool, _>(x, 5), [i32, i64], ANY;
        "tf.sequence_mask(x, n, tf.int64, name='m')" =
            |g, x: T, n: T| g.named("m", || array::sequence_mask::<i64, _>(x, n)), [i32, i64], ["[2] []", "? ?", "[2] [1]"];
        "tf.sequence_mask(variable('v', [2], tf.int32), 5)" = |g| array::sequence_mask::<bool, _>(variable::<i32>(g, "v", &[2]), 5);
    });
}

fn orders(table: &mut Table) {
    calls!(table, {
        "tf.transpose(x)" = |g, x: T| array::transpose(x, ()), [f32, ByteString], ["[2,3]", "[?,3,4]", "?", "[]", "[2]"];
        "tf.transpose(x, name='t')" = |g, x: T| g.named("t", || array::transpose(x, ())), [f32], ["[2,3]", "?"];
        "tf.transpose(x, [1, 0])" = |g, x: T| array::transpose(x, [1, 0]), [f32, i64], ["[2,3]", "[?,3]", "?", "[2]", "[2,3,4]"];
        "tf.transpose(x, [0, 0])" = |g, x: T| array::transpose(x, [0, 0]), [f32], ["[2,3]"];
        "tf.transpose(x, p)" = |g, x: T, p: i64| array::transpose(x, p), [f32], ["[2,3] [2]", "? [2]", "[2,3] ?", "? ?"];
        "tf.transpose(x, conjugate=True)" =
            |g, x: T| array::conjugate_transpose(x, ()), [tfhub::num_complex::Complex<f32>, tfhub::num_complex::Complex<f64>], ["[2,3]", "?"];
        "tf.transpose(x, [1, 0], conjugate=True)" =
            |g, x: T| array::conjugate_transpose(x, [1, 0]), [tfhub::num_complex::Complex<f32>], MATRIX;
        "tf.transpose(variable('v', [2, 3]))" = |g| array::transpose(variable::<f32>(g, "v", &[2, 3]), ());
        "tf.transpose(variable('v', [2, 3]), [1, 0])" = |g| array::transpose(variable::<f32>(g, "v", &[2, 3]), [1, 0]);
        "tf.reverse(variable('v', [2, 3]), [1])" = |g| array::reverse(variable::<f32>(g, "v", &[2, 3]), [1]);
        "tf.unique(variable('v', [2])).y" = |g| array::unique::<i32, _>(variable::<f32>(g, "v", &[2])).y;
        "tf.reverse(x, [0])" = |g, x: T| array::reverse(x, [0]), [f32, ByteString, bool], ["[2,3]", "[?,3]", "?", "[]"];
        "tf.reverse(x, a)" = |g, x: T, a: i32| array::reverse(x, a), [f32], ["[2,3] [1]", "? ?"];
        "tf.reverse(x, [0, 0])" = |g, x: T| array::reverse(x, [0, 0]), [f32], ["[2,3]"];
        "tf.reverse_sequence(x, n, 1)" = |g, x: T, n: i64| array::reverse_sequence(x, n, 1, ()), [f32, ByteString], ["[2,3] [2]", "[?,3,4] [?]", "? ?", "[2,3] [3]", "[2] [2]"];
        "tf.reverse_sequence(x, [1, 2], seq_axis=0, batch_axis=1)" = |g, x: T| array::reverse_sequence(x, [1i64, 2], 0, 1), [f32], ["[3,2]", "[3,?]", "?"];
        "tf.roll(x, 1, 0)" = |g, x: T| array::roll(x, 1, 0), [f32, ByteString], ["[2,3]", "[?,3]", "?", "[]"];
        "tf.roll(x, [1, 2], [0, 1])" = |g, x: T| array::roll(x, [1, 2], [0, 1]), [f32], MATRIX;
        "tf.roll(x, s, a)" = |g, x: T, s: i64, a: i32| array::roll(x, s, a), [f32], ["[2,3] [] []", "? ? ?", "[2,3] [2] [1]"];
        "tf.unique(x)" = |g, x: T| { let u = array::unique::<i32, _>(x); (u.y, u.idx) }, [f32, ByteString], ["[4]", "[?]", "?", "[2,3]"];
        "tf.unique(x, tf.int64, name='u')" = |g, x: T| g.named("u", || { let u = array::unique::<i64, _>(x); (u.y, u.idx) }), [i32], VECTOR;
        "tf.unique_with_counts(x)" = |g, x: T| { let u = array::unique_with_counts::<i32, _>(x); (u.y, u.idx, u.count) }, [f32, i64], ["[4]", "[?]", "?", "[]"];
        "tf.unique_with_counts(x, tf.int64)" =
            |g, x: T| { let u = array::unique_with_counts::<i64, _>(x); (u.y, u.idx, u.count) }, [ByteString], VECTOR;
        "tf.setdiff1d(x, y)" = |g, x: T, y: T| array::setdiff1d::<i32, _>(x, y), [f32, ByteString], ["[4] [2]", "[?] [2]", "? ?", "[2,3] [2]"];
        "tf.setdiff1d(x, [1, 2], tf.int64)" = |g, x: T| array::setdiff1d::<i64, _>(x, [1, 2]), [i32], VECTOR;
        "tf.invert_permutation(x)" = |g, x: T| array::invert_permutation(x), [i32, i64], ["[4]", "[?]", "?", "[2,3]"];
        "tf.unravel_index(x, y)" = |g, x: T, y: T| array::unravel_index(x, y), [i32, i64], ["[4] [2]", "[] [2]", "? ?", "[4] ?", "[2,3] [2]"];
        "tf.unravel_index(x, [3, 4])" = |g, x: T| array::unravel_index(x, [3, 4]), [i32], ["[4]", "[]", "?"];
        "tf.searchsorted(x, y)" = |g, x: T, y: T| array::searchsorted::<i32, _>(x, y, ()), [f32, i64], ["[2,3] [2,5]", "[3] [5]", "[?,3] [?,?]", "? ?", "[] [2]"];
        "tf.searchsorted(x, y, side='right', out_type=tf.int64, name='s')" =
            |g, x: T, y: T| g.named("s", || array::searchsorted::<i64, _>(x, y, Side::Right)), [f32], ["[2,3] [2,5]", "? ?"];
        "tf.searchsorted(variable('v', [2, 3]), y)" = |g, y: T| array::searchsorted::<i32, _>(variable::<f32>(g, "v", &[2, 3]), y, ()), [f32], ["[2,4]"];
    });
}

fn spaces(table: &mut Table) {
    calls!(table, {
        "tf.bitcast(variable('v', [2, 3]), tf.int32)" = |g| array::bitcast::<i32, f32>(variable::<f32>(g, "v", &[2, 3]));
        "tf.space_to_depth(x, 2)" = |g, x: T| array::space_to_depth(x, 2, ()), [f32, ByteString], IMAGE;
        "tf.space_to_depth(x, 2, data_format='NCHW')" = |g, x: T| array::space_to_depth(x, 2, tfhub::ops::nn::DataFormat::Nchw), [f32], IMAGE;
        "tf.space_to_depth(x, 3)" = |g, x: T| array::space_to_depth(x, 3, ()), [f32], IMAGE;
        "tf.space_to_depth(x, 1)" = |g, x: T| array::space_to_depth(x, 1, ()), [f32], IMAGE;
        "tf.depth_to_space(x, 2)" = |g, x: T| array::depth_to_space(x, 2, ()), [f32, u8], IMAGE;
        "tf.depth_to_space(x, 2, data_format='NCHW', name='d')" =
            |g, x: T| g.named("d", || array::depth_to_space(x, 2, tfhub::ops::nn::DataFormat::Nchw)), [f32], IMAGE;
        "tf.space_to_batch(x, [[0, 0], [1, 1]], 2)" = |g, x: T| array::space_to_batch(x, [[0, 0], [1, 1]], 2), [f32, i32], ["[4,4,6,8]", "[?,4,?,8]", "?", "[4]", "[1,3,3,1]"];
        "tf.space_to_batch(x, p, 2)" = |g, x: T, p: i64| array::space_to_batch(x, p, 2), [f32], ["[4,4,6,8] [2,2]", "? ?"];
        "tf.space_to_batch_nd(x, [2], [[0, 1]])" = |g, x: T| array::space_to_batch_nd(x, [2], [[0, 1]]), [f32, ByteString], ["[2,3]", "[?,3,4]", "[2,?]", "?", "[2]"];
        "tf.space_to_batch_nd(x, b, p)" = |g, x: T, b: i64, p: i32| array::space_to_batch_nd(x, b, p), [f32], ["[2,3] [1] [1,2]", "? ? ?"];
        "tf.batch_to_space(x, [[0, 0], [1, 1]], 2)" = |g, x: T| array::batch_to_space(x, [[0, 0], [1, 1]], 2), [f32, bool], ["[4,4,6,8]", "[?,4,?,8]", "?", "[3,4,4,1]"];
        "tf.batch_to_space_nd(x, [2], c)" = |g, x: T, c: i64| array::batch_to_space_nd(x, [2], c), [f32], ["[4,3] [1,2]", "[?,3] [1,2]", "? ?"];
        "tf.batch_to_space_nd(x, [2], [[0, 1]])" = |g, x: T| array::batch_to_space_nd(x, [2], [[0, 1]]), [f32], ["[4,3]", "[?,3]", "?"];
        "tf.required_space_to_batch_paddings([5, 7], [2, 3])" = |g| array::required_space_to_batch_paddings(g, [5, 7], [2, 3], ());
        "tf.required_space_to_batch_paddings([5, 7], [2, 3], [[1, 0], [2, 2]], name='r')" =
            |g| g.named("r", || array::required_space_to_batch_paddings(g, [5, 7], [2, 3], [[1, 0], [2, 2]]));
        "tf.required_space_to_batch_paddings(x, [2, 3])" = |g, x: T| array::required_space_to_batch_paddings(g, x, [2, 3], ()), [i32], ["[2]", "?", "[3]"];
        "tf.required_space_to_batch_paddings(x, y, p)" =
            |g, x: T, y: T, p: T| array::required_space_to_batch_paddings(g, x, y, p), [i32], ["[2] [2] [2,2]", "[?] [1] ?", "[2] ? [2,2]", "[2] [2] [2,3]"];
        "tf.required_space_to_batch_paddings(np.zeros([0], np.int32), np.zeros([0], np.int32))" =
            |g| array::required_space_to_batch_paddings(g, [0i32; 0], [0i32; 0], ());
        "tf.bitcast(x, tf.int32)" = |g, x: T| array::bitcast::<i32, _>(x), [f32, f64], ANY;
        "tf.bitcast(x, tf.float64)" = |g, x: T| array::bitcast::<f64, _>(x), [f32], ["[3,2]", "[?,2]", "?", "[3,?]", "[3,3]", "[]"];
        "tf.bitcast(x, tf.uint8)" = |g, x: T| array::bitcast::<u8, _>(x), [f32, i8], MATRIX;
    });
}
