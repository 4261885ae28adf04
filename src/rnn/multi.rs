//! `MultiRNNCell`.

use std::fmt;
use std::panic::Location;

use super::Cell;
use super::step::FirstScope;
use crate::error::Rule;
use crate::graph::structure;
use crate::graph::{AnyTensor, GraphBuilder, IntoStructure, Structure, Tensor};
use crate::layers::base::{Base, Fixed, Kind, Sizes, State, WeightScope};
use crate::ops::Size;
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::shape::Shape;

/// Cells one after the other: a tuple of up to eight cells, whose states are a tuple, or a vector or array of cells of one
/// type, whose states are a vector or array. Cells behind `Box<dyn Cell<..>>` are of one type if their states are.
pub trait Cells<'g>: sealed::Cells {
    /// The type of inputs and outputs.
    type Element: Float;
    /// The states of all.
    type State: Structure<'g> + IntoStructure<'g, Structure = Self::State> + Clone;

    /// Calls `f` with the sizes of each: its outputs, its states, the filter of these.
    #[doc(hidden)]
    fn sizes(&self) -> Vec<(usize, Vec<usize>, Vec<bool>)>;

    #[doc(hidden)]
    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State;

    /// Whether there are as many states as cells, or how many there are instead.
    #[doc(hidden)]
    fn check(&self, state: &Self::State) -> Result<(), usize>;

    /// Makes a step of each.
    #[doc(hidden)]
    fn step(
        &self,
        inputs: Tensor<'g, Self::Element>,
        state: Self::State,
    ) -> (Tensor<'g, Self::Element>, Self::State);
}

mod sealed {
    /// Marks lists of cells.
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Cells {}

    impl<C> Cells for Vec<C> {}

    impl<C, const N: usize> Cells for [C; N] {}
}

/// The sizes of a cell.
fn sizes_of<'g, C: Cell<'g>>(cell: &C) -> (usize, Vec<usize>, Vec<bool>) {
    (cell.output_size(), cell.state_size(), cell.state_filter())
}

/// A step of the cell with a number.
fn step_of<'g, C: Cell<'g>>(
    number: usize,
    cell: &C,
    inputs: &mut Tensor<'g, C::Element>,
    state: C::State,
) -> C::State {
    let scope = format!("cell_{number}");
    let call = |_: &_| cell.call(*inputs, state);
    let (outputs, state) = inputs.graph().variable_scope(scope, call);
    *inputs = outputs;
    state
}

impl<'g, C: Cell<'g>> Cells<'g> for Vec<C> {
    type Element = C::Element;
    type State = Vec<C::State>;

    fn sizes(&self) -> Vec<(usize, Vec<usize>, Vec<bool>)> {
        self.iter().map(sizes_of).collect()
    }

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State {
        self.iter().map(|cell| cell.zeros(g, batch_size)).collect()
    }

    fn check(&self, state: &Self::State) -> Result<(), usize> {
        match state.len() == self.len() {
            true => Ok(()),
            false => Err(state.len()),
        }
    }

    fn step(
        &self,
        mut inputs: Tensor<'g, C::Element>,
        states: Self::State,
    ) -> (Tensor<'g, C::Element>, Self::State) {
        let cells = self.iter().zip(states).enumerate();
        let states = cells.map(|(at, (cell, state))| step_of(at, cell, &mut inputs, state));
        let states = states.collect();
        (inputs, states)
    }
}

impl<'g, C: Cell<'g>, const N: usize> Cells<'g> for [C; N] {
    type Element = C::Element;
    type State = [C::State; N];

    fn sizes(&self) -> Vec<(usize, Vec<usize>, Vec<bool>)> {
        self.iter().map(sizes_of).collect()
    }

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State {
        self.each_ref().map(|cell| cell.zeros(g, batch_size))
    }

    fn check(&self, _state: &Self::State) -> Result<(), usize> {
        Ok(())
    }

    fn step(
        &self,
        mut inputs: Tensor<'g, C::Element>,
        states: Self::State,
    ) -> (Tensor<'g, C::Element>, Self::State) {
        let mut cells = self.iter().enumerate();
        let states = states.map(|state| match cells.next() {
            Some((at, cell)) => step_of(at, cell, &mut inputs, state),
            None => state,
        });
        (inputs, states)
    }
}

