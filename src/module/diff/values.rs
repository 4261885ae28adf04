//! The differences of two modules in the values of variables and the content of files.

use std::fs::File;
use std::io::Read as _;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::{Change, ChangedDetail, DiffOptions, ModuleDiff, ModulePart, cannot_read, detail};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::module::files::ModuleFiles;
use crate::module::spec::ModuleSpec;
use crate::module::variables::ModuleVariables;
use crate::saver::ValuesError;
use crate::session::VariableDescription;
use crate::shape::Shape;
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;
use crate::source::{VariableSource, VariableValue};
use crate::value::TensorValue;
use crate::variable::Variables;

/// The bytes of a value, or a file, that are compared at a time.
const PIECE: usize = 1 << 20;
/// The pieces that may wait for those of the other value.
const WAITING: usize = 2;

/// Where the values of the second module are.
#[derive(Clone, Copy)]
pub(super) enum Values<'s> {
    /// In a source, each of them to be read whole.
    Source(&'s dyn VariableSource),
    /// In a directory, to be read beside those of the first module.
    Files(&'s Arc<ModuleFiles>),
}

/// A module and its values.
type Side<'s> = (&'s ModuleSpec, &'s dyn VariableSource);
type OtherSide<'s> = (&'s ModuleSpec, Values<'s>);

pub(super) fn compare(
    diff: &mut ModuleDiff,
    before: Side<'_>,
    after: OtherSide<'_>,
    options: &DiffOptions,
) -> Result<()> {
    let (old, new) = (variables(before.0), variables(after.0));
    let added = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(added) {
        let part = ModulePart::Variable;
        let details = match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => details(name, (old, before), (new, after), options)?,
            (Some(_), None) => {
                diff.add(None, part, name, Change::Removed, Vec::new());
                continue;
            }
            _ => {
                diff.add(None, part, name, Change::Added, Vec::new());
                continue;
            }
        };
        if !details.is_empty() {
            diff.add(None, part, name, Change::Changed, details);
        }
    }
    Ok(())
}

fn variables(spec: &ModuleSpec) -> SortedMap<String, VariableDescription> {
    let mut all = SortedMap::new();
    for variable in spec.variants().flat_map(|variant| variant.variables) {
        all.get_or_insert_with(variable.name.clone(), || variable);
    }
    all
}

fn details(
    name: &str,
    before: (&VariableDescription, Side<'_>),
    after: (&VariableDescription, OtherSide<'_>),
    options: &DiffOptions,
) -> Result<Vec<ChangedDetail>> {
    let ((old, old_side), (new, new_side)) = (before, after);
    let text = |it: &VariableDescription| (it.dtype.to_string(), it.shape.to_string());
    let (old_text, new_text) = (text(old), text(new));
    let mut details = detail("dtype", Some(&old_text.0), Some(&new_text.0));
    details.extend(detail("shape", Some(&old_text.1), Some(&new_text.1)));
    if !details.is_empty() {
        return Ok(details);
    }
    if old.dtype.size().is_none() {
        let old_value = value(name, old_side)?.into_value()?;
        let new_value = whole(name, new_side)?;
        return Ok(match *old_value == new_value {
            true => Vec::new(),
            false => detail(
                "value",
                Some(&old_value.to_string()),
                Some(&new_value.to_string()),
            ),
        });
    }
    let mut compared = Compared::new(old.dtype, options);
    stream_both(name, old_side, new_side, &mut |old, new| {
        compared.pieces(old, new);
    })?;
    Ok(compared.details(&old.shape))
}

/// The value of a variable; that of one whose parts the source has is put together.
fn value<'s>(name: &str, (spec, values): Side<'s>) -> Result<VariableValue<'s>> {
    if let Some(value) = values.variable(name)? {
        return Ok(value);
    }
    for variant in spec.graphs_by_tags() {
        let infos = Variables::saved(&variant.graph);
        let parts = infos.filter_map(|info| Some((info, info.part.as_ref()?)));
        let mut parts: Vec<_> = parts.filter(|(_, part)| part.whole == name).collect();
        sort_by_key(&mut parts, |(_, part)| part.start());
        let read = parts.iter().map(|(info, _)| values.variable(&info.name));
        let read: Option<Vec<_>> = read.collect::<Result<_>>()?;
        if let Some(read) = read.filter(|read| !read.is_empty()) {
            let starts = parts
                .last()
                .map(|(_, part)| part.start())
                .unwrap_or_default();
            let axis = starts.iter().position(|&start| start > 0).unwrap_or(0);
            return Ok(VariableValue::joined(read, axis));
        }
    }
    let error = Error::from(ValuesError::NoValue(name.to_owned()));
    Err(match values.path() {
        Some(path) => error.with_path(path),
        None => error,
    })
}

