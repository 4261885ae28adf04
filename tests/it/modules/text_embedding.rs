//! The embedding of tokens and sentences: the example of TensorFlow Hub, and the options beyond it.

use half::{bf16, f16};
use tfhub::dtype::DType;
use tfhub::ops::nn::Combiner;
use tfhub::text::Embedding;
use tfhub::{Result, Session, TensorValue};

use super::Module;
use super::assets::WORDS;

const ROWS: usize = 5;
const DIMENSION: usize = 3;

pub(super) fn modules() -> Vec<Module> {
    /// Every option for both kinds of input, with these numbers of buckets.
    macro_rules! modules {
        ($($buckets:literal)*) => {
            [$([
                modules!(tokens $buckets ""),
                modules!(tokens $buckets "_float16" dtype(DType::Float16)),
                modules!(tokens $buckets "_bfloat16" dtype(DType::BFloat16)),
                modules!(tokens $buckets "_partitioned" partitions(3)),
                modules!(sentences $buckets ""),
                modules!(sentences $buckets "_float16" dtype(DType::Float16)),
                modules!(sentences $buckets "_bfloat16" dtype(DType::BFloat16)),
                modules!(sentences $buckets "_partitioned" partitions(3)),
                modules!(sentences $buckets "_mean" combiner(Combiner::Mean)),
                modules!(sentences $buckets "_sum" combiner(Combiner::Sum)),
            ]),*].concat()
        };
        ($input:ident $buckets:literal $suffix:literal $($option:ident($value:expr))?) => {
            Module::new(concat!("embedding_of_", stringify!($input), "_", $buckets, $suffix), |g| {
                let embedding = Embedding::new(WORDS, ROWS, DIMENSION).oov_buckets($buckets);
                embedding$(.$option($value))?.$input(g);
            })
            .values(assign_eighths)
        };
    }
    modules! { 0 1 3 }
}

/// Numbers that are not rounded in 16 bits.
fn assign_eighths(session: &mut Session) -> Result<()> {
    let name = "embeddings";
    let (shape, dtype) = {
        let value = session.value(name)?;
        (value.shape().to_vec(), value.dtype())
    };
    let count: usize = shape.iter().product();
    let numbers = (0..count).map(|number| number as f32 / 8.0 - 1.0);
    let value = match dtype {
        DType::Float16 => TensorValue::new(shape, numbers.map(f16::from_f32).collect::<Vec<_>>()),
        DType::BFloat16 => TensorValue::new(shape, numbers.map(bf16::from_f32).collect::<Vec<_>>()),
        _ => TensorValue::new(shape, numbers.collect::<Vec<_>>()),
    };
    session.assign_value(name, value?)
}
