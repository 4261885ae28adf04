//! Functions that a graph's nodes call, built from closures as `function.Defun` and `tf.function` build them.

mod concrete;
mod options;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

pub use options::{ConcreteFunction, Defun, TensorSpec};

use super::function_def::{BodyGraph, NO_SHAPES};
use super::nesting::BodyKind;
use super::structure::{self, Structure, TypedStructure};
use super::{AnyTensor, AttrValue, GraphBuilder, Here, NodeId, Operation, Tensor, library};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use concrete::Concrete;

/// A function of a graph, a `Defun` or `ConcreteFunction` of Python: made once, called any number of times.
///
/// `A` are the arguments, a tensor or a tuple of tensors, and `R` the results, a
/// [`Structure`].
pub struct Function<'g, A, R> {
    graph: &'g GraphBuilder,
    /// None if it could not be made.
    definition: Option<Arc<library::Function>>,
    /// The tensors of graphs around that the body uses; calls pass them after the arguments.
    captures: Vec<AnyTensor<'g>>,
    /// Those of the body, whose structure a call's have.
    results: R,
    calls: Calls<'g>,
    arguments: PhantomData<fn(A)>,
}

/// The nodes that call a function.
enum Calls<'g> {
    /// Those of a `Defun`, whose op is the function.
    AsOp,
    /// Those of a `tf.function`.
    Partitioned(Concrete<'g>),
}

impl GraphBuilder {
    /// Makes a function of a closure, as `function.Defun` with `func_name` does. [`Defun`] has further options.
    ///
    /// The closure gets a tensor of unknown shape for each name in `arguments`. It makes the function's nodes with the
    /// same `g`; blocks around, such as scopes and control dependencies, have no effect inside, but for the device of the
    /// innermost block of devices. A tensor of the graph around that is used inside is captured: it becomes an argument
    /// after the others, which calls pass by themselves.
    ///
    /// Variables and tables belong to the main graph. Of a variable from around that is used inside the handle is
    /// captured, so that each call reads or changes it. One that the closure itself asks for with
    /// [`get_variable`](Self::get_variable) is read outside, where the function is made, and its value is captured: it
    /// can neither be changed nor be read anew. A table has to be made outside, or in a branch of
    /// [`cond`](Self::cond), for one that calls fill would be read before it is filled.
    ///
    /// The function is part of the graph once it is called. Calls are nodes whose op is the function; nothing is known of the
    /// shapes of their results.
    ///
    /// ```
    /// use tfhub::{GraphBuilder, Tensor};
    /// use tfhub::ops::nn;
    ///
    /// let g = GraphBuilder::new();
    /// let shift = g.constant(3f32);
    /// let scaled = g.function("scaled", ["x", "y"], |(x, y): (Tensor<f32>, Tensor<f32>)| nn::relu(x * y + shift));
    ///
    /// let x = g.placeholder::<f32>((None, 3));
    /// let z = scaled.call((x, g.constant(2f32)));
    /// assert_eq!(z.name(), "scaled:0");
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// That the name is taken is reported, and so are control dependencies and items of collections across the border
    /// of the function.
    #[track_caller]
    pub fn function<'g, A: Arguments<'g>, R: Structure<'g>>(
        &'g self,
        options: impl Into<Defun>,
        arguments: A::Names,
        body: impl FnOnce(A) -> R,
    ) -> Function<'g, A, R> {
        let here = self.here(Location::caller());
        let options = options.into();
        let name = &*options.name;
        let (made, closed) = self.in_new_body(BodyKind::Defun, || {
            let mut dtypes = Vec::new();
            A::dtypes(&mut dtypes);
            let names = arguments.as_ref().iter().zip(dtypes);
            let placeholders = names.map(|(name, dtype)| {
                let placeholder = self.op("Placeholder").name(*name).attr("dtype", dtype);
                let placeholder = placeholder.attr("shape", crate::shape::Shape::unknown());
                placeholder.output()
            });
            let arguments: Vec<_> = placeholders.collect();
            let results = body(A::from_tensors(&mut arguments.iter()));
            let returned = structure::tensors(self, &results, "a result of a function");
            let returned = returned.into_iter();
            let returned = returned.map(|result| self.returned(result, name, here));
            (arguments, results, returned.collect::<Vec<_>>())
        });
        let (arguments, results, returned) = made;
        let (captures, placeholders): (Vec<_>, Vec<_>) = closed.captures.into_iter().unzip();
        let of_arguments = arguments.iter().map(|argument| argument.tensor_ref().node);
        let arguments: Vec<_> = of_arguments.chain(placeholders).collect();
        let returned: Option<Vec<_>> = returned.into_iter().collect();
        let is_whole = !arguments.contains(&NodeId::POISON);
        let is_named =
            [0, returned.as_ref().map_or(0, Vec::len)].contains(&options.result_names.len());
        if !is_named {
            let (names, results) = (
                options.result_names.len(),
                returned.as_ref().map_or(0, Vec::len),
            );
            let message = format!("expected a name for each of {results} results, found {names}");
            self.report_node(Rule::Function, "", name, here, message);
        }
        let definition = returned
            .filter(|_| is_whole && is_named)
            .and_then(|results| {
                let nodes = self.nodes_of(closed.number);
                let graph = BodyGraph {
                    nodes: &nodes,
                    arguments: &arguments,
                    results: &results,
                    result_names: &options.result_names,
                    control_outputs: &[],
                };
                let mut attrs = options.attrs;
                let no_shapes = AttrValue::from(true).0;
                attrs.insert(NO_SHAPES.to_owned(), no_shapes);
                let def = graph.to_function_def(name, attrs);
                drop(nodes);
                let callees = closed.callees.values().cloned().collect();
                match library::Function::new(def, callees) {
                    Ok(function) => Some(Arc::new(function.with_gradient(options.gradient))),
                    Err(error) => {
                        self.report_node(Rule::Function, "", name, here, error);
                        None
                    }
                }
            });
        Function {
            graph: self,
            definition,
            captures,
            results,
            calls: Calls::AsOp,
            arguments: PhantomData,
        }
    }

    /// A result as the body has it; none if it could not be made.
    fn returned(&self, result: AnyTensor<'_>, name: &str, here: Here) -> Option<super::TensorRef> {
        let Some(result) = self.owns_or_captures(result, "") else {
            let message = "a result is of another graph";
            self.report_node(Rule::OtherGraph, "", name, here, message);
            return None;
        };
        (!result.is_poison()).then(|| result.tensor_ref())
    }
}

