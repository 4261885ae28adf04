//! TensorFlow's random kernels, as its CPU runs them the first time in a session.
//!
//! A kernel is a pure function of the two seed attributes of its node and of the number of outputs:
//! both seeds key a counter-based generator ([Philox](philox)), and each group of outputs (four, or two
//! of eight bytes) comes from counter positions that its place in the output decides. So any part of the
//! output can be computed alone, and threads change nothing.
//!
//! Uniform numbers are exact on every platform. Normal ones go through the platform's `logf`, `sinf` and
//! `cosf` (for `f64` through `log`, `sin` and `cos`), which agree with TensorFlow's bit for bit where
//! those are the ones of glibc 2.28 or later, and otherwise differ by at most a few units in the last
//! place.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZero;
use std::thread;

pub(crate) use self::kernels::{RandomFloat, RandomInt};
pub(crate) use self::philox::Philox;

mod kernels;
mod philox;
#[cfg(test)]
mod tests;

/// The least outputs that are worth a thread.
const PER_THREAD: usize = 1 << 17;
/// The most threads that one kernel takes.
const MAX_THREADS: usize = 8;

/// The attributes `seed` and `seed2` of a random node.
///
/// To TensorFlow, a node with both 0 is unseeded: whoever runs one draws a seed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) seed: i64,
    pub(crate) seed2: i64,
}

/// A number that differs from one call to the next and from one process to the next: what the keys of a hash map, which
/// the operating system draws, make of nothing.
pub(crate) fn entropy() -> u64 {
    RandomState::new().hash_one(())
}

/// The graph seed that stands in where only the op has one.
const DEFAULT_GRAPH_SEED: i64 = 87_654_321;
/// Seeds are taken modulo this.
const MODULUS: i64 = i32::MAX as i64;

/// The attributes that Python gives a random node; `None` leaves both out.
///
/// `node_position` is the node's place in its graph: the number of nodes made before it.
pub(crate) fn op_seeds(
    graph_seed: Option<i64>,
    op_seed: Option<i64>,
    node_position: i64,
) -> Option<Seed> {
    let (seed, seed2) = match (graph_seed, op_seed) {
        (None, None) => return None,
        (None, Some(op)) => (DEFAULT_GRAPH_SEED, op),
        (Some(graph), Some(op)) => (graph, op),
        (Some(graph), None) => (graph, node_position),
    };
    match (seed.rem_euclid(MODULUS), seed2.rem_euclid(MODULUS)) {
        (0, 0) => Some(Seed {
            seed: 0,
            seed2: MODULUS,
        }),
        (seed, seed2) => Some(Seed { seed, seed2 }),
    }
}

errors! {
    /// Arguments that a kernel refuses.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) enum RandomError {
        #[error("uniform integers need a minimum below the maximum: minimum {min}, maximum {max}")]
        EmptyRange { min: i64, max: i64 },
    }
}

/// `RandomUniform`: values in `[0, 1)`.
pub(crate) fn random_uniform<T: RandomFloat>(seed: impl Into<Philox>, len: usize) -> Vec<T> {
    from_blocks(seed, len, T::uniform)
}

/// `RandomUniformInt`: values in `[min, max)`.
pub(crate) fn random_uniform_int<T: RandomInt>(
    seed: impl Into<Philox>,
    min: T,
    max: T,
    len: usize,
) -> Result<Vec<T>, RandomError> {
    if min >= max {
        let (min, max) = (min.into(), max.into());
        return Err(RandomError::EmptyRange { min, max });
    }
    Ok(from_blocks(seed, len, |words| T::between(min, max, words)))
}

/// `RandomStandardNormal`: mean 0, standard deviation 1.
pub(crate) fn random_standard_normal<T: RandomFloat>(
    seed: impl Into<Philox>,
    len: usize,
) -> Vec<T> {
    from_blocks(seed, len, T::normal)
}

/// `TruncatedNormal`: as [`random_standard_normal`], all values within two standard deviations.
pub(crate) fn truncated_normal<T: RandomFloat>(seed: impl Into<Philox>, len: usize) -> Vec<T> {
    let philox = seed.into();
    let size = group_len::<T, T::Group>();
    in_parallel(len, size, &|first, out| {
        for (group, values) in (first..).zip(out.chunks_mut(size)) {
            values.copy_from_slice(&T::truncated(&philox, group).as_ref()[..values.len()]);
        }
    })
}

/// Output group n is what `sample` makes of block n.
fn from_blocks<T, G>(
    seed: impl Into<Philox>,
    len: usize,
    sample: impl Fn([u32; 4]) -> G + Sync,
) -> Vec<T>
where
    T: Copy + Default + Send,
    G: AsRef<[T]>,
{
    let philox = seed.into();
    let size = group_len::<T, G>();
    in_parallel(len, size, &|first, out| {
        let mut groups = out.chunks_exact_mut(size);
        let mut block = first;
        for values in &mut groups {
            values.copy_from_slice(sample(philox.block(block)).as_ref());
            block += 1;
        }
        let rest = groups.into_remainder();
        rest.copy_from_slice(&sample(philox.block(block)).as_ref()[..rest.len()]);
    })
}

/// How many values of type `T` the array `G` holds.
const fn group_len<T, G>() -> usize {
    size_of::<G>() / size_of::<T>()
}

/// Has `fill` write runs of the output, given the number of the group of `size` values that each starts with.
fn in_parallel<T>(len: usize, size: usize, fill: &(dyn Fn(u64, &mut [T]) + Sync)) -> Vec<T>
where
    T: Copy + Default + Send,
{
    let mut out = vec![T::default(); len];
    // Asking for the number of cores takes longer than filling a short output.
    let wanted = (len / PER_THREAD).clamp(1, MAX_THREADS);
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if wanted == 1 { 1 } else { wanted.min(cores()) };
    if threads == 1 {
        fill(0, &mut out);
        return out;
    }
    let groups = len.div_ceil(threads).div_ceil(size);
    let mut runs: Vec<Box<dyn FnOnce() + Send + '_>> = Vec::new();
    for (first, run) in (0u64..).step_by(groups).zip(out.chunks_mut(groups * size)) {
        runs.push(Box::new(move || fill(first, run)));
    }
    if !on_threads(runs) {
        // The system has no thread to spare; a run may be missing.
        fill(0, &mut out);
    }
    out
}

/// Runs the first of `runs` on this thread and each other on one of its own. Whether there were threads for all.
fn on_threads(runs: Vec<Box<dyn FnOnce() + Send + '_>>) -> bool {
    thread::scope(|scope| {
        let mut runs = runs.into_iter();
        let own = runs.next();
        let others: Result<Vec<_>, _> = runs
            .map(|run| thread::Builder::new().spawn_scoped(scope, run))
            .collect();
        if let Some(run) = own {
            run();
        }
        others.is_ok()
    })
}
