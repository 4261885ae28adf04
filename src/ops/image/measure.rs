//! How alike images are, and where they change.

use std::panic::Location;

use super::color::converted;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::{Float, Numeric, Pixel, Real};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// The differences of neighbouring pixels of a batch of images, downwards and to the right
/// (`tf.image.image_gradients`).
///
/// The rank has to be known to be 4. Both results have the shape of the images; the last row or column is 0.
#[track_caller]
pub fn image_gradients<'g, T: Numeric>(
    image: impl TensorLike<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, T>) {
    let g = image.graph();
    let n = Nodes(g);
    let _call = g.open_call(Location::caller());
    let (y, x) = gradients(n, &Arg::of(image), T::DTYPE);
    (y.typed(), x.typed())
}

fn gradients<'g>(n: Nodes<'g>, image: &Arg<'g>, dtype: DType) -> (AnyTensor<'g>, AnyTensor<'g>) {
    let shape = n.shape(image);
    let found = image.shape();
    if found.rank() != Some(4) && !shape.is_poison() {
        let message = format!("images must have rank 4, found {found}");
        let fault = n.fault(Rule::Shape, message);
        return (fault, fault);
    }
    let sizes = n.unstack(shape, 4);
    let y = difference(n, image, 1, 4);
    let x = difference(n, image, 2, 4);
    let filled = |difference: AnyTensor<'g>, axis: usize| {
        let mut sizes = Arg::tensors(&sizes);
        sizes[axis] = 1.into();
        let sizes = n.stack(sizes);
        let zeros = n.filled("zeros", 0.0, dtype, sizes.into());
        let all = n.concat(vec![difference.into(), zeros.into()], axis as i32);
        n.reshape(all, shape)
    };
    let y = filled(y, 1);
    (y, filled(x, 2))
}

/// Each slice along an axis less the one before.
fn difference<'g>(n: Nodes<'g>, images: &Arg<'g>, axis: usize, rank: usize) -> AnyTensor<'g> {
    let part = |part: Slice<'g>| {
        let mut parts = vec![Slice::ALL; rank];
        parts[axis] = part;
        let images = images.clone().convert(n.0, "image", DType::Float32);
        n.index_as("strided_slice", images, parts)
    };
    let (next, this) = (part(Slice::from(1)), part(Slice::to(-1)));
    n.sub(next, this)
}

/// The sum of the absolute differences of neighbouring pixels, of each image (`tf.image.total_variation`).
///
/// The rank has to be known, 3 or 4.
#[track_caller]
pub fn total_variation<'g, T: Numeric>(images: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(images.graph(), "total_variation");
    let images = Arg::of(images);
    let (first, axes) = match images.shape().rank() {
        Some(3) => (0, Axes::ALL),
        Some(4) => (1, [1, 2, 3].into()),
        _ => return super::check::wrong_rank(n, &images.shape()).typed(),
    };
    let differences = [first, first + 1].map(|axis| difference(n, &images, axis, first + 3));
    let [down, right] = differences.map(|difference| {
        let absolute = n.unary("Abs", difference);
        n.reduce("Sum", absolute, axes.clone())
    });
    n.add(down, right).typed()
}

/// The edges of each channel of a batch of images, by Sobel's filters: the last dimension of the result is vertical
/// and horizontal (`tf.image.sobel_edges`).
#[track_caller]
pub fn sobel_edges<'g, T: Float>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = image.graph();
    let _call = g.open_call(Location::caller());
    sobel(Nodes(g), &Arg::of(image), T::DTYPE).typed()
}

fn sobel<'g>(n: Nodes<'g>, image: &Arg<'g>, dtype: DType) -> AnyTensor<'g> {
    const VERTICAL: [[f64; 3]; 3] = [[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]];
    let cells = (0..3).flat_map(|row| (0..3).map(move |column| (row, column)));
    let filters = cells.flat_map(|(row, column)| [VERTICAL[row][column], VERTICAL[column][row]]);
    let filters = TensorValue::from_parts(vec![3, 3, 1, 2], filters.collect());
    let shape = n.shape(image);
    let filters = n.converted("Const", dtype, &filters);
    let filters = for_each_channel(n, filters, shape, "sobel_filters");
    let borders = [[0, 0], [1, 1], [1, 1], [0, 0]];
    let padded = n.op("MirrorPad").input(image).value(borders);
    let padded = padded.attr("mode", "REFLECT").output();
    let edges = depthwise(n, padded, filters);
    let with_filters = n.concat(vec![shape.into(), [2].into()], 0);
    let edges = n.reshape(edges, with_filters);
    if let Some(dims) = image.shape().dims() {
        edges.set_shape([dims, &[Some(2)]].concat());
    }
    edges
}

/// A filter for one channel repeated for as many as images of a shape have.
fn for_each_channel<'g>(
    n: Nodes<'g>,
    filter: AnyTensor<'g>,
    shape: AnyTensor<'g>,
    name: &str,
) -> AnyTensor<'g> {
    let channels = n.at(shape, -1);
    let multiples = Arg::List(vec![1.into(), 1.into(), channels.into(), 1.into()]);
    n.call(("Tile", name), [filter.into(), multiples])
}