impl<'g, A: Arguments<'g>, R: Structure<'g>> Function<'g, A, R> {
    /// The results of a call, a node that is named like the function, or like its op for a
    /// [`concrete_function`](GraphBuilder::concrete_function).
    ///
    /// A call may be inside of another function.
    #[track_caller]
    pub fn call(&self, arguments: A) -> R {
        let definition = match &self.calls {
            Calls::Partitioned(of_calls) => return self.call_concrete(of_calls, arguments),
            Calls::AsOp => self.declare().and(self.definition.as_ref()),
        };
        let Some(definition) = definition else {
            return self.poison();
        };
        let mut call = self.graph.call(definition.clone()).attr(NO_SHAPES, true);
        let arguments = structure::tensors(self.graph, &arguments, "an argument of a function");
        for tensor in arguments.into_iter().chain(self.captures.iter().copied()) {
            call = call.input(tensor);
        }
        self.results_of(call.finish())
    }

    /// Adds the function to the graph that is open. The result is its name and the dtypes of its results; none if it
    /// could not be made.
    #[track_caller]
    fn declare(&self) -> Option<(String, Vec<DType>)> {
        let definition = self.definition.as_ref()?;
        let name = definition.op.name.to_string();
        if let Err(error) = self.graph.add_function(definition) {
            let here = self.graph.here(Location::caller());
            self.graph
                .report_node(Rule::Function, "", &name, here, error);
            return None;
        }
        let results = structure::tensors(self.graph, &self.results, "a result of a function");
        let dtypes = results.iter().map(|result| result.dtype());
        Some((name, dtypes.collect()))
    }

    /// The results of a node that calls the function.
    fn results_of(&self, call: Operation<'g>) -> R {
        match call.id {
            NodeId::POISON => self.poison(),
            _ => structure::pack(&self.results, &call.outputs()),
        }
    }

