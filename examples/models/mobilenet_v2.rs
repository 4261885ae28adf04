//! MobileNetV2 for image feature vectors, node for node as `nets/mobilenet` of TensorFlow's research models builds it.

use tfhub::layers::contrib;
use tfhub::module::image;
use tfhub::ops::array;
use tfhub::ops::nn::{self, Padding};
use tfhub::regularizer::contrib::l2;
use tfhub::variable::EnterScope;
use tfhub::{GraphBuilder, Mode, Tensor, init};

/// A bottleneck: more channels, a depthwise convolution, fewer channels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// How many times as many channels the depthwise convolution has.
    pub(crate) expansion: usize,
    /// The channels of the outputs, before the multiplier.
    pub(crate) channels: usize,
    /// The stride of the depthwise convolution.
    pub(crate) stride: i32,
}

impl Block {
    pub(crate) const fn new(expansion: usize, channels: usize, stride: i32) -> Self {
        Block {
            expansion,
            channels,
            stride,
        }
    }
}

/// The bottlenecks of the public network.
pub(crate) const BLOCKS: [Block; 17] = [
    Block::new(1, 16, 1),
    Block::new(6, 24, 2),
    Block::new(6, 24, 1),
    Block::new(6, 32, 2),
    Block::new(6, 32, 1),
    Block::new(6, 32, 1),
    Block::new(6, 64, 2),
    Block::new(6, 64, 1),
    Block::new(6, 64, 1),
    Block::new(6, 64, 1),
    Block::new(6, 96, 1),
    Block::new(6, 96, 1),
    Block::new(6, 96, 1),
    Block::new(6, 160, 2),
    Block::new(6, 160, 1),
    Block::new(6, 160, 1),
    Block::new(6, 320, 1),
];

/// The sizes of a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MobilenetV2<'a> {
    /// The height and width of images.
    pub(crate) size: usize,
    /// The factor of all numbers of channels.
    pub(crate) multiplier: f64,
    pub(crate) blocks: &'a [Block],
    /// The number of features, before the multiplier.
    pub(crate) features: usize,
}

impl Default for MobilenetV2<'_> {
    fn default() -> Self {
        MobilenetV2 {
            size: 224,
            multiplier: 1.0,
            blocks: &BLOCKS,
            features: 1280,
        }
    }
}

/// The module: the signatures of image feature vectors, with all layers as further outputs.
pub(crate) fn module_fn(g: &GraphBuilder, net: &MobilenetV2<'_>, mode: Mode) {
    let images = image::images(g, [net.size; 2]);
    let momentum = image::batch_norm_momentum(g, 0.99);
    let layers = Layers { momentum, mode };
    let (pooled, end_points) = net.apply(images * 2.0 - 1.0, &layers);
    let features = g.named("feature_vector", || array::squeeze(pooled, [1, 2]));
    image::feature_vector(images, features)
        .outputs("MobilenetV2", end_points)
        .with_bn_hparams(momentum);
}

/// The layers of a network by their names.
type EndPoints<'g> = Vec<(String, Tensor<'g, f32>)>;

/// The multiple of 8 that is closest to a number of channels, but not less than nine tenths of it.
fn divisible_by_8(channels: f64) -> usize {
    let rounded = 8.0 * ((channels + 4.0) / 8.0).floor().max(1.0);
    let enough = if rounded < 0.9 * channels { 8.0 } else { 0.0 };
    (rounded + enough) as usize
}