/// `tf.nn.depthwise_conv2d` with strides of 1 and without padding.
fn depthwise<'g>(n: Nodes<'g>, images: AnyTensor<'g>, filter: AnyTensor<'g>) -> AnyTensor<'g> {
    let scope = n.open_scope("depthwise");
    n.shape(filter);
    n.constant("dilation_rate", [1, 1]);
    let op = n.named("DepthwiseConv2dNative", &scope);
    let op = op.input(images).input(filter);
    let op = op.attr("strides", [1i64; 4]);
    op.attr("padding", "VALID").output()
}

/// Checks that two images may be compared: what is known of their shapes at once, and the rest by nodes.
///
/// Gives nothing if they may not.
fn compatible<'g>(n: Nodes<'g>, images: [&Arg<'g>; 2]) -> Option<[Operation<'g>; 2]> {
    let [first, second] = n.shape_n(images.map(Arg::from));
    let shapes = images.map(Arg::shape);
    if !may_be_compared(&shapes) {
        let shapes: Vec<_> = shapes.iter().map(Shape::to_string).collect();
        let shapes = shapes.join(", ");
        let message = format!("the images cannot be compared, their shapes are {shapes}");
        return n.refused(Rule::Shape, message);
    }
    let data = || vec![first.into(), second.into()];
    let rank = n.size(first);
    let have_rank = n.binary("GreaterEqual", rank, 3);
    let have_rank = n.assert(have_rank, data(), Some(10));
    let images = [first, second].map(|shape| n.index(shape, [Slice::from(-3)]));
    let are_equal = n.binary("Equal", images[0], images[1]);
    let are_equal = n.reduce("All", are_equal, Axes::ALL);
    Some([have_rank, n.assert(are_equal, data(), Some(10))])
}

fn may_be_compared(shapes: &[Shape]) -> bool {
    let dims: Vec<_> = shapes.iter().map(Shape::dims).collect();
    let [Some(first), Some(second)] = dims[..] else {
        let ranks = shapes.iter().filter_map(Shape::rank);
        return ranks.min().is_none_or(|rank| rank >= 3);
    };
    if first.len().min(second.len()) < 3 {
        return false;
    }
    let pairs = first.iter().rev().zip(second.iter().rev()).enumerate();
    let mut pairs = pairs.map(|(index, pair)| (index >= 3, pair));
    pairs.all(|(is_batch, pair)| match pair {
        (Some(1), _) | (_, Some(1)) if is_batch => true,
        (Some(a), Some(b)) => a == b,
        _ => true,
    })
}

/// The greatest value as images of float32 have it.
fn greatest<'g, M: Real>(
    n: Nodes<'g>,
    max_val: impl Operand<'g, M>,
    dtype: DType,
) -> AnyTensor<'g> {
    let max_val = n.cast(Arg::of(max_val).read_first(n.0), dtype);
    converted(n, max_val, DType::Float32, false, None)
}

/// The peak signal-to-noise ratio of images and copies of them, in decibels (`tf.image.psnr`).
///
/// `max_val` is the greatest value that the element type has there: 255 or 1.
#[track_caller]
pub fn psnr<'g, T: Pixel, M: Real>(
    a: impl TensorLike<'g, T>,
    b: impl TensorLike<'g, T>,
    max_val: impl Operand<'g, M>,
) -> Tensor<'g, f32> {
    let (n, _scope) = Nodes::in_scope(a.graph(), "PSNR");
    let max_val = greatest(n, max_val, T::DTYPE);
    let a = n.tensor(a, "image");
    let a = converted(n, a, DType::Float32, false, None);
    let b = n.tensor(b, "image");
    let b = converted(n, b, DType::Float32, false, None);
    let squares = n.binary("SquaredDifference", a, b);
    let error = n.reduce("Mean", squares, [-3, -2, -1]);
    let peak = n.mul(20.0, n.unary("Log", max_val));
    let peak = n.truediv(peak, n.unary("Log", 10f32.into_tensor_value()));
    let scale = 10.0 / std::f64::consts::LN_10;
    let noise = n.mul(scale, n.unary("Log", error));
    let ratio = n.call(("Sub", "psnr"), [peak.into(), noise.into()]);
    let Some(checks) = compatible(n, [&a.into(), &b.into()]) else {
        return AnyTensor::poison(n.0).typed();
    };
    n.0.control_dependencies(checks, || n.identity("Identity", ratio))
        .typed()
}

options! {
    /// The window of [`ssim`], and its constants.
    ///
    /// ```
    /// use tfhub::ops::image::{self, SsimOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (photo, copy) = (g.placeholder::<f32>((28, 28, 1)), g.placeholder::<f32>((28, 28, 1)));
    /// let window = SsimOptions::default().filter_size(5).filter_sigma(1.0);
    /// assert_eq!(image::ssim(photo, copy, 1.0f32, window).shape().to_string(), "[]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    SsimOptions {
        /// The side of the window; 11 by default.
        filter_size: i32 = 11;
        /// The width of the window's bell curve; 1.5 by default.
        filter_sigma: f32 = 1.5;
        /// The constant that keeps the comparison of brightness stable; 0.01 by default.
        k1: f64 = 0.01;
        /// The constant that keeps the comparison of contrast stable; 0.03 by default.
        k2: f64 = 0.03;
    }
}

