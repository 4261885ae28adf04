//! Initializers of variables, all drawn from fixed seeds.

use half::f16;
use tfhub::dtype::ByteString;
use tfhub::init::{self, Distribution, FanMode, Initializer};
use tfhub::module::SignatureBuilder;
use tfhub::ndarray::{ArrayD, array};
use tfhub::ops::types::{Float, Numeric};
use tfhub::session::VariableDescription;
use tfhub::variable::{EnterScope, Partitioner};
use tfhub::{DType, Element, GraphBuilder, Result, Session, ops};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("init_constant", init_constant).seed(21),
        Module::new("init_random_uniform", init_random_uniform).seed(22),
        Module::new("init_random_normal", init_random_normal).seed(23),
        Module::new("init_truncated_normal", init_truncated_normal).seed(24),
        Module::new("init_glorot", init_glorot).seed(25),
        Module::new("init_he", init_he).seed(26),
        Module::new("init_lecun", init_lecun).seed(27),
        Module::new("init_variance_scaling", init_variance_scaling).seed(28),
        Module::new("init_default", init_default).seed(29),
        Module::new("init_constant_arrays", init_constant_arrays).seed(30),
        Module::new("init_orthogonal", init_orthogonal)
            .seed(31)
            .values(assign_ones),
        Module::new("init_delta_orthogonal", init_delta_orthogonal)
            .seed(32)
            .values(assign_ones),
        Module::new(
            "init_convolutional_orthogonal",
            init_convolutional_orthogonal,
        )
        .seed(33)
        .values(assign_ones),
        Module::new("init_function_of_parts", init_function_of_parts).seed(34),
    ]
}

/// Makes variables and exports the value of each under the variable's name.
#[derive(Clone, Copy)]
struct Outputs<'g> {
    graph: &'g GraphBuilder,
    signature: SignatureBuilder<'g>,
}

impl<'g> Outputs<'g> {
    fn new(graph: &'g GraphBuilder) -> Self {
        Outputs {
            graph,
            signature: graph.signature("default"),
        }
    }

    fn variable<T: Element>(
        &self,
        name: &str,
        shape: &[usize],
        initializer: impl Into<Option<Initializer>>,
    ) {
        let g = self.graph;
        let variable = g.get_variable::<T>(name).shape(shape);
        let variable = match initializer.into() {
            Some(initializer) => variable.initializer(initializer).finish(),
            None => variable.finish(),
        };
        let value = g.named(&format!("read_{name}"), || ops::array::identity(variable));
        self.signature.output(name, value);
    }

    /// A variable named after its dtype.
    fn of<T: Element>(
        &self,
        suffix: &str,
        shape: &[usize],
        initializer: impl Into<Option<Initializer>>,
    ) {
        self.variable::<T>(&format!("{}_{suffix}", T::DTYPE), shape, initializer);
    }
}

fn init_constant(g: &GraphBuilder) {
    fn constants<T: Element>(out: Outputs<'_>) {
        out.of::<T>("zeros", &[2, 2], init::zeros());
        out.of::<T>("ones", &[2, 2], init::ones());
        out.of::<T>("scalar", &[2, 2], init::constant(3));
        out.of::<T>("list", &[2, 2], init::constant([1, 2, 3, 4]));
        out.of::<T>("short", &[5], init::constant([1, 2]));
        out.of::<T>("rank0", &[], init::constant(5));
    }
    let out = Outputs::new(g);
    constants::<f16>(out);
    constants::<f32>(out);
    constants::<f64>(out);
    constants::<i32>(out);
    let rows = array![[0.5, 1.0, 1.5], [2.0, 2.5, 3.0]];
    out.variable::<f32>("array", &[2, 3], init::constant(rows));
    out.variable::<f32>("fraction", &[3], init::constant(0.1));
    out.variable::<f64>("fraction64", &[3], init::constant(0.1));
}

