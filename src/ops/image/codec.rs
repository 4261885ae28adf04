//! Images as files hold them: JPEG, PNG, GIF, BMP.

use std::panic::Location;

use crate::dtype::ByteString;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Call, Nodes, function};
use crate::ops::types::{IndexType, PngSample};
use crate::value::TensorValue;

/// How JPEG files are decoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecodeJpegOptions {
    channels: i64,
    ratio: i64,
    fancy_upscaling: bool,
    try_recover_truncated: bool,
    acceptable_fraction: f32,
    dct_method: &'static str,
}

impl Default for DecodeJpegOptions {
    fn default() -> Self {
        DecodeJpegOptions {
            channels: 0,
            ratio: 1,
            fancy_upscaling: true,
            try_recover_truncated: false,
            acceptable_fraction: 1.0,
            dct_method: "",
        }
    }
}

impl DecodeJpegOptions {
    /// 1 for grayscale, 3 for colours, or 0, the default, for what the file has.
    pub fn channels(self, channels: i64) -> Self {
        DecodeJpegOptions { channels, ..self }
    }

    /// By how much the image is made smaller: 1, 2, 4 or 8.
    pub fn ratio(self, ratio: i64) -> Self {
        DecodeJpegOptions { ratio, ..self }
    }

    /// Whether colours are made smooth where they are stored at a lower resolution; they are by default.
    pub fn fancy_upscaling(self, fancy_upscaling: bool) -> Self {
        DecodeJpegOptions {
            fancy_upscaling,
            ..self
        }
    }

    /// Whether a file that was cut off is decoded as far as it goes; it is not by default.
    pub fn try_recover_truncated(self, try_recover_truncated: bool) -> Self {
        DecodeJpegOptions {
            try_recover_truncated,
            ..self
        }
    }

    /// Which part of the lines a file that was cut off has to have; 1 by default.
    pub fn acceptable_fraction(self, acceptable_fraction: f32) -> Self {
        DecodeJpegOptions {
            acceptable_fraction,
            ..self
        }
    }

    /// The method of decompression: `INTEGER_FAST` or `INTEGER_ACCURATE`.
    pub fn dct_method(self, dct_method: &'static str) -> Self {
        DecodeJpegOptions { dct_method, ..self }
    }

    fn set<'g>(&self, op: Call<'g>) -> Tensor<'g, u8> {
        op.attr("channels", self.channels)
            .attr("ratio", self.ratio)
            .attr("fancy_upscaling", self.fancy_upscaling)
            .attr("try_recover_truncated", self.try_recover_truncated)
            .attr("acceptable_fraction", self.acceptable_fraction)
            .attr("dct_method", self.dct_method)
            .output()
            .typed()
    }
}

/// The image of a JPEG file, `[height, width, channels]` (`tf.image.decode_jpeg`).
#[track_caller]
pub fn decode_jpeg<'g>(contents: impl TensorLike<'g, ByteString>) -> Tensor<'g, u8> {
    decode_jpeg_with(contents, DecodeJpegOptions::default())
}

/// [`decode_jpeg`] with options.
#[track_caller]
pub fn decode_jpeg_with<'g>(
    contents: impl TensorLike<'g, ByteString>,
    options: DecodeJpegOptions,
) -> Tensor<'g, u8> {
    let op = function(contents.graph(), "DecodeJpeg");
    options.set(op.arg(contents))
}

/// A part of the image of a JPEG file: `crop_window` is top, left, height and width
/// (`tf.image.decode_and_crop_jpeg`).
#[track_caller]
pub fn decode_and_crop_jpeg<'g>(
    contents: impl TensorLike<'g, ByteString>,
    crop_window: impl Operand<'g, i32>,
) -> Tensor<'g, u8> {
    decode_and_crop_jpeg_with(contents, crop_window, DecodeJpegOptions::default())
}

/// [`decode_and_crop_jpeg`] with options.
#[track_caller]
pub fn decode_and_crop_jpeg_with<'g>(
    contents: impl TensorLike<'g, ByteString>,
    crop_window: impl Operand<'g, i32>,
    options: DecodeJpegOptions,
) -> Tensor<'g, u8> {
    let op = function(contents.graph(), "DecodeAndCropJpeg");
    options.set(op.arg(contents).arg(crop_window))
}

