//! Variables: dtypes, trainability, reads, and variables outside of variable scopes.

use half::f16;
use tfhub::dtype::ByteString;
use tfhub::init::{self, Initializer};
use tfhub::module::SignatureBuilder;
use tfhub::ndarray::array;
use tfhub::ops::array::identity;
use tfhub::ops::math::{Axes, Transposed};
use tfhub::ops::{array, math, nn, random};
use tfhub::{Element, GraphBuilder, Shape};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("variable_dtypes", variable_dtypes),
        Module::new("variable_trainable", variable_trainable).seed(4),
        Module::new("variable_reads", variable_reads).seed(9),
        Module::new("tf_variable", tf_variable).seed(13),
        Module::new("get_variable_initial_values", get_variable_initial_values),
        Module::new("applied_to_variables", applied_to_variables).seed(14),
    ]
}

/// Makes variables that are not trained and exports the value of each under the variable's name.
#[derive(Clone, Copy)]
struct Outputs<'g> {
    graph: &'g GraphBuilder,
    signature: SignatureBuilder<'g>,
}

impl Outputs<'_> {
    fn variable<T: Element>(&self, name: &str, shape: &[usize], initializer: Initializer) {
        let g = self.graph;
        let variable = g.get_variable::<T>(name).shape(shape).trainable(false);
        let variable = variable.initializer(initializer).finish();
        let value = g.named(&format!("read_{name}"), || identity(variable));
        self.signature.output(name, value);
    }

    fn of<T: Element>(&self) {
        let name = |suffix: &str| format!("{}_{suffix}", T::DTYPE);
        self.variable::<T>(&name("zeros"), &[2, 3], init::zeros());
        self.variable::<T>(&name("ones"), &[3], init::ones());
        self.variable::<T>(&name("constant"), &[], init::constant(7));
    }
}

fn variable_dtypes(g: &GraphBuilder) {
    let out = Outputs {
        graph: g,
        signature: g.signature("default"),
    };
    out.of::<f16>();
    out.of::<f32>();
    out.of::<f64>();
    out.of::<i32>();
    out.of::<i64>();
    out.variable::<f32>("zeros_999", &[999], init::zeros());
    out.variable::<f32>("zeros_1000", &[1000], init::zeros());
    out.variable::<f32>("ones_1000", &[10, 100], init::ones());
    out.variable::<f32>("constant_1000", &[1000], init::constant(0.5));
    out.variable::<bool>("bool_zeros", &[2], init::zeros());
    out.variable::<bool>("bool_ones", &[2], init::ones());
    out.variable::<bool>("bool_constant", &[], init::constant(true));
    out.variable::<ByteString>("string_constant", &[2], init::constant(["left", ""]));
    let default = g.get_variable::<i32>("int32_default").shape([2]);
    let default = default.trainable(false).finish();
    let value = g.named("read_int32_default", || identity(default));
    out.signature.output("int32_default", value);
}

fn variable_trainable(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let free = g.get_variable("free").shape([2]).trainable(true).finish();
    let fixed = g.get_variable("fixed").shape([2]).trainable(false).finish();
    let default = g.get_variable("default").shape([2]).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * free + fixed * default);
}

fn variable_reads(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let v = g.get_variable::<f32>("v").shape([2]).finish();
    let m = g.get_variable("m").shape([2, 2]).finish();
    g.signature("default")
        .input("x", x)
        .output("v_add_x", v + x)
        .output("x_add_v", x + v)
        .output("v_mul_v", v * v)
        .output("v_mul_constant", v * 2.0)
        .output("constant_mul_v", 2.0 * v)
        .output("v_sub_x", v - x)
        .output("x_div_v", x / v)
        .output("neg_v", -v)
        .output("matmul", math::matmul(x, m))
        .output("read_value", v.read_value())
        .output("identity", identity(v))
        .output("value", v.value())
        .output("named", g.named("named", || math::add(x, v)));
}

