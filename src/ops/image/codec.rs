//! Images as files hold them: JPEG, PNG, GIF, BMP.

use std::panic::Location;

use crate::dtype::ByteString;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::nodes::{Call, Nodes, function};
use crate::ops::types::{IndexType, PngSample};
use crate::ops::{OrDefault, TensorLike};
use crate::value::TensorValue;

options! {
    /// How JPEG files are decoded.
    ///
    /// ```
    /// use tfhub::ops::image::{self, DecodeJpegOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let file = g.placeholder::<tfhub::dtype::ByteString>(());
    /// let colored = image::decode_jpeg(file, DecodeJpegOptions::default().channels(3).ratio(2));
    /// assert_eq!(colored.shape().to_string(), "[?, ?, 3]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    DecodeJpegOptions {
        /// 1 for grayscale, 3 for colours, or 0, the default, for those of the file.
        channels: i64 = 0;
        /// By how much the image is made smaller: 1, 2, 4 or 8.
        ratio: i64 = 1;
        /// Whether colours are made smooth where they are stored at a lower resolution; they are by default.
        fancy_upscaling: bool = true;
        /// Whether a file that was cut off is decoded as far as it goes; it is not by default.
        try_recover_truncated: bool = false;
        /// The part of the lines that a file that was cut off has to have; 1 by default.
        acceptable_fraction: f32 = 1.0;
        /// The method of decompression: `INTEGER_FAST` or `INTEGER_ACCURATE`.
        dct_method: &'static str = "";
    }
}

impl DecodeJpegOptions {
    #[track_caller]
    fn set<'g>(&self, op: Call<'g>) -> Tensor<'g, u8> {
        op.attr("channels", self.channels)
            .attr("ratio", self.ratio)
            .attr("fancy_upscaling", self.fancy_upscaling)
            .attr("try_recover_truncated", self.try_recover_truncated)
            .attr("acceptable_fraction", self.acceptable_fraction)
            .attr("dct_method", self.dct_method)
            .typed()
    }
}

/// The image of a JPEG file, `[height, width, channels]` (`tf.image.decode_jpeg`).
#[track_caller]
pub fn decode_jpeg<'g>(
    contents: impl TensorLike<'g, ByteString>,
    options: impl Into<DecodeJpegOptions>,
) -> Tensor<'g, u8> {
    let op = function(contents.graph(), "DecodeJpeg");
    options.into().set(op.arg(contents))
}

/// A part of the image of a JPEG file: `crop_window` is top, left, height and width
/// (`tf.image.decode_and_crop_jpeg`).
#[track_caller]
pub fn decode_and_crop_jpeg<'g>(
    contents: impl TensorLike<'g, ByteString>,
    crop_window: impl Operand<'g, i32>,
    options: impl Into<DecodeJpegOptions>,
) -> Tensor<'g, u8> {
    let op = function(contents.graph(), "DecodeAndCropJpeg");
    options.into().set(op.arg(contents).arg(crop_window))
}

functions! {
    /// The image of a PNG file, `[height, width, channels]` (`tf.image.decode_png`).
    ///
    /// `channels` is 1 to 4, or those of the file by default.
    decode_png "DecodePng"
        <T: PngSample>(contents: ByteString | channels: OrDefault<i64>) -> T
        { "channels" = channels.0.unwrap_or(0), "dtype" = T::DTYPE };
    /// The frames of a GIF file, `[frames, height, width, 3]` (`tf.image.decode_gif`).
    decode_gif "DecodeGif" (contents: ByteString) -> u8;
    /// The image of a BMP file, `[height, width, channels]` (`tf.image.decode_bmp`).
    ///
    /// `channels` is 3 or 4, or those of the file by default.
    decode_bmp "DecodeBmp"
        (contents: ByteString | channels: OrDefault<i64>) -> u8 { "channels" = channels.0.unwrap_or(0) };
    /// An image as a JPEG file (`tf.image.encode_jpeg`).
    encode_jpeg "EncodeJpeg"
        (image: u8 | options: EncodeJpegOptions) -> ByteString
        {
            "format" = options.format,
            "quality" = options.quality,
            "progressive" = options.progressive,
            "optimize_size" = options.optimize_size,
            "chroma_downsampling" = options.chroma_downsampling,
            "density_unit" = options.density_unit,
            "x_density" = options.x_density,
            "y_density" = options.y_density,
            "xmp_metadata" = options.xmp_metadata.as_str()
        };
    /// An image as a PNG file (`tf.image.encode_png`); `compression` is from 0 to 9, zlib's own by default.
    encode_png "EncodePng"
        <T: PngSample>(image: T | compression: OrDefault<i64>) -> ByteString
        { "compression" = compression.0.unwrap_or(-1) };
    /// The height, width and channels that a JPEG file states (`tf.image.extract_jpeg_shape`).
    extract_jpeg_shape "ExtractJpegShape" <T: IndexType>(contents: ByteString) -> T { "output_type" = T::DTYPE };
}

options! {
    /// How JPEG files are written.
    ///
    /// ```
    /// use tfhub::ops::image::{self, EncodeJpegOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let photo = g.placeholder::<u8>((120, 90, 3));
    /// let file = image::encode_jpeg(photo, EncodeJpegOptions::default().quality(80).progressive(true));
    /// assert_eq!(file.shape().to_string(), "[]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    EncodeJpegOptions {
        /// `grayscale` or `rgb`; by default that of the image.
        format: &'static str = "";
        /// The quality, from 0 to 100; 95 by default.
        quality: i64 = 95;
        /// Whether the file loads progressively; it does not by default.
        progressive: bool = false;
        /// Whether time is spent for a smaller file; it is not by default.
        optimize_size: bool = false;
        /// Whether colours are stored at a lower resolution; they are by default.
        chroma_downsampling: bool = true;
        /// The unit of densities, `in` or `cm`; inches by default.
        density_unit: &'static str = "in";
        /// Horizontal pixels per unit; 300 by default.
        x_density: i64 = 300;
        /// Vertical pixels per unit; 300 by default.
        y_density: i64 = 300;
        /// XMP metadata for the file.
        xmp_metadata: String = String::new(), impl Into<String> => xmp_metadata.into();
    }
}

/// Whether a file starts as JPEG files do (`tf.image.is_jpeg`).
#[track_caller]
pub fn is_jpeg<'g>(contents: impl TensorLike<'g, ByteString>) -> Tensor<'g, bool> {
    let g = contents.graph();
    let n = Nodes(g);
    // Python gives the name to the scope, and to the node in it too.
    let inner = if g.is_named() { None } else { Some("Equal") };
    let name = g.requested_name("is_jpeg");
    let _scope = g.open_inner_scope(&name, Location::caller());
    let start = function(g, "Substr")
        .arg(contents)
        .value(0)
        .value(3)
        .output();
    let signature = TensorValue::scalar(ByteString::from(*b"\xff\xd8\xff"));
    let args = [start.into(), signature.into()];
    n.call(("Equal", inner.unwrap_or(&name)), args).typed()
}

/// An image as it is after JPEG of a quality that a tensor has.
pub(super) fn quality_lost<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    quality: AnyTensor<'g>,
) -> AnyTensor<'g> {
    let encoded = n.binary("EncodeJpegVariableQuality", image, quality);
    n.unary("DecodeJpeg", encoded)
}