fn init_random_uniform(g: &GraphBuilder) {
    fn floats<T: Element>(out: Outputs<'_>) {
        out.of::<T>("plain", &[3, 5], init::random_uniform(-0.5, 2.0));
        out.of::<T>("seed", &[7], init::random_uniform(-1.0, 1.0).seed(99));
    }
    fn integers<T: Element>(out: Outputs<'_>) {
        out.of::<T>("plain", &[3, 3], init::random_uniform(-5.0, 100.0));
        out.of::<T>("seed", &[5], init::random_uniform(0.0, 1000.0).seed(98));
    }
    let out = Outputs::new(g);
    floats::<f16>(out);
    floats::<f32>(out);
    floats::<f64>(out);
    integers::<i32>(out);
    integers::<i64>(out);
    out.variable::<f32>("rank0", &[], init::random_uniform(0.0, 1.0));
    out.variable::<f32>("defaults", &[6], init::random_uniform(0.0, 1.0));
    out.variable::<f32>("empty", &[0, 3], init::random_uniform(0.0, 1.0));
}

fn init_random_normal(g: &GraphBuilder) {
    fn floats<T: Element>(out: Outputs<'_>) {
        out.of::<T>("plain", &[3, 5], init::random_normal(1.0, 0.5));
        out.of::<T>("seed", &[7], init::random_normal(0.0, 2.0).seed(99));
    }
    let out = Outputs::new(g);
    floats::<f16>(out);
    floats::<f32>(out);
    floats::<f64>(out);
    out.variable::<f32>("rank0", &[], init::random_normal(0.0, 1.0));
}

fn init_truncated_normal(g: &GraphBuilder) {
    fn floats<T: Element>(out: Outputs<'_>) {
        out.of::<T>("plain", &[3, 5], init::truncated_normal(1.0, 0.5));
        out.of::<T>("seed", &[7], init::truncated_normal(0.0, 2.0).seed(99));
    }
    let out = Outputs::new(g);
    floats::<f16>(out);
    floats::<f32>(out);
    floats::<f64>(out);
    out.variable::<f32>("rank0", &[], init::truncated_normal(0.0, 1.0));
}

fn init_glorot(g: &GraphBuilder) {
    fn of_each_rank<T: Float>(out: Outputs<'_>) {
        let initializers = [
            ("uniform", init::glorot_uniform()),
            ("normal", init::glorot_normal()),
        ];
        for (label, initializer) in initializers {
            for shape in [&[][..], &[5], &[3, 4], &[2, 2, 3, 2]] {
                let name = format!("{label}_{}_rank{}", T::DTYPE, shape.len());
                out.variable::<T>(&name, shape, initializer.clone());
            }
        }
    }
    let out = Outputs::new(g);
    of_each_rank::<f32>(out);
    of_each_rank::<f64>(out);
    out.variable::<f32>("uniform_seed", &[3, 2], init::glorot_uniform().seed(97));
    out.variable::<f32>("normal_seed", &[3, 2], init::glorot_normal().seed(96));
    out.variable::<f32>("default", &[2, 3], None);
    out.variable::<f64>("default64", &[2, 3], None);
}

fn init_he(g: &GraphBuilder) {
    let out = Outputs::new(g);
    out.variable::<f32>("uniform", &[3, 4], init::he_uniform());
    out.variable::<f32>("normal", &[3, 4], init::he_normal());
    out.variable::<f32>("uniform_seed", &[2, 2, 3, 2], init::he_uniform().seed(95));
    out.variable::<f32>("normal_seed", &[2, 2, 3, 2], init::he_normal().seed(94));
    out.variable::<f64>("uniform64", &[5], init::he_uniform());
    out.variable::<f64>("normal64", &[5], init::he_normal());
}

fn init_lecun(g: &GraphBuilder) {
    let out = Outputs::new(g);
    out.variable::<f32>("uniform", &[3, 4], init::lecun_uniform());
    out.variable::<f32>("normal", &[3, 4], init::lecun_normal());
    out.variable::<f32>(
        "uniform_seed",
        &[2, 2, 3, 2],
        init::lecun_uniform().seed(93),
    );
    out.variable::<f32>("normal_seed", &[2, 2, 3, 2], init::lecun_normal().seed(92));
    out.variable::<f64>("uniform64", &[5], init::lecun_uniform());
    out.variable::<f64>("normal64", &[5], init::lecun_normal());
}