functions! {
    /// The image of a PNG file, `[height, width, channels]` (`tf.image.decode_png`).
    ///
    /// `channels` is 1 to 4, or 0 for what the file has.
    decode_png "DecodePng"
        <T: PngSample>(contents: ByteString; channels: i64) -> T { "channels" = channels, "dtype" = T::DTYPE };
    /// The frames of a GIF file, `[frames, height, width, 3]` (`tf.image.decode_gif`).
    decode_gif "DecodeGif" (contents: ByteString) -> u8;
    /// The image of a BMP file, `[height, width, channels]` (`tf.image.decode_bmp`).
    ///
    /// `channels` is 3 or 4, or 0 for what the file has.
    decode_bmp "DecodeBmp" (contents: ByteString; channels: i64) -> u8 { "channels" = channels };
    /// [`encode_jpeg`] with options (`tf.image.encode_jpeg`).
    encode_jpeg_with "EncodeJpeg"
        (image: u8; options: EncodeJpegOptions) -> ByteString
        {
            "format" = options.format,
            "quality" = options.quality,
            "progressive" = options.progressive,
            "optimize_size" = options.optimize_size,
            "chroma_downsampling" = options.chroma_downsampling,
            "density_unit" = options.density_unit,
            "x_density" = options.density.0,
            "y_density" = options.density.1,
            "xmp_metadata" = options.xmp_metadata.as_str()
        };
    /// An image as a PNG file (`tf.image.encode_png`); `compression` is from 0 to 9, or -1 for the usual one.
    encode_png "EncodePng" <T: PngSample>(image: T; compression: i64) -> ByteString { "compression" = compression };
    /// The height, width and channels that a JPEG file states (`tf.image.extract_jpeg_shape`).
    extract_jpeg_shape "ExtractJpegShape" <T: IndexType>(contents: ByteString) -> T { "output_type" = T::DTYPE };
}

/// How JPEG files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeJpegOptions {
    format: &'static str,
    quality: i64,
    progressive: bool,
    optimize_size: bool,
    chroma_downsampling: bool,
    density_unit: &'static str,
    density: (i64, i64),
    xmp_metadata: String,
}

impl Default for EncodeJpegOptions {
    fn default() -> Self {
        EncodeJpegOptions {
            format: "",
            quality: 95,
            progressive: false,
            optimize_size: false,
            chroma_downsampling: true,
            density_unit: "in",
            density: (300, 300),
            xmp_metadata: String::new(),
        }
    }
}

impl EncodeJpegOptions {
    /// `grayscale` or `rgb`; by default what the image has.
    pub fn format(self, format: &'static str) -> Self {
        EncodeJpegOptions { format, ..self }
    }

    /// The quality, from 0 to 100; 95 by default.
    pub fn quality(self, quality: i64) -> Self {
        EncodeJpegOptions { quality, ..self }
    }

    /// Whether the file loads progressively; it does not by default.
    pub fn progressive(self, progressive: bool) -> Self {
        EncodeJpegOptions {
            progressive,
            ..self
        }
    }

    /// Whether time is spent for a smaller file; it is not by default.
    pub fn optimize_size(self, optimize_size: bool) -> Self {
        EncodeJpegOptions {
            optimize_size,
            ..self
        }
    }

    /// Whether colours are stored at a lower resolution; they are by default.
    pub fn chroma_downsampling(self, chroma_downsampling: bool) -> Self {
        EncodeJpegOptions {
            chroma_downsampling,
            ..self
        }
    }

    /// Pixels per `in` or `cm`, horizontally and vertically; 300 per inch by default.
    pub fn density(self, x: i64, y: i64, unit: &'static str) -> Self {
        EncodeJpegOptions {
            density_unit: unit,
            density: (x, y),
            ..self
        }
    }

    /// XMP metadata for the file.
    pub fn xmp_metadata(self, xmp_metadata: impl Into<String>) -> Self {
        EncodeJpegOptions {
            xmp_metadata: xmp_metadata.into(),
            ..self
        }
    }
}

/// An image as a JPEG file (`tf.image.encode_jpeg`).
#[track_caller]
pub fn encode_jpeg<'g>(image: impl TensorLike<'g, u8>) -> Tensor<'g, ByteString> {
    encode_jpeg_with(image, EncodeJpegOptions::default())
}

/// Whether a file starts as JPEG files do (`tf.image.is_jpeg`).
#[track_caller]
pub fn is_jpeg<'g>(contents: impl TensorLike<'g, ByteString>) -> Tensor<'g, bool> {
    let g = contents.graph();
    let n = Nodes(g);
    // Python gives the name to the scope, and to the node in it too.
    let inner = if g.is_named() { None } else { Some("Equal") };
    let name = g.requested_name("is_jpeg");
    g.inner_scope(&name, Location::caller(), |_| {
        let start = function(g, "Substr")
            .arg(contents)
            .value(0)
            .value(3)
            .output();
        let signature = TensorValue::scalar(ByteString::from(*b"\xff\xd8\xff"));
        let args = [start.into(), signature.into()];
        n.call(("Equal", inner.unwrap_or(&name)), args).typed()
    })
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
