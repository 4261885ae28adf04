//! Hyperparameters: scalar inputs with a default, which a signature of their own exposes beside the plain one.

use std::panic::Location;

use super::signature::SignatureBuilder;
use crate::dtype::Element;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor, TensorRef};

/// The hyperparameters of one variant, with the keys of their inputs.
#[derive(Debug, Default)]
struct Hyperparameters(Vec<(TensorRef, String)>);

impl GraphBuilder {
    /// A scalar that the module's consumer may set, and that is `default` otherwise: a rate of dropout, the momentum of
    /// batch normalization.
    ///
    /// The node is that of `tf.placeholder_with_default(default, [], name=name)`.
    /// [`with_hyperparameters`](SignatureBuilder::with_hyperparameters) makes it an input called `name`.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let spec = ModuleSpec::with_modes(|g, mode| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let scale = g.hyperparameter("scale", 0.1f32);
    ///     let hidden = layers::dense(8).apply(x);
    ///     let hidden = if mode.is_training() { hidden * scale } else { hidden };
    ///     g.signature("default")
    ///         .input("x", x)
    ///         .output("default", hidden)
    ///         .with_hyperparameters("default_with_hparams", [scale]);
    /// })?;
    /// let variant = spec.variants().next().unwrap();
    /// let inputs = variant.signatures.iter().map(|signature| signature.inputs.len());
    /// assert_eq!(inputs.collect::<Vec<_>>(), [1, 2]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn hyperparameter<'g, T: Element>(
        &'g self,
        name: &str,
        default: impl Operand<'g, T>,
    ) -> Tensor<'g, T> {
        let tensor = self.called_from(Location::caller(), || {
            self.named(name, || self.placeholder_with_default(default, ()))
        });
        if !tensor.any().is_poison() {
            let known = &mut self.extension::<Hyperparameters>().0;
            known.push((tensor.any().tensor_ref(), name.to_owned()));
        }
        tensor
    }
}

impl<'g> SignatureBuilder<'g> {
    /// Adds a signature `name` with the inputs and outputs so far and, as further inputs, these
    /// [hyperparameters](GraphBuilder::hyperparameter); by custom it is called `..._with_hparams`, or
    /// `..._with_bn_hparams` if they are those of batch normalization.
    ///
    /// A consumer that applies this signature sets the hyperparameters, the plain one leaves them at their defaults.
    #[track_caller]
    pub fn with_hyperparameters(
        self,
        name: impl Into<String>,
        hyperparameters: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>,
    ) -> Self {
        let mut signature = self.copied_as(name);
        for tensor in hyperparameters {
            signature = signature.hyperparameter(tensor.into());
        }
        self
    }

    /// Adds an input that [`GraphBuilder::hyperparameter`] made.
    #[track_caller]
    fn hyperparameter(self, tensor: AnyTensor<'g>) -> Self {
        let g = self.graph();
        if tensor.is_poison() {
            return self;
        }
        if !g.owns_in_main(tensor.operation()) {
            g.report(
                Rule::OtherGraph,
                "a hyperparameter of the signature is of another graph",
            );
            return self;
        }
        let key = {
            let known = &g.extension::<Hyperparameters>().0;
            let mut known = known.iter();
            let found = known.find(|(own, _)| *own == tensor.tensor_ref());
            found.map(|(_, key)| key.clone())
        };
        match key {
            Some(key) => self.input(key, tensor),
            None => {
                let message = "expected a scalar with a default that `hyperparameter` made";
                tensor.report(Rule::CommonSignature, message);
                self
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModuleSpec;

    #[test]
    fn a_hyperparameter_is_a_placeholder_with_a_default() {
        let g = GraphBuilder::new();
        let x = g.named("x", || g.placeholder::<f32>((None,)));
        let rate = g.name_scope("dropout", || g.hyperparameter("rate", 0.5f32));
        let y = x * rate;
        g.signature("default")
            .input("x", x)
            .output("default", y)
            .with_hyperparameters("default_with_hparams", [rate])
            .output("late", x);
        let graph = g.finish().unwrap();
        assert_eq!(
            graph.to_text(),
            "x = Placeholder() {dtype=float32, shape=[?]} -> float32 [?]\n\
             dropout/rate/input = Const() {dtype=float32, value=float32 []: 0.5} -> float32 []\n\
             dropout/rate = PlaceholderWithDefault(dropout/rate/input) {dtype=float32, shape=[]} -> float32 []\n\
             mul = Mul(x, dropout/rate) {T=float32} -> float32 [?]\n"
        );
    }

    #[test]
    fn the_signature_has_what_the_plain_one_has_and_the_hyperparameters() {
        let spec = ModuleSpec::new(|g| {
            let x = g.named("x", || g.placeholder::<f32>((None,)));
            let rate = g.hyperparameter("rate", 0.5f32);
            let steps = g.hyperparameter("steps", 3);
            g.default_signature(x, x * rate);
            g.signature("scaled")
                .input("x", x)
                .output("default", x * rate)
                .with_hyperparameters("scaled_with_hparams", [rate.any(), steps.any()]);
        });
        let text = spec.unwrap().variants().next().unwrap().to_string();
        assert_eq!(
            text,
            "variant {}\n\
             signature \"default\"\n\
             \x20 input \"default\": float32 [?] (x:0)\n\
             \x20 output \"default\": float32 [?] (mul:0)\n\
             signature \"scaled\"\n\
             \x20 input \"x\": float32 [?] (x:0)\n\
             \x20 output \"default\": float32 [?] (mul_1:0)\n\
             signature \"scaled_with_hparams\"\n\
             \x20 input \"rate\": float32 [] (rate:0)\n\
             \x20 input \"steps\": int32 [] (steps:0)\n\
             \x20 input \"x\": float32 [?] (x:0)\n\
             \x20 output \"default\": float32 [?] (mul_1:0)\n"
        );
    }
}
