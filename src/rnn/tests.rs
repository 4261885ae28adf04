//! The faults of cells and networks, each at the author's line, and cells that no module of the table has.

use super::{
    Cell, DropoutWrapperOptions, DynamicRnnOptions, LstmStateTuple, RawNext, StaticRnnOptions,
    basic_lstm_cell, basic_rnn_cell, dropout_wrapper, dynamic_rnn, gru_cell, lstm_block_fused_cell,
    multi_rnn_cell, raw_rnn, residual_wrapper, static_rnn,
};
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::array;
use crate::shape::Shape;

fn x(g: &GraphBuilder, shape: impl Into<Shape>) -> Tensor<'_, f32> {
    g.placeholder(shape)
}

/// Expects one fault, at the line that `at` is.
fn expect(g: GraphBuilder, message: &str, line: u32) {
    let error = g.finish().expect_err("a fault").to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.ends_with(message), "{error}");
    assert!(
        error.contains(&format!("src/rnn/tests.rs:{line}:")),
        "{line}: {error}"
    );
}

/// In Python, such inputs are incompatible with the layer.
#[test]
fn a_cell_takes_matrices_of_known_size() {
    let needs = "needs inputs of rank 2 whose last dimension is known, their shape is";
    for (shape, found) in [
        (Shape::from((2, 5, 3)), "[2, 5, 3]"),
        (Shape::from((2, None)), "[2, ?]"),
        (Shape::unknown(), "<unknown>"),
    ] {
        let g = GraphBuilder::new();
        let inputs = x(&g, &shape);
        let state = array::zeros(&g, [2, 4]);
        gru_cell(4).call(inputs, state);
        let line = line!() - 1;
        expect(g, &format!("gru_cell {needs} {found}"), line);
    }
    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 3));
    lstm_block_fused_cell(4).call(inputs, ());
    let line = line!() - 1;
    let message = "lstm_fused_cell needs inputs of rank 3 whose last dimension is known, their shape is [2, 3]";
    expect(g, message, line);
}

#[test]
fn a_cell_takes_inputs_of_the_size_that_its_variables_are_for() {
    let g = GraphBuilder::new();
    let cell = basic_lstm_cell(4);
    let (_, state) = cell.call(x(&g, (2, 3)), cell.zero_state(&g, 2));
    cell.call(x(&g, (2, 5)), state);
    let line = line!() - 1;
    drop(cell);
    let message =
        "the layer's variables are for inputs whose dimension -1 is 3, their shape is [2, 5]";
    expect(g, message, line);
}

#[test]
fn a_state_of_another_size_is_a_fault_of_the_call() {
    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 3));
    let zeros = array::zeros(&g, [2, 7]);
    basic_lstm_cell(4).call(inputs, LstmStateTuple { c: zeros, h: zeros });
    let line = line!() - 1;
    let error = g.finish().unwrap_err().to_string();
    assert!(
        error.contains("MatMul \"basic_lstm_cell/MatMul\""),
        "{error}"
    );
    assert!(
        error.contains(&format!("src/rnn/tests.rs:{line}:")),
        "{error}"
    );
}

#[test]
fn cells_have_as_many_states_as_they_are() {
    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 3));
    let cell = multi_rnn_cell(vec![gru_cell(4), gru_cell(4)]);
    let states = vec![array::zeros(&g, [2, 4])];
    cell.call(inputs, states);
    let line = line!() - 1;
    drop(cell);
    expect(g, "a multi_rnn_cell of 2 cells has 2 states, found 1", line);

    let g = GraphBuilder::new();
    let cell = multi_rnn_cell(Vec::<super::GruCell<'_, f32>>::new());
    cell.call(x(&g, (2, 3)), Vec::new());
    let line = line!() - 1;
    drop(cell);
    expect(g, "a multi_rnn_cell needs at least one cell", line);
}

#[test]
fn a_network_needs_inputs_of_known_size() {
    let g = GraphBuilder::new();
    static_rnn(&g, gru_cell::<f32>(4), &[], ());
    let line = line!() - 1;
    expect(
        g,
        "a network has no inputs, expected one for each step",
        line,
    );

    let g = GraphBuilder::new();
    let inputs = [x(&g, (2, 3)), x(&g, (2, None))];
    static_rnn(&g, gru_cell(4), &inputs, ());
    let line = line!() - 1;
    let message =
        "input 1 has shape [2, ?], expected rank 2 or more and known sizes from dimension 1 on";
    expect_inside(g, message, line);

    let g = GraphBuilder::new();
    let inputs = [x(&g, (2, 3)), x(&g, (4, 3))];
    static_rnn(&g, gru_cell(4), &inputs, ());
    let line = line!() - 1;
    let error = g.finish().unwrap_err().to_string();
    assert!(
        error.contains("input 1 has the batch size 4, input 0 has 2"),
        "{error}"
    );
    assert!(
        error.contains(&format!("src/rnn/tests.rs:{line}:")),
        "{error}"
    );

    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 5, None));
    dynamic_rnn(gru_cell(4), inputs, ());
    let line = line!() - 1;
    let message = "the inputs has shape [2, 5, ?], expected rank 3 or more and known sizes from dimension 2 on";
    expect_inside(g, message, line);
}

