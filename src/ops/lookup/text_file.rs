//! Tables that are filled from text files, one entry from each line.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::path::{Path, PathBuf};

use super::vocabulary::{
    Ids, IndexTableOptions, IndexToStringOptions, VocabularyTable, index_table,
};
use super::{StaticHashTable, TableInitializer};
use crate::dtype::{ByteString, DType, Resource, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Tensor, keys};
use crate::value::IntoTensorValue;

/// The part of a line that is a key or a value (`tf.lookup.TextFileIndex`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFileIndex {
    /// The line as it is.
    WholeLine,
    /// The number of the line, counted from 0.
    LineNumber,
    /// A column, counted from 0.
    Column(u32),
}

impl TextFileIndex {
    /// As the op spells it.
    fn number(self) -> i64 {
        match self {
            TextFileIndex::WholeLine => -2,
            TextFileIndex::LineNumber => -1,
            TextFileIndex::Column(column) => column.into(),
        }
    }
}

/// A text file that fills a table, and how.
///
/// A path or a tensor with a path becomes one with all options at their defaults. Unless told otherwise, the values are
/// whole lines and the keys their numbers if the values are strings, and else the keys are whole lines and the values
/// their numbers.
///
/// ```
/// use tfhub::ops::lookup::{TextFile, TextFileIndex};
///
/// let columns = TextFile::from("prices.csv")
///     .keys(TextFileIndex::Column(0))
///     .values(TextFileIndex::Column(2))
///     .delimiter(",");
/// # let _ = columns;
/// ```
#[derive(Debug, Clone)]
pub struct TextFile<'g> {
    path: FilePath<'g>,
    keys: Option<TextFileIndex>,
    values: Option<TextFileIndex>,
    vocab_size: Option<i64>,
    delimiter: String,
}

#[derive(Debug, Clone)]
enum FilePath<'g> {
    Path(PathBuf),
    Tensor(Tensor<'g, ByteString>),
}

impl<'g> TextFile<'g> {
    fn new(path: FilePath<'g>) -> Self {
        TextFile {
            path,
            keys: None,
            values: None,
            vocab_size: None,
            delimiter: "\t".to_owned(),
        }
    }
}

setters! {
    impl['g] TextFile<'g> {
        /// The part of a line that is the key.
        keys: TextFileIndex => Some(keys);
        /// The part of a line that is the value.
        values: TextFileIndex => Some(values);
        /// How many lines of the file are used, at least one; all by default.
        vocab_size: i64 => Some(vocab_size);
        /// The text between columns; a tab by default.
        delimiter: impl Into<String> => delimiter.into();
    }
}

macro_rules! from_paths {
    ($($path:ty)*) => {$(
        impl From<$path> for TextFile<'_> {
            fn from(path: $path) -> Self {
                TextFile::new(FilePath::Path(path.into()))
            }
        }
    )*};
}

from_paths! { &str &String String &Path &PathBuf PathBuf }

impl<'g> From<Tensor<'g, ByteString>> for TextFile<'g> {
    fn from(path: Tensor<'g, ByteString>) -> Self {
        TextFile::new(FilePath::Tensor(path))
    }
}

/// A table's contents from a text file (`tf.lookup.TextFileInitializer`; with other names of the node that fills the
/// table, `tf.contrib.lookup.TextFileIdTableInitializer` and `TextFileStringTableInitializer`).
///
/// The file becomes an [asset](GraphBuilder::asset) of the module, unless its path is a tensor that is no constant. As
/// in Python, its path is part of the table's `shared_name`, and so gets into modules; with
/// [`shared_name`](Self::shared_name) it does not.
///
/// ```
/// use tfhub::ops::lookup::{StaticHashTable, TextFileInitializer};
/// use tfhub::{ModuleSpec, Session};
/// use tfhub::dtype::ByteString;
///
/// let dir = tempfile::tempdir()?;
/// let words = dir.path().join("words.txt");
/// std::fs::write(&words, "cat\ndog\n")?;
/// let spec = ModuleSpec::new(|g| {
///     let ids = TextFileInitializer::new(g, &words).shared_name("words");
///     let table = StaticHashTable::new(ids, -1i64);
///     let words = g.placeholder::<ByteString>((None,));
///     g.default_signature(words, table.lookup(words));
/// })?;
/// spec.export(dir.path().join("module"), &Session::new(&spec)?)?;
/// assert_eq!(std::fs::read(dir.path().join("module/assets/words.txt"))?, b"cat\ndog\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TextFileInitializer<'g, K: TensorType, V: TensorType> {
    path: Tensor<'g, ByteString>,
    /// The path as Python spells it in the names of tables.
    spelled: String,
    keys: TextFileIndex,
    values: TextFileIndex,
    vocab_size: Option<i64>,
    delimiter: String,
    name: String,
    shared_name: Option<String>,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: TensorType, V: TensorType> fmt::Debug for TextFileInitializer<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextFileInitializer")
            .field("path", &self.spelled)
            .finish_non_exhaustive()
    }
}

