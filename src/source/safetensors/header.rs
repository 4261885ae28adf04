//! The header of a `.safetensors` file: a JSON object from names to dtypes, shapes and places.

use hifijson::num::LexWrite as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex as _;
use hifijson::{Expect, SliceLexer, ignore};

use crate::dtype::DType;
use crate::shape::element_count;
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;

/// The key of what writers of files say about them.
const METADATA: &str = "__metadata__";
/// How deep values may lie in each other where they are not read.
const MAX_DEPTH: u32 = 100;

errors! {
    /// A fault of a header.
    #[derive(Debug)]
    pub(super) enum HeaderError {
        #[error("{text} at line {line} column {column}")]
        Json {
            text: String,
            line: usize,
            column: usize,
        },
        #[error(
            "tensor \"{name}\": expected it to begin at byte {expected} of the elements, found {from}..{to}"
        )]
        Place {
            name: String,
            expected: usize,
            from: usize,
            to: usize,
        },
        #[error("tensor \"{name}\": {dtype} of shape {shape:?} has more bytes than can be addressed")]
        TooLarge {
            name: String,
            dtype: String,
            shape: Vec<usize>,
        },
        #[error(
            "tensor \"{name}\": expected {expected} bytes for {dtype} of shape {shape:?}, found {found}"
        )]
        Size {
            name: String,
            dtype: String,
            shape: Vec<usize>,
            expected: usize,
            found: usize,
        },
    }
}

/// A tensor as the header describes it.
#[derive(Debug)]
pub(super) struct TensorInfo {
    /// A name of the format's, which may be one of a later version.
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
    /// Where the elements begin and end, after the header.
    pub(super) data_offsets: (usize, usize),
}

/// The tensors by name, which lie one after the other.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) tensors: SortedMap<String, TensorInfo>,
    /// How many bytes all of them have.
    pub(super) data_len: usize,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, HeaderError> {
        let mut lexer = SliceLexer::new(json);
        let tensors = lexer.exactly_one(SliceLexer::ws_peek, tensors);
        let tensors = tensors.map_err(|Fault(mut text)| {
            if lexer.as_slice().is_empty() {
                text.insert_str(0, "EOF: ");
            }
            let before = &json[..json.len() - lexer.as_slice().len()];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let column = before.iter().rev().take_while(|&&byte| byte != b'\n');
            let column = column.count() + 1;
            HeaderError::Json { text, line, column }
        })?;
        let mut placed: Vec<_> = tensors.iter().collect();
        sort_by_key(&mut placed, |(_, info)| info.data_offsets);
        let mut data_len = 0;
        for (name, info) in placed {
            let (from, to) = info.data_offsets;
            if from != data_len || to < from {
                return Err(HeaderError::Place {
                    name: name.clone(),
                    expected: data_len,
                    from,
                    to,
                });
            }
            info.check_size(name, to - from)?;
            data_len = to;
        }
        Ok(Header { tensors, data_len })
    }
}

impl TensorInfo {
    /// Whether the elements have as many bytes as dtype and shape say, if the dtype is known.
    fn check_size(&self, name: &str, found: usize) -> Result<(), HeaderError> {
        let size = dtype(&self.dtype).and_then(DType::size);
        let (name, dtype, shape) = (name.to_owned(), self.dtype.clone(), self.shape.clone());
        let Some(count) = element_count(&shape) else {
            return Err(HeaderError::TooLarge { name, dtype, shape });
        };
        match size.map(|size| count.checked_mul(size)) {
            Some(None) => Err(HeaderError::TooLarge { name, dtype, shape }),
            Some(Some(expected)) if expected != found => Err(HeaderError::Size {
                name,
                dtype,
                shape,
                expected,
                found,
            }),
            _ => Ok(()),
        }
    }
}

/// TensorFlow's name for a dtype; `None` for those that TensorFlow 1.15 does not have.
pub(super) fn dtype(name: &str) -> Option<DType> {
    Some(match name {
        "BOOL" => DType::Bool,
        "U8" => DType::UInt8,
        "I8" => DType::Int8,
        "U16" => DType::UInt16,
        "I16" => DType::Int16,
        "U32" => DType::UInt32,
        "I32" => DType::Int32,
        "U64" => DType::UInt64,
        "I64" => DType::Int64,
        "F16" => DType::Float16,
        "BF16" => DType::BFloat16,
        "F32" => DType::Float32,
        "F64" => DType::Float64,
        "C64" => DType::Complex64,
        _ => return None,
    })
}

/// A fault of the JSON, which lies where the lexer stopped.
struct Fault(String);

impl From<Expect> for Fault {
    fn from(expected: Expect) -> Self {
        Fault(format!("expected {expected}"))
    }
}

impl From<hifijson::str::Error> for Fault {
    fn from(error: hifijson::str::Error) -> Self {
        Fault(error.to_string())
    }
}

