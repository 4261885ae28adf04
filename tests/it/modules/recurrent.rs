//! Recurrent networks, unrolled and in loops.

use tfhub::control_flow::TensorArray;
use tfhub::ops::array;
use tfhub::ops::math::{self, Axes};
use tfhub::regularizer::contrib;
use tfhub::rnn::{
    self, BidirectionalDynamicRnnOptions, Cell, DropoutWrapperOptions, DynamicRnnOptions,
    LstmStateTuple, RawNext, RawRnnOptions, RawStep, StaticBidirectionalRnnOptions,
    StaticRnnOptions,
};
use tfhub::variable::{EnterScope, Reuse};
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::Module;
use super::cells::{Outputs, batch_of, float, keep_placeholder};

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("rnn_static", rnn_static).seed(112),
        Module::new("rnn_static_shared", rnn_static_shared).seed(113),
        Module::new("rnn_static_multi", rnn_static_multi).seed(114),
        Module::new("rnn_static_layer_norm", rnn_static_layer_norm).seed(132),
        Module::new("rnn_static_lengths", rnn_static_lengths).seed(115),
        Module::new("rnn_static_lengths_listed", rnn_static_lengths_listed).seed(133),
        Module::new("rnn_static_bidirectional", rnn_static_bidirectional).seed(116),
        Module::new(
            "rnn_static_bidirectional_lengths",
            rnn_static_bidirectional_lengths,
        )
        .seed(134),
        Module::new("rnn_static_in_contexts", rnn_static_in_contexts).seed(117),
        Module::new("rnn_dynamic", rnn_dynamic).seed(120),
        Module::new("rnn_dynamic_lengths", rnn_dynamic_lengths).seed(121),
        Module::new("rnn_dynamic_time_major", rnn_dynamic_time_major).seed(122),
        Module::new("rnn_dynamic_multi", rnn_dynamic_multi).seed(123),
        Module::new("rnn_dynamic_dropout", rnn_dynamic_dropout).seed(124),
        Module::new("rnn_dynamic_residual", rnn_dynamic_residual).seed(136),
        Module::new("rnn_dynamic_in_conditionals", rnn_dynamic_in_conditionals).seed(125),
        Module::new("rnn_dynamic_in_loops", rnn_dynamic_in_loops).seed(137),
        Module::new("rnn_dynamic_shared", rnn_dynamic_shared).seed(126),
        Module::new("rnn_dynamic_reused", rnn_dynamic_reused).seed(138),
        Module::new("rnn_dynamic_double", rnn_dynamic_double).seed(139),
        Module::new("rnn_bidirectional", rnn_bidirectional).seed(127),
        Module::new("rnn_bidirectional_lengths", rnn_bidirectional_lengths).seed(140),
        Module::new("rnn_bidirectional_time_major", rnn_bidirectional_time_major).seed(128),
        Module::new("rnn_raw", rnn_raw).seed(129),
        Module::new("rnn_raw_loop_state", rnn_raw_loop_state).seed(130),
    ]
}

fn rnn_static(g: &GraphBuilder) {
    let x = float(g, "x", (None, 3));
    let steps = [x, x * 2.0, x + 1.0];
    let (a, state) = rnn::static_rnn(g, rnn::basic_lstm_cell(2), &steps, ());
    let options = StaticRnnOptions::default()
        .initial_state(state.h)
        .scope("second");
    let (b, b_state) = rnn::static_rnn(g, rnn::gru_cell(2), &steps, options);
    let scope = EnterScope::new("third").initializer(init::constant(0.5f32));
    let scope = g.variable_scope(scope, |scope| scope.clone());
    let options = StaticRnnOptions::default().scope(&scope);
    let (c, _) = rnn::static_rnn(g, rnn::basic_rnn_cell(2), &steps, options);
    let outputs = Outputs::of(g)
        .input("x", x)
        .output("a", a)
        .output("state", state);
    outputs
        .output("b", b)
        .output("b_state", b_state)
        .output("c", c)
        .add();
}

fn rnn_static_shared(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::gru_cell(2);
    let (a, state) = rnn::static_rnn(g, &cell, &[x, x], ());
    let (b, state) = cell.call(x, state);
    let from = |state| StaticRnnOptions::default().initial_state(state);
    let (c, _) = rnn::static_rnn(g, &cell, &[x], from(state));
    let before = rnn::basic_rnn_cell(2).name("before");
    let (_, state) = before.call(x, state);
    let (d, _) = rnn::static_rnn(g, &before, &[x], from(state));
    let again = EnterScope::new("rnn").reuse(Reuse::Yes);
    let bias: Variable<'_, f32> = g.variable_scope(again, |_| {
        g.get_variable("gru_cell/candidate/bias")
            .shape([2])
            .finish()
    });
    let twice = bias * 2.0;
    let change = bias.assign_add([0.0, 0.0]).value();
    let outputs = Outputs::of(g)
        .input("x", x)
        .output("a", a)
        .output("b", b)
        .output("c", c);
    outputs
        .output("d", d)
        .output("twice", twice)
        .output("change", change)
        .add();
}

