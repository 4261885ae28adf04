//! BERT, an encoder of word pieces, node for node as `modeling.py` of google-research/bert builds it.

use std::f64::consts::PI;
use std::path::Path;

use tfhub::dtype::TensorType;
use tfhub::layers::{self, contrib};
use tfhub::module::bert;
use tfhub::ops::math::{self, Transposed};
use tfhub::ops::{array, debugging, nn};
use tfhub::variable::EnterScope;
use tfhub::{GraphBuilder, Mode, Tensor, Variable, init};

/// The sizes of a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bert {
    /// The number of word pieces.
    pub(crate) vocab_size: usize,
    /// The elements of the vector for each word.
    pub(crate) hidden_size: usize,
    /// The number of layers of the encoder.
    pub(crate) layers: usize,
    /// The number of heads of each attention; `hidden_size` is a multiple.
    pub(crate) heads: usize,
    /// The units between the two dense layers of each layer of the encoder.
    pub(crate) intermediate_size: usize,
    /// The greatest number of words.
    pub(crate) positions: usize,
}

impl Default for Bert {
    /// BERT-base.
    fn default() -> Self {
        Bert {
            vocab_size: 30522,
            hidden_size: 768,
            layers: 12,
            heads: 12,
            intermediate_size: 3072,
            positions: 512,
        }
    }
}

/// The word pieces, one on each line of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vocabulary<'a> {
    pub(crate) path: &'a Path,
    /// Whether words are to be put in lower case before they are looked up.
    pub(crate) do_lower_case: bool,
}

/// The module: the signatures `tokens` and `tokenization_info`, and `mlm`, the masked language model, if it is asked for.
pub(crate) fn module_fn(
    g: &GraphBuilder,
    model: &Bert,
    vocabulary: Vocabulary<'_>,
    with_mlm: bool,
    mode: Mode,
) {
    let inputs = bert::Inputs::placeholders(g);
    let encoded = model.encode(inputs, mode);
    let signatures = bert::tokens(inputs, encoded.pooled, encoded.sequence);
    if with_mlm {
        let positions = bert::mlm_positions(g);
        signatures.mlm(positions, model.masked_language_model(&encoded, positions));
    }
    bert::tokenization_info(g, vocabulary.path, vocabulary.do_lower_case);
}

/// The outputs of the encoder, and the table of the embeddings of word pieces.
struct Encoded<'g> {
    pooled: Tensor<'g, f32>,
    sequence: Tensor<'g, f32>,
    table: Variable<'g, f32>,
}

/// A table or kernel, which begins with small numbers.
fn normal() -> init::Initializer {
    init::truncated_normal(0.0, 0.02)
}

fn dense<'g>(units: usize) -> layers::Dense<'g, f32> {
    layers::dense(units).kernel_initializer(normal())
}