impl From<hifijson::num::Error> for Fault {
    fn from(error: hifijson::num::Error) -> Self {
        Fault(error.to_string())
    }
}

impl From<hifijson::Error> for Fault {
    fn from(error: hifijson::Error) -> Self {
        match error {
            hifijson::Error::Token(expected) => expected.into(),
            error => Fault(error.to_string()),
        }
    }
}

/// Reads the value that begins with the byte `first`, as all the functions below.
fn tensors(first: u8, lexer: &mut SliceLexer<'_>) -> Result<SortedMap<String, TensorInfo>, Fault> {
    let mut tensors = SortedMap::new();
    let what = "an object with a tensor for each name";
    members(first, lexer, what, &mut |name, first, lexer| {
        if name == METADATA {
            return skip(first, lexer, MAX_DEPTH);
        }
        match tensors.insert(name.to_owned(), tensor(first, lexer)?) {
            Some(_) => Err(Fault(format!("tensor \"{name}\" is there twice"))),
            None => Ok(()),
        }
    })?;
    Ok(tensors)
}

fn tensor(first: u8, lexer: &mut SliceLexer<'_>) -> Result<TensorInfo, Fault> {
    let (mut dtype, mut shape, mut data_offsets) = (None, None, None);
    let what = "an object with the dtype, shape and data_offsets of a tensor";
    members(first, lexer, what, &mut |key, first, lexer| {
        let is_double = match key {
            "dtype" => dtype.replace(string(first, lexer)?).is_some(),
            "shape" => shape.replace(sizes(first, lexer)?).is_some(),
            "data_offsets" => data_offsets.replace(sizes(first, lexer)?).is_some(),
            _ => {
                skip(first, lexer, MAX_DEPTH)?;
                false
            }
        };
        match is_double {
            true => Err(Fault(format!("duplicate field `{key}`"))),
            false => Ok(()),
        }
    })?;
    let missing = |field| Fault(format!("missing field `{field}`"));
    let dtype = dtype.ok_or_else(|| missing("dtype"))?;
    let shape = shape.ok_or_else(|| missing("shape"))?;
    let data_offsets = data_offsets.ok_or_else(|| missing("data_offsets"))?;
    let [from, to] = data_offsets[..] else {
        let found = data_offsets.len();
        return Err(Fault(format!("expected 2 data_offsets, found {found}")));
    };
    Ok(TensorInfo {
        dtype,
        shape,
        data_offsets: (from, to),
    })
}

/// Calls `member` with each key of an object and the first byte of its value, which it reads.
fn members(
    first: u8,
    lexer: &mut SliceLexer<'_>,
    what: &str,
    member: &mut dyn FnMut(&str, u8, &mut SliceLexer<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if first != b'{' {
        return Err(Fault(format!("expected {what}")));
    }
    let object = lexer.discarded();
    object.seq(b'}', SliceLexer::ws_peek, |first, lexer| {
        let key = string(first, lexer)?;
        lexer
            .expect(SliceLexer::ws_peek, b':')
            .ok_or(Expect::Colon)?;
        let begins_a_value = |first: &u8| {
            matches!(
                first,
                b'"' | b'-' | b'0'..=b'9' | b'[' | b'f' | b'n' | b't' | b'{'
            )
        };
        let first = lexer.ws_peek().filter(begins_a_value);
        member(&key, first.ok_or(Expect::Value)?, lexer)
    })
}

fn string(first: u8, lexer: &mut SliceLexer<'_>) -> Result<String, Fault> {
    match first {
        b'"' => Ok(lexer.discarded().str_string()?.into_owned()),
        _ => Err(Expect::String.into()),
    }
}

fn sizes(first: u8, lexer: &mut SliceLexer<'_>) -> Result<Vec<usize>, Fault> {
    let mut sizes = Vec::new();
    if first != b'[' {
        return Err(Fault("expected a list of sizes".to_owned()));
    }
    let list = lexer.discarded();
    list.seq(b']', SliceLexer::ws_peek, |_, lexer| {
        let (size, _) = lexer.num_string().validated()?;
        match size.parse() {
            Ok(size) => sizes.push(size),
            Err(_) => return Err(Fault(format!("expected a size, found {size}"))),
        }
        Ok(())
    })?;
    Ok(sizes)
}

/// Passes over a value in which others lie not more than `depth` deep.
fn skip(first: u8, lexer: &mut SliceLexer<'_>, depth: u32) -> Result<(), Fault> {
    match first {
        b'[' | b'{' if depth == 0 => Err(hifijson::Error::Depth.into()),
        b'[' => {
            let list = lexer.discarded();
            list.seq(b']', SliceLexer::ws_peek, |first, lexer| {
                skip(first, lexer, depth - 1)
            })
        }
        b'{' => members(first, lexer, "an object", &mut |_, first, lexer| {
            skip(first, lexer, depth - 1)
        }),
        _ => Ok(ignore::parse(first, lexer)?),
    }
}
