//! The module that maps tokens or sentences to vectors, as the example exporter of TensorFlow Hub defines it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::panic::Location;
use std::path::{Path, PathBuf};

use half::{bf16, f16};

use crate::dtype::{ByteString, DType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::lookup::{
    IndexTableOptions, TextFileInitializer, VocabularyTable, index_table_from_file,
};
use crate::ops::nn::{
    self, CombinedFloat, Combiner, EmbeddingOptions, PartitionStrategy, SparseEmbeddingOptions,
};
use crate::ops::sparse::{self, SparseTensor};
use crate::ops::{array, math, string};
use crate::variable::Partitioner;

/// The variable with the vectors.
const EMBEDDINGS: &str = "embeddings";
/// The punctuation that is taken out of sentences, for RE2.
const PUNCTUATION: &str = r"\pP";

/// The embedding of the tokens of a vocabulary file, each of which stands on a line of its own.
///
/// The variable `embeddings` has a row for each token, in the order of the file, and after them one for each bucket of
/// tokens that the file does not have. Its initial value is zeros: the vectors come from where the module is exported.
/// The file becomes an [asset](GraphBuilder::asset).
///
/// With the defaults, [`tokens`](Self::tokens) and [`sentences`](Self::sentences) make the graphs of the example
/// `text_embeddings` of tensorflow_hub 0.12, node for node.
///
/// ```
/// use std::collections::BTreeMap;
/// use tfhub::{Exporter, ModuleSpec, TensorValue, text::Embedding};
///
/// let dir = tempfile::tempdir()?;
/// let vocabulary = dir.path().join("tokens.txt");
/// std::fs::write(&vocabulary, "cat\ndog")?;
/// let embedding = Embedding::new(&vocabulary, 2, 3);
/// let spec = ModuleSpec::new(|g| embedding.sentences(g))?;
///
/// // Two tokens, and zeros for all others.
/// let vectors = TensorValue::new([3, 3], vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0, 0.0])?;
/// let values = BTreeMap::from([("embeddings".to_owned(), vectors)]);
/// Exporter::new(&spec).export(dir.path().join("module"), &values)?;
/// assert_eq!(std::fs::read(dir.path().join("module/assets/tokens.txt"))?, b"cat\ndog");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "an embedding makes nodes when it is applied"]
pub struct Embedding {
    vocabulary_file: PathBuf,
    vocabulary_size: usize,
    dimension: usize,
    oov_buckets: usize,
    dtype: DType,
    combiner: Combiner,
    partitions: usize,
    shared_name: Option<String>,
}

impl Embedding {
    /// Vectors of `dimension` elements for the `vocabulary_size` lines of a file.
    ///
    /// A file with another number of lines is a fault where the embedding is applied: rows would belong to other tokens.
    /// It has to be there when the module is exported.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, text::Embedding};
    /// # let dir = tempfile::tempdir()?;
    /// # let vocabulary = dir.path().join("tokens.txt");
    /// std::fs::write(&vocabulary, "cat\ndog\n")?;
    /// let error = ModuleSpec::new(|g| Embedding::new(&vocabulary, 3, 16).tokens(g)).unwrap_err();
    /// assert!(error.to_string().ends_with("tokens.txt\" has 2 lines, expected 3, one for each row"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        vocabulary_file: impl Into<PathBuf>,
        vocabulary_size: usize,
        dimension: usize,
    ) -> Self {
        Embedding {
            vocabulary_file: vocabulary_file.into(),
            vocabulary_size,
            dimension,
            oov_buckets: 1,
            dtype: DType::Float32,
            combiner: Combiner::Sqrtn,
            partitions: 1,
            shared_name: None,
        }
    }
}

setters! {
    impl Embedding {
        /// The number of buckets, and so of rows, for tokens that the vocabulary does not have; 1 by default. A hash of the
        /// token chooses the bucket.
        ///
        /// Without any, TensorFlow fails where it meets such a token. So it does for a sentence without tokens, unless the
        /// vocabulary has the empty one.
        oov_buckets: usize;
        /// The type in which the variable is stored: float32, by default, float16 or bfloat16. Vectors that are looked up
        /// become float32.
        dtype: DType;
        /// The combination of the vectors of a sentence; [`Combiner::Sqrtn`] by default.
        combiner: Combiner;
        /// The number of parts of the variable, of which each has rows that follow one another; 1 by default, and at most one
        /// for each row (`tf.fixed_size_partitioner`).
        partitions: usize;
        /// The `shared_name` of the table; as in Python, one with the path of the vocabulary by default.
        shared_name: impl Into<String> => Some(shared_name.into());
    }
}

