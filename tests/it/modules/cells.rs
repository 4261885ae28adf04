//! Cells of recurrent networks, and what wraps them.

use tfhub::dtype::TensorType;
use tfhub::graph::{AnyTensor, Leaf, Structure};
use tfhub::ops::math::sigmoid;
use tfhub::ops::{array, nn};
use tfhub::rnn::{self, Cell, DropoutWrapperOptions, FusedOptions, LstmStateTuple};
use tfhub::variable::{EnterScope, Reuse};
use tfhub::{GraphBuilder, Shape, Tensor, init};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("rnn_basic_cells", rnn_basic_cells).seed(101),
        Module::new("rnn_basic_lstm_cells", rnn_basic_lstm_cells).seed(102),
        Module::new("rnn_concatenated_states", rnn_concatenated_states).seed(136),
        Module::new("rnn_lstm_cells", rnn_lstm_cells).seed(103),
        Module::new("rnn_gru_cells", rnn_gru_cells).seed(104),
        Module::new("rnn_layer_norm_cells", rnn_layer_norm_cells).seed(105),
        Module::new("rnn_layer_norm_options", rnn_layer_norm_options).seed(118),
        Module::new("rnn_block_cells", rnn_block_cells).seed(106),
        Module::new("rnn_fused_cells", rnn_fused_cells).seed(107),
        Module::new("rnn_multi_cells", rnn_multi_cells).seed(108),
        Module::new("rnn_multi_cells_in_lists", rnn_multi_cells_in_lists).seed(119),
        Module::new("rnn_multi_cells_nested", rnn_multi_cells_nested).seed(135),
        Module::new("rnn_dropout", rnn_dropout).seed(109),
        Module::new("rnn_dropout_in_layers", rnn_dropout_in_layers).seed(131),
        Module::new("rnn_dropout_variational", rnn_dropout_variational).seed(110),
        Module::new("rnn_wrappers", rnn_wrappers).seed(111),
    ]
}

/// The outputs of a signature, a name with a number for each tensor of a structure.
pub(super) struct Outputs<'g> {
    g: &'g GraphBuilder,
    signature: &'static str,
    inputs: Vec<(&'static str, AnyTensor<'g>)>,
    outputs: Vec<(String, AnyTensor<'g>)>,
}

impl<'g> Outputs<'g> {
    pub(super) fn of(g: &'g GraphBuilder) -> Self {
        Outputs {
            g,
            signature: "default",
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    pub(super) fn signature(self, signature: &'static str) -> Self {
        Outputs { signature, ..self }
    }

    pub(super) fn input<T: TensorType>(mut self, name: &'static str, input: Tensor<'g, T>) -> Self {
        self.inputs.push((name, input.any()));
        self
    }

    pub(super) fn output(mut self, name: &str, structure: impl Structure<'g>) -> Self {
        let mut leaves = Vec::new();
        structure.flatten_into(&mut leaves);
        for (at, leaf) in leaves.into_iter().enumerate() {
            let Leaf::Tensor(tensor) = leaf else {
                panic!("{name} has an operation");
            };
            self.outputs.push((format!("{name}{at}"), tensor));
        }
        self
    }

    pub(super) fn add(self) {
        let signature = self.g.signature(self.signature);
        let inputs = self.inputs.into_iter();
        let signature = inputs.fold(signature, |signature, (name, input)| {
            signature.input(name, input)
        });
        let outputs = self.outputs.into_iter();
        outputs.fold(signature, |signature, (name, output)| {
            signature.output(name, output)
        });
    }
}

pub(super) fn float<'g>(
    g: &'g GraphBuilder,
    name: &str,
    shape: impl Into<Shape>,
) -> Tensor<'g, f32> {
    g.named(name, || g.placeholder(shape))
}

pub(super) fn batch_of<'g>(x: Tensor<'g, f32>) -> Tensor<'g, i32> {
    array::shape::<i32, _>(x).slice(0)
}

pub(super) fn keep_placeholder(g: &GraphBuilder, keep: f32) -> Tensor<'_, f32> {
    let keep = || g.placeholder_with_default(keep, ());
    g.named("keep", keep)
}

