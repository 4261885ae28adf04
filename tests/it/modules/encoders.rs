//! Whole encoders of text: what recurrent networks are made for.

use tfhub::layers::dense;
use tfhub::ops::array;
use tfhub::ops::math;
use tfhub::ops::nn::{self, Padding, embedding_lookup};
use tfhub::rnn::{self, BidirectionalDynamicRnnOptions, LstmCell};
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("encoder_with_attention", encoder_with_attention).seed(151),
        Module::new("encoder_like_elmo", encoder_like_elmo).seed(152),
    ]
}

fn encoder_with_attention(g: &GraphBuilder) {
    let words = g.named("words", || g.placeholder::<i32>((None, None)));
    let lengths = g.named("lengths", || g.placeholder::<i32>((None,)));
    let embeddings = g.get_variable::<f32>("embeddings").shape([6, 3]).finish();
    let inputs = embedding_lookup(embeddings, words, ());
    let options = BidirectionalDynamicRnnOptions::default().sequence_length(lengths);
    let (forward, backward) = (rnn::lstm_cell(2), rnn::lstm_cell(2));
    let options = options.scope("encoder");
    let (outputs, _) = rnn::bidirectional_dynamic_rnn(forward, backward, inputs, options);
    let states = array::concat(g, [outputs.0, outputs.1], 2);
    let weights = g.variable_scope("attention", |_| {
        let hidden = dense(3).activation(math::tanh).apply(states);
        let scores = array::squeeze(dense(1).use_bias(false).apply(hidden), [2]);
        let steps = array::shape::<i32, _>(words).slice(1);
        let mask = array::sequence_mask::<f32, _>(lengths, steps);
        nn::softmax(scores + (1.0 - mask) * -1e9, ())
    });
    let attended = math::reduce_sum(states * array::expand_dims(weights, 2), 1);
    let highest = math::reduce_max(states, 1);
    g.signature("default")
        .input("words", words)
        .input("lengths", lengths)
        .output("default", array::concat(g, [attended, highest], 1))
        .output("weights", weights);
}

/// One vector of four for each word of four characters.
fn character_convolutions<'g>(characters: Tensor<'g, i32>) -> Tensor<'g, f32> {
    let g = characters.graph();
    let table = g.get_variable::<f32>("char_embed").shape([9, 2]).finish();
    let images = array::reshape(embedding_lookup(table, characters, ()), [-1, 1, 4, 2]);
    let pooled = [1usize, 2].map(|width| {
        g.variable_scope(format!("cnn_{width}"), |_| {
            let kernel = g.get_variable::<f32>("W").shape([1, width, 2, 2]).finish();
            let bias = g.get_variable::<f32>("b").shape([2]);
            let bias = bias.initializer(init::zeros()).finish();
            let convolved = nn::conv2d(images, kernel, [1, 1, 1, 1], Padding::Valid, ()) + bias;
            let window = [1, 1, 5 - width as i32, 1];
            let windows = nn::max_pool(convolved, window, [1, 1, 1, 1], Padding::Valid, ());
            array::squeeze(nn::relu(windows), [1, 2])
        })
    });
    array::concat(g, pooled, 1)
}

fn highway<'g>(x: Tensor<'g, f32>) -> Tensor<'g, f32> {
    x.graph().variable_scope("highway", |_| {
        let carry = dense(4).activation(math::sigmoid).name("carry");
        let carry = carry.bias_initializer(init::constant(-2.0f32)).apply(x);
        let transform = dense(4).activation(nn::relu).name("transform").apply(x);
        carry * transform + (1.0 - carry) * x
    })
}

fn encoder_like_elmo(g: &GraphBuilder) {
    let characters = g.named("characters", || g.placeholder::<i32>((None, None, 4)));
    let lengths = g.named("lengths", || g.placeholder::<i32>((None,)));
    let cell =
        || -> LstmCell<'_, f32> { rnn::lstm_cell(3).num_proj(2).cell_clip(3.0).proj_clip(3.0) };
    let layers = g.variable_scope("bilm", |_| {
        let rows = highway(character_convolutions(characters));
        let sizes = array::shape::<i32, _>(characters);
        let words = array::reshape(rows, (sizes.slice(0), sizes.slice(1), 4));
        let mut layers = vec![words];
        for i in 0..2 {
            let inputs = layers[i];
            let options = BidirectionalDynamicRnnOptions::default().sequence_length(lengths);
            let options = options.scope(format!("layer_{i}"));
            let (outputs, _) = rnn::bidirectional_dynamic_rnn(cell(), cell(), inputs, options);
            let both = array::concat(g, [outputs.0, outputs.1], 2);
            layers.push(if i > 0 { both + inputs } else { both });
        }
        layers
    });
    let mixed = g.variable_scope("aggregation", |_| {
        let weights: Variable<'_, f32> = g
            .get_variable("weights")
            .shape([3])
            .initializer(init::zeros())
            .finish();
        let scale = g.get_variable::<f32>("scaling").shape(());
        let scale = scale.initializer(init::ones()).finish();
        let shares: [Tensor<'_, f32>; 3] = array::unstack(nn::softmax(weights, ()), ());
        let parts = shares.into_iter().zip(&layers);
        let parts: Vec<_> = parts.map(|(share, &layer)| share * layer).collect();
        scale * math::add_n(g, parts)
    });
    g.signature("default")
        .input("characters", characters)
        .input("lengths", lengths)
        .output("elmo", mixed)
        .output("word_emb", layers[0])
        .output("lstm_outputs1", layers[1])
        .output("lstm_outputs2", layers[2]);
}
