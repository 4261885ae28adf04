//! Functions that are called by nodes of `PartitionedCall` and `StatefulPartitionedCall`, as `tf.function` and
//! `functional_ops.partitioned_call` make them.

use std::cell::OnceCell;
use std::panic::Location;

use super::options::{ConcreteFunction, TensorSpec};
use super::{Arguments, Calls, Function};
use crate::error::Rule;
use crate::graph::func_graph::Argument;
use crate::graph::structure::{self, Structure};
use crate::graph::{AnyTensor, FunctionRef, GraphBuilder, OpBuilder, Operation};
use crate::shape::Shape;

/// The serialized `ConfigProto` of a call whose body TensorFlow does not rewrite.
const WITHOUT_REWRITER: &[u8] = b"R\x05R\x03\x98\x01\x01";

/// The needs of calls of a function of `tf.function`, besides its name.
pub(super) struct Concrete<'g> {
    /// The operations of graphs around that calls wait for.
    controls: Vec<Operation<'g>>,
    argument_shapes: Vec<Shape>,
    result_shapes: Vec<Shape>,
    config_proto: Vec<u8>,
    executor_type: String,
    /// The name under which Python registers the gradient with the first call.
    gradient: OnceCell<String>,
}

impl GraphBuilder {
    /// Makes a function of a closure, as `tf.function` and `tf.contrib.eager.defun` do for one `input_signature`.
    ///
    /// Other than in [`function`](Self::function) the shapes of the arguments are known, stateful nodes run in the order of
    /// the program, what the closure makes of [`cond`](Self::cond) is a function too, and variables that are made or
    /// looked up inside are captured by their handles, so that each call reads and changes them. Blocks around have no
    /// effect inside; a call waits for what nodes inside are to wait for outside.
    ///
    /// Calls are `PartitionedCall` nodes, or `StatefulPartitionedCall` ones where the body has a stateful node. The
    /// function is named `__inference_f_12`; of the number see [`set_function_uid`](Self::set_function_uid).
    ///
    /// ```
    /// use tfhub::graph::TensorSpec;
    /// use tfhub::{GraphBuilder, Tensor};
    ///
    /// let g = GraphBuilder::new();
    /// let shift = g.constant([1f32, 2.0, 3.0]);
    /// let arguments = [TensorSpec::new("x", (None, 3)), TensorSpec::new("y", ())];
    /// let scaled = g.concrete_function("scaled", arguments, |(x, y): (Tensor<f32>, Tensor<f32>)| x * y + shift);
    ///
    /// let z = scaled.call((g.placeholder::<f32>((7, 3)), g.constant(2f32)));
    /// assert_eq!((z.name(), z.shape().to_string()), ("PartitionedCall:0".into(), "[7, 3]".into()));
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn concrete_function<'g, A: Arguments<'g>, R: Structure<'g>>(
        &'g self,
        options: impl Into<ConcreteFunction>,
        arguments: A::Specs,
        body: impl FnOnce(A) -> R,
    ) -> Function<'g, A, R> {
        let here = self.here(Location::caller());
        let ConcreteFunction {
            name,
            attrs,
            config_proto,
            executor_type,
        } = options.into();
        let mut dtypes = Vec::new();
        A::dtypes(&mut dtypes);
        let specs: &[TensorSpec] = arguments.as_ref();
        let arguments = specs.iter().zip(dtypes);
        let arguments = arguments.map(|(spec, dtype)| Argument {
            name: spec.name.clone(),
            is_named: true,
            dtype,
            shape: spec.shape.clone(),
        });
        let arguments: Vec<_> = arguments.collect();
        let mut results = None;
        let graph = self.func_graph(&arguments, true, None, here, |arguments| {
            let of_body = body(A::from_tensors(&mut arguments.iter()));
            let leaves = structure::leaves(&of_body);
            results = Some(of_body);
            leaves
        });
        let definition = graph.is_whole().then(|| {
            let name = self.unique_function_name(&format!("__inference_{name}"));
            let function = graph.to_function(&name, attrs);
            let report = |error| self.report_node(Rule::Function, "", &name, here, error);
            function.map_err(report).ok()
        });
        let shape = |output: &AnyTensor<'g>| match output.is_poison() {
            true => Shape::unknown(),
            false => output.shape(),
        };
        Function {
            graph: self,
            definition: definition.flatten(),
            captures: graph.captures().collect(),
            results: results.expect("a body runs its closure"),
            calls: Calls::Partitioned(Concrete {
                controls: graph.controls().to_vec(),
                argument_shapes: specs.iter().map(|spec| spec.shape.clone()).collect(),
                result_shapes: graph.outputs.iter().map(shape).collect(),
                config_proto,
                executor_type,
                gradient: OnceCell::new(),
            }),
            arguments: Default::default(),
        }
    }
}