fn rnn_basic_cells(g: &GraphBuilder) {
    let x = float(g, "x", (None, 3));
    let batch_size = batch_of(x);
    let cell = rnn::basic_rnn_cell(2);
    let (_, state) = cell.call(x, cell.zero_state(g, batch_size));
    let (a, _) = cell.call(x, state);
    let cell = rnn::basic_rnn_cell(2)
        .activation(nn::relu)
        .name("mine")
        .trainable(false);
    let (b, _) = cell.call(x, cell.zero_state(g, batch_size));
    let cell = rnn::basic_rnn_cell(2).reuse(Reuse::Auto);
    let (c, _) = cell.call(x, cell.zero_state(g, batch_size));
    let cell = rnn::basic_rnn_cell(2).reuse(Reuse::Yes).name("mine");
    let (d, _) = cell.call(x, cell.zero_state(g, batch_size));
    let outputs = Outputs::of(g).input("x", x);
    outputs
        .output("a", a)
        .output("b", b)
        .output("c", c)
        .output("d", d)
        .add();
}

fn rnn_basic_lstm_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::basic_lstm_cell(2);
    let (_, state) = cell.call(x, cell.zero_state(g, 2));
    let (a, state) = cell.call(x, state);
    let cell = rnn::basic_lstm_cell(3)
        .forget_bias(0.5)
        .activation(sigmoid)
        .name("lstm");
    let zeros = array::zeros(g, [2, 3]);
    let (b, _) = cell.call(
        x,
        LstmStateTuple {
            c: zeros,
            h: zeros + 1.0,
        },
    );
    let double = g.named("double", || g.placeholder::<f64>((2, 3)));
    let cell = rnn::basic_lstm_cell(2);
    let (c, _) = cell.call(double, cell.zero_state(g, 2));
    let outputs = Outputs::of(g).input("x", x).input("double", double);
    outputs
        .output("a", a)
        .output("state", state)
        .output("b", b)
        .output("c", c)
        .add();
}

fn rnn_concatenated_states(g: &GraphBuilder) {
    let (x, sequence) = (
        float(g, "x", (None, 3)),
        float(g, "sequence", (None, None, 3)),
    );
    let batch_size = batch_of(x);
    let cell = rnn::basic_lstm_cell(2).concatenated_state();
    let (_, state) = cell.call(x, cell.zero_state(g, batch_size));
    let (a, state) = cell.call(x, state);
    let cell = rnn::lstm_cell(3).num_proj(2).use_peepholes(true);
    let cell = cell.name("projected").concatenated_state();
    let (b, _) = cell.call(x, cell.zero_state(g, batch_size));
    let cells = (rnn::lstm_cell(2).concatenated_state(), rnn::gru_cell(2));
    let (c, last) = rnn::dynamic_rnn(rnn::multi_rnn_cell(cells), sequence, ());
    let outputs = Outputs::of(g).input("x", x).input("sequence", sequence);
    let outputs = outputs.output("a", a).output("state", state).output("b", b);
    outputs.output("c", c).output("last", last).add();
}

fn rnn_lstm_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::lstm_cell(2);
    let (a, _) = cell.call(x, cell.zero_state(g, 2));
    let cell = rnn::lstm_cell(3)
        .use_peepholes(true)
        .cell_clip(0.5)
        .initializer(init::random_uniform(-0.1, 0.1))
        .num_proj(2)
        .proj_clip(0.25)
        .forget_bias(0.0)
        .activation(nn::relu);
    let state = cell.zero_state(g, 2);
    let (_, state) = cell.call(x, state);
    let (b, state) = cell.call(x, state);
    let scope = EnterScope::new("scope").initializer(init::ones());
    let c = g.variable_scope(scope, |_| {
        let cell = rnn::lstm_cell(2)
            .use_peepholes(true)
            .num_proj(3)
            .name("projecting");
        cell.call(x, cell.zero_state(g, 2)).0
    });
    let outputs = Outputs::of(g).input("x", x);
    outputs
        .output("a", a)
        .output("b", b)
        .output("state", state)
        .output("c", c)
        .add();
}

