//! The rows of codes of assets, attachments and exports.

use std::path::Path;

use super::super::LintCode;
use super::modules::*;
use crate::GraphBuilder;
use crate::dtype::ByteString;
use crate::ops::io;
use crate::ops::lookup::{StaticHashTable, TextFileInitializer};
use crate::ops::nn::{EmbeddingOptions, PartitionStrategy};
use crate::variable::Partitioner;

fn in_parts(g: &GraphBuilder, path: &Path, rows: usize, strategy: PartitionStrategy) {
    let options = EmbeddingOptions::default().partition_strategy(strategy);
    embedded_in_parts(g, path, rows, Partitioner::fixed_size(2), options);
}

pub(super) fn rows() -> Vec<Row> {
    use LintCode::*;

    vec![
        found(
            A01,
            "missing.txt",
            one(|g, dir| {
                plain(g, dir);
                g.asset(dir.join("missing.txt"));
            }),
            one(|g, dir| used(g, &file(dir, "there.txt", "text"))),
        ),
        found(
            A01,
            "aux.txt",
            one(|g, dir| used(g, &file(dir, "aux.txt", "text"))),
            one(|g, dir| used(g, &file(dir, "auxiliary.txt", "text"))),
        ),
        refused(
            A01,
            one(|g, dir| {
                plain(g, dir);
                g.asset("words/");
            }),
            one(plain),
        ),
        found(
            A02,
            "path",
            one(|g, _| {
                let path = g.named("path", || g.constant("words.txt"));
                g.signature("default")
                    .output("default", io::read_file(path));
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A03,
            "path",
            one(|g, _| {
                let path = g.named("path", || g.constant("/home/jo/words.txt"));
                g.signature("default").output("default", path);
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A03,
            "hash_table_named_by_path",
            one(|g, dir| {
                let words = g.placeholder::<ByteString>((None,));
                let table =
                    TextFileInitializer::<ByteString, i64>::new(g, file(dir, "words.txt", "a\n"));
                let table = g.named("hash_table_named_by_path", || {
                    StaticHashTable::new(table, 0i64)
                });
                g.default_signature(words, table.lookup(words));
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            A04,
            "unused.txt",
            one(|g, dir| {
                plain(g, dir);
                g.asset(file(dir, "unused.txt", "text"));
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A04,
            "two.txt",
            one(|g, dir| {
                let path = g.asset(file(dir, "one.txt", "text"));
                g.signature("other").output("text", io::read_file(path));
                used(g, &file(dir, "two.txt", "text"));
            }),
            one(|g, dir| {
                let path = g.asset(file(dir, "one.txt", "test"));
                g.signature("other").output("text", io::read_file(path));
                used(g, &file(dir, "two.txt", "text"));
            }),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\na\n"), 2)),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\nc\n"), 2)),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| {
                in_parts(
                    g,
                    &file(dir, "words.txt", "a\nb\nc\n"),
                    4,
                    PartitionStrategy::Mod,
                )
            }),
            one(|g, dir| {
                in_parts(
                    g,
                    &file(dir, "words.txt", "a\nb\nc\n"),
                    3,
                    PartitionStrategy::Mod,
                )
            }),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| {
                in_parts(
                    g,
                    &file(dir, "words.txt", "a\nb\nc\n"),
                    2,
                    PartitionStrategy::Div,
                )
            }),
            one(|g, dir| {
                in_parts(
                    g,
                    &file(dir, "words.txt", "a\nb\nc\n"),
                    3,
                    PartitionStrategy::Div,
                )
            }),
        ),
        refused(
            A06,
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("1a", []);
            }),
            one(plain),
        ),
        found(
            A06,
            "large",
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("large", [0; 5000]);
            }),
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("small", [0; 50]);
            }),
        ),
        found(
            X01,
            "dense/kernel",
            one(layer).values(|_| Ok(())),
            one(layer),
        ),
    ]
}