fn tf_variable(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let number = g.variable("Variable").initial_value(0.5f32).finish();
    let whole = g.variable("whole").initial_value(3).finish();
    let listed = g.variable("listed").initial_value([1.0f32, 2.0]).finish();
    let rows = array![[1.0f32, 2.0], [3.0, 4.0]];
    let array = g.variable("array").initial_value(rows).finish();
    let called = g
        .variable::<f32>("called")
        .initial_value_fn(|g| array::zeros(g, [2]))
        .finish();
    let drawn = g
        .variable::<f32>("drawn")
        .initial_value_fn(|g| {
            let options = random::UniformOptions::default()
                .minval(-1.0f32)
                .maxval(1.0);
            random::uniform(g, [2], options)
        })
        .finish();
    let filled = array::fill(g, [2], 1.5f32);
    let tensor = g.variable("tensor").initial_value(filled).finish();
    let (scoped, fixed) = g.name_scope("scope", || {
        let scoped = g.variable("scoped").initial_value([0.25f32, 0.75]).finish();
        let fixed = g.variable("Variable").initial_value([5.0f32, 6.0]);
        (scoped, fixed.trainable(false).finish())
    });
    let again = g.variable("listed").initial_value([7.0f32, 8.0]).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * number + listed)
        .output("whole", identity(whole))
        .output("array", math::reduce_sum(array, 0))
        .output("called", x + called)
        .output("drawn", x + drawn)
        .output("tensor", x + tensor)
        .output("scoped", x + scoped)
        .output("fixed", x + fixed)
        .output("again", x + again);
}

fn get_variable_initial_values(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let number = g.get_variable("number").initial_value(0.5f32).finish();
    let listed = g
        .get_variable("listed")
        .initial_value([1.0f32, 2.0])
        .finish();
    let array = g
        .get_variable("array")
        .initial_value(array![3.0f32, 4.0])
        .finish();
    let called = g
        .get_variable("called")
        .initial_value_fn(|g| array::ones(g, [2]))
        .finish();
    let filled = array::fill(g, [2], 1.5f32);
    let tensor = g.get_variable("tensor").initial_value(filled).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * number + listed + array + called + tensor);
}

fn applied_to_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let v = g.get_variable::<f32>("v").shape([3]).finish();
    let m = g.get_variable::<f32>("m").shape([3, 4]).finish();
    g.signature("default")
        .input("x", x)
        .output("sum", math::reduce_sum(v, Axes::ALL))
        .output(
            "sum_named",
            g.named("sum_named", || math::reduce_sum(v, Axes::ALL)),
        )
        .output("sum_keep", math::reduce_sum(m, Axes::ALL.keep_dims()))
        .output("mean_0", math::reduce_mean(v, 0))
        .output(
            "mean_keep",
            math::reduce_mean(m, Axes::from([1]).keep_dims()),
        )
        .output("softmax", nn::softmax(v, -1))
        .output("relu", nn::relu(v))
        .output("l2_loss", g.named("l2_loss", || nn::l2_loss(v)))
        .output("matmul", math::matmul(x, m))
        .output(
            "matmul_transposed",
            math::matmul(Transposed(m), Transposed(x)),
        )
        .output("bias_add", nn::bias_add(x, v, ()))
        .output("bias_add_to", nn::bias_add(m, [0.5f32, 1.0, 1.5, 2.0], ()))
        .output("square", math::square(v))
        .output("abs", math::abs(m))
        .output("reshape", array::reshape(m, [4, 3]))
        .output("cast", math::cast::<f64, _>(v))
        .output("shape", array::shape::<i32, _>(v))
        .output("subtract", math::subtract(v, 0.5))
        .output("add_n", math::add_n(g, [v.value(), v.value()]))
        .output(
            "with_default",
            g.named("with_default", || {
                g.placeholder_with_default(v, Shape::unknown())
            }),
        );
}
