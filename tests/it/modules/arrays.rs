//! Arithmetic and array operations on placeholders.

use tfhub::dtype::ByteString;
use tfhub::ops::math::{self, Axes, Transposed};
use tfhub::ops::nn::DataFormat;
use tfhub::ops::random::{NormalOptions, UniformOptions};
use tfhub::ops::{array, nn, random};
use tfhub::{GraphBuilder, Shape};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("identity_cast_reshape", identity_cast_reshape),
        Module::new("matmul_variants", matmul_variants),
        Module::new("bias_add", bias_add),
        Module::new("arithmetic", arithmetic),
        Module::new("activations", activations),
        Module::new("reductions", reductions),
        Module::new("array_and_random_functions", array_and_random_functions).seed(61),
        Module::new("shapes_from_tensors", shapes_from_tensors),
        Module::new("named_functions", named_functions).seed(62),
    ]
}

fn identity_cast_reshape(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2, 3, 4)));
    let rows = g.named("rows", || g.placeholder::<f32>((None, 3, 4)));
    let ints = g.named("ints", || g.placeholder::<i32>((None,)));
    let flags = g.named("flags", || g.placeholder::<bool>((None,)));
    g.signature("default")
        .input("x", x)
        .input("rows", rows)
        .input("ints", ints)
        .input("flags", flags)
        .output("identity", array::identity(x))
        .output("float_to_int", math::cast::<i32, _>(x))
        .output("int_to_double", math::cast::<f64, _>(ints))
        .output("bool_to_float", math::cast::<f32, _>(flags))
        .output("same_dtype", math::cast::<f32, _>(rows))
        .output("static_6", array::reshape(x, [-1, 6]))
        .output("static_2_3", array::reshape(x, [2, -1, 3]))
        .output("partial_6", array::reshape(rows, [-1, 6]))
        .output("partial_2_3", array::reshape(rows, [2, -1, 3]))
        .output("full", g.named("full", || array::reshape(x, [4, 6])));
}

fn matmul_variants(g: &GraphBuilder) {
    let a = g.named("a", || g.placeholder::<f32>((2, 3)));
    let b = g.named("b", || g.placeholder::<f32>((3, 4)));
    let a_t = g.named("a_t", || g.placeholder::<f32>((3, 2)));
    let b_t = g.named("b_t", || g.placeholder::<f32>((4, 3)));
    let rows = g.named("rows", || g.placeholder::<f32>((None, 3)));
    let unknown = g.named("unknown", || g.placeholder::<f32>((None, None)));
    let double = g.named("double", || g.placeholder::<f64>((3, 3)));
    g.signature("default")
        .input("a", a)
        .input("b", b)
        .input("a_t", a_t)
        .input("b_t", b_t)
        .input("rows", rows)
        .input("unknown", unknown)
        .input("double", double)
        .output("plain", math::matmul(a, b))
        .output("transpose_a", math::matmul(Transposed(a_t), b))
        .output("transpose_b", math::matmul(a, Transposed(b_t)))
        .output(
            "transpose_both",
            math::matmul(Transposed(a_t), Transposed(b_t)),
        )
        .output("rows", math::matmul(rows, b))
        .output("unknown_right", math::matmul(a, unknown))
        .output(
            "unknown_left",
            g.named("unknown_left", || math::matmul(unknown, b)),
        )
        .output("double", math::matmul(double, double));
}

fn bias_add(g: &GraphBuilder) {
    let bias = g.named("bias", || g.placeholder::<f32>((3,)));
    let rank2 = g.named("rank2", || g.placeholder::<f32>((None, 3)));
    let nhwc = g.named("nhwc", || g.placeholder::<f32>((None, 2, 2, 3)));
    let nchw = g.named("nchw", || g.placeholder::<f32>((None, 3, 2, 2)));
    g.signature("default")
        .input("bias", bias)
        .input("rank2", rank2)
        .input("nhwc", nhwc)
        .input("nchw", nchw)
        .output("rank2", nn::bias_add(rank2, bias, ()))
        .output("nhwc", nn::bias_add(nhwc, bias, DataFormat::Nhwc))
        .output("nchw", nn::bias_add(nchw, bias, DataFormat::Nchw))
        .output("constant", nn::bias_add(rank2, [0.5f32, -1.0, 2.0], ()));
}

