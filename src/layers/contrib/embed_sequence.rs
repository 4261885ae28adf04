//! `tf.contrib.layers.embed_sequence`.

use std::panic::Location;

use super::options::ScopeOptions;
use super::options::scope_setters;
use crate::graph::{GraphBuilder, Tensor};
use crate::init::Initializer;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn;
use crate::ops::nodes::{Nodes, Slice};
use crate::ops::types::IndexType;
use crate::regularizer::Regularizer;

/// A layer that gives each id the row of a matrix (`tf.contrib.layers.embed_sequence`).
///
/// The matrix `embeddings` has `vocab_size` rows of `embed_dim` elements.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let ids = g.placeholder::<i32>((None, 20));
/// let y = contrib::embed_sequence(1000, 64).scope("words").apply(ids);
/// assert_eq!(y.shape().to_string(), "[?, 20, 64]");
/// assert_eq!(g.operation("words/embeddings")?.op(), "VarHandleOp");
/// # g.finish()?;
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn embed_sequence(vocab_size: usize, embed_dim: usize) -> EmbedSequence {
    EmbedSequence {
        scope: ScopeOptions::default(),
        vocab_size,
        embed_dim,
        unique: false,
        initializer: None,
        regularizer: None,
    }
}

/// The definition of a layer of embeddings; [`embed_sequence`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct EmbedSequence {
    scope: ScopeOptions,
    vocab_size: usize,
    embed_dim: usize,
    unique: bool,
    initializer: Option<Initializer>,
    regularizer: Option<Regularizer>,
}

impl EmbedSequence {
    scope_setters! { scope, "EmbedSequence" }

    /// Whether each row is looked up once, however often its id occurs; it is not by default.
    pub fn unique(mut self, unique: bool) -> Self {
        self.unique = unique;
        self
    }

    /// The initializer of the embeddings; by default that of the variable scope, or
    /// [`init::glorot_uniform`](crate::init::glorot_uniform).
    pub fn initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.initializer = initializer.into();
        self
    }

    /// Adds a loss on the embeddings to the regularization losses.
    pub fn regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.regularizer = regularizer.into();
        self
    }

    /// Makes a layer on `ids`.
    #[track_caller]
    pub fn apply<'g, I: IndexType>(&self, ids: impl TensorLike<'g, I>) -> Tensor<'g, f32> {
        let g = ids.graph();
        g.called_from(Location::caller(), || {
            g.variable_scope(self.scope.enter("EmbedSequence"), |_| self.make(g, ids))
        })
    }

    fn make<'g, I: IndexType>(
        &self,
        g: &'g GraphBuilder,
        ids: impl TensorLike<'g, I>,
    ) -> Tensor<'g, f32> {
        let shape = [self.vocab_size, self.embed_dim];
        let embeddings = self.scope.model_variable::<f32>(g, "embeddings", &shape);
        let embeddings = embeddings.initializer(self.initializer.clone());
        let embeddings = embeddings.regularizer(self.regularizer.clone()).finish();
        if !self.unique {
            return nn::embedding_lookup([embeddings], ids, ());
        }
        let (n, _scope) = Nodes::in_scope(g, "EmbeddingLookupUnique");
        let ids = ids.into_tensor(g, "");
        let of_ids = n.shape(ids);
        let count = n.reduce("Prod", of_ids, Axes::ALL.keep_dims());
        let flat = n.reshape(ids, count);
        let unique = n.op("Unique").input(flat).finish();
        let rows = nn::embedding_lookup([embeddings], unique.output(0).typed::<I>(), ());
        let repeated = n.gather(rows, unique.output(1), 0);
        let of_rows = n.shape(rows);
        let of_row = n.index(of_rows, [Slice::from(1)]);
        let sizes = n.concat(vec![of_ids.into(), of_row.into()], 0);
        n.reshape(repeated, sizes).typed()
    }
}
