//! Lists, reads, copies, merges and verifies TensorFlow checkpoints.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tfhub::checkpoint::{self, CheckpointReader, CheckpointSummary, CopyOptions};
use tfhub::dtype::{ByteString, QInt8, QInt16, QInt32, QUInt8, QUInt16};
use tfhub::half::bf16;
use tfhub::source::write_npy;
use tfhub::{DType, Element, ErrorKind, Shape, TensorValue};

#[path = "report/progress.rs"]
mod progress;

use progress::{bar, show};

/// List, read, copy, merge and verify TensorFlow checkpoints.
///
/// PREFIX is what the files of a checkpoint have in common: model.ckpt-100 for model.ckpt-100.index, or
/// variables/variables in a module. Checkpoints of the first version of the format are read too: PREFIX is the file, or
/// a pattern of the names of its shards such as 'model.ckpt-100-?????-of-00002'. The exit status is 2, and nothing is written, if anything is malformed.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the tensors: name, dtype, shape, data file, bytes, and the same of each part.
    List { prefix: PathBuf },
    /// Write a tensor as a NumPy array; bfloat16 becomes float32, quantized types become integers.
    ///
    /// Strings are written one per line, escaped, to a file whose name ends in .txt.
    Get {
        prefix: PathBuf,
        name: String,
        /// The file to make; it must not exist yet.
        #[arg(value_name = "OUT.npy")]
        out: PathBuf,
    },
    /// Copy a checkpoint and verify all checksums, and that parts cover their tensors; no checkpoint is overwritten.
    Copy {
        prefix: PathBuf,
        out: PathBuf,
        /// Distribute the tensors over so many data files.
        #[arg(long, value_name = "N")]
        shards: Option<usize>,
        /// Rename a tensor, or all whose names begin with FROM if it ends in / or is empty; may be repeated.
        #[arg(long, value_name = "FROM=TO", value_parser = rename)]
        rename: Vec<(String, String)>,
    },
    /// Merge checkpoints and verify them as copy does; each may have other parts of the same tensors.
    Merge {
        out: PathBuf,
        #[arg(value_name = "PREFIX", required = true)]
        prefixes: Vec<PathBuf>,
    },
    /// Verify that all tensors are there, with the right checksums, and that parts cover their tensors.
    Verify { prefix: PathBuf },
}

fn rename(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) => Ok((from.to_owned(), to.to_owned())),
        None => Err("expected FROM=TO".to_owned()),
    }
}

fn list(prefix: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let reader = CheckpointReader::open(prefix)?;
    for tensor in reader.tensors() {
        let tensor = match tensor {
            // Of a dtype of later versions of TensorFlow; the others can be listed.
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                writeln!(out, "{error}")?;
                continue;
            }
            tensor => tensor?,
        };
        let shape = Shape::from(&tensor.shape);
        write!(out, "{} {} {shape}", one_line(&tensor.name), tensor.dtype)?;
        if tensor.slices.is_empty() {
            writeln!(out, ", shard {}, {} bytes", tensor.shard, tensor.bytes)?;
            continue;
        }
        writeln!(out, ", {} parts", tensor.slices.len())?;
        let parts = match reader.parts(&tensor.name) {
            // A name that is not text can be listed, but not asked for.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            parts => parts?,
        };
        for part in parts {
            let ranges = part.slice.ranges();
            writeln!(
                out,
                "  {ranges:?}, shard {}, {} bytes",
                part.shard, part.bytes
            )?;
        }
    }
    Ok(out.flush()?)
}

/// A name with its control characters escaped.
fn one_line(name: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\'' | '\\' => c.to_string(),
        _ => c.escape_debug().to_string(),
    };
    name.chars().map(escaped).collect()
}

fn get(prefix: &Path, name: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    let value = CheckpointReader::open(prefix)?.read(name)?;
    let is_text = out.extension().is_some_and(|extension| extension == "txt");
    if (value.dtype() == DType::String) != is_text {
        return Err(match is_text {
            true => format!("tensor {name:?} is no tensor of strings; expected a file named *.npy"),
            false => format!("tensor {name:?} has strings; expected a file named *.txt"),
        }
        .into());
    }
    let file = File::create_new(out);
    let file = file.map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    let mut file = BufWriter::new(file);
    let written = write_value(&value, &mut file).and_then(|()| Ok(file.flush()?));
    written.map_err(|error| {
        // The error at hand is the one to tell.
        let _ = fs::remove_file(out);
        format!("cannot write {}: {error}", out.display()).into()
    })
}

/// Writes strings as lines, and numbers that NumPy lacks as those that hold them.
fn write_value(value: &TensorValue, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let array = match value.dtype() {
        DType::BFloat16 => converted(value, |&x: &bf16| x.to_f32())?,
        DType::QInt8 => converted(value, |x: &QInt8| x.0)?,
        DType::QUInt8 => converted(value, |x: &QUInt8| x.0)?,
        DType::QInt16 => converted(value, |x: &QInt16| x.0)?,
        DType::QUInt16 => converted(value, |x: &QUInt16| x.0)?,
        DType::QInt32 => converted(value, |x: &QInt32| x.0)?,
        DType::String => {
            for string in value.as_slice::<ByteString>()? {
                writeln!(out, "{}", string.as_ref().escape_ascii())?;
            }
            return Ok(());
        }
        _ => return Ok(write_npy(value, out)?),
    };
    Ok(write_npy(&array, out)?)
}

fn converted<T: Element, N: Element>(
    value: &TensorValue,
    element: impl Fn(&T) -> N,
) -> tfhub::Result<TensorValue> {
    let elements = value.as_slice::<T>()?.iter().map(element);
    TensorValue::new(value.shape(), elements.collect::<Vec<N>>())
}

fn print_written(summary: &CheckpointSummary) {
    for file in &summary.files {
        println!("{} {} bytes", file.path.display(), file.bytes);
    }
    println!("{} tensors, {} bytes", summary.tensors, summary.bytes);
}

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    let bar = bar();
    match command {
        Command::List { prefix } => {
            let listed = list(&prefix, &mut BufWriter::new(io::stdout().lock()));
            return match listed {
                // Whoever reads the list has seen enough.
                Err(error) if is_broken_pipe(&*error) => Ok(()),
                listed => listed,
            };
        }
        Command::Get { prefix, name, out } => return get(&prefix, &name, &out),
        Command::Copy {
            prefix,
            out,
            shards,
            rename,
        } => {
            let mut options = CopyOptions::new();
            for (from, to) in rename {
                options = options.rename(from, to);
            }
            if let Some(shards) = shards {
                options = options.shards(shards);
            }
            let copied = checkpoint::copy(prefix, out, &options, show(&bar));
            bar.finish_and_clear();
            print_written(&copied?);
        }
        Command::Merge { out, prefixes } => {
            let merged = checkpoint::merge(prefixes, out, show(&bar));
            bar.finish_and_clear();
            print_written(&merged?);
        }
        Command::Verify { prefix } => {
            let verified = checkpoint::verify(prefix, show(&bar));
            bar.finish_and_clear();
            let found = verified?;
            println!(
                "{} tensors ({} in parts), {} checksums of {} bytes verified",
                found.tensors, found.partitioned, found.stored, found.bytes
            );
            for name in &found.unsupported {
                println!(
                    "{}: of a dtype of later versions of TensorFlow, which can be copied but not read",
                    one_line(name)
                );
            }
        }
    }
    Ok(())
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