fn arithmetic(g: &GraphBuilder) {
    let rows = g.named("rows", || g.placeholder::<f32>((None, 3)));
    let row = g.named("row", || g.placeholder::<f32>((3,)));
    let left = g.named("left", || g.placeholder::<f32>((2, 1)));
    let right = g.named("right", || g.placeholder::<f32>((1, 3)));
    let m = g.named("m", || g.placeholder::<i32>((None, 3)));
    let n = g.named("n", || g.placeholder::<i32>((3,)));
    g.signature("default")
        .input("rows", rows)
        .input("row", row)
        .input("left", left)
        .input("right", right)
        .input("m", m)
        .input("n", n)
        .output("add", rows + row)
        .output("sub", rows - row)
        .output("mul", rows * row)
        .output("div", rows / row)
        .output("neg", -rows)
        .output("add_both", left + right)
        .output("sub_both", left - right)
        .output("mul_both", left * right)
        .output("div_both", left / right)
        .output("add_constant", rows + 1.5)
        .output("constant_add", 1.5 + rows)
        .output("sub_constant", rows - 0.5)
        .output("constant_sub", 1.0 - rows)
        .output("mul_constant", rows * 2.0)
        .output("constant_mul", 2.0 * rows)
        .output("div_constant", rows / 4.0)
        .output("constant_div", 1.0 / rows)
        .output("int_add", m + n)
        .output("int_sub", m - n)
        .output("int_mul", m * n)
        .output("int_floordiv", math::floordiv(m, n))
        .output("int_neg", -n)
        .output("int_add_constant", n + 3)
        .output("int_constant_sub", 10 - n)
        .output("int_constant_mul", 2 * n)
        .output("int_floordiv_constant", math::floordiv(n, 2));
}

fn activations(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let cube = g.named("cube", || g.placeholder::<f32>((None, 2, 3)));
    let ints = g.named("ints", || g.placeholder::<i32>((2,)));
    g.signature("default")
        .input("x", x)
        .input("cube", cube)
        .input("ints", ints)
        .output("relu", nn::relu(x))
        .output("tanh", nn::tanh(x))
        .output("sigmoid", nn::sigmoid(x))
        .output("softmax", nn::softmax(x, -1))
        .output("softmax_cube", nn::softmax(cube, -1))
        .output("abs", math::abs(x))
        .output("abs_int", math::abs(ints))
        .output("square", math::square(x))
        .output("square_int", math::square(ints))
        .output("sqrt", math::sqrt(x))
        .output("l2_loss", nn::l2_loss(x));
}

fn reductions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2, 3)));
    let anything = g.named("anything", || g.placeholder::<f32>(Shape::unknown()));
    let ints = g.named("ints", || g.placeholder::<i32>((2, 2)));
    g.signature("default")
        .input("x", x)
        .input("anything", anything)
        .input("ints", ints)
        .output("sum", math::reduce_sum(x, Axes::ALL))
        .output("sum_0", math::reduce_sum(x, 0))
        .output("sum_last", math::reduce_sum(x, -1))
        .output("sum_0_1", math::reduce_sum(x, [0, 1]))
        .output(
            "sum_keep",
            math::reduce_sum(x, Axes::from([0, 1]).keep_dims()),
        )
        .output("sum_all_keep", math::reduce_sum(x, Axes::ALL.keep_dims()))
        .output("sum_int", math::reduce_sum(ints, Axes::ALL))
        .output("sum_anything", math::reduce_sum(anything, Axes::ALL))
        .output("mean", math::reduce_mean(x, Axes::ALL))
        .output("mean_0", math::reduce_mean(x, 0))
        .output("mean_last", math::reduce_mean(x, -1))
        .output("mean_0_1", math::reduce_mean(x, [0, 1]))
        .output(
            "mean_keep",
            g.named("mean_keep", || {
                math::reduce_mean(x, Axes::from(1).keep_dims())
            }),
        )
        .output("mean_anything", math::reduce_mean(anything, Axes::ALL));
}

fn array_and_random_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let still = g.named("still", || g.placeholder::<f32>((2, 3)));
    g.signature("default")
        .input("x", x)
        .input("still", still)
        .output("shape", array::shape::<i32, _>(x))
        .output("static_shape", array::shape::<i32, _>(still))
        .output("filled", array::fill(g, [2, 2], 1.5f32))
        .output("sum_of_two", math::add_n(g, [x * 1.0, x]))
        .output("sum_of_one", math::add_n(g, [still]))
        .output("zeros", array::zeros::<f32>(g, &[2, 3]))
        .output("zeros_999", array::zeros::<f32>(g, &[999]))
        .output("zeros_1000", array::zeros::<f32>(g, &[1000]))
        .output("int_ones", array::ones::<i32>(g, &[3]))
        .output("int64_ones_1000", array::ones::<i64>(g, &[10, 100]))
        .output("double_zeros", array::zeros::<f64>(g, &[2]))
        .output("bool_zeros", array::zeros::<bool>(g, &[2]))
        .output("empty_strings", array::zeros::<ByteString>(g, &[2]))
        .output("normal", random::normal::<f32>(g, [2], ()))
        .output(
            "normal_seed",
            random::normal(
                g,
                [2],
                NormalOptions::default().mean(1.0f32).stddev(0.5).seed(3),
            ),
        )
        .output("truncated", random::truncated_normal::<f32>(g, [2], ()))
        .output(
            "truncated_seed",
            random::truncated_normal(g, [2], NormalOptions::<f32>::default().seed(3)),
        )
        .output("uniform", random::uniform::<f32>(g, [2], ()))
        .output(
            "uniform_double",
            random::uniform(
                g,
                [2],
                UniformOptions::default()
                    .minval(-1.0f64)
                    .maxval(1.0)
                    .seed(4),
            ),
        )
        .output(
            "uniform_int",
            random::uniform(g, [2], UniformOptions::default().maxval(9i32)),
        )
        .output(
            "uniform_int64_seed",
            random::uniform(
                g,
                [2],
                UniformOptions::default().minval(-9i64).maxval(9).seed(5),
            ),
        );
}

