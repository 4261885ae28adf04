//! Assets: files that travel with a module, and the tables that are filled from them.
//!
//! The paths are relative to the root of the repository, where both sides run, since they are part of the names of
//! tables.

use tfhub::dtype::ByteString;
use tfhub::graph::keys;
use tfhub::ops::lookup::{
    IndexTableOptions, StaticHashTable, TextFile, TextFileIndex, TextFileInitializer,
    VocabularyTable, index_table_from_file, index_to_string_table_from_file,
};
use tfhub::ops::{array, io, math, string};
use tfhub::{GraphBuilder, Tensor};

use super::Module;

pub(super) const WORDS: &str = "tests/conformance/assets/words.txt";
const OTHER_WORDS: &str = "tests/conformance/assets/other/words.txt";
const NUMBERED_WORDS: &str = "tests/conformance/assets/numbered/words.txt0";
const ANIMALS: &str = "tests/conformance/assets/animals.csv";

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("vocabulary", vocabulary).seed(91),
        Module::new("assets_of_one_name", assets_of_one_name),
        Module::new("assets_in_variants", |g| in_variants(g, &[WORDS]))
            .variant(["french"], |g| in_variants(g, &[OTHER_WORDS]))
            .variant(["both"], |g| {
                in_variants(g, &[OTHER_WORDS, NUMBERED_WORDS, WORDS])
            })
            .variant(["none"], |g| in_variants(g, &[])),
        Module::new("tables_of_files", tables_of_files),
        Module::new("asset_path", asset_path),
    ]
}

fn words_placeholder(g: &GraphBuilder) -> Tensor<'_, ByteString> {
    g.named("words", || g.placeholder::<ByteString>((None,)))
}

fn vocabulary(g: &GraphBuilder) {
    let words = words_placeholder(g);
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let options = IndexTableOptions::default().num_oov_buckets(2);
    let table = index_table_from_file(g, TextFile::from(WORDS).vocab_size(5), options);
    let embeddings = g.get_variable::<f32>("embeddings").shape([7, 3]).finish();
    let found = array::gather(embeddings, table.lookup(words), ());
    g.signature("default")
        .input("words", words)
        .output("default", found);
    let names = index_to_string_table_from_file(g, WORDS, ());
    g.signature("words")
        .input("ids", ids)
        .output("words", names.lookup(ids));
}

fn assets_of_one_name(g: &GraphBuilder) {
    let paths = [
        (OTHER_WORDS, "b"),
        (WORDS, "a"),
        (NUMBERED_WORDS, "a_1"),
        (OTHER_WORDS, "a/b"),
        (ANIMALS, "c"),
    ];
    let mut last = None;
    let contents = paths.map(|(path, name)| {
        let path = g.named(name, || g.asset(path));
        last = Some(path);
        io::read_file(path)
    });
    let mut signature = g.signature("default");
    for (i, content) in contents.into_iter().enumerate() {
        signature = signature.output(format!("content_{i}"), content);
    }
    let again = last.unwrap();
    g.add_to_collection(keys::ASSET_FILEPATHS, again);
    let name = g.named("name", || string::regex_replace(again, "^.*/", "", ()));
    g.signature("name").output("default", name);
}

fn in_variants(g: &GraphBuilder, paths: &[&str]) {
    let words = words_placeholder(g);
    let ids = paths.iter().map(|&path| {
        let options = IndexTableOptions::default().default_value(-5);
        index_table_from_file(g, path, options).lookup(words)
    });
    let ids: Vec<_> = ids.collect();
    match &ids[..] {
        [] => g.default_signature(words, string::length(words, ())),
        _ => g.default_signature(words, math::add_n(g, ids)),
    }
}

fn tables_of_files(g: &GraphBuilder) {
    let words = words_placeholder(g);
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let table = || index_table_from_file(g, WORDS, ());
    let first = table();
    let second = g.device("/job:localhost", || {
        g.name_scope("again", || {
            let before = g.named("before", || g.no_op());
            g.control_dependencies([before], || g.named("table", table))
        })
    });
    let same = math::equal(first.lookup(words), second.lookup(words));
    let columns = |key, value| {
        let file = TextFile::from(ANIMALS).delimiter(",");
        file.keys(TextFileIndex::Column(key))
            .values(TextFileIndex::Column(value))
    };
    let weights = TextFileInitializer::<ByteString, f32>::new(g, columns(0, 2));
    let weights = g.named("weights", || StaticHashTable::new(weights, 0.0f32));
    let animals = g.named("animals", || g.asset(ANIMALS));
    let file = TextFile::from(animals).delimiter(",");
    let file = file
        .keys(TextFileIndex::Column(0))
        .values(TextFileIndex::Column(1));
    let numbers = TextFileInitializer::<ByteString, i64>::new(g, file).name("fill");
    let numbers = VocabularyTable::new(numbers, 4);
    let names = TextFileInitializer::<i64, ByteString>::new(g, columns(1, 0).vocab_size(2));
    let names = g.named("names", || StaticHashTable::new(names, "nobody"));
    g.signature("default")
        .input("words", words)
        .input("ids", ids)
        .output("same", same)
        .output("weights", weights.lookup(words))
        .output("numbers", numbers.lookup(words))
        .output("names", names.lookup(ids))
        .output("size", names.size());
}

fn asset_path(g: &GraphBuilder) {
    let vocabulary = g.named("vocabulary", || g.asset(WORDS));
    g.signature("tokenization").output("vocabulary", vocabulary);
}