fn rnn_gru_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::gru_cell(2);
    let (_, state) = cell.call(x, cell.zero_state(g, 2));
    let (a, _) = cell.call(x, state);
    // In Python, the state of the first step is not overwritten.
    let cell = rnn::gru_cell(2)
        .activation(nn::elu)
        .kernel_initializer(init::random_normal(0.0, 0.5))
        .bias_initializer(init::constant(0.25f32));
    let (b, _) = cell.call(x, state);
    let double = g.named("double", || g.placeholder::<f64>((2, 3)));
    let cell = rnn::gru_cell(2).name("double_cell");
    let (c, _) = cell.call(double, cell.zero_state(g, 2));
    let outputs = Outputs::of(g).input("x", x).input("double", double);
    outputs.output("a", a).output("b", b).output("c", c).add();
}

fn rnn_layer_norm_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::layer_norm_basic_lstm_cell(2);
    let (_, state) = g.variable_scope("a", |_| cell.call(x, cell.zero_state(g, 2)));
    let (a, state) = cell.call(x, state);
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_layer_norm_options(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::layer_norm_basic_lstm_cell(2)
        .forget_bias(0.5)
        .activation(sigmoid)
        .norm_gain(0.5)
        .norm_shift(0.125)
        .dropout_keep_prob(0.75)
        .dropout_prob_seed(7);
    let (b, state) = cell.call(x, cell.zero_state(g, 2));
    let keep = keep_placeholder(g, 1.0);
    let cell = rnn::layer_norm_basic_lstm_cell(2).layer_norm(false);
    let cell = cell.dropout_keep_prob(keep);
    let (c, _) = g.variable_scope("third", |_| cell.call(x, state));
    let outputs = Outputs::of(g).input("x", x).input("keep", keep);
    outputs.output("b", b).output("c", c).add();
}

fn rnn_block_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::lstm_block_cell(2);
    let (_, state) = cell.call(x, cell.zero_state(g, 2));
    let (a, state) = cell.call(x, state);
    let cell = rnn::lstm_block_cell(2)
        .forget_bias(0.5)
        .cell_clip(2.0)
        .use_peephole(true);
    let (b, _) = cell.name("peeping").call(x, state);
    let cell = rnn::gru_block_cell_v2(2);
    let (c, _) = cell.call(x, cell.zero_state(g, 2));
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("b", b).output("c", c).add();
}

fn rnn_fused_cells(g: &GraphBuilder) {
    let x = float(g, "x", (4, 2, 3));
    let any_size = float(g, "any_size", (None, None, 3));
    let lengths = g.named("lengths", || g.placeholder::<i32>((None,)));
    let a = rnn::lstm_block_fused_cell(2).call(x, ());
    let cell = rnn::lstm_block_fused_cell(2)
        .forget_bias(0.5)
        .cell_clip(1.0)
        .use_peephole(true);
    let b = cell.call(x, FusedOptions::default().sequence_length([1, 3]));
    let c = cell.call(any_size, FusedOptions::default().sequence_length(lengths));
    let d = cell.call(x, FusedOptions::default().initial_state(b.1));
    let outputs = Outputs::of(g).input("x", x).input("any_size", any_size);
    let outputs = outputs.input("lengths", lengths);
    outputs
        .output("a", a)
        .output("b", b)
        .output("c", c)
        .output("d", d)
        .add();
}

