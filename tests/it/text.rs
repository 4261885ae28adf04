//! Tokens of sentences by a plain Rust twin of each tokenizer, and the modules that TensorFlow runs against them.
//!
//! `tests/fixtures/text/tokens.txt.gz` has the sentences and the tokens that the twins find; the conformance suite
//! compares them with those of TensorFlow, and the vectors of fastText models with a computation of its own.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use tfhub::dtype::ByteString;
use tfhub::ops::sparse::SparseTensor;
use tfhub::ops::{lookup, math};
use tfhub::text::{self, FastTextReader};
use tfhub::{ModuleSpec, Result, Session, Tensor, init};

/// Strings in the graph: one for each sentence, or any number.
enum Found<'g> {
    Strings(Tensor<'g, ByteString>),
    Tokens(SparseTensor<'g, ByteString>),
}

/// A function of sentences in the graph, and its twin for one of them.
struct Function {
    name: &'static str,
    graph: for<'g> fn(Tensor<'g, ByteString>) -> Found<'g>,
    twin: fn(&[u8]) -> Vec<Vec<u8>>,
}

const FUNCTIONS: [Function; 9] = [
    Function {
        name: "clean",
        graph: |x| Found::Strings(text::clean(x)),
        twin: |x| vec![clean(x).into_bytes()],
    },
    Function {
        name: "space_cjk",
        graph: |x| Found::Strings(text::space_cjk(x)),
        twin: |x| vec![spaced(x, is_cjk)],
    },
    Function {
        name: "space_punctuation",
        graph: |x| Found::Strings(text::space_punctuation(x)),
        twin: |x| vec![spaced(x, is_punctuation)],
    },
    Function {
        name: "basic_tokenize",
        graph: |x| Found::Tokens(text::basic_tokenize(x, ())),
        twin: |x| basic_tokenize(x, true),
    },
    Function {
        name: "basic_tokenize_cased",
        graph: |x| Found::Tokens(text::basic_tokenize(x, false)),
        twin: |x| basic_tokenize(x, false),
    },
    Function {
        name: "bigrams",
        graph: |x| Found::Tokens(text::ngrams(text::basic_tokenize(x, ()), [2], " ")),
        twin: |x| ngrams(&basic_tokenize(x, true), [2], " "),
    },
    Function {
        name: "ngrams",
        graph: |x| Found::Tokens(text::ngrams(text::basic_tokenize(x, false), [3, 1], "_")),
        twin: |x| ngrams(&basic_tokenize(x, false), [3, 1], "_"),
    },
    Function {
        name: "char_bigrams",
        graph: |x| Found::Tokens(text::char_ngrams(x, [2])),
        twin: |x| ngrams(&chars(x), [2], ""),
    },
    Function {
        name: "char_ngrams",
        graph: |x| Found::Tokens(text::char_ngrams(x, 1..=3)),
        twin: |x| ngrams(&chars(x), 1..=3, ""),
    },
];

/// Format characters, blanks, and punctuation beyond ASCII, as many as are in the sentences.
const FORMAT: &str = "\u{ad}\u{200b}\u{200d}\u{200e}\u{2060}\u{feff}\u{e0001}";
const BLANKS: &str = " \u{a0}\u{1680}\u{2003}\u{202f}\u{205f}\u{3000}";
const PUNCTUATION: &str = "¡§«·»¿‐–—‘’“”„†•…‰′‹›⁂、。〈〉「」！，：；？｡\u{10100}";

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || PUNCTUATION.contains(c)
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2ceaf}' | '\u{2f800}'..='\u{2fa1f}')
}

fn clean(x: &[u8]) -> String {
    let valid: String = x.utf8_chunks().map(|chunk| chunk.valid()).collect();
    let cleaned = |c: char| match c {
        '\t' | '\n' | '\r' => Some(' '),
        '\u{fffd}' => None,
        c if BLANKS.contains(c) => Some(' '),
        c if c.is_control() || FORMAT.contains(c) => None,
        c => Some(c),
    };
    valid.chars().filter_map(cleaned).collect()
}