impl<'g, K: TensorType, V: TensorType> TextFileInitializer<'g, K, V> {
    /// The lines of a file.
    ///
    /// Keys and values that are whole lines are strings, or integers for keys; those that are numbers of lines are of
    /// int64.
    #[track_caller]
    pub fn new(g: &'g GraphBuilder, file: impl Into<TextFile<'g>>) -> Self {
        let file = file.into();
        let (keys, values) = match V::DTYPE {
            DType::String => (TextFileIndex::LineNumber, TextFileIndex::WholeLine),
            _ => (TextFileIndex::WholeLine, TextFileIndex::LineNumber),
        };
        let (keys, values) = (file.keys.unwrap_or(keys), file.values.unwrap_or(values));
        expect_types(g, (keys, K::DTYPE), (values, V::DTYPE));
        if let Some(size) = file.vocab_size.filter(|size| *size <= 0) {
            let message = format!("expected at least one line of the file, found {size}");
            g.report(Rule::Value, message);
        }
        let (path, spelled) = match file.path {
            FilePath::Tensor(path) => (path, spelled(path)),
            FilePath::Path(path) => constant(g, &path),
        };
        TextFileInitializer {
            path,
            spelled,
            keys,
            values,
            vocab_size: file.vocab_size,
            delimiter: file.delimiter,
            name: "text_file_init".to_owned(),
            shared_name: None,
            types: PhantomData,
        }
    }
}

setters! {
    impl['g, K: TensorType, V: TensorType] TextFileInitializer<'g, K, V> {
        /// The scope of the node that fills the table; `text_file_init` by default.
        name: impl Into<String> => name.into();
        /// The `shared_name` of the table, whose contents are shared with those of this name in one session.
        shared_name: impl Into<String> => Some(shared_name.into());
    }
}

/// Reports keys and values that cannot be of these types.
#[track_caller]
fn expect_types(g: &GraphBuilder, keys: (TextFileIndex, DType), values: (TextFileIndex, DType)) {
    let of_line = |(index, dtype): (_, DType), may_be_integer: bool| match index {
        TextFileIndex::LineNumber if dtype != DType::Int64 => Some("int64"),
        TextFileIndex::WholeLine if dtype == DType::String => None,
        TextFileIndex::WholeLine if may_be_integer && dtype.is_integer() => None,
        TextFileIndex::WholeLine if may_be_integer => Some("an integer type or string"),
        TextFileIndex::WholeLine => Some("string"),
        _ => None,
    };
    let faults = [
        ("keys", keys, of_line(keys, true)),
        ("values", values, of_line(values, false)),
    ];
    for (what, (index, dtype), expected) in faults {
        if let Some(expected) = expected {
            let message = format!("{what} that are {index:?} are of {expected}, found {dtype}");
            g.report(Rule::Inputs, message);
        }
    }
}

/// A constant of the main graph, on the CPU, and the path in it.
#[track_caller]
fn constant<'g>(g: &'g GraphBuilder, path: &Path) -> (Tensor<'g, ByteString>, String) {
    let spelled = path.to_str().filter(|path| !path.is_empty());
    let Some(spelled) = spelled else {
        let message = format!("expected the path of a file in UTF-8, found {path:?}");
        g.report(Rule::Asset, message);
        return (AnyTensor::poison(g).typed(), String::new());
    };
    let here = Location::caller();
    let constant = {
        let _call = g.open_call(here);
        g.init_scope(|| {
            g.device("CPU", || {
                g.constant_named("asset_path", spelled.into_tensor_value())
            })
        })
    };
    (constant.typed(), spelled.to_owned())
}