impl<'g, A: Arguments<'g>, R: Structure<'g>> Function<'g, A, R> {
    /// The results of a call that is a node of `PartitionedCall`, or `StatefulPartitionedCall` where the body has a stateful
    /// node, as `functional_ops.partitioned_call` makes them.
    ///
    /// The runtime respects the devices inside of the body then. [`call`](Self::call) makes such a call of a
    /// [`concrete_function`](GraphBuilder::concrete_function), with what belongs to its gradient.
    #[track_caller]
    pub fn partitioned_call(&self, arguments: A) -> R {
        let arguments = structure::tensors(self.graph, &arguments, "an argument of a function");
        let Some(call) = self.start_partitioned_call(arguments) else {
            return self.poison();
        };
        let call = call.attr("config_proto", WITHOUT_REWRITER);
        self.results_of(call.finish())
    }

    /// The results of a call on another device, which `target` names, as `functional_ops.remote_call` makes them.
    #[track_caller]
    pub fn remote_call(&self, target: impl Into<AnyTensor<'g>>, arguments: A) -> R {
        let arguments = structure::tensors(self.graph, &arguments, "an argument of a function");
        let Some((name, types)) = self.declare() else {
            return self.poison();
        };
        let inputs = arguments.into_iter().chain(self.captures.iter().copied());
        let call = self.graph.op("RemoteCall").input(target).inputs(inputs);
        let call = call.attr("Tout", types).attr("f", FunctionRef::new(name));
        self.results_of(call.finish())
    }

    /// The results of a call of a function of `tf.function`.
    #[track_caller]
    pub(super) fn call_concrete(&self, of_calls: &Concrete<'g>, arguments: A) -> R {
        let g = self.graph;
        let arguments = structure::tensors(g, &arguments, "an argument of a function");
        for (at, (argument, expected)) in
            arguments.iter().zip(&of_calls.argument_shapes).enumerate()
        {
            if !argument.is_poison() && !argument.shape().is_compatible_with(expected) {
                let found = argument.shape();
                let message = format!("argument {at}: expected shape {expected}, found {found}");
                g.report(Rule::Shape, message);
                return self.poison();
            }
        }
        let call = g.control_dependencies(of_calls.controls.iter().copied(), || {
            let call = self.start_partitioned_call(arguments)?;
            let gradient = of_calls
                .gradient
                .get_or_init(|| g.numbered_function_name("PartitionedCall-"));
            let config_proto = match of_calls.result_shapes.is_empty() {
                true => WITHOUT_REWRITER,
                false => &of_calls.config_proto,
            };
            let call = call.attr("config_proto", config_proto);
            let call = call.attr("executor_type", of_calls.executor_type.as_str());
            Some(call.attr("_gradient_op_type", gradient.as_str()).finish())
        });
        let Some(call) = call else {
            return self.poison();
        };
        for (output, shape) in call.outputs().iter().zip(&of_calls.result_shapes) {
            g.set_shape(*output, shape);
        }
        self.results_of(call)
    }

    /// Starts a node that calls the function by its name; none if the function could not be made.
    #[track_caller]
    fn start_partitioned_call(&self, arguments: Vec<AnyTensor<'g>>) -> Option<OpBuilder<'g>> {
        let g = self.graph;
        let (name, types) = self.declare()?;
        let is_stateful = self.definition.as_ref()?.op.is_stateful;
        let op = match is_stateful {
            true => "StatefulPartitionedCall",
            false => "PartitionedCall",
        };
        let inputs = arguments.into_iter().chain(self.captures.iter().copied());
        let call = match types.is_empty() {
            // Python makes such a node itself, in no scope of its own.
            true => {
                let inputs = inputs.map(|input| g.owns_or_captures(input, "").unwrap_or(input));
                let inputs: Vec<_> = inputs.collect();
                let requested = g.requested_name("PartitionedFunctionCall").into_owned();
                g.op(op).name(requested).inputs(inputs)
            }
            false => g.op(op).inputs(inputs),
        };
        Some(call.attr("Tout", types).attr("f", FunctionRef::new(name)))
    }
}