fn rnn_static_multi(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::multi_rnn_cell((rnn::gru_cell(2), rnn::lstm_block_cell(3)));
    let (outputs, state) = rnn::static_rnn(g, cell, &[x, x], ());
    let all = Outputs::of(g).input("x", x);
    all.output("outputs", outputs).output("state", state).add();
}

fn rnn_static_layer_norm(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::layer_norm_basic_lstm_cell(2);
    let (outputs, state) = rnn::static_rnn(g, cell, &[x, x], ());
    let all = Outputs::of(g).input("x", x);
    all.output("outputs", outputs).output("state", state).add();
}

fn rnn_static_lengths(g: &GraphBuilder) {
    let x = float(g, "x", (None, 3));
    let lengths = g.named("lengths", || g.placeholder::<i64>((None,)));
    let options = StaticRnnOptions::default().sequence_length(lengths);
    let (a, state) = rnn::static_rnn(g, rnn::basic_lstm_cell(2), &[x, x * 2.0], options);
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_static_lengths_listed(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let cell = rnn::multi_rnn_cell([rnn::basic_rnn_cell(2), rnn::basic_rnn_cell(2)]);
    let options = StaticRnnOptions::default().sequence_length([1, 2]);
    let (a, state) = rnn::static_rnn(g, cell, &[x, x], options.scope("listed"));
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_static_bidirectional(g: &GraphBuilder) {
    let x = float(g, "x", (None, 3));
    let steps = [x, x * 2.0];
    let (forward, backward) = (rnn::gru_cell(2), rnn::basic_lstm_cell(3));
    let a = rnn::static_bidirectional_rnn(g, &forward, &backward, &steps, ());
    let options = StaticBidirectionalRnnOptions::default()
        .initial_state_fw(a.1)
        .initial_state_bw(a.2)
        .scope("again");
    let b = rnn::static_bidirectional_rnn(g, &forward, &backward, &steps, options);
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("b", b).add();
}

fn rnn_static_bidirectional_lengths(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let lengths = g.named("lengths", || g.placeholder::<i32>((2,)));
    let (forward, backward) = (rnn::basic_rnn_cell(2), rnn::basic_rnn_cell(3));
    let options = StaticBidirectionalRnnOptions::default().sequence_length(lengths);
    let a = rnn::static_bidirectional_rnn(g, forward, backward, &[x], options);
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs.output("a", a).add();
}

fn rnn_static_in_contexts(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let network = || {
        let (outputs, state) = rnn::static_rnn(g, rnn::basic_lstm_cell(2), &[x, x], ());
        (outputs[1], state.c)
    };
    let others = || (array::zeros(g, [2, 2]), array::ones(g, [2, 2]));
    let a = g.cond(flag, network, others);
    let scope = EnterScope::new("regular").regularizer(contrib::l2(0.1));
    let network = |_: &_| rnn::static_rnn(g, rnn::gru_cell(2), &[x], ());
    let (b, _) = g.name_scope("names", || g.variable_scope(scope, network));
    let options = StaticRnnOptions::default().scope("on_cpu");
    let network = || rnn::static_rnn(g, rnn::basic_rnn_cell(2), &[x], options);
    let (c, _) = g.device("/cpu:0", network);
    let outputs = Outputs::of(g).input("x", x).input("flag", flag);
    outputs.output("a", a).output("b", b).output("c", c).add();
}

fn rnn_dynamic(g: &GraphBuilder) {
    let x = float(g, "x", (None, None, 3));
    let (a, state) = rnn::dynamic_rnn(rnn::basic_lstm_cell(2), x, ());
    let options = DynamicRnnOptions::default()
        .initial_state(state.h)
        .scope("second")
        .parallel_iterations(4)
        .swap_memory(true);
    let (b, b_state) = rnn::dynamic_rnn(rnn::gru_cell(2), x, options);
    let outputs = Outputs::of(g)
        .input("x", x)
        .output("a", a)
        .output("state", state);
    outputs.output("b", b).output("b_state", b_state).add();
}

fn rnn_dynamic_lengths(g: &GraphBuilder) {
    let x = float(g, "x", (None, None, 3));
    let lengths = g.named("lengths", || g.placeholder::<i64>((None,)));
    let options = DynamicRnnOptions::default().sequence_length(lengths);
    let (a, state) = rnn::dynamic_rnn(rnn::lstm_cell(2), x, options);
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs.output("a", a).output("state", state).add();
    let y = float(g, "y", (2, 3, 3));
    let options = DynamicRnnOptions::default()
        .sequence_length([1, 3])
        .scope("listed");
    let (b, state) = rnn::dynamic_rnn(rnn::basic_rnn_cell(2), y, options);
    let outputs = Outputs::of(g).signature("listed").input("y", y);
    outputs.output("b", b).output("state", state).add();
}

fn rnn_dynamic_time_major(g: &GraphBuilder) {
    let x = float(g, "x", (4, 2, 3));
    let lengths = g.named("lengths", || g.placeholder::<i32>((2,)));
    let cell = rnn::basic_lstm_cell(2);
    let options = DynamicRnnOptions::default().time_major(true);
    let (a, state) = rnn::dynamic_rnn(&cell, x, options);
    let options = DynamicRnnOptions::default()
        .sequence_length(lengths)
        .initial_state(state)
        .time_major(true)
        .scope("again");
    let (b, state) = rnn::dynamic_rnn(&cell, x, options);
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs
        .output("a", a)
        .output("b", b)
        .output("state", state)
        .add();
}

fn rnn_dynamic_multi(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3, 3));
    let cell = rnn::multi_rnn_cell((rnn::basic_rnn_cell(2), rnn::lstm_block_cell(2)));
    let (a, state) = rnn::dynamic_rnn(cell, x, ());
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_dynamic_dropout(g: &GraphBuilder) {
    let x = float(g, "x", (2, None, 2));
    let keep = keep_placeholder(g, 0.5);
    let options = DropoutWrapperOptions::default()
        .input_keep_prob(keep)
        .output_keep_prob(0.75)
        .variational_recurrent(true)
        .input_size(2)
        .seed(5);
    let cell = rnn::dropout_wrapper(g, rnn::basic_rnn_cell(2), options);
    let (a, state) = rnn::dynamic_rnn(cell, x, ());
    let outputs = Outputs::of(g).input("x", x).input("keep", keep);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_dynamic_residual(g: &GraphBuilder) {
    let x = float(g, "x", (2, None, 2));
    let options = DropoutWrapperOptions::default().state_keep_prob(0.5);
    let cell = rnn::dropout_wrapper(g, rnn::basic_lstm_cell(2), options);
    let options = DynamicRnnOptions::default().sequence_length([2, 1]);
    let cell = rnn::residual_wrapper(cell);
    let (a, _) = rnn::dynamic_rnn(cell, x, options.scope("residual"));
    Outputs::of(g).input("x", x).output("a", a).add();
}

fn rnn_dynamic_in_conditionals(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3, 2));
    let flag = g.named("flag", || g.placeholder::<bool>(()));
    let network = || {
        let (outputs, state) = rnn::dynamic_rnn(rnn::basic_lstm_cell(2), x, ());
        (outputs, state.c)
    };
    let others = || (array::zeros(g, [2, 3, 2]), array::ones(g, [2, 2]));
    let a = g.cond(flag, network, others);
    let outputs = Outputs::of(g).input("x", x).input("flag", flag);
    outputs.output("a", a).add();
}

