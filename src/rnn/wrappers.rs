//! `ResidualWrapper` and `DeviceWrapper`.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use super::Cell;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::Size;
use crate::ops::nodes::Nodes;

/// A function of the inputs and the outputs of a cell.
type Residual<'g, T> = Rc<dyn Fn(Tensor<'g, T>, Tensor<'g, T>) -> Tensor<'g, T> + 'g>;

/// A cell whose inputs are added to its outputs (`tf.nn.rnn_cell.ResidualWrapper`); [`residual_wrapper`] makes it.
pub struct ResidualWrapper<'g, C: Cell<'g>> {
    cell: C,
    residual: Option<Residual<'g, C::Element>>,
}

/// A cell whose inputs are added to its outputs, which have their size (`tf.nn.rnn_cell.ResidualWrapper`).
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 4));
/// let cell = rnn::residual_wrapper(rnn::gru_cell(4));
/// let (output, state) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!((output.name(), state.name()), ("add:0".into(), "gru_cell/add:0".into()));
/// ```
pub fn residual_wrapper<'g, C: Cell<'g>>(cell: C) -> ResidualWrapper<'g, C> {
    let residual = None;
    ResidualWrapper { cell, residual }
}

impl<'g, C: Cell<'g>> ResidualWrapper<'g, C> {
    /// The function that makes the outputs of the inputs and the cell's outputs, instead of their sum.
    pub fn residual_fn(
        mut self,
        residual: impl Fn(Tensor<'g, C::Element>, Tensor<'g, C::Element>) -> Tensor<'g, C::Element> + 'g,
    ) -> Self {
        self.residual = Some(Rc::new(residual));
        self
    }
}

/// The sum of inputs and outputs of one shape.
fn sum<'g>(inputs: AnyTensor<'g>, outputs: AnyTensor<'g>) -> AnyTensor<'g> {
    let n = Nodes(inputs.graph());
    let (expected, found) = (inputs.shape(), outputs.shape());
    if !expected.is_compatible_with(&found) {
        let message = format!(
            "a residual needs outputs of the shape of the inputs, which is {expected}, theirs is {found}"
        );
        return n.fault(Rule::Shape, message);
    }
    n.add(inputs, outputs)
}

/// A cell on a device (`tf.nn.rnn_cell.DeviceWrapper`); [`device_wrapper`] makes it.
#[derive(Debug)]
pub struct DeviceWrapper<C> {
    cell: C,
    device: String,
}

/// A cell on a device, such as `/device:GPU:1` (`tf.nn.rnn_cell.DeviceWrapper`); see [`GraphBuilder::device`].
///
/// ```
/// use tfhub::rnn::{self, Cell};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// let cell = rnn::device_wrapper(rnn::gru_cell(4), "/cpu:0");
/// let (output, _) = cell.call(x, cell.zero_state(&g, 2));
/// assert_eq!(output.shape().to_string(), "[2, 4]");
/// ```
pub fn device_wrapper<C>(cell: C, device: impl Into<String>) -> DeviceWrapper<C> {
    let device = device.into();
    DeviceWrapper { cell, device }
}

/// The parts of a cell that a wrapper takes from the one inside.
macro_rules! inner {
    () => {
        type Element = C::Element;
        type State = C::State;

        fn output_size(&self) -> usize {
            self.cell.output_size()
        }

        fn state_size(&self) -> Vec<usize> {
            self.cell.state_size()
        }

        fn state_filter(&self) -> Vec<bool> {
            self.cell.state_filter()
        }
    };
}

impl<'g, C: Cell<'g>> Cell<'g> for ResidualWrapper<'g, C> {
    inner!();

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> C::State {
        let _scope = Nodes(g).open_scope("ResidualWrapperZeroState");
        self.cell.zeros(g, batch_size)
    }

    #[track_caller]
    fn call(
        &self,
        inputs: Tensor<'g, C::Element>,
        state: C::State,
    ) -> (Tensor<'g, C::Element>, C::State) {
        inputs.graph().called_from(Location::caller(), || {
            let (outputs, state) = self.cell.call(inputs, state);
            let outputs = match &self.residual {
                Some(residual) => residual(inputs, outputs),
                None => sum(inputs.any(), outputs.any()).typed(),
            };
            (outputs, state)
        })
    }
}

impl<'g, C: Cell<'g>> Cell<'g> for DeviceWrapper<C> {
    inner!();

    fn zeros(&self, g: &'g GraphBuilder, batch_size: Size<'g>) -> C::State {
        let _scope = Nodes(g).open_scope("DeviceWrapperZeroState");
        g.device(&self.device, || self.cell.zeros(g, batch_size))
    }

    #[track_caller]
    fn call(
        &self,
        inputs: Tensor<'g, C::Element>,
        state: C::State,
    ) -> (Tensor<'g, C::Element>, C::State) {
        let g = inputs.graph();
        g.called_from(Location::caller(), || {
            g.device(&self.device, || self.cell.call(inputs, state))
        })
    }
}

impl<'g, C: Cell<'g> + fmt::Debug> fmt::Debug for ResidualWrapper<'g, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResidualWrapper").field(&self.cell).finish()
    }
}
