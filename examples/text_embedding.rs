//! Exports a file of word vectors as a module that maps tokens, or sentences, to vectors.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use prost::Message;
use tfhub::dtype::{ByteString, DType};
use tfhub::ops::nn::Combiner;
use tfhub::ops::{lookup, math, string};
use tfhub::text::{
    self, Embedding, FastTextReader, OutOfVocabulary, WordVectorFormat, WordVectors,
};
use tfhub::variable::Partitioner;
use tfhub::{Exporter, ModuleSpec, VariableSource, init};

#[path = "report/progress.rs"]
mod progress;

/// Export a TF1 Hub module from a file of word vectors.
///
/// The module maps tokens to vectors, or with --preprocess-text sentences to the combined vectors of their tokens. Files
/// of GloVe, word2vec (text and binary) and fastText (.vec) are recognised, compressed by gzip or zstd or not, and
/// matrices in .npy and .safetensors files, whose tokens are in a file of their own. The module of a model of fastText
/// (.bin) has vectors for all words, those of their n-grams, and takes the mean of those of a sentence.
#[derive(Parser)]
struct Arguments {
    /// The file of word vectors.
    #[arg(long, alias = "embedding_file", value_name = "FILE")]
    embedding_file: PathBuf,
    /// The directory to make; it must not exist yet.
    #[arg(long, alias = "export_path", value_name = "DIR")]
    export_path: PathBuf,
    /// The number of vectors for tokens that the file does not have.
    #[arg(long, alias = "num_oov_buckets", value_name = "N", default_value_t = 1)]
    num_oov_buckets: usize,
    /// Take sentences: remove punctuation, split at blanks and combine the vectors of the tokens.
    #[arg(long, alias = "preprocess_text")]
    preprocess_text: bool,
    /// How the vectors of a sentence are combined.
    #[arg(long, value_enum, default_value_t = Combine::Sqrtn)]
    combiner: Combine,
    /// The type in which vectors are stored.
    #[arg(long, value_enum, default_value_t = Stored::Float32)]
    dtype: Stored,
    /// The number of parts of the variable.
    #[arg(long, value_name = "N", default_value_t = 1)]
    partitions: usize,
    /// What the vectors of other tokens are.
    #[arg(long, value_enum, default_value_t = Fill::Zeros)]
    oov: Fill,
    /// The seed of random vectors.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The format, if it is not to be recognised.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file with the tokens of a matrix, a line for each row.
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Take only the first rows.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Take only the tokens that are lines of this file.
    #[arg(long, value_name = "FILE")]
    only: Option<PathBuf>,
    /// Scale vectors to the length one.
    #[arg(long)]
    normalize: bool,
    /// Put tokens in lower case; the first of those that are the same then is taken.
    #[arg(long)]
    lower_case: bool,
    /// Let all columns before the numbers be the token.
    #[arg(long)]
    tokens_with_spaces: bool,
    /// Skip bad lines and count them, instead of giving up.
    #[arg(long)]
    skip_bad_lines: bool,
    /// Attach the name, size and format of the file.
    #[arg(long)]
    provenance: bool,
    /// Replace a module that exists at DIR.
    #[arg(long)]
    replace: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Combine {
    Sqrtn,
    Mean,
    Sum,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Stored {
    Float32,
    Float16,
    Bfloat16,
}

#[derive(Clone, Copy, ValueEnum)]
enum Fill {
    Zeros,
    Mean,
    Random,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Glove,
    Word2vec,
    Word2vecBinary,
    Fasttext,
    Npy,
    Safetensors,
}

/// Where the vectors of a module come from: the attachment `provenance`.
#[derive(Clone, PartialEq, Message)]
struct Provenance {
    #[prost(string, tag = "1")]
    file: String,
    #[prost(uint64, tag = "2")]
    bytes: u64,
    #[prost(string, tag = "3")]
    format: String,
    #[prost(uint64, tag = "4")]
    vectors: u64,
    #[prost(uint64, tag = "5")]
    dimension: u64,
}

impl Arguments {
    fn open(&self) -> tfhub::Result<WordVectors> {
        let bar = progress::bar();
        let mut builder = WordVectors::builder()
            .format(self.format.map(|format| match format {
                Format::Glove => WordVectorFormat::Glove,
                Format::Word2vec | Format::Fasttext => WordVectorFormat::Word2vecText,
                Format::Word2vecBinary => WordVectorFormat::Word2vecBinary,
                Format::Npy => WordVectorFormat::Npy,
                Format::Safetensors => WordVectorFormat::Safetensors,
            }))
            .limit(self.limit)
            .normalize(self.normalize)
            .lower_case(self.lower_case)
            .tokens_with_spaces(self.tokens_with_spaces)
            .skip_bad_rows(self.skip_bad_lines)
            .on_progress(progress::show(&bar));
        if let Some(only) = &self.only {
            builder = builder.only(only);
        }
        if let Some(tokens) = &self.tokens {
            builder = builder.tokens_from(tokens);
        }
        let vectors = builder.open(&self.embedding_file);
        bar.finish_and_clear();
        vectors
    }

    fn export(&self) -> Result<(), Box<dyn std::error::Error>> {
        let scratch = tempfile::tempdir()?;
        let vocabulary = scratch.path().join("tokens.txt");
        if is_fasttext_model(&self.embedding_file) {
            return self.export_model(&vocabulary);
        }
        let vectors = self.open()?;
        describe(&vectors);
        vectors.write_vocabulary(&vocabulary)?;
        let dtype = match self.dtype {
            Stored::Float32 => DType::Float32,
            Stored::Float16 => DType::Float16,
            Stored::Bfloat16 => DType::BFloat16,
        };
        let embedding = Embedding::new(&vocabulary, vectors.len(), vectors.dimension())
            .oov_buckets(self.num_oov_buckets)
            .dtype(dtype)
            .combiner(match self.combiner {
                Combine::Sqrtn => Combiner::Sqrtn,
                Combine::Mean => Combiner::Mean,
                Combine::Sum => Combiner::Sum,
            })
            .partitions(self.partitions)
            // The directory is another each time; modules with other tokens must not share a table.
            .shared_name(format!("hash_table_{:016x}_tokens.txt", hash(&vectors)));
        let provenance = self
            .provenance
            .then(|| self.provenance_of(&vectors))
            .transpose()?;
        let spec = ModuleSpec::new(|g| {
            match self.preprocess_text {
                true => embedding.sentences(g),
                false => embedding.tokens(g),
            }
            if let Some(provenance) = &provenance {
                g.attach_message("provenance", provenance);
            }
        })?;
        let fill = match self.oov {
            Fill::Zeros => OutOfVocabulary::Zeros,
            Fill::Mean => OutOfVocabulary::Mean,
            Fill::Random => OutOfVocabulary::Random { seed: self.seed },
        };
        let values = vectors
            .embeddings("embeddings")
            .dtype(dtype)
            .out_of_vocabulary(self.num_oov_buckets as u64, fill);
        self.write(&spec, &values)
    }

    fn export_model(&self, vocabulary: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let of_vectors = self.limit.is_some() || self.only.is_some() || self.tokens.is_some();
        let changed = self.normalize || self.lower_case || self.tokens_with_spaces;
        if of_vectors || changed || self.skip_bad_lines || self.dtype != Stored::Float32 {
            return Err("a fastText model is taken as it is: options that choose or change vectors do not apply".into());
        }
        let model = FastTextReader::open(&self.embedding_file)?;
        model.write_vocabulary(vocabulary)?;
        let [rows, dimension] = model.shape();
        let words = model.subwords().num_words;
        println!(
            "{words} words and {} n-grams, of {dimension} numbers",
            rows - words
        );
        let spec = ModuleSpec::new(|g| {
            let table = lookup::index_table_from_file(g, vocabulary, ());
            let matrix = g.get_variable::<f32>("embeddings").shape([rows, dimension]);
            let matrix = matrix.initializer(init::zeros());
            let parts = self.partitions;
            let partitioner = (parts != 1).then(|| Partitioner::fixed_size(parts));
            let matrix = matrix.partitioner(partitioner).finish();
            let embed =
                |words| text::subword_embedding_lookup(words, &table, matrix, model.subwords());
            if !self.preprocess_text {
                let tokens = g.named("tokens", || g.placeholder::<ByteString>((None,)));
                g.signature("default")
                    .input("tokens", tokens)
                    .output("default", embed(tokens));
                return;
            }
            let sentences = g.named("sentences", || g.placeholder::<ByteString>((None,)));
            let tokens = string::regex_replace(sentences, r"\pP", "", ());
            let tokens = string::string_split(tokens, ());
            let rows = tokens.indices.slice((.., 0));
            let means = math::unsorted_segment_mean(
                embed(tokens.values),
                rows,
                tokens.dense_shape.slice(0),
            );
            g.signature("default")
                .input("sentences", sentences)
                .output("default", means);
        })?;
        self.write(&spec, &model)
    }

    fn write(
        &self,
        spec: &ModuleSpec,
        values: &dyn VariableSource,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let bar = progress::bar();
        let exporter = Exporter::new(spec).replace(self.replace);
        let summary = exporter
            .on_progress(progress::show(&bar))
            .export(&self.export_path, values);
        bar.finish_and_clear();
        print!("{}", summary?);
        Ok(())
    }

    fn provenance_of(&self, vectors: &WordVectors) -> std::io::Result<Provenance> {
        let name = self.embedding_file.file_name().unwrap_or_default();
        Ok(Provenance {
            file: name.to_string_lossy().into_owned(),
            bytes: std::fs::metadata(&self.embedding_file)?.len(),
            format: format!("{:?}", vectors.format()),
            vectors: vectors.len() as u64,
            dimension: vectors.dimension() as u64,
        })
    }
}

/// Whether a file begins as a model of fastText does.
fn is_fasttext_model(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && i32::from_le_bytes(magic) == 793_712_314
}

/// A hash of all tokens that is the same on every machine.
fn hash(vectors: &WordVectors) -> u64 {
    let mut hasher = DefaultHasher::new();
    vectors.tokens().for_each(|token| token.hash(&mut hasher));
    hasher.finish()
}

fn describe(vectors: &WordVectors) {
    let (rows, dimension) = (vectors.len(), vectors.dimension());
    println!(
        "{rows} vectors of {dimension} numbers, {:?}",
        vectors.format()
    );
    let counts = [
        (vectors.merged(), "merged with one before"),
        (vectors.unwanted(), "left out"),
        (
            vectors.missing(),
            "of the tokens that are wanted have no vector",
        ),
        (vectors.skipped().total(), "bad lines skipped"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        println!("  {count} {what}");
    }
    if vectors.skipped().total() > 0 {
        eprintln!("skipped:\n{}", vectors.skipped());
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let start = Instant::now();
    if let Err(error) = arguments.export() {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    println!("time: {:.1} s", start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