fn gelu(x: Tensor<'_, f32>) -> Tensor<'_, f32> {
    let inner = (2.0 / PI).sqrt() as f32 * (x + 0.044715 * math::pow(x, 3.0));
    x * (0.5 * (1.0 + math::tanh(inner)))
}

fn layer_norm(x: Tensor<'_, f32>) -> Tensor<'_, f32> {
    let norm = contrib::layer_norm().begin_norm_axis(-1);
    norm.begin_params_axis(-1).apply(x)
}

fn dropout(x: Tensor<'_, f32>, mode: Mode) -> Tensor<'_, f32> {
    if mode.is_training() {
        nn::dropout(x, 1.0 - 0.9, ())
    } else {
        x
    }
}

/// The first sizes of a tensor, which its shape does not tell.
fn sizes<T: TensorType, const N: usize>(x: Tensor<'_, T>) -> [Tensor<'_, i32>; N] {
    let shape = array::shape::<i32, _>(x);
    std::array::from_fn(|axis| shape.slice(axis as i32))
}

impl Bert {
    /// The number of elements of each word's vector, as a size of a tensor.
    fn width(&self) -> i32 {
        self.hidden_size as i32
    }

    // The public code asks for the sizes of some tensors more often than it uses them; so does this one.
    fn encode<'g>(&self, inputs: bert::Inputs<'g>, mode: Mode) -> Encoded<'g> {
        let ids = inputs.input_ids;
        let g = ids.graph();
        let [_, _] = sizes(ids);
        g.variable_scope(EnterScope::with_default_name("bert"), |_| {
            let (embeddings, table) = g.variable_scope("embeddings", |_| {
                let (embeddings, table) = self.embed_words(ids);
                let embeddings = self.add_segments_and_positions(embeddings, inputs.segment_ids);
                (dropout(layer_norm(embeddings), mode), table)
            });
            let sequence = g.variable_scope("encoder", |_| {
                let mask = attention_mask(ids, inputs.input_mask);
                self.transform(embeddings, mask, mode)
            });
            let pooled = g.variable_scope("pooler", |_| {
                let first = array::squeeze(sequence.slice((.., 0..1, ..)), [1]);
                dense(self.hidden_size).activation(math::tanh).apply(first)
            });
            Encoded {
                pooled,
                sequence,
                table,
            }
        })
    }

    /// The rows of the words, and the table that they are of.
    fn embed_words<'g>(&self, ids: Tensor<'g, i32>) -> (Tensor<'g, f32>, Variable<'g, f32>) {
        let g = ids.graph();
        let ids = array::expand_dims(ids, [-1]);
        let table = g.get_variable("word_embeddings");
        let table = table.shape([self.vocab_size, self.hidden_size]);
        let table = table.initializer(normal()).finish();
        let rows = array::gather(table, array::reshape(ids, [-1]), ());
        let [batch, steps] = sizes(ids);
        (array::reshape(rows, (batch, steps, self.width())), table)
    }

    fn add_segments_and_positions<'g>(
        &self,
        embeddings: Tensor<'g, f32>,
        segments: Tensor<'g, i32>,
    ) -> Tensor<'g, f32> {
        let g = embeddings.graph();
        let [batch, steps] = sizes(embeddings);
        let table = |name, rows| {
            let table = g.get_variable::<f32>(name).shape([rows, self.hidden_size]);
            table.initializer(normal()).finish()
        };
        let segment_table = table("token_type_embeddings", 2);
        let one_hot = array::one_hot(array::reshape(segments, [-1]), 2, ());
        let segments = math::matmul(one_hot, segment_table);
        let segments = array::reshape(segments, (batch, steps, self.width()));
        let embeddings = embeddings + segments;
        let check = debugging::assert_less_equal(steps, self.positions as i32, ());
        g.control_dependencies([check], || {
            let position_table = table("position_embeddings", self.positions);
            let positions = array::slice(position_table, [0, 0], (steps, -1));
            embeddings + array::reshape(positions, (1, steps, self.width()))
        })
    }

    /// The outputs of the last layer of the encoder.
    fn transform<'g>(
        &self,
        embeddings: Tensor<'g, f32>,
        mask: Tensor<'g, f32>,
        mode: Mode,
    ) -> Tensor<'g, f32> {
        let g = embeddings.graph();
        let [batch, steps] = sizes(embeddings);
        let rows = array::reshape(embeddings, [-1, self.width()]);
        let mut outputs = vec![rows];
        for layer in 0..self.layers {
            let x = outputs[layer];
            let output = g.variable_scope(format!("layer_{layer}"), |_| {
                let attended = g.variable_scope("attention", |_| {
                    let attended =
                        g.variable_scope("self", |_| self.attend(x, mask, [batch, steps], mode));
                    g.variable_scope("output", |_| {
                        let projected = dense(self.hidden_size).apply(attended);
                        layer_norm(dropout(projected, mode) + x)
                    })
                });
                let inner = g.variable_scope("intermediate", |_| {
                    let inner = dense(self.intermediate_size).activation(gelu);
                    inner.apply(attended)
                });
                g.variable_scope("output", |_| {
                    let projected = dense(self.hidden_size).apply(inner);
                    layer_norm(dropout(projected, mode) + attended)
                })
            });
            outputs.push(output);
        }
        // Each layer's rows become a batch of sequences again, of which the last one is the result.
        outputs[1..].iter().fold(embeddings, |_, &rows| {
            let [_] = sizes(rows);
            array::reshape(rows, (batch, steps, self.width()))
        })
    }

    /// Each word's sum of the values of all words, weighted by how its query meets their keys, for each head.
    fn attend<'g>(
        &self,
        x: Tensor<'g, f32>,
        mask: Tensor<'g, f32>,
        [batch, steps]: [Tensor<'g, i32>; 2],
        mode: Mode,
    ) -> Tensor<'g, f32> {
        let (heads, size) = (self.heads as i32, (self.hidden_size / self.heads) as i32);
        let split_heads =
            |x| array::transpose(array::reshape(x, (batch, steps, heads, size)), [0, 2, 1, 3]);
        for _ in ["from", "to"] {
            let [_] = sizes(x);
        }
        let [query, key, value] =
            ["query", "key", "value"].map(|name| dense(self.hidden_size).name(name).apply(x));
        let (query, key) = (split_heads(query), split_heads(key));
        let scores = math::matmul(query, Transposed(key));
        let scores = math::multiply(scores, (1.0 / f64::from(size).sqrt()) as f32);
        let mask = array::expand_dims(mask, [1]);
        let scores = scores + (1.0 - mask) * -10000.0;
        let weights = dropout(nn::softmax(scores, ()), mode);
        let context = math::matmul(weights, split_heads(value));
        let context = array::transpose(context, [0, 2, 1, 3]);
        array::reshape(context, (batch * steps, heads * size))
    }

    /// The logits of the word pieces at some positions.
    fn masked_language_model<'g>(
        &self,
        encoded: &Encoded<'g>,
        positions: Tensor<'g, i32>,
    ) -> Tensor<'g, f32> {
        let g = positions.graph();
        let [batch, steps] = sizes(encoded.sequence);
        let offsets = array::reshape(math::range(g, batch, ()) * steps, [-1, 1]);
        let positions = array::reshape(positions + offsets, [-1]);
        let rows = array::reshape(encoded.sequence, (batch * steps, self.width()));
        let x = array::gather(rows, positions, ());
        g.variable_scope("cls/predictions", |_| {
            let x = g.variable_scope("transform", |_| {
                layer_norm(dense(self.hidden_size).activation(gelu).apply(x))
            });
            let bias = g
                .get_variable::<f32>("output_bias")
                .shape([self.vocab_size]);
            let bias = bias.initializer(init::zeros()).finish();
            nn::bias_add(math::matmul(x, Transposed(encoded.table)), bias, ())
        })
    }
}

/// 1 for each pair of a word and one that it may look at.
fn attention_mask<'g>(ids: Tensor<'g, i32>, mask: Tensor<'g, i32>) -> Tensor<'g, f32> {
    let [batch, steps] = sizes(ids);
    let [_, mask_steps] = sizes(mask);
    let mask = math::cast::<f32, _>(array::reshape(mask, (batch, 1, mask_steps)));
    array::ones::<f32>(ids.graph(), (batch, steps, 1)) * mask
}
