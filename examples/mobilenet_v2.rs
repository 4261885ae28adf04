//! Exports MobileNetV2 as a module for image feature vectors, with the weights of a checkpoint that Python's code trained.

use std::process::ExitCode;

use clap::Parser;

#[path = "models/export.rs"]
mod export;
#[path = "models/mobilenet_v2.rs"]
mod mobilenet_v2;

use export::Export;
use mobilenet_v2::MobilenetV2;

/// Export MobileNetV2 as a TF1 Hub module for image feature vectors.
///
/// The signature "image_feature_vector" has the input "images", float32 [?, SIZE, SIZE, 3] from 0 to 1, the output
/// "default" and one for each layer; "image_feature_vector_with_bn_hparams" also has the input "batch_norm_momentum".
/// Variables are named as in nets/mobilenet of TensorFlow's research models.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    export: Export,
    /// The height and width of images.
    #[arg(long, default_value_t = MobilenetV2::default().size)]
    size: usize,
    /// The factor of all numbers of channels.
    #[arg(long, default_value_t = MobilenetV2::default().multiplier)]
    multiplier: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let net = MobilenetV2 {
        size: arguments.size,
        multiplier: arguments.multiplier,
        ..MobilenetV2::default()
    };
    let export = &arguments.export;
    export.run(|g, mode| mobilenet_v2::module_fn(g, &net, mode))
}