/// A tensor as Python prints it.
fn spelled(tensor: Tensor<'_, ByteString>) -> String {
    if tensor.any().is_poison() {
        return String::new();
    }
    let name = tensor.name();
    let shape = match tensor.shape().rank() {
        Some(_) => ", shape=()",
        None => "",
    };
    let device = match &*tensor.operation().node().device {
        "" => String::new(),
        device => format!(", device={device}"),
    };
    format!("Tensor(\"{name}\"{shape}, dtype=string{device})")
}

impl<'g, K: TensorType, V: TensorType> TableInitializer<'g> for TextFileInitializer<'g, K, V> {
    type Key = K;
    type Value = V;

    fn graph(&self) -> &'g GraphBuilder {
        self.path.graph()
    }

    fn table_name(&self, _: &str) -> String {
        if let Some(shared_name) = &self.shared_name {
            return shared_name.clone();
        }
        let TextFileInitializer {
            spelled,
            keys,
            values,
            ..
        } = self;
        let size = self.vocab_size.map(|size| format!("_{size}"));
        format!(
            "hash_table_{spelled}{}_{}_{}",
            size.unwrap_or_default(),
            keys.number(),
            values.number()
        )
    }

    fn fill(&self, table: Tensor<'g, Resource>) -> Operation<'g> {
        let g = table.graph();
        let filled = {
            let _scope = g.open_inner_scope(&self.name, Location::caller());
            let node = g.op("InitializeTableFromTextFileV2");
            node.input(table)
                .input(self.path)
                .attr("key_index", self.keys.number())
                .attr("value_index", self.values.number())
                .attr("vocab_size", self.vocab_size.unwrap_or(-1))
                .attr("delimiter", self.delimiter.as_str())
                .finish()
        };
        let is_constant =
            !self.path.any().is_poison() && self.path.operation().node().op.name() == "Const";
        if is_constant {
            g.add_to_collection(keys::ASSET_FILEPATHS, self.path);
        }
        filled
    }
}

/// A table from the lines of a vocabulary file to their numbers (`tf.contrib.lookup.index_table_from_file`), of strings
/// unless [`key_dtype`](IndexTableOptions::key_dtype) says otherwise.
///
/// The file becomes an [asset](GraphBuilder::asset), see [`TextFileInitializer`].
///
/// ```
/// use tfhub::dtype::ByteString;
/// use tfhub::ops::lookup::index_table_from_file;
/// # let g = tfhub::GraphBuilder::new();
/// let table = index_table_from_file(&g, "words.txt", ());
/// let words = g.placeholder::<ByteString>((None,));
/// assert_eq!(table.lookup(words).shape().to_string(), "[?]");
/// ```
#[track_caller]
pub fn index_table_from_file<'g>(
    g: &'g GraphBuilder,
    vocabulary: impl Into<TextFile<'g>>,
    options: impl Into<IndexTableOptions>,
) -> VocabularyTable<'g> {
    let here = Location::caller();
    let (vocabulary, options) = (vocabulary.into(), options.into());
    index_table(g, &options, || {
        g.inner_scope("hash_table", here, |_| match options.key_dtype {
            DType::String => from_file::<ByteString>(g, vocabulary, &options),
            _ => from_file::<i64>(g, vocabulary, &options),
        })
    })
}

fn from_file<'g, K: TensorType>(
    g: &'g GraphBuilder,
    vocabulary: TextFile<'g>,
    options: &IndexTableOptions,
) -> Ids<'g> {
    let mut initializer = TextFileInitializer::<K, i64>::new(g, vocabulary).name("table_init");
    initializer.shared_name = options.shared_name.clone();
    StaticHashTable::new(initializer, options.default_value).into()
}

/// A table from the numbers of lines to the lines of a vocabulary file
/// (`tf.contrib.lookup.index_to_string_table_from_file`).
///
/// The file becomes an [asset](GraphBuilder::asset), see [`TextFileInitializer`].
#[track_caller]
pub fn index_to_string_table_from_file<'g>(
    g: &'g GraphBuilder,
    vocabulary: impl Into<TextFile<'g>>,
    options: impl Into<IndexToStringOptions<'g>>,
) -> StaticHashTable<'g, i64, ByteString> {
    let options = options.into();
    let _scope = g.open_function_scope("index_to_string");
    let mut initializer = TextFileInitializer::new(g, vocabulary).name("table_init");
    initializer.shared_name = options.shared_name;
    StaticHashTable::new(initializer, options.default_value)
}