macro_rules! tuples {
    ($($First:ident $($Cell:ident)*;)*) => {$(
        impl<$First, $($Cell),*> sealed::Cells for ($First, $($Cell,)*) {}

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $First: Cell<'g>, $($Cell: Cell<'g, Element = $First::Element>),*> Cells<'g> for ($First, $($Cell,)*) {
            type Element = $First::Element;
            type State = ($First::State, $($Cell::State,)*);

            fn sizes(&self) -> Vec<(usize, Vec<usize>, Vec<bool>)> {
                let ($First, $($Cell,)*) = self;
                vec![sizes_of($First), $(sizes_of($Cell)),*]
            }

            fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> Self::State {
                let ($First, $($Cell,)*) = self;
                ($First.zeros(g, batch_size), $($Cell.zeros(g, batch_size),)*)
            }

            fn check(&self, _state: &Self::State) -> Result<(), usize> {
                Ok(())
            }

            #[allow(unused_mut, unused_assignments, reason = "the last cell has no number after it")]
            fn step(
                &self,
                mut inputs: Tensor<'g, Self::Element>,
                states: Self::State,
            ) -> (Tensor<'g, Self::Element>, Self::State) {
                let mut number = 0..;
                let mut next = || number.next().unwrap_or_default();
                let ($First, $($Cell,)*) = states;
                let states = (
                    step_of(next(), &self.0, &mut inputs, $First),
                    $(step_of(next(), tuples!(@cell self $Cell), &mut inputs, $Cell),)*
                );
                (inputs, states)
            }
        }
    )*};
    (@cell $self:ident B) => { &$self.1 };
    (@cell $self:ident C) => { &$self.2 };
    (@cell $self:ident D) => { &$self.3 };
    (@cell $self:ident E) => { &$self.4 };
    (@cell $self:ident F) => { &$self.5 };
    (@cell $self:ident G) => { &$self.6 };
    (@cell $self:ident H) => { &$self.7 };
}

each_tuple!(tuples);

/// Cells one after the other, each with the outputs of the one before as its inputs (`tf.nn.rnn_cell.MultiRNNCell`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::multi_rnn_cell((rnn::basic_lstm_cell(4), rnn::gru_cell(3)));
/// let (output, (lstm, gru)) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!(output.name(), "multi_rnn_cell/cell_1/gru_cell/add:0");
/// assert_eq!((lstm.c.shape().to_string(), gru.shape().to_string()), ("[2, 4]".into(), "[2, 3]".into()));
///
/// let layers: Vec<_> = (0..3).map(|_| rnn::lstm_cell(4)).collect();
/// let cell = rnn::multi_rnn_cell(layers);
/// let (output, states) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.shape().to_string(), states.len()), ("[2, 4]".into(), 3));
/// ```
///
/// It is `MultiRNNCell` with `state_is_tuple=True`, the default.
pub fn multi_rnn_cell<'g, C: Cells<'g>>(cells: C) -> MultiRnnCell<'g, C> {
    MultiRnnCell {
        base: Base::default(),
        cells,
        first_scope: FirstScope::default(),
        built: State::new(),
    }
}

/// A cell that [`multi_rnn_cell`] makes.
pub struct MultiRnnCell<'g, C> {
    base: Base,
    cells: C,
    first_scope: FirstScope,
    built: State<'g, ()>,
}

impl<'g, C: Cells<'g>> Kind<'g> for MultiRnnCell<'g, C> {
    type Element = C::Element;
    type Weights = ();

    const NAME: &'static str = "multi_rnn_cell";
    const INPUTS: &'static str = "inputs";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, _inputs: &Shape) -> Option<Sizes> {
        Some(Sizes::new())
    }

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

impl<'g, C: Cells<'g>> Cell<'g> for MultiRnnCell<'g, C> {
    type Element = C::Element;
    type State = C::State;

    fn output_size(&self) -> usize {
        self.cells.sizes().last().map_or(0, |(output, ..)| *output)
    }

    fn state_size(&self) -> Vec<usize> {
        let sizes = self.cells.sizes().into_iter();
        sizes.flat_map(|(_, state, _)| state).collect()
    }

    fn state_filter(&self) -> Vec<bool> {
        let sizes = self.cells.sizes().into_iter();
        sizes.flat_map(|(.., filter)| filter).collect()
    }

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> C::State {
        let _scope = Nodes(g).open_scope("MultiRNNCellZeroState");
        self.cells.zeros(g, batch_size)
    }

    #[track_caller]
    fn call(
        &self,
        inputs: Tensor<'g, C::Element>,
        state: C::State,
    ) -> (Tensor<'g, C::Element>, C::State) {
        let g = inputs.graph();
        let count = self.cells.sizes().len();
        let fault = match self.cells.check(&state) {
            _ if count == 0 => Some("a multi_rnn_cell needs at least one cell".to_owned()),
            Ok(()) => None,
            Err(found) => Some(format!(
                "a multi_rnn_cell of {count} cells has {count} states, found {found}"
            )),
        };
        let poison = structure::poisoned(g, &state);
        if let Some(fault) = fault {
            g.called_from(Location::caller(), || g.report(Rule::Inputs, fault));
            return (AnyTensor::poison(g).typed(), poison);
        }
        let step = |()| self.cells.step(inputs, state);
        let call = || self.built.enter(self, inputs, step);
        let made = g.called_from(Location::caller(), || self.first_scope.enter(g, call));
        made.unwrap_or_else(|| (AnyTensor::poison(g).typed(), poison))
    }
}

impl<C: fmt::Debug> fmt::Debug for MultiRnnCell<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MultiRnnCell").field(&self.cells).finish()
    }
}
