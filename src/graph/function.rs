//! Functions that a graph's nodes call, built from closures as `function.Defun` builds them.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::function_def::{BodyGraph, NO_SHAPES};
use super::structure::{self, Structure, TypedStructure};
use super::{AnyTensor, GraphBuilder, Here, NodeId, Tensor, library};
use crate::dtype::TensorType;
use crate::error::Rule;

/// A function of a graph, what a `Defun` is in Python: made once, called any number of times.
///
/// Calls are nodes whose op is the function. `A` are the arguments, a tensor or a tuple of tensors, and `R` the results, a
/// [`Structure`].
pub struct Function<'g, A, R> {
    graph: &'g GraphBuilder,
    /// None if it could not be made.
    definition: Option<Arc<library::Function>>,
    /// The tensors of graphs around that the body uses; calls pass them after the arguments.
    captures: Vec<AnyTensor<'g>>,
    /// Those of the body, whose structure a call's have.
    results: R,
    arguments: PhantomData<fn(A)>,
}

impl GraphBuilder {
    /// Makes a function of a closure, as `function.Defun` with `func_name` does.
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
    /// The function is part of the graph once it is called. Nothing is known of the shapes of a call's results.
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
        name: &str,
        arguments: A::Names,
        body: impl FnOnce(A) -> R,
    ) -> Function<'g, A, R> {
        let here = self.here(Location::caller());
        let (made, closed) = self.in_new_body(|| {
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
        let definition = returned.filter(|_| is_whole).and_then(|results| {
            let nodes = self.nodes_of(closed.number);
            let graph = BodyGraph {
                nodes: &nodes,
                arguments: &arguments,
                results: &results,
            };
            let (def, callees) = graph.to_function_def(name);
            drop(nodes);
            match library::Function::new(def, callees) {
                Ok(function) => Some(Arc::new(function)),
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
    /// The results of a call, a node that is named like the function.
    ///
    /// A call may be inside of another function.
    #[track_caller]
    pub fn call(&self, arguments: A) -> R {
        let g = self.graph;
        let poison = || {
            let len = structure::len(&self.results);
            structure::pack(&self.results, &vec![AnyTensor::poison(g); len])
        };
        let Some(definition) = &self.definition else {
            return poison();
        };
        // What a body calls is added with the function whose body it is, once that is called.
        let added = match g.is_in_main_graph() {
            true => {
                let mut state = g.state.borrow_mut();
                Arc::make_mut(&mut state.library).insert(definition.clone())
            }
            false => Ok(()),
        };
        if let Err(error) = added {
            g.report_node(
                Rule::Function,
                "",
                &definition.op.name,
                g.here(Location::caller()),
                error,
            );
            return poison();
        }
        let mut call = g.call(definition.clone()).attr(NO_SHAPES, true);
        let arguments = structure::tensors(g, &arguments, "an argument of a function");
        for tensor in arguments.into_iter().chain(self.captures.iter().copied()) {
            call = call.input(tensor);
        }
        let call = call.finish();
        match call.id {
            NodeId::POISON => poison(),
            _ => structure::pack(&self.results, &call.outputs()),
        }
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
}

impl<'g, T: TensorType> Arguments<'g> for Tensor<'g, T> {
    type Names = [&'static str; 1];
}

impl<'g> Arguments<'g> for () {
    type Names = [&'static str; 0];
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
        }
    )*};
}

each_tuple!(tuples);
