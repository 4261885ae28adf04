//! The variable that counts the steps of training.

use super::{AnyVariable, Variable, VariableAggregation, Variables};
use crate::error::{Rule, first_at};
use crate::graph::{GraphBuilder, keys};
use crate::init;

impl GraphBuilder {
    /// The variable that counts the steps of training, which is made here (`tf.train.create_global_step`): a scalar in the
    /// collections [`keys::VARIABLES`] and [`keys::GLOBAL_STEP`]. A second one is a fault.
    ///
    /// TensorFlow Hub does not know the collection: a module of such a graph
    /// [drops it](crate::module::ModuleSpecBuilder::drop_collections).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let step = g.create_global_step();
    /// assert_eq!(step.name(), "global_step");
    /// assert_eq!(g.get_or_create_global_step().name(), "global_step");
    /// ```
    #[track_caller]
    pub fn create_global_step(&self) -> Variable<'_, i64> {
        if let Some(step) = self.global_step() {
            let first = first_at(step.node().node().location);
            let message = format!(
                "the graph has the global step \"{}\" already{first}",
                step.name()
            );
            self.report(Rule::Variable, message);
            return AnyVariable::poison(self, step.dtype()).typed();
        }
        let step = self.get_variable("global_step").shape(()).trainable(false);
        let step = step.initializer(init::zeros());
        let step = step.aggregation(VariableAggregation::OnlyFirstReplica);
        step.collections([keys::VARIABLES, keys::GLOBAL_STEP])
            .finish()
    }

    /// The variable that counts the steps of training, which is made here if there is none
    /// (`tf.train.get_or_create_global_step`).
    #[track_caller]
    pub fn get_or_create_global_step(&self) -> Variable<'_, i64> {
        match self.global_step() {
            Some(step) => step.typed(),
            None => self.create_global_step(),
        }
    }

    /// The first variable in the collection of the global step.
    fn global_step(&self) -> Option<AnyVariable<'_>> {
        let defs = self.collected_bytes(keys::GLOBAL_STEP);
        let variables = self.extension::<Variables>();
        let place = |def: &Vec<u8>| variables.defs.iter().position(|own| own == def);
        let index = defs.iter().find_map(place)?;
        let (handle, dtype) = (variables.list[index].handle, variables.list[index].dtype);
        drop(variables);
        let handle = self.main_operation(handle).output(0);
        Some(AnyVariable::listed(handle, dtype, index))
    }
}
