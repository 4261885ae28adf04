//! Names of functions that end in a number, as TensorFlow gives them where the author gives none.
//!
//! Python's numbers count what a process has made, and a consumer that has two modules whose different functions have one
//! name refuses the second: TensorFlow 2 keeps the functions of all graphs of a process together where it makes gradients.
//! Numbers here follow from the graph, so that different graphs have different ones.

use super::library::{LibraryError, Renaming};
use super::{Graph, GraphBuilder};
use crate::bundle::masked_crc32c;

/// The numbers of the functions of a graph.
#[derive(Debug, Default)]
pub(super) struct FunctionNumbers {
    next: u64,
    /// Whether the author has set the number that follows.
    is_set: bool,
    /// The beginnings and numbers of names whose numbers the finished graph settles.
    open: Vec<(String, u64)>,
}

impl GraphBuilder {
    /// Sets the number in the name of the next function that TensorFlow names itself, such as `cond_true_5`.
    ///
    /// Without it numbers follow from all that is in the graph: different graphs have different ones, and a consumer can
    /// use several modules at once.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// g.enable_control_flow_v2();
    /// g.set_function_uid(1000);
    /// let flag = g.placeholder::<bool>(());
    /// g.cond(flag, || g.constant(1f32), || g.constant(2f32));
    /// let graph = g.finish()?.to_graph_def();
    /// assert!(format!("{graph:#?}").contains("cond_true_1000"));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn set_function_uid(&self, uid: u64) {
        let numbers = &mut self.state.borrow_mut().function_numbers;
        (numbers.next, numbers.is_set) = (uid, true);
    }

    /// A name that no function of the library has, in which `ops.uid()` of Python is counted for each.
    pub(super) fn unique_function_name(&self, prefix: &str) -> String {
        loop {
            let name = self.numbered_function_name(&format!("{prefix}_"));
            if self.state.borrow().library.get(&name).is_none() {
                return name;
            }
        }
    }

    /// A name that the next number ends.
    pub(super) fn numbered_function_name(&self, prefix: &str) -> String {
        let numbers = &mut self.state.borrow_mut().function_numbers;
        let number = numbers.next;
        numbers.next += 1;
        if !numbers.is_set {
            numbers.open.push((prefix.to_owned(), number));
        }
        format!("{prefix}{number}")
    }
}

impl Graph {
    /// Settles the numbers in the names that functions have got.
    pub(super) fn settle_function_names(
        &mut self,
        numbers: &FunctionNumbers,
    ) -> Result<(), LibraryError> {
        if numbers.open.is_empty() {
            return Ok(());
        }
        let is_taken = |name: &String| self.library().get(name).is_some();
        let named = |first: u64| {
            let names = numbers.open.iter();
            names.map(move |(prefix, number)| format!("{prefix}{}", first + number))
        };
        let mut first = u64::from(masked_crc32c(&self.to_encoded_message(&|_, _| None)));
        while named(first).any(|name| is_taken(&name)) {
            first += numbers.next;
        }
        let names = named(0).zip(named(first)).collect();
        self.rename_functions(Renaming::new(names))
    }
}