fn init_variance_scaling(g: &GraphBuilder) {
    let modes = [
        ("fan_in", FanMode::FanIn),
        ("fan_out", FanMode::FanOut),
        ("fan_avg", FanMode::FanAvg),
    ];
    let distributions = [
        ("normal", Distribution::TruncatedNormal),
        ("truncated_normal", Distribution::TruncatedNormal),
        ("untruncated_normal", Distribution::UntruncatedNormal),
        ("uniform", Distribution::Uniform),
    ];
    let out = Outputs::new(g);
    for (mode_name, mode) in modes {
        for (distribution_name, distribution) in distributions {
            let name = format!("{mode_name}_{distribution_name}");
            out.variable::<f32>(
                &name,
                &[3, 4],
                init::variance_scaling(1.5, mode, distribution),
            );
        }
    }
    let defaults = init::variance_scaling(1.0, FanMode::FanIn, Distribution::TruncatedNormal);
    out.variable::<f32>("defaults", &[4, 2], defaults.clone());
    out.variable::<f32>("seed", &[4, 2], defaults.clone().seed(91));
    out.variable::<f64>("double", &[4, 2], defaults);
}

fn init_default(g: &GraphBuilder) {
    fn floats<T: Float>(out: Outputs<'_>) {
        out.of::<T>("default", &[2, 3], None);
        out.of::<T>("default_rank0", &[], None);
    }
    let out = Outputs::new(g);
    floats::<f16>(out);
    floats::<f32>(out);
    floats::<f64>(out);
    out.of::<i32>("default", &[2], None);
    out.of::<i64>("default", &[2], None);
    out.of::<u8>("default", &[2], None);
    out.of::<bool>("default", &[2], None);
    out.of::<ByteString>("default", &[2], None);
    let doubles = EnterScope::new("doubles").initializer(init::random_normal(0.5, 0.25));
    g.variable_scope(doubles, |_| {
        out.variable::<f64>("scope_normal", &[3], None);
        out.variable::<f64>("own_zeros", &[2], init::zeros());
        g.variable_scope("inner", |_| {
            out.variable::<f16>("inherited_normal", &[3], None);
        });
    });
    let whole = EnterScope::new("whole").initializer(init::constant(7));
    g.variable_scope(whole, |_| {
        out.variable::<i32>("scope_constant", &[2], None);
        out.variable::<f64>("scope_constant_double", &[2], None);
    });
    let ones = EnterScope::new("ones").initializer(init::ones());
    g.variable_scope(ones, |_| {
        out.variable::<i64>("scope_ones", &[2], None);
        out.variable::<bool>("scope_flag", &[2], None);
    });
}

fn init_constant_arrays(g: &GraphBuilder) {
    fn arrays<T: Element>(out: Outputs<'_>) {
        fn of<T: Element, N: Element>(out: Outputs<'_>, numbers: [N; 3]) {
            let name = format!("of_{}", N::DTYPE);
            out.of::<T>(&name, &[3], init::constant(numbers));
        }
        of::<T, f64>(out, [0.0, 1.0, 1.0]);
        of::<T, f32>(out, [0.0, 1.0, 1.0]);
        of::<T, i64>(out, [0, 1, 1]);
        of::<T, i32>(out, [0, 1, 1]);
        of::<T, u8>(out, [0, 1, 1]);
        of::<T, bool>(out, [false, true, true]);
    }
    let out = Outputs::new(g);
    arrays::<f16>(out);
    arrays::<f32>(out);
    arrays::<f64>(out);
    arrays::<i32>(out);
    arrays::<i64>(out);
    arrays::<u8>(out);
    arrays::<bool>(out);
    out.variable::<i32>("truncated", &[2], init::constant([1.75, -1.75]));
    out.variable::<f16>("rounded", &[2], init::constant([0.1, 1e-8]));
    let verified = init::constant([[1], [2]]).verify_shape(true);
    out.variable::<f32>("verified", &[2, 1], verified);
    out.variable::<f32>("empty", &[0, 2], init::constant(Vec::<f64>::new()));
}