fn spaced(x: &[u8], is_spaced: fn(char) -> bool) -> Vec<u8> {
    let mut spaced = Vec::new();
    for chunk in x.utf8_chunks() {
        for c in chunk.valid().chars() {
            let text = if is_spaced(c) {
                format!(" {c} ")
            } else {
                c.into()
            };
            spaced.extend(text.bytes());
        }
        spaced.extend(chunk.invalid());
    }
    spaced
}

fn basic_tokenize(x: &[u8], lower_case: bool) -> Vec<Vec<u8>> {
    let cleaned = clean(x);
    let text = if lower_case {
        cleaned.to_lowercase()
    } else {
        cleaned
    };
    let mut tokens = vec![String::new()];
    for c in text.chars() {
        let last = tokens.last_mut().unwrap();
        match c {
            ' ' => tokens.push(String::new()),
            c if is_cjk(c) || is_punctuation(c) => tokens.extend([c.into(), String::new()]),
            c => last.push(c),
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens.into_iter().map(String::into_bytes).collect()
}

fn chars(x: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(x);
    text.chars().map(|c| c.to_string().into_bytes()).collect()
}

fn ngrams(
    tokens: &[Vec<u8>],
    widths: impl IntoIterator<Item = usize>,
    separator: &str,
) -> Vec<Vec<u8>> {
    let of_width = |width| {
        tokens
            .windows(width)
            .map(|ngram| ngram.join(separator.as_bytes()))
    };
    widths.into_iter().flat_map(of_width).collect()
}

/// Numbers that are the same in every run, by the generator of Lehmer.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7FFF_FFFF;
        self.0 as usize % limit
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Sentences by hand, and random ones of letters, blanks, punctuation, control characters, ideographs and bytes that are no
/// UTF-8.
fn sentences() -> Vec<Vec<u8>> {
    let by_hand: [&[u8]; 14] = [
        b"",
        b" ",
        b"Hello, World!",
        b"  it's  (not)\ta-b\r\nc_d ",
        "Ünïcödé Straße İstanbul ΟΔΥΣΣΕΥΣ ǅ".as_bytes(),
        "她说：“你好”。".as_bytes(),
        "ひらがなとカタカナ한글".as_bytes(),
        "e\u{301}te\u{301} 👩\u{200d}💻 €5 100°".as_bytes(),
        b"...",
        b"a\0b\x7fc\xef\xbf\xbdd",
        b"\xff\xfe",
        b"caf\xe9 bar",
        b"\xe4\xbd",
        b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    ];
    let letters: Vec<char> = "aebcxyzABXZ059éÉßİΣσςΩKȺꭰᎠ한カ😀e\u{301}€°×¬"
        .chars()
        .collect();
    let blanks: Vec<char> = BLANKS.chars().chain("\t\n\r  ".chars()).collect();
    let ascii = (0..128u8)
        .map(char::from)
        .filter(char::is_ascii_punctuation);
    let punctuation: Vec<char> = ascii.chain(PUNCTUATION.chars()).collect();
    let control: Vec<char> = FORMAT
        .chars()
        .chain("\0\u{1}\u{b}\u{c}\u{1f}\u{7f}\u{80}\u{85}\u{9f}\u{fffd}".chars())
        .collect();
    let cjk: Vec<char> = "中文字㐀\u{20000}\u{2b820}豈\u{2f800}".chars().collect();
    let invalid: [&[u8]; 8] = [
        b"\xff",
        b"\xc3",
        b"\xe4\xb8",
        b"\xf0\x9f\x98",
        b"\x80",
        b"\xc0\xaf",
        b"\xf8",
        b"\xbf",
    ];
    let mut numbers = Numbers(14);
    let mut sentence = || {
        let mut sentence = Vec::new();
        for _ in 0..numbers.below(17) {
            let chars = match numbers.below(16) {
                0..8 => &letters,
                8..11 => &blanks,
                11..13 => &punctuation,
                13 => &control,
                14 => &cjk,
                _ => {
                    sentence.extend(numbers.one_of(&invalid));
                    continue;
                }
            };
            sentence.extend(numbers.one_of(chars).to_string().bytes());
        }
        sentence
    };
    let random: Vec<_> = std::iter::repeat_with(&mut sentence).take(300).collect();
    by_hand
        .iter()
        .map(|sentence| sentence.to_vec())
        .chain(random)
        .collect()
}

/// A line for each function and sentence: the name, the sentence and its tokens, between tabs.
fn table() -> String {
    let mut table = String::new();
    for Function { name, twin, .. } in FUNCTIONS {
        for sentence in sentences() {
            let tokens = twin(&sentence);
            let cells = std::iter::once(&sentence).chain(&tokens);
            let cells = cells.map(|cell| format!("\t{}", cell.escape_ascii()));
            table += &format!("{name}{}\n", cells.collect::<String>());
        }
    }
    table
}

const FIXTURE: &str = "tests/fixtures/text/tokens.txt";

#[test]
fn the_fixture_has_the_tokens_of_the_twins() {
    let table = table();
    if std::env::var_os("TFHUB_BLESS").is_some() {
        fs::create_dir_all(Path::new(FIXTURE).parent().unwrap()).unwrap();
        fs::write(FIXTURE, &table).unwrap();
        return;
    }
    let mut fixture = String::new();
    let file = fs::File::open(format!("{FIXTURE}.gz")).unwrap();
    GzDecoder::new(file).read_to_string(&mut fixture).unwrap();
    let wrong = table.lines().zip(fixture.lines()).find(|(a, b)| a != b);
    assert_eq!(wrong, None);
    assert!(table == fixture);
}

/// A module with a signature for each function.
fn export_tokenizers(target: &Path) -> Result<()> {
    let spec = ModuleSpec::new(|g| {
        for Function { name, graph, .. } in FUNCTIONS {
            g.name_scope(name, || {
                let sentences = g.placeholder::<ByteString>((None,));
                let signature = g.signature(name).input("default", sentences);
                match graph(sentences) {
                    Found::Strings(strings) => signature.output("default", strings),
                    Found::Tokens(tokens) => signature.output("default", tokens),
                };
            });
        }
    })?;
    spec.export(target, &Session::new(&spec)?).map(drop)
}

/// A module of words, and of sentences in a second signature, from a directory with `model.bin`.
fn export_fasttext(directory: &Path) -> Result<()> {
    let model = FastTextReader::open(directory.join("model.bin"))?;
    let words = directory.join("words.txt");
    model.write_vocabulary(&words)?;
    let spec = ModuleSpec::new(|g| {
        let table = lookup::index_table_from_file(g, &words, ());
        let matrix = g.get_variable::<f32>("embeddings").shape(model.shape());
        let matrix = matrix.initializer(init::zeros()).finish();
        let lookup =
            |words| text::subword_embedding_lookup(words, &table, matrix, model.subwords());
        let tokens = g.placeholder::<ByteString>((None,));
        g.default_signature(tokens, lookup(tokens));
        let sentences = g.placeholder::<ByteString>((None,));
        let tokens = text::basic_tokenize(sentences, false);
        let (rows, count) = (tokens.indices.slice((.., 0)), tokens.dense_shape.slice(0));
        let means = math::unsorted_segment_mean(lookup(tokens.values), rows, count);
        g.signature("sentences")
            .input("default", sentences)
            .output("default", means);
    })?;
    spec.export(directory.join("module"), &model).map(drop)
}

/// Exports the tokenizers to `$TFHUB_TEXT_DIR/tokenizers`, and a module beside each `model.bin` in directories of it.
#[test]
fn export_conformance_text() {
    let scratch = tempfile::tempdir().unwrap();
    let given = std::env::var_os("TFHUB_TEXT_DIR").map(PathBuf::from);
    let root = given.clone().unwrap_or_else(|| scratch.path().to_owned());
    export_tokenizers(&root.join("tokenizers")).unwrap();
    if given.is_none() {
        return;
    }
    let directories = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let models: Vec<PathBuf> = directories
        .filter(|path| path.join("model.bin").is_file())
        .collect();
    assert!(!models.is_empty());
    for model in models {
        if let Err(error) = export_fasttext(&model) {
            panic!("{}: {error}", model.display());
        }
    }
}