fn rnn_multi_cells(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cells = (
        rnn::basic_lstm_cell(2),
        rnn::gru_cell(3),
        rnn::basic_rnn_cell(2),
    );
    let cell = rnn::multi_rnn_cell(cells);
    let state = cell.zero_state(g, 2);
    let (_, state) = g.variable_scope("outer", |_| cell.call(x, state));
    let (_, state) = cell.call(x, state);
    let (a, state) = g.variable_scope("elsewhere", |_| cell.call(x, state));
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_multi_cells_in_lists(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let stack = rnn::multi_rnn_cell(vec![rnn::lstm_cell(2), rnn::lstm_cell(3)]);
    let (b, stack_state) = stack.call(x, stack.zero_state(g, 2));
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("b", b).output("stack", stack_state).add();
}

fn rnn_multi_cells_nested(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let inner = rnn::multi_rnn_cell([rnn::gru_cell(2), rnn::gru_cell(2)]);
    let nested = rnn::multi_rnn_cell((inner, rnn::gru_cell(2)));
    let (c, _) = nested.call(x, nested.zero_state(g, 2));
    Outputs::of(g).input("x", x).output("c", c).add();
}

fn rnn_dropout(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let keep = keep_placeholder(g, 0.5);
    let options = DropoutWrapperOptions::default()
        .input_keep_prob(0.9)
        .output_keep_prob(keep)
        .state_keep_prob(0.5)
        .seed(7);
    let cell = rnn::dropout_wrapper(g, rnn::basic_lstm_cell(2), options);
    let (a, state) = cell.call(x, cell.zero_state(g, 2));
    let outputs = Outputs::of(g).input("x", x).input("keep", keep);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_dropout_in_layers(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let options = DropoutWrapperOptions::default().state_keep_prob(0.75);
    let options = options.input_keep_prob(g.constant(0.5f32));
    let cell = rnn::dropout_wrapper(g, rnn::gru_cell(2), options);
    let (b, gru) = cell.call(x, cell.zero_state(g, 2));
    let layers = [(); 2].map(|()| {
        let options = DropoutWrapperOptions::default().output_keep_prob(0.5);
        rnn::dropout_wrapper(g, rnn::lstm_cell(2), options)
    });
    let options = DropoutWrapperOptions::default()
        .state_keep_prob(0.5)
        .seed(3);
    let cell = rnn::dropout_wrapper(g, rnn::multi_rnn_cell(layers), options);
    let (c, states) = cell.call(x, cell.zero_state(g, 2));
    let outputs = Outputs::of(g)
        .input("x", x)
        .output("b", b)
        .output("gru", gru);
    outputs.output("c", c).output("states", states).add();
}

fn rnn_dropout_variational(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let keep = keep_placeholder(g, 0.5);
    let options = DropoutWrapperOptions::default()
        .input_keep_prob(0.9)
        .output_keep_prob(keep)
        .state_keep_prob(0.5)
        .variational_recurrent(true)
        .input_size(3)
        .seed(7);
    let cell = rnn::dropout_wrapper(g, rnn::basic_lstm_cell(2), options);
    let (outputs, state) = rnn::static_rnn(g, cell, &[x, x + 1.0], ());
    let options = DropoutWrapperOptions::default().output_keep_prob(0.75);
    let cell = rnn::dropout_wrapper(g, rnn::gru_cell(2), options.variational_recurrent(true));
    let (b, _) = cell.call(x, cell.zero_state(g, 2));
    let all = Outputs::of(g).input("x", x).input("keep", keep);
    all.output("outputs", outputs)
        .output("state", state)
        .output("b", b)
        .add();
}

fn rnn_wrappers(g: &GraphBuilder) {
    let x = float(g, "x", (2, 2));
    let cell = rnn::residual_wrapper(rnn::gru_cell(2));
    let (a, state) = cell.call(x, cell.zero_state(g, 2));
    let cell = rnn::residual_wrapper(rnn::basic_rnn_cell(2));
    let cell = cell.residual_fn(|inputs, outputs| outputs - inputs * 0.5);
    let (b, _) = cell.call(x, state);
    let layers = (
        rnn::device_wrapper(rnn::lstm_cell(2), "/cpu:0"),
        rnn::gru_cell(2),
    );
    let network = || rnn::static_rnn(g, rnn::multi_rnn_cell(layers), &[x, x], ());
    let (c, states) = g.device("/device:CPU:0", network);
    let outputs = Outputs::of(g).input("x", x).output("a", a).output("b", b);
    outputs.output("c", c).output("states", states).add();
}