fn rnn_dynamic_in_loops(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3, 2));
    let cell = rnn::basic_rnn_cell(2);
    let network = |y| g.variable_scope("loop", |_| rnn::dynamic_rnn(&cell, y, ()).0);
    let (_, a) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 2),
        |(i, y)| {
            let y = network(y);
            (i + 1, y)
        },
        (),
    );
    let options = DynamicRnnOptions::default().scope("on_cpu");
    let network = || rnn::dynamic_rnn(&cell, x, options);
    let (b, _) = g.device("/cpu:0", network);
    Outputs::of(g)
        .input("x", x)
        .output("a", a)
        .output("b", b)
        .add();
}

fn rnn_dynamic_shared(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3, 2));
    let cell = rnn::gru_cell(2);
    let state = cell.zero_state(g, 2);
    let (_, state) = cell.call(x.slice((.., 0)), state);
    let options = DynamicRnnOptions::default().initial_state(state);
    let (a, state) = rnn::dynamic_rnn(&cell, x, options);
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_dynamic_reused(g: &GraphBuilder) {
    let x = float(g, "x", (2, 3, 2));
    let network = |_: &_| rnn::dynamic_rnn(rnn::basic_rnn_cell(2).name("cell"), x, ());
    let (a, _) = g.variable_scope("shared", network);
    let again = EnterScope::new("shared").reuse(Reuse::Yes);
    let (b, _) = g.variable_scope(again, |_| {
        let cell = rnn::basic_rnn_cell(2).name("cell").reuse(Reuse::Yes);
        rnn::dynamic_rnn(cell, x + 1.0, ())
    });
    Outputs::of(g)
        .input("x", x)
        .output("a", a)
        .output("b", b)
        .add();
}

