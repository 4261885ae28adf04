//! Exports ResNet-v2-50 as a module for image feature vectors, with the weights of a checkpoint that Python's code trained.

use std::process::ExitCode;

use clap::Parser;

#[path = "models/export.rs"]
mod export;
#[path = "models/resnet_v2.rs"]
mod resnet_v2;

use export::Export;

/// Export ResNet-v2-50 as a TF1 Hub module for image feature vectors.
///
/// The signature "image_feature_vector" has the input "images", float32 [?, SIZE, SIZE, 3] from 0 to 1, the output
/// "default" and one for each layer; "image_feature_vector_with_bn_hparams" also has the input "batch_norm_momentum".
/// Variables are named as in tf.contrib.slim.nets.resnet_v2.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    export: Export,
    /// The height and width of images.
    #[arg(long, default_value_t = 224)]
    size: usize,
}

fn main() -> ExitCode {
    let Arguments { export, size } = Arguments::parse();
    export.run(|g, mode| resnet_v2::module_fn(g, size, &resnet_v2::BLOCKS_50, mode))
}