    /// The results of a call that could not be made.
    fn poison(&self) -> R {
        structure::poisoned(self.graph, &self.results)
    }
}

impl<A, R> fmt::Debug for Function<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self
            .definition
            .as_ref()
            .map(|definition| definition.op.name.as_ref());
        f.debug_struct("Function")
            .field("name", &name)
            .field("captures", &self.captures)
            .finish_non_exhaustive()
    }
}

/// The arguments of a [`Function`]: a tensor, or a tuple of up to eight.
pub trait Arguments<'g>: TypedStructure<'g> {
    /// An array with a name for each argument.
    type Names: AsRef<[&'static str]>;

    /// An array with a name and a shape for each argument.
    type Specs: AsRef<[TensorSpec]>;
}

impl<'g, T: TensorType> Arguments<'g> for Tensor<'g, T> {
    type Names = [&'static str; 1];
    type Specs = [TensorSpec; 1];
}

impl<'g> Arguments<'g> for () {
    type Names = [&'static str; 0];
    type Specs = [TensorSpec; 0];
}

/// Replaces a type parameter by the number 1.
macro_rules! one {
    ($T:ident) => {
        1
    };
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<'g, $($T: TensorType),*> Arguments<'g> for ($(Tensor<'g, $T>,)*) {
            type Names = [&'static str; 0 $(+ one!($T))*];
            type Specs = [TensorSpec; 0 $(+ one!($T))*];
        }
    )*};
}

each_tuple!(tuples);

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages of the faults that `build` makes, with their rules.
    fn faults(build: impl FnOnce(&GraphBuilder)) -> Vec<(Rule, String)> {
        let g = GraphBuilder::new();
        build(&g);
        let error = g.finish().unwrap_err();
        let faults = error.diagnostics().iter();
        faults
            .map(|it| (it.rule(), it.message().to_owned()))
            .collect()
    }

    #[test]
    fn a_function_does_not_call_one_of_its_own_name() {
        let found = faults(|g| {
            let first = g.function("f", ["x"], |x: Tensor<f32>| x + 1.0);
            g.function("f", ["x"], |x: Tensor<f32>| first.call(x) * 2.0);
        });
        let message =
            "function \"f\" calls a function of its own name; functions are not recursive";
        assert_eq!(found, [(Rule::Function, message.to_owned())]);
        let found = faults(|g| {
            let first = g.function("f", ["x"], |x: Tensor<f32>| x + 1.0);
            let between = g.function("g", ["x"], |x: Tensor<f32>| first.call(x));
            let last = g.function("f", ["x"], |x: Tensor<f32>| between.call(x) * 2.0);
            last.call(g.constant(1f32));
        });
        let message = "there are two different functions \"f\"";
        assert_eq!(found, [(Rule::Function, message.to_owned())]);
    }

    #[test]
    fn each_result_has_a_name_or_none_has() {
        let found = faults(|g| {
            let options = Defun::new("f").result_names(["y"]);
            let f = g.function(options, ["x"], |x: Tensor<f32>| (x, x));
            f.call(g.constant(1f32));
        });
        let message = "expected a name for each of 2 results, found 1";
        assert_eq!(found, [(Rule::Function, message.to_owned())]);
    }

    #[test]
    fn arguments_have_the_shapes_of_the_signature() {
        let found = faults(|g| {
            let arguments = [TensorSpec::new("x", (None, 3))];
            let f = g.concrete_function("f", arguments, |x: Tensor<f32>| x);
            f.call(g.placeholder::<f32>((4, None)));
            f.call(g.constant([[1f32, 2.0]]));
        });
        let message = "argument 0: expected shape [?, 3], found [1, 2]";
        assert_eq!(found, [(Rule::Shape, message.to_owned())]);
    }

    #[test]
    fn results_are_tensors() {
        let found = faults(|g| {
            let f = g.concrete_function("f", [], |()| g.op("NoOp").finish());
            f.call(());
        });
        let message = "a result is the operation \"NoOp\", expected a tensor";
        assert_eq!(found, [(Rule::Inputs, message.to_owned())]);
    }
}