fn rnn_dynamic_double(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f64>((2, 3, 2)));
    let cell = rnn::lstm_cell(2).num_proj(1).use_peepholes(true);
    let options = DynamicRnnOptions::default().scope("double_rnn");
    let (a, _) = rnn::dynamic_rnn(cell, x, options);
    Outputs::of(g).input("x", x).output("a", a).add();
}

fn rnn_bidirectional(g: &GraphBuilder) {
    let x = float(g, "x", (2, None, 3));
    let (forward, backward) = (rnn::basic_rnn_cell(2), rnn::basic_rnn_cell(3));
    let (a, state) = rnn::bidirectional_dynamic_rnn(forward, backward, x, ());
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_bidirectional_lengths(g: &GraphBuilder) {
    let x = float(g, "x", (2, 2, 3));
    let lengths = g.named("lengths", || g.placeholder::<i32>((2,)));
    let (forward, backward) = (rnn::basic_rnn_cell(2), rnn::basic_rnn_cell(2));
    let options = BidirectionalDynamicRnnOptions::default()
        .sequence_length(lengths)
        .initial_state_fw(array::ones(g, [2, 2]))
        .scope("lengths");
    let (a, state) = rnn::bidirectional_dynamic_rnn(forward, backward, x, options);
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_bidirectional_time_major(g: &GraphBuilder) {
    let x = float(g, "x", (3, 2, 2));
    let (forward, backward) = (rnn::basic_rnn_cell(2), rnn::basic_rnn_cell(2));
    let options = BidirectionalDynamicRnnOptions::default()
        .time_major(true)
        .parallel_iterations(1)
        .swap_memory(true);
    let backward = backward.name("backward");
    let (a, state) = rnn::bidirectional_dynamic_rnn(forward, backward, x, options);
    let outputs = Outputs::of(g).input("x", x);
    outputs.output("a", a).output("state", state).add();
}

fn rnn_raw<'g>(g: &'g GraphBuilder) {
    let x = float(g, "x", (None, None, 3));
    let lengths = g.named("lengths", || g.placeholder::<i32>((None,)));
    let cell = rnn::lstm_cell(2);
    let batch_size = batch_of(x);
    let count = array::shape::<i32, _>(x).slice(1);
    let steps = TensorArray::<f32>::new(g, count, ());
    let steps = steps.unstack(array::transpose(x, [1, 0, 2]));
    let next = |time, step: Option<RawStep<'g, f32, LstmStateTuple<'g, f32>, ()>>| {
        let finished = math::greater_equal(time, lengths);
        let state = match &step {
            Some(step) => step.state,
            None => cell.zero_state(g, batch_size),
        };
        let none_left = math::reduce_all(finished, Axes::ALL);
        let zeros = array::zeros(g, (batch_size, 3));
        let input = g.cond(none_left, || zeros, || steps.read(time));
        input.set_shape((None, 3));
        RawNext {
            finished,
            input,
            state,
            emit: step.map(|step| step.output),
            loop_state: (),
        }
    };
    let (emitted, state, ()) = rnn::raw_rnn(g, &cell, next, ());
    let outputs = Outputs::of(g).input("x", x).input("lengths", lengths);
    outputs
        .output("a", emitted.stack())
        .output("state", state)
        .add();
}

fn rnn_raw_loop_state<'g>(g: &'g GraphBuilder) {
    let x = float(g, "x", (2, 2));
    let cell = rnn::multi_rnn_cell((rnn::gru_cell(2), rnn::basic_rnn_cell(2)));
    type State<'g> = (Tensor<'g, f32>, Tensor<'g, f32>);
    let next = |time, step: Option<RawStep<'g, f32, State<'g>, Tensor<'g, f32>>>| match step {
        None => RawNext {
            finished: array::zeros(g, [2]),
            input: x,
            state: cell.zero_state(g, 2),
            emit: Some(array::zeros(g, [3])),
            loop_state: g.constant(1f32),
        },
        Some(step) => {
            let filled = array::fill(g, [2, 1], step.loop_state);
            let emit = array::concat(g, [step.output, filled], 1);
            RawNext {
                finished: array::fill(g, [2], math::greater_equal(time, 3)),
                input: step.output * 0.5,
                state: step.state,
                emit: Some(emit),
                loop_state: step.loop_state * 2.0,
            }
        }
    };
    let options = RawRnnOptions::default()
        .parallel_iterations(1)
        .swap_memory(true);
    let (emitted, state, kept) = rnn::raw_rnn(g, &cell, next, options.scope("decoder"));
    let outputs = Outputs::of(g).input("x", x).output("a", emitted.stack());
    outputs.output("state", state).output("kept", kept).add();
}