impl MobilenetV2<'_> {
    fn channels(&self, channels: usize) -> usize {
        divisible_by_8(channels as f64 * self.multiplier)
    }

    /// The network, pooled to an image of one pixel.
    fn apply<'g>(
        &self,
        images: Tensor<'g, f32>,
        layers: &Layers<'g>,
    ) -> (Tensor<'g, f32>, EndPoints<'g>) {
        let g = images.graph();
        let mut end_points = EndPoints::new();
        let pooled = g.variable_scope("MobilenetV2", |scope| {
            let mut net = g.named("input", || array::identity(images));
            g.variable_scope(scope, |_| {
                g.name_scope(&format!("{}/", scope.original_name_scope()), || {
                    let channels = self.channels(32);
                    net = layers.conv2d(channels, 3).stride(2).apply(net);
                    end_points.push(("layer_1".to_owned(), net));
                    for (layer, block) in (2..).zip(self.blocks) {
                        let layer = format!("layer_{layer}");
                        let channels = self.channels(block.channels);
                        net = layers.expanded_conv(net, block, channels, &layer, &mut end_points);
                    }
                    net = layers.conv2d(self.channels(self.features), 1).apply(net);
                    end_points.push((format!("layer_{}", self.blocks.len() + 2), net));
                });
            });
            net = g.named("embedding", || array::identity(net));
            g.variable_scope("Logits", |_| {
                let shape = net.shape();
                let window = match shape.dims() {
                    Some(&[_, Some(height), Some(width), _]) => [1, height as i32, width as i32, 1],
                    _ => [1; 4],
                };
                nn::avg_pool(net, window, [1, 1, 1, 1], Padding::Valid, ())
            })
        });
        end_points.push(("global_pool".to_owned(), pooled));
        (pooled, end_points)
    }
}

/// The options that the layers of the network share.
struct Layers<'g> {
    momentum: Tensor<'g, f32>,
    mode: Mode,
}

impl<'g> Layers<'g> {
    fn batch_norm(&self) -> contrib::BatchNorm<'g> {
        let norm = contrib::batch_norm().decay(self.momentum).scale(true);
        norm.is_training(self.mode)
    }

    fn conv2d(&self, channels: usize, kernel: i32) -> contrib::Conv2d<'g> {
        let norm = self.batch_norm();
        contrib::conv2d(channels, kernel)
            .weights_initializer(init::truncated_normal(0.0, 0.09))
            .weights_regularizer(l2(4e-5))
            .normalizer_fn(move |x| norm.apply(x))
            .activation_fn(nn::relu6)
    }

    fn depthwise(&self, stride: i32) -> contrib::SeparableConv2d<'g> {
        let norm = self.batch_norm();
        contrib::separable_conv2d(None, 3)
            .stride(stride)
            .weights_initializer(init::truncated_normal(0.0, 0.09))
            .weights_regularizer(l2(4e-5))
            .normalizer_fn(move |x| norm.apply(x))
            .activation_fn(nn::relu6)
    }

    /// A bottleneck; its inputs are added where they have the shape of its outputs.
    fn expanded_conv(
        &self,
        net: Tensor<'g, f32>,
        block: &Block,
        channels: usize,
        layer: &str,
        end_points: &mut EndPoints<'g>,
    ) -> Tensor<'g, f32> {
        let g = net.graph();
        let depth = net
            .shape()
            .dims()
            .and_then(|dims| *dims.last()?)
            .unwrap_or_default();
        let mut named = |name: &str, x| {
            let output = g.named(name, || array::identity(x));
            end_points.push((format!("{layer}/{name}"), output));
            output
        };
        let output = g.variable_scope(EnterScope::with_default_name("expanded_conv"), |scope| {
            g.name_scope(&format!("{}/", scope.original_name_scope()), || {
                let inputs = g.named("input", || array::identity(net));
                let mut net = inputs;
                if block.expansion > 1 {
                    let channels = divisible_by_8((depth * block.expansion) as f64);
                    net = self.conv2d(channels, 1).scope("expand").apply(net);
                    net = named("expansion_output", net);
                }
                net = self.depthwise(block.stride).scope("depthwise").apply(net);
                net = named("depthwise_output", net);
                let project = self.conv2d(channels, 1).activation_fn(array::identity);
                net = project.scope("project").apply(net);
                if block.stride == 1 && depth == channels {
                    net = net + inputs;
                }
                named("output", net)
            })
        });
        end_points.push((layer.to_owned(), output));
        output
    }
}