impl Embedding {
    /// Adds the signature `default` from the input `tokens`, strings of the shape `[None]`, to the output `default` of the
    /// shape `[None, dimension]`.
    #[track_caller]
    pub fn tokens(&self, g: &GraphBuilder) {
        let (tokens, vectors) = g.called_from(Location::caller(), || {
            let tokens = g.named("tokens", || g.placeholder::<ByteString>((None,)));
            (tokens, self.lookup(tokens))
        });
        g.signature("default")
            .input("tokens", tokens)
            .output("default", vectors);
    }

    /// Adds the signature `default` from the input `sentences`, strings of the shape `[None]`, to the output `default` of the
    /// shape `[None, dimension]`: punctuation is removed, what is left is split at blanks, and the vectors of the tokens are
    /// combined.
    ///
    /// A sentence without tokens counts as one empty token.
    #[track_caller]
    pub fn sentences(&self, g: &GraphBuilder) {
        let (sentences, vectors) = g.called_from(Location::caller(), || {
            let sentences = g.named("sentences", || g.placeholder::<ByteString>((None,)));
            let words = string::regex_replace(sentences, PUNCTUATION, "", ());
            let tokens = string::string_split(words, ());
            (sentences, self.lookup_sparse(tokens))
        });
        g.signature("default")
            .input("sentences", sentences)
            .output("default", vectors);
    }

    /// Makes the variable and the table, and looks up the vector of each token.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, text::Embedding, dtype::ByteString, ops::string};
    /// # let dir = tempfile::tempdir()?;
    /// # let vocabulary = dir.path().join("tokens.txt");
    /// # std::fs::write(&vocabulary, "cat\ndog")?;
    /// let embedding = Embedding::new(&vocabulary, 2, 16).oov_buckets(8);
    /// let spec = ModuleSpec::new(|g| {
    ///     let words = g.placeholder::<ByteString>((None,));
    ///     g.default_signature(words, embedding.lookup(string::lower(words, ())));
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn lookup<'g>(&self, tokens: Tensor<'g, ByteString>) -> Tensor<'g, f32> {
        self.embed(tokens.graph(), Tokens::Dense(tokens))
    }

    /// Makes the variable and the table, and combines the vectors of the tokens in each row of a sparse matrix, such as
    /// [`string_split`](string::string_split) makes of sentences.
    ///
    /// A row without tokens counts as one empty token.
    #[track_caller]
    pub fn lookup_sparse<'g>(&self, tokens: SparseTensor<'g, ByteString>) -> Tensor<'g, f32> {
        self.embed(tokens.graph(), Tokens::Sparse(tokens))
    }

    #[track_caller]
    fn embed<'g>(&self, g: &'g GraphBuilder, tokens: Tokens<'g>) -> Tensor<'g, f32> {
        g.called_from(Location::caller(), || {
            self.expect_lines(g);
            match self.dtype {
                DType::Float32 => self.embed_as::<f32>(g, tokens),
                DType::Float16 => self.embed_as::<f16>(g, tokens),
                DType::BFloat16 => self.embed_as::<bf16>(g, tokens),
                other => {
                    let message = format!(
                        "expected an embedding of float32, float16 or bfloat16, found {other}"
                    );
                    g.report(Rule::Value, message);
                    AnyTensor::poison(g).typed()
                }
            }
        })
    }

    /// Reports a vocabulary with more or fewer lines than there are rows for tokens.
    #[track_caller]
    fn expect_lines(&self, g: &GraphBuilder) {
        // A file that cannot be read is refused as an asset where the module is exported.
        let lines = count_lines(&self.vocabulary_file);
        if let Some(lines) = lines.ok().filter(|lines| *lines != self.vocabulary_size) {
            let message = format!(
                "the vocabulary {:?} has {lines} lines, expected {}, one for each row",
                self.vocabulary_file, self.vocabulary_size
            );
            g.report(Rule::Value, message);
        }
    }

    fn embed_as<'g, T>(&self, g: &'g GraphBuilder, tokens: Tokens<'g>) -> Tensor<'g, f32>
    where
        T: CombinedFloat<Combination = f32>,
    {
        let rows = self.vocabulary_size.saturating_add(self.oov_buckets);
        let zeros = array::zeros::<T>(g, [rows, self.dimension].map(number));
        let partitioner = (self.partitions != 1).then(|| Partitioner::fixed_size(self.partitions));
        let embeddings = g.get_variable::<T>(EMBEDDINGS).initial_value(zeros);
        let embeddings = embeddings.partitioner(partitioner).finish();
        let table = self.table(g);
        match tokens {
            Tokens::Dense(tokens) => {
                let options =
                    EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div);
                let vectors = nn::embedding_lookup(embeddings, table.lookup(tokens), options);
                math::cast(vectors)
            }
            Tokens::Sparse(tokens) => {
                let ids = table.lookup_sparse(tokens);
                let empty = table.lookup(g.constant(""));
                let (ids, _) = sparse::fill_empty_rows(ids, empty);
                let ids = sparse::reset_shape(ids);
                let options = SparseEmbeddingOptions::default()
                    .partition_strategy(PartitionStrategy::Div)
                    .combiner(self.combiner);
                nn::embedding_lookup_sparse(embeddings, ids, options)
            }
        }
    }

    /// The ids of tokens. TensorFlow has no `StaticVocabularyTable` without buckets.
    fn table<'g>(&self, g: &'g GraphBuilder) -> VocabularyTable<'g> {
        let (file, name) = (&*self.vocabulary_file, &self.shared_name);
        if self.oov_buckets == 0 {
            let options = IndexTableOptions::default();
            let options = name.iter().fold(options, IndexTableOptions::shared_name);
            return index_table_from_file(g, file, options);
        }
        let lines = TextFileInitializer::<ByteString, i64>::new(g, file);
        let lines = name.iter().fold(lines, TextFileInitializer::shared_name);
        VocabularyTable::new(lines, number(self.oov_buckets))
    }
}

