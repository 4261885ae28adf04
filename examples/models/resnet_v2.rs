//! ResNet-v2 for image feature vectors, node for node as `tf.contrib.slim.nets.resnet_v2` builds it.

use tfhub::init::FanMode;
use tfhub::layers::contrib;
use tfhub::module::image;
use tfhub::ops::array;
use tfhub::ops::math::{self, Axes};
use tfhub::ops::nn::{self, Padding};
use tfhub::regularizer::contrib::l2;
use tfhub::variable::EnterScope;
use tfhub::{GraphBuilder, Mode, Tensor, init};

/// A block of units, each with a shortcut around three convolutions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// The channels of the inner convolutions; the outputs have four times as many.
    pub(crate) channels: usize,
    pub(crate) units: usize,
    /// The stride of the last unit.
    pub(crate) stride: i32,
}

impl Block {
    pub(crate) const fn new(channels: usize, units: usize, stride: i32) -> Self {
        Block {
            channels,
            units,
            stride,
        }
    }
}

/// The blocks of ResNet-v2-50.
pub(crate) const BLOCKS_50: [Block; 4] = [
    Block::new(64, 3, 2),
    Block::new(128, 4, 2),
    Block::new(256, 6, 2),
    Block::new(512, 3, 1),
];

/// The scope of the network, as the public code calls it with 50 layers.
const SCOPE: &str = "resnet_v2_50";

/// The module: the signatures of image feature vectors, with the layers as further outputs.
pub(crate) fn module_fn(g: &GraphBuilder, size: usize, blocks: &[Block], mode: Mode) {
    let images = image::images(g, [size; 2]);
    let momentum = image::batch_norm_momentum(g, 0.99);
    let mut net = Network {
        momentum,
        mode,
        end_points: Vec::new(),
    };
    let pooled = net.apply(images * 2.0 - 1.0, blocks);
    let features = g.named("feature_vector", || array::squeeze(pooled, [1, 2]));
    image::feature_vector(images, features)
        .outputs(SCOPE, net.end_points)
        .with_bn_hparams(momentum);
}

/// The options that all layers share, and the outputs of those so far, by the names of their scopes.
struct Network<'g> {
    momentum: Tensor<'g, f32>,
    mode: Mode,
    end_points: Vec<(String, Tensor<'g, f32>)>,
}

impl<'g> Network<'g> {
    /// The network, pooled to an image of one pixel.
    fn apply(&mut self, images: Tensor<'g, f32>, blocks: &[Block]) -> Tensor<'g, f32> {
        images.graph().variable_scope(SCOPE, |_| {
            let root = conv2d_same(linear(64, 7).scope("conv1"), 7, 2, images);
            let root = self.end_point("conv1", root);
            let mut net = max_pool2d(3, 2).scope("pool1").apply(root);
            for (number, block) in (1..).zip(blocks) {
                net = self.block(net, &format!("block{number}"), block);
            }
            let net = self
                .batch_norm()
                .activation_fn(nn::relu)
                .scope("postnorm")
                .apply(net);
            let pixels = Axes::from([1, 2]).keep_dims();
            net.graph()
                .named("pool5", || math::reduce_mean(net, pixels))
        })
    }

    fn block(&mut self, net: Tensor<'g, f32>, name: &str, block: &Block) -> Tensor<'g, f32> {
        let g = net.graph();
        let output = g.variable_scope(name, |_| {
            (1..=block.units).fold(net, |net, unit| {
                let stride = if unit == block.units { block.stride } else { 1 };
                let unit = format!("unit_{unit}");
                g.variable_scope(unit.as_str(), |_| {
                    let scope = EnterScope::with_default_name("bottleneck_v2");
                    let name = format!("{name}/{unit}/bottleneck_v2");
                    let output = g.variable_scope(scope, |_| {
                        self.bottleneck(net, &name, block.channels, stride)
                    });
                    self.end_point(&name, output)
                })
            })
        });
        self.end_point(name, output)
    }

    /// A shortcut around three convolutions; a normalization precedes each.
    fn bottleneck(
        &mut self,
        inputs: Tensor<'g, f32>,
        name: &str,
        channels: usize,
        stride: i32,
    ) -> Tensor<'g, f32> {
        let depth = channels * 4;
        let preact = self.batch_norm().activation_fn(nn::relu);
        let preact = preact.scope("preact").apply(inputs);
        let shape = inputs.shape();
        let is_as_deep = shape
            .dims()
            .is_some_and(|dims| dims.last() == Some(&Some(depth)));
        let shortcut = match (is_as_deep, stride) {
            (true, 1) => inputs,
            (true, _) => max_pool2d(1, stride).scope("shortcut").apply(inputs),
            (false, _) => {
                let shortcut = linear(depth, 1).stride(stride).scope("shortcut");
                self.end_point(&format!("{name}/shortcut"), shortcut.apply(preact))
            }
        };
        let residual = self.conv2d(channels, 1).scope("conv1").apply(preact);
        let residual = self.end_point(&format!("{name}/conv1"), residual);
        let conv = self.conv2d(channels, 3).scope("conv2");
        let residual = conv2d_same(conv, 3, stride, residual);
        let residual = self.end_point(&format!("{name}/conv2"), residual);
        let residual = linear(depth, 1).scope("conv3").apply(residual);
        shortcut + self.end_point(&format!("{name}/conv3"), residual)
    }

    /// Keeps an output under its name.
    fn end_point(&mut self, name: &str, output: Tensor<'g, f32>) -> Tensor<'g, f32> {
        self.end_points.push((name.to_owned(), output));
        output
    }

    fn batch_norm(&self) -> contrib::BatchNorm<'g> {
        let norm = contrib::batch_norm()
            .decay(self.momentum)
            .epsilon(1e-5)
            .scale(true);
        norm.is_training(self.mode)
    }

    /// A convolution that is normalized and rectified.
    fn conv2d(&self, channels: usize, kernel: i32) -> contrib::Conv2d<'g> {
        let norm = self.batch_norm();
        let conv = linear(channels, kernel).normalizer_fn(move |x| norm.apply(x));
        conv.activation_fn(nn::relu)
    }
}

/// A convolution as it is, with a bias unless it gets a normalizer.
fn linear<'g>(channels: usize, kernel: i32) -> contrib::Conv2d<'g> {
    contrib::conv2d(channels, kernel)
        .weights_initializer(init::contrib::variance_scaling(2.0, FanMode::FanIn))
        .weights_regularizer(l2(1e-4))
        .without_activation()
}

/// A convolution whose outputs are at the same places for all sizes of images.
fn conv2d_same<'g>(
    conv: contrib::Conv2d<'g>,
    kernel: i32,
    stride: i32,
    images: Tensor<'g, f32>,
) -> Tensor<'g, f32> {
    if stride == 1 {
        return conv.apply(images);
    }
    let before = (kernel - 1) / 2;
    let around = [before, kernel - 1 - before];
    let padded = array::pad(images, [[0, 0], around, around, [0, 0]], ());
    conv.stride(stride).padding(Padding::Valid).apply(padded)
}

fn max_pool2d(window: i32, stride: i32) -> contrib::MaxPool2d {
    contrib::max_pool2d(window)
        .stride(stride)
        .padding(Padding::Same)
}