fn named_functions(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let anything = g.named("anything", || g.placeholder::<f32>(Shape::unknown()));
    let out = g.signature("default").input("x", x);
    out.input("anything", anything);
    out.output("sum", g.named("sum", || math::reduce_sum(x, Axes::ALL)))
        .output(
            "sum_anything",
            g.named("sum_anything", || math::reduce_sum(anything, Axes::ALL)),
        )
        .output("mean", g.named("mean", || math::reduce_mean(x, 0)))
        .output(
            "mean_keep",
            g.named("mean_keep", || math::reduce_mean(x, Axes::ALL.keep_dims())),
        )
        .output(
            "product",
            g.named("product", || math::matmul(x, [[1.0f32], [2.0], [3.0]])),
        )
        .output(
            "biased",
            g.named("biased", || nn::bias_add(x, [1.0f32, 2.0, 3.0], ())),
        )
        .output("softmax", g.named("softmax", || nn::softmax(x, -1)))
        .output("reshaped", g.named("reshaped", || array::reshape(x, [-1])))
        .output(
            "converted",
            g.named("converted", || math::cast::<f64, _>(x)),
        )
        .output(
            "unchanged",
            g.named("unchanged", || math::cast::<f32, _>(x)),
        )
        .output("shape", g.named("shape", || array::shape::<i32, _>(x)));
    let two_by_three = g.named("two_by_three", || array::zeros::<f32>(g, &[2, 3]));
    out.output(
        "static_shape",
        g.named("static_shape", || array::shape::<i32, _>(two_by_three)),
    )
    .output("filled", g.named("filled", || array::fill(g, [2], 0.5f32)))
    .output(
        "big_zeros",
        g.named("big_zeros", || array::zeros::<f32>(g, &[1000])),
    )
    .output(
        "big_ones",
        g.named("big_ones", || array::ones::<f64>(g, &[1000])),
    )
    .output(
        "normal",
        g.named("normal", || random::normal::<f32>(g, [2], ())),
    )
    .output(
        "truncated",
        g.named("truncated", || random::truncated_normal::<f32>(g, [2], ())),
    )
    .output(
        "uniform",
        g.named("uniform", || random::uniform::<f32>(g, [2], ())),
    )
    .output(
        "uniform_int",
        g.named("uniform_int", || {
            random::uniform(g, [2], UniformOptions::default().maxval(9i32))
        }),
    )
    .output("total", g.named("total", || math::add_n(g, [x, x])))
    .output(
        "default",
        g.named("default", || {
            g.placeholder_with_default([1.0f32, 2.0], (None,))
        }),
    )
    .output("added", g.named("added", || math::add(x, 1.0)))
    .output(
        "in_path",
        g.named("path/in_path", || math::reduce_sum(x, 1)),
    )
    .output(
        "sum_again",
        g.named("sum", || math::reduce_sum(x, Axes::ALL)),
    )
    .output(
        "Sum_upper",
        g.named("Sum", || math::reduce_sum(x, Axes::ALL)),
    );
    g.name_scope("scope", || {
        out.output(
            "scoped_sum",
            g.named("sum", || math::reduce_sum(x, Axes::ALL)),
        )
        .output(
            "scoped_uniform",
            g.named("uniform", || random::uniform::<f32>(g, [2], ())),
        )
        .output(
            "scoped_zeros",
            g.named("big_zeros", || array::zeros::<f32>(g, &[1000])),
        );
    });
}

fn shapes_from_tensors(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let still = g.named("still", || g.placeholder::<f32>((2, 3)));
    let swapped = g.named("swapped", || g.constant([3, 2]));
    let out = g.signature("default").input("x", x);
    out.input("still", still)
        .output(
            "filled_like_x",
            array::fill(g, array::shape::<i32, _>(x), 0.5f32),
        )
        .output(
            "filled_like_still",
            array::fill(g, array::shape::<i32, _>(still), 0.5f32),
        )
        .output(
            "reshaped_to_x",
            array::reshape(x, array::shape::<i32, _>(x)),
        )
        .output(
            "reshaped_to_still",
            array::reshape(x, array::shape::<i32, _>(still)),
        )
        .output("reshaped_to_constant", array::reshape(still, swapped));
    let same = array::identity(swapped);
    out.output("reshaped_to_identity", array::reshape(still, same));
    let product = math::floordiv(array::shape::<i32, _>(still) * [3, 2], [2, 3]);
    out.output("reshaped_to_product", array::reshape(still, product));
    let six = math::cast::<i32, _>(g.constant([6.0f32]));
    out.output("reshaped_to_cast", array::reshape(still, six));
    let six = array::fill(g, [1], 6);
    out.output("reshaped_to_fill", array::reshape(still, six));
    let six = g.constant([6]) + array::zeros::<i32>(g, &[1]);
    out.output("reshaped_to_sum", array::reshape(still, six));
}
