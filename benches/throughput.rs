//! What `tests/scripts/throughput.py` times of the crate: one step a process, so that each has its own peak of memory.
//!
//! `throughput STEP PATH MIB` prints the seconds that the step took and the MiB of memory that it needed at most,
//! besides what the process held before.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tfhub::checkpoint::{CheckpointReader, CheckpointWriter};
use tfhub::init::Initializer;
use tfhub::ops::math::{Axes, reduce_sum};
use tfhub::source::VariableValue;
use tfhub::{GraphBuilder, ModuleSpec, Session, TensorValue, init};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A variable has 64 MiB, as in `throughput.py`.
const SHAPE: [usize; 2] = [1 << 14, 1 << 10];
const TENSOR_MIB: usize = 64;

fn name(index: usize) -> String {
    format!("v{index:03}")
}

/// Values that are all different, as trained ones are.
fn tensor(seed: usize) -> Result<TensorValue> {
    let mut state = seed as u32 + 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32
    };
    let elements = (0..SHAPE[0] * SHAPE[1]).map(next).collect();
    Ok(TensorValue::new(SHAPE, elements)?)
}

fn tensors(count: usize) -> Result<Vec<TensorValue>> {
    (0..count).map(tensor).collect()
}

fn spec(count: usize, initializer: &Initializer) -> Result<ModuleSpec> {
    let spec = ModuleSpec::new(|g: &GraphBuilder| {
        let x = g.placeholder::<f32>(());
        let outputs = (0..count).fold(x, |sum, index| {
            let variable = g.get_variable::<f32>(&name(index)).shape(SHAPE);
            let variable = variable.initializer(initializer.clone()).finish();
            sum + reduce_sum(variable, Axes::ALL)
        });
        g.default_signature(x, outputs);
    })?;
    Ok(spec)
}

/// The most memory that the process has held, in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// How long a step takes, without the end of what it gives.
fn timed<T>(step: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let start = Instant::now();
    let _given = step()?;
    Ok(start.elapsed())
}

/// A plain sequential write of the same bytes.
fn write(path: &Path, tensors: &[TensorValue]) -> Result<()> {
    let mut file = File::create(path)?;
    for tensor in tensors {
        let elements = tensor.as_slice::<f32>()?;
        file.write_all(bytemuck::cast_slice(elements))?;
    }
    Ok(file.sync_all()?)
}

/// A plain sequential read into memory.
fn read(path: &Path, count: usize) -> Result<Vec<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut values = Vec::new();
    for _ in 0..count {
        let mut value = vec![0; TENSOR_MIB << 20];
        file.read_exact(&mut value)?;
        values.push(value);
    }
    Ok(values)
}

fn save<'v>(path: &Path, tensors: impl Iterator<Item = Result<VariableValue<'v>>>) -> Result<()> {
    let mut writer = CheckpointWriter::create(path)?;
    for (index, tensor) in tensors.enumerate() {
        writer.add(&name(index), tensor?)?;
    }
    writer.finish()?;
    Ok(())
}

fn load(path: &Path, count: usize) -> Result<Vec<TensorValue>> {
    let reader = CheckpointReader::open(path)?;
    let names = (0..count).map(name);
    let values = names.map(|name| reader.read(&name));
    Ok(values.collect::<tfhub::Result<_>>()?)
}

fn run(step: &str, path: &Path, count: usize) -> Result<(Duration, u64)> {
    let held = |tensors: &[TensorValue]| (tensors.len() * TENSOR_MIB) as u64;
    let (elapsed, before) = match step {
        "write" => {
            let tensors = tensors(count)?;
            (timed(|| write(path, &tensors))?, held(&tensors))
        }
        "save" => {
            let tensors = tensors(count)?;
            let values = tensors.iter().map(|tensor| Ok(tensor.into()));
            (timed(|| save(path, values))?, held(&tensors))
        }
        "create" => {
            let values = (0..count).map(|seed| Ok(tensor(seed)?.into()));
            (timed(|| save(path, values))?, 0)
        }
        "read" => (timed(|| read(path, count))?, 0),
        "load" => (timed(|| load(path, count))?, 0),
        "export" => {
            let spec = spec(count, &init::zeros())?;
            let out = path.with_extension("module");
            let export = || Ok(spec.export_from_checkpoint(out, path).map(drop)?);
            (timed(export)?, 0)
        }
        "initialize" => {
            let spec = spec(count, &init::random_uniform(-1.0, 1.0))?;
            let export = || {
                let session = Session::new(&spec)?;
                Ok(spec
                    .export(path.with_extension("initial"), &session)
                    .map(drop)?)
            };
            (timed(export)?, 0)
        }
        _ => return Err(format!("there is no step \"{step}\"").into()),
    };
    Ok((elapsed, peak().saturating_sub(before)))
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    let [step, path, mib] = &arguments[..] else {
        println!("throughput is run by tests/scripts/throughput.py");
        return Ok(());
    };
    let (elapsed, peak) = run(step, Path::new(path), mib.parse::<usize>()? / TENSOR_MIB)?;
    println!("{:.3} {peak}", elapsed.as_secs_f64());
    Ok(())
}