/// The value of a variable of the second module, in memory.
fn whole(name: &str, (spec, values): OtherSide<'_>) -> Result<TensorValue> {
    let read = |source: &dyn VariableSource| {
        let value = value(name, (spec, source))?;
        Ok(value.into_value()?.into_owned())
    };
    match values {
        Values::Source(source) => read(source),
        Values::Files(files) => read(&ModuleVariables::of(files.clone())?),
    }
}

/// Hands the bytes of a value of both sides to `see`, as many of one as of the other.
fn stream_both(
    name: &str,
    before: Side<'_>,
    (spec, after): OtherSide<'_>,
    see: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<()> {
    let files = match after {
        Values::Files(files) => files,
        Values::Source(_) => {
            let other = whole(name, (spec, after))?;
            let mut rest = other.native_bytes().unwrap_or_default();
            return value(name, before)?.stream(&mut |bytes| {
                let now;
                (now, rest) = rest.split_at(bytes.len().min(rest.len()));
                see(&bytes[..now.len()], now);
                Ok(())
            });
        }
    };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<u8>>(WAITING);
        let other = scope.spawn(move || -> Result<()> {
            let values = ModuleVariables::of(files.clone())?;
            let mut piece = Vec::new();
            value(name, (spec, &values))?.stream(&mut |bytes| {
                for bytes in bytes.chunks(PIECE) {
                    piece.extend_from_slice(bytes);
                    if piece.len() >= PIECE {
                        // Nobody takes the rest if the first value could not be read.
                        let _ = sender.send(std::mem::take(&mut piece));
                    }
                }
                Ok(())
            })?;
            let _ = sender.send(piece);
            Ok(())
        });
        let mut other_pieces = Pieces::new(receiver);
        let streamed = value(name, before).and_then(|value| {
            value.stream(&mut |bytes| {
                other_pieces.beside(bytes, see);
                Ok(())
            })
        });
        drop(other_pieces);
        let other = other.join().unwrap_or_else(|panic| resume_unwind(panic));
        streamed.and(other)
    })
}

/// The pieces of a value, of which any number of bytes is taken.
struct Pieces {
    receiver: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Pieces {
    fn new(receiver: Receiver<Vec<u8>>) -> Self {
        Pieces {
            receiver,
            piece: Vec::new(),
            at: 0,
        }
    }

    fn beside(&mut self, mut bytes: &[u8], see: &mut dyn FnMut(&[u8], &[u8])) {
        while !bytes.is_empty() {
            if self.at == self.piece.len() {
                match self.receiver.recv() {
                    Ok(piece) => (self.piece, self.at) = (piece, 0),
                    // It is shorter, as its source has failed.
                    Err(_) => return,
                }
            }
            let len = bytes.len().min(self.piece.len() - self.at);
            let (now, later) = bytes.split_at(len);
            see(now, &self.piece[self.at..self.at + len]);
            self.at += len;
            bytes = later;
        }
    }
}

/// The elements that were compared so far.
struct Compared<'o> {
    dtype: DType,
    options: &'o DiffOptions,
    elements: usize,
    different: usize,
    largest: f64,
    /// The place of the first one that differs, and its numbers.
    first: Option<(usize, Option<(f64, f64)>)>,
    /// The bytes of elements whose other bytes are yet to come.
    begun: (Vec<u8>, Vec<u8>),
}