/// The tokens to look up: each for itself, or those of each row together.
enum Tokens<'g> {
    Dense(Tensor<'g, ByteString>),
    Sparse(SparseTensor<'g, ByteString>),
}

/// A size as TensorFlow has it.
fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The number of lines that a table reads from a file; the last one needs no end.
fn count_lines(path: &Path) -> io::Result<usize> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut lines, mut last) = (0, b'\n');
    loop {
        let bytes = file.fill_buf()?;
        let Some(&end) = bytes.last() else {
            return Ok(lines + usize::from(last != b'\n'));
        };
        lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        last = end;
        let read = bytes.len();
        file.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::ModuleSpec;

    fn vocabulary(content: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.txt");
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let long = "x\n".repeat(100_000);
        for (content, lines) in [
            ("", 0),
            ("a", 1),
            ("a\n", 1),
            ("a\nb", 2),
            ("\n\n", 2),
            (&*long, 100_000),
            (&long[..long.len() - 1], 100_000),
        ] {
            let (_dir, path) = vocabulary(content);
            assert_eq!(count_lines(&path).unwrap(), lines);
        }
    }

    #[test]
    fn another_number_of_lines_is_a_fault_of_the_author_s_line() {
        let (_dir, path) = vocabulary("cat\ndog");
        for size in [1, 3] {
            let embedding = Embedding::new(&path, size, 4);
            let line = line!() + 1;
            let error = ModuleSpec::new(|g| embedding.sentences(g)).unwrap_err();
            let [fault] = error.diagnostics() else {
                panic!("{error}");
            };
            assert_eq!(fault.rule(), Rule::Value);
            let location = fault.location();
            assert_eq!((location.file(), location.line()), (file!(), line));
            let expected =
                format!("the vocabulary {path:?} has 2 lines, expected {size}, one for each row");
            assert_eq!(fault.message(), expected);
        }
    }

    #[test]
    fn other_types_and_a_variable_without_parts_are_faults() {
        let (_dir, path) = vocabulary("cat\ndog");
        let embedding = Embedding::new(&path, 2, 4);
        for (embedding, expected) in [
            (
                embedding.clone().dtype(DType::Int8),
                "expected an embedding of float32, float16 or bfloat16, found int8",
            ),
            (embedding.partitions(0), "gives 0 parts"),
        ] {
            let error = ModuleSpec::new(|g| embedding.tokens(g)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn a_shared_name_stands_for_the_path() {
        let (dir, path) = vocabulary("cat\ndog");
        for buckets in [0, 2] {
            let embedding = Embedding::new(&path, 2, 4).oov_buckets(buckets);
            let text = |embedding: &Embedding| {
                let g = GraphBuilder::new();
                embedding.tokens(&g);
                g.finish().unwrap().to_text()
            };
            let table = |text: &str| {
                let table = text.lines().find(|line| line.contains("HashTableV2"));
                table.unwrap().to_owned()
            };
            let dir = dir.path().to_str().unwrap();
            assert!(table(&text(&embedding)).contains(dir));
            let named = table(&text(&embedding.shared_name("tokens")));
            assert!(
                !named.contains(dir) && named.contains("\"tokens\""),
                "{named}"
            );
        }
    }
}