/// The structural similarity of images and copies of them, up to 1 (`tf.image.ssim`).
///
/// `max_val` is the greatest value that the element type has there: 255 or 1.
#[track_caller]
pub fn ssim<'g, T: Pixel, M: Real>(
    img1: impl TensorLike<'g, T>,
    img2: impl TensorLike<'g, T>,
    max_val: impl Operand<'g, M>,
    options: impl Into<SsimOptions>,
) -> Tensor<'g, f32> {
    let options = options.into();
    let g = img1.graph();
    let n = Nodes(g);
    let _call = g.open_call(Location::caller());
    let (first, second) = (Arg::of(img1), Arg::of(img2));
    let Some(checks) = compatible(n, [&first, &second]) else {
        return AnyTensor::poison(g).typed();
    };
    let img1 = g.control_dependencies(checks, || n.identity("Identity", first));
    let max_val = greatest(n, max_val, T::DTYPE);
    let img1 = converted(n, img1, DType::Float32, false, None);
    let img2 = second.convert(g, "image", T::DTYPE);
    let img2 = converted(n, img2, DType::Float32, false, None);
    let similarity = per_channel(n, (img1, img2), max_val, options);
    n.reduce("Mean", similarity, [-1]).typed()
}

fn per_channel<'g>(
    n: Nodes<'g>,
    (x, y): (AnyTensor<'g>, AnyTensor<'g>),
    max_val: AnyTensor<'g>,
    options: SsimOptions,
) -> AnyTensor<'g> {
    let size = n.constant("Const", options.filter_size);
    let sigma = n.constant("Const", options.filter_sigma);
    let shapes = n.shape_n([x.into(), y.into()]);
    let checks = shapes.map(|shape| {
        let fits = n.index(shape, [Slice::between(-3, -1)]);
        let fits = n.binary("GreaterEqual", fits, size);
        let fits = n.reduce("All", fits, Axes::ALL);
        n.assert(fits, vec![shape.into(), size.into()], Some(8))
    });
    let x =
        n.0.control_dependencies(checks, || n.identity("Identity", x));
    let window = for_each_channel(n, bell(n, size, sigma), shapes[0], "Tile");
    let filtered = |images: AnyTensor<'g>| {
        let shape = n.shape(images);
        let image = n.index(shape, [Slice::from(-3)]);
        let flat = n.concat(vec![[-1].into(), image.into()], 0);
        let filtered = depthwise(n, n.reshape(images, flat), window);
        let batch = n.index(shape, [Slice::to(-3)]);
        let image = n.index(n.shape(filtered), [Slice::from(1)]);
        let shape = n.concat(vec![batch.into(), image.into()], 0);
        n.reshape(filtered, shape)
    };
    let constant = |k: f64| {
        let scaled = n.mul(k, max_val);
        n.pow(scaled, 2)
    };
    let (c1, c2) = (constant(options.k1), constant(options.k2));
    let two = 2.0;
    let (mean_x, mean_y) = (filtered(x), filtered(y));
    let means = n.mul(n.mul(mean_x, mean_y), two);
    let squared_x = n.unary("Square", mean_x);
    let squares = n.add(squared_x, n.unary("Square", mean_y));
    let above = n.add(means, c1);
    let luminance = n.truediv(above, n.add(squares, c1));
    let products = n.mul(filtered(n.mul(x, y)), two);
    let squared_x = n.unary("Square", x);
    let powers = filtered(n.add(squared_x, n.unary("Square", y)));
    let c2 = n.mul(c2, 1);
    let above = n.add(n.sub(products, means), c2);
    let below = n.add(n.sub(powers, squares), c2);
    let contrast = n.truediv(above, below);
    let axes = n.constant("Const", [-3, -2]);
    let mean = |x: AnyTensor<'g>| n.call(("Mean", "Mean"), [x.into(), axes.into()]);
    let similarity = mean(n.mul(luminance, contrast));
    mean(contrast);
    similarity
}

/// A bell curve as a filter of one channel, `[size, size, 1, 1]`.
fn bell<'g>(n: Nodes<'g>, size: AnyTensor<'g>, sigma: AnyTensor<'g>) -> AnyTensor<'g> {
    let places = n.cast(n.range(0, size), sigma.dtype());
    let last = n.cast(n.sub(size, 1), sigma.dtype());
    let places = n.sub(places, n.truediv(last, 2.0));
    let squares = n.unary("Square", places);
    let scale = n.truediv(-0.5, n.unary("Square", sigma));
    let curve = n.mul(squares, scale);
    let row = n.reshape(curve, [1, -1]);
    let column = n.reshape(curve, [-1, 1]);
    let plane = n.reshape(n.add(row, column), [1, -1]);
    let plane = n.unary("Softmax", plane);
    let shape = Arg::List(vec![size.into(), size.into(), 1.into(), 1.into()]);
    n.reshape(plane, shape)
}