fn assign_ones(session: &mut Session) -> Result<()> {
    let variables: Vec<_> = session.variables().collect();
    for VariableDescription {
        name, dtype, shape, ..
    } in variables
    {
        let shape = shape.to_static().unwrap();
        match dtype {
            DType::Float64 => session.assign(&name, ArrayD::<f64>::ones(shape))?,
            _ => session.assign(&name, ArrayD::<f32>::ones(shape))?,
        }
    }
    Ok(())
}

fn init_orthogonal(g: &GraphBuilder) {
    let out = Outputs::new(g);
    out.variable::<f32>("wide", &[2, 3], init::orthogonal(1.0));
    out.variable::<f32>("tall", &[3, 2], init::orthogonal(1.0));
    out.variable::<f32>("square", &[3, 3], init::orthogonal(1.0));
    out.variable::<f32>("deep", &[2, 2, 3], init::orthogonal(1.0));
    out.variable::<f64>("double", &[2, 2], init::orthogonal(0.5));
    out.variable::<f32>("seed", &[3, 2], init::orthogonal(2.0).seed(90));
}

fn init_delta_orthogonal(g: &GraphBuilder) {
    let make = init::convolutional_delta_orthogonal;
    let out = Outputs::new(g);
    out.variable::<f32>("one", &[3, 2, 2], make(1.5).seed(89));
    out.variable::<f32>("two", &[3, 4, 1, 2], make(1.0));
    out.variable::<f32>("three", &[3, 4, 5, 1, 2], make(1.0).seed(88));
    out.variable::<f64>("double", &[2, 1, 2], make(0.1));
}

fn init_convolutional_orthogonal(g: &GraphBuilder) {
    let one = init::convolutional_orthogonal_1d;
    let two = init::convolutional_orthogonal_2d;
    let three = init::convolutional_orthogonal_3d;
    let out = Outputs::new(g);
    let seeded = one(1.5).seed(87);
    out.variable::<f32>("one", &[3, 2, 2], seeded.clone());
    out.variable::<f32>("one_again", &[2, 1, 2], seeded);
    out.variable::<f32>("one_point", &[1, 1, 2], one(1.0));
    out.variable::<f64>("double", &[2, 1, 2], one(1.0));
    out.variable::<f32>("two", &[3, 3, 1, 2], two(0.5));
    out.variable::<f32>("two_point", &[1, 1, 2, 2], two(1.0).seed(86));
    out.variable::<f32>("three", &[2, 2, 2, 1, 2], three(1.0).seed(85));
    out.variable::<f32>("three_point", &[1, 1, 1, 1, 2], three(1.0));
}

fn init_function_of_parts(g: &GraphBuilder) {
    fn parts<'g, T: Numeric>(g: &'g GraphBuilder, out: Outputs<'g>) {
        let rows = Initializer::from_partition_fn(|g, shape, _, partition| {
            let start = partition.map_or(0, |partition| partition.offset()[0]);
            let shape: Vec<_> = shape.iter().map(|&size| size as i64).collect();
            let filled = ops::array::fill(g, shape, start as i32);
            ops::math::cast::<T, _>(filled).any()
        });
        out.of::<T>("whole", &[3], rows.clone());
        let name = format!("{}_parts", T::DTYPE);
        let halves = Partitioner::fixed_size(2);
        let value = g.get_variable::<T>(&name).shape([3, 2]);
        let value = value.initializer(rows).partitioner(halves).finish();
        let read = format!("read_parts_{}", T::DTYPE);
        let value = g.named(&read, || ops::array::identity(value));
        out.signature.output(&name, value);
    }
    let out = Outputs::new(g);
    parts::<f32>(g, out);
    parts::<i32>(g, out);
    let text = g.get_variable::<ByteString>("text").shape([3]);
    let text = text.initializer(init::constant("a"));
    let text = text.partitioner(Partitioner::fixed_size(2)).finish();
    let read = g.named("read_text", || ops::array::identity(text));
    out.signature.output("text", read);
}