impl<'o> Compared<'o> {
    fn new(dtype: DType, options: &'o DiffOptions) -> Self {
        Compared {
            dtype,
            options,
            elements: 0,
            different: 0,
            largest: 0.0,
            first: None,
            begun: (Vec::new(), Vec::new()),
        }
    }

    fn pieces(&mut self, before: &[u8], after: &[u8]) {
        let size = self.dtype.size().unwrap_or(1);
        if self.begun.0.is_empty() && before.len() % size == 0 {
            return self.elements(before, after);
        }
        let (mut old, mut new) = std::mem::take(&mut self.begun);
        old.extend_from_slice(before);
        new.extend_from_slice(after);
        let whole = old.len() / size * size;
        self.begun = (old.split_off(whole), new.split_off(whole));
        self.elements(&old, &new);
    }

    fn elements(&mut self, before: &[u8], after: &[u8]) {
        let size = self.dtype.size().unwrap_or(1);
        let len = before.len() / size;
        if before != after {
            let values = [before, after].map(|bytes| {
                let fill = &mut |target: &mut [u8]| target.copy_from_slice(bytes);
                TensorValue::of_bytes(self.dtype, &[len], fill)
            });
            let wide = |value: &TensorValue| {
                let wide = value.converted(DType::Float64)?;
                Some(wide.as_slice::<f64>().ok()?.to_vec())
            };
            let numbers = wide(&values[0]).zip(wide(&values[1]));
            for at in 0..len {
                let bytes = at * size..(at + 1) * size;
                if before[bytes.clone()] == after[bytes] {
                    continue;
                }
                let distance = numbers.as_ref().map(|(old, new)| (old[at], new[at]));
                self.element(self.elements + at, distance);
            }
        }
        self.elements += len;
    }

    /// An element whose bytes differ, and its numbers if it has any.
    fn element(&mut self, at: usize, numbers: Option<(f64, f64)>) {
        if let Some((old, new)) = numbers.filter(|_| self.dtype.is_floating()) {
            let distance = (old - new).abs();
            let allowed = self.options.absolute + self.options.relative * new.abs();
            let is_same = old == new || (old.is_nan() && new.is_nan()) || distance <= allowed;
            if is_same {
                return;
            }
            self.largest = match distance.is_nan() {
                true => f64::INFINITY,
                false => self.largest.max(distance),
            };
        }
        self.different += 1;
        self.first.get_or_insert((at, numbers));
    }

    fn details(self, shape: &Shape) -> Vec<ChangedDetail> {
        let Some((first, numbers)) = self.first else {
            return Vec::new();
        };
        let (different, elements) = (self.different, self.elements);
        let by = match self.dtype.is_floating() {
            true => format!(" by at most {:e}", self.largest),
            false => String::new(),
        };
        let place = position(first, &shape.to_static().unwrap_or_default());
        let what = format!("value, {different} of {elements} elements{by}, at {place:?}");
        let (before, after) = numbers.unzip();
        let text = |number: Option<f64>| number.map(|it| it.to_string());
        vec![ChangedDetail {
            what,
            before: text(before),
            after: text(after),
        }]
    }
}

/// The indices of an element.
fn position(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut indices: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&dim| {
            let index = at % dim.max(1);
            at /= dim.max(1);
            index
        })
        .collect();
    indices.reverse();
    indices
}

/// The size and a checksum of a file.
pub(super) fn file_text(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(cannot_read(path))?;
    let (mut sum, mut bytes) = (0, 0);
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece).map_err(cannot_read(path))?;
        if read == 0 {
            return Ok(format!("{bytes} bytes with the checksum {sum:08x}"));
        }
        sum = crc32c::crc32c_append(sum, &piece[..read]);
        bytes += read as u64;
    }
}
