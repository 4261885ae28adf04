//! The common signature of modules that embed text.

use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::Tensor;
use crate::module::signature::DEFAULT;

/// Adds the signature `default` of a text embedding: from a batch of strings of the shape `[None]` to vectors of the shape
/// `[batch_size, num_features]`, as `hub.text_embedding_column` takes it.
///
/// Text of another shape, and vectors of another rank, of unknown size, or of a fixed number, are faults.
///
/// ```
/// use tfhub::dtype::ByteString;
/// use tfhub::ModuleSpec;
/// use tfhub::module::text;
/// use tfhub::ops::{nn, string};
///
/// let spec = ModuleSpec::new(|g| {
///     let tokens = g.named("tokens", || g.placeholder::<ByteString>((None,)));
///     let table = g.get_variable::<f32>("embeddings").shape([1000, 16]).finish();
///     let ids = string::to_hash_bucket_fast(tokens, 1000);
///     text::embedding(tokens, nn::embedding_lookup(table, ids, ()));
/// })?;
/// # Ok::<(), tfhub::Error>(())
/// ```
#[track_caller]
pub fn embedding<'g>(text: Tensor<'g, ByteString>, vectors: Tensor<'g, f32>) {
    let shape = text.shape();
    if !text.any().is_poison() && shape.dims() != Some(&[None]) {
        let message = format!(
            "input \"{DEFAULT}\" of signature \"{DEFAULT}\": expected the shape [?], found {shape}"
        );
        text.any().report(Rule::CommonSignature, &message);
    }
    vectors.any().expect_vectors(DEFAULT, DEFAULT);
    let found = vectors.shape();
    if found
        .dims()
        .is_some_and(|dims| dims.len() == 2 && dims[0].is_some())
    {
        let message = format!(
            "output \"{DEFAULT}\" of signature \"{DEFAULT}\": expected as many vectors as texts, found the shape {found}"
        );
        vectors.any().report(Rule::CommonSignature, &message);
    }
    text.graph().default_signature(text, vectors);
}