/// Expects a fault of a tensor, at the line of the call that found it.
fn expect_inside(g: GraphBuilder, message: &str, line: u32) {
    expect(g, message, line);
}

#[test]
fn lengths_are_a_vector() {
    let message = "sequence_length needs one length for each sequence of the batch, a vector; its shape is []";
    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 3));
    let options = StaticRnnOptions::default().sequence_length(3);
    static_rnn(&g, gru_cell(4), &[inputs], options);
    let line = line!() - 1;
    let error = g.finish().unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
    assert!(
        error.contains(&format!("src/rnn/tests.rs:{line}:")),
        "{error}"
    );

    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 5, 3));
    let options = DynamicRnnOptions::default().sequence_length(3);
    dynamic_rnn(gru_cell(4), inputs, options);
    let line = line!() - 1;
    let error = g.finish().unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
    assert!(
        error.contains(&format!("src/rnn/tests.rs:{line}:")),
        "{error}"
    );
}

#[test]
fn wrappers_check_what_they_are_given() {
    let g = GraphBuilder::new();
    let options = DropoutWrapperOptions::default().output_keep_prob(1.5);
    dropout_wrapper(&g, gru_cell::<f32>(4), options);
    let line = line!() - 1;
    expect(
        g,
        "expected output_keep_prob between 0 and 1, found 1.5",
        line,
    );

    let g = GraphBuilder::new();
    let options = DropoutWrapperOptions::default().input_keep_prob(0.5);
    dropout_wrapper(&g, gru_cell::<f32>(4), options.variational_recurrent(true));
    let line = line!() - 1;
    expect(
        g,
        "variational dropout of inputs needs their `input_size`",
        line,
    );

    let g = GraphBuilder::new();
    let cell = residual_wrapper(gru_cell(4));
    cell.call(x(&g, (2, 3)), cell.zero_state(&g, 2));
    let line = line!() - 1;
    drop(cell);
    let message =
        "a residual needs outputs of the shape of the inputs, which is [2, 3], theirs is [2, 4]";
    expect(g, message, line);
}

#[test]
fn a_raw_network_emits_an_output_in_each_step() {
    let g = GraphBuilder::new();
    let inputs = x(&g, (2, 3));
    let cell = basic_rnn_cell(4);
    let zeros = cell.zero_state(&g, 2);
    let line = line!() + 1;
    raw_rnn(
        &g,
        &cell,
        |_, step| RawNext {
            finished: array::zeros(&g, [2]),
            input: inputs,
            state: step.map_or(zeros, |step| step.state),
            emit: None,
            loop_state: (),
        },
        (),
    );
    drop(cell);
    expect(
        g,
        "a step emits nothing, expected the output of the step",
        line,
    );
}

#[test]
fn cells_of_several_kinds_are_in_one_list() {
    type AnyCell<'g> = Box<dyn Cell<'g, Element = f32, State = Tensor<'g, f32>> + 'g>;
    let g = GraphBuilder::new();
    let cells: Vec<AnyCell<'_>> = vec![Box::new(gru_cell(4)), Box::new(basic_rnn_cell(2))];
    let cell = multi_rnn_cell(cells);
    let (output, states) = cell.call(x(&g, (2, 3)), cell.zero_state(&g, 2));
    assert_eq!(output.name(), "multi_rnn_cell/cell_1/basic_rnn_cell/Tanh:0");
    let shapes: Vec<_> = states
        .iter()
        .map(|state| state.shape().to_string())
        .collect();
    assert_eq!(shapes, ["[2, 4]", "[2, 2]"]);
    drop(cell);
    g.finish().unwrap();
}

/// As in Python, where `zero_state` is asked for a batch of unknown size.
#[test]
fn a_cell_that_is_called_again_shares_its_variables() {
    let g = GraphBuilder::new();
    let cell = gru_cell(2);
    let inputs = x(&g, (None, 3));
    let (_, state) = cell.call(inputs, cell.zero_state(&g, 2));
    g.variable_scope("elsewhere", |_| cell.call(inputs, state));
    drop(cell);
    let text = g.finish().unwrap().to_text();
    let variables = text.lines().filter(|line| line.contains(" = VarHandleOp"));
    assert_eq!(variables.count(), 4, "{text}");
}
