//! Copying, merging and verifying checkpoints, whose tensors are streamed from file to file.

use std::path::Path;

use super::locate;
use super::writer::{CheckpointSummary, Writing};
use crate::bundle::{BundleReader, Item, Plan, stream_verified};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::progress::{Meter, Progress};
use crate::quoted::Quoted;

errors! {
    #[derive(Debug)]
    enum CopyError {
        #[error("expected 1 to {MAX_SHARDS} data files, found {0}")]
        Shards(usize),
        #[error("there is no tensor to rename {from} (all below a scope are meant by \"scope/\")")]
        Unused { from: Quoted },
    }
}

impl CopyError {
    fn at(self, path: &Path) -> Error {
        let kind = match self {
            CopyError::Shards(_) => ErrorKind::InvalidValue,
            CopyError::Unused { .. } => ErrorKind::NotFound,
        };
        Error::new(kind, self).with_path(path)
    }
}

/// The most data files; their numbers have five digits.
const MAX_SHARDS: usize = 99_999;

/// Changes that [`copy`] makes.
///
/// ```
/// # use tfhub::TensorValue;
/// # use tfhub::checkpoint::{self, CheckpointReader, CheckpointWriter, CopyOptions};
/// # let dir = tempfile::tempdir()?;
/// # let (from, to) = (dir.path().join("a"), dir.path().join("b"));
/// # let mut writer = CheckpointWriter::create(&from)?;
/// # writer.add("module/dense/kernel", TensorValue::scalar(1f32))?;
/// # writer.add("step", TensorValue::scalar(1i64))?;
/// # writer.finish()?;
/// let options = CopyOptions::new().rename("module/", "").rename("step", "global_step").shards(2);
/// checkpoint::copy(&from, &to, &options, |_| {})?;
/// let copied = CheckpointReader::open(&to)?;
/// assert!(copied.get("dense/kernel")?.is_some() && copied.get("global_step")?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CopyOptions {
    renames: Vec<(String, String)>,
    shards: Option<usize>,
}

impl CopyOptions {
    /// Nothing is changed.
    pub fn new() -> Self {
        CopyOptions::default()
    }

    /// Renames tensors: the one that is called `from`, or, if `from` ends in `/` or is empty, all whose names begin
    /// with it, of which `to` replaces that beginning.
    ///
    /// For each tensor the first that fits applies.
    pub fn rename(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.renames.push((from.into(), to.into()));
        self
    }

    /// Distributes the tensors over a number of data files of about the same size, in their order.
    ///
    /// By default each stays in the data file that it is in.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }
}

/// Copies a checkpoint: its tensors, one after another, with all checksums verified, and that the parts of each
/// partitioned tensor cover it, each element once.
///
/// A copy has the same bytes, if no option changes them, nothing lies between the tensors, and the entries of the index
/// have only the fields that TensorFlow knows. An index with compressed blocks becomes one in any case. Tensors that were saved
/// in parts are copied in parts. The copy is little-endian and of the second version of the format, whatever the
/// checkpoint is; one of the first version becomes what TensorFlow would have written in the second.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if there is a checkpoint at `out`, [`ErrorKind::NotFound`] if there is none at `prefix`,
/// no tensor for a new name, or not every data file, even one that no tensor is in, which only
/// [`CopyOptions::shards`] can do without, [`ErrorKind::InvalidValue`] if two tensors would have the same name,
/// [`ErrorKind::Corrupt`] if something does not have its checksum or parts do not make up their tensor,
/// [`ErrorKind::Unsupported`] for a big-endian checkpoint with elements of dtype `variant` or of a dtype that this crate
/// lacks, of which the bytes of little-endian ones are copied. Nothing is left at `out` then.
pub fn copy(
    prefix: impl AsRef<Path>,
    out: impl AsRef<Path>,
    options: &CopyOptions,
    progress: impl FnMut(&Progress),
) -> Result<CheckpointSummary> {
    copy_on(
        OsFileSystem,
        prefix.as_ref(),
        out.as_ref(),
        options,
        progress,
    )
}

pub(super) fn copy_on<F: FileSystem>(
    fs: F,
    prefix: &Path,
    out: &Path,
    options: &CopyOptions,
    progress: impl FnMut(&Progress),
) -> Result<CheckpointSummary> {
    let shards = options.shards.map(|shards| {
        let number = i32::try_from(shards).ok();
        let number = number.filter(|_| (1..=MAX_SHARDS).contains(&shards));
        number.ok_or_else(|| CopyError::Shards(shards).at(out))
    });
    let shards = shards.transpose()?;
    let reader = locate::open(prefix)?;
    let mut used = vec![false; options.renames.len()];
    let mut plan = Plan::copy(&reader, |key| {
        let mut renames = options.renames.iter().zip(&mut used);
        renames.find_map(|((from, to), used)| {
            let is_prefix = from.is_empty() || from.ends_with('/');
            let rest = key.strip_prefix(from.as_bytes())?;
            let fits = is_prefix || rest.is_empty();
            *used |= fits;
            fits.then(|| [to.as_bytes(), rest].concat())
        })
    })?;
    if let Some((unused, _)) = options.renames.iter().zip(&used).find(|(_, used)| !**used) {
        let from = Quoted::new(&unused.0);
        return Err(CopyError::Unused { from }.at(prefix));
    }
    match shards {
        Some(shards) => plan.distribute(shards),
        // Before there are as many new ones.
        None => reader.check_files()?,
    }
    write(fs, out, &[reader], plan, progress)
}

/// Merges checkpoints into one, as TensorFlow's `MergeV2Checkpoints` does, with all checksums verified, and that the
/// parts of each partitioned tensor, wherever they are, cover it, each element once.
///
/// Unlike TensorFlow this leaves the checkpoints where they are. The index is compressed if those of all checkpoints are.
/// Each of their data files becomes one of the result.
/// A tensor may be in several of them only if each has other parts of it.
///
/// # Errors
/// As [`copy`], and [`ErrorKind::InvalidValue`] if a tensor is there twice, or its parts are of another dtype or shape.
pub fn merge<P: AsRef<Path>>(
    prefixes: impl IntoIterator<Item = P>,
    out: impl AsRef<Path>,
    progress: impl FnMut(&Progress),
) -> Result<CheckpointSummary> {
    merge_on(OsFileSystem, prefixes, out.as_ref(), progress)
}

pub(super) fn merge_on<F: FileSystem, P: AsRef<Path>>(
    fs: F,
    prefixes: impl IntoIterator<Item = P>,
    out: &Path,
    progress: impl FnMut(&Progress),
) -> Result<CheckpointSummary> {
    let readers = prefixes
        .into_iter()
        .map(|prefix| locate::open(prefix.as_ref()));
    let readers: Vec<_> = readers.collect::<Result<_>>()?;
    let plan = Plan::merge(&readers)?;
    write(fs, out, &readers, plan, progress)
}

fn write<F: FileSystem>(
    fs: F,
    out: &Path,
    readers: &[BundleReader],
    plan: Plan,
    progress: impl FnMut(&Progress),
) -> Result<CheckpointSummary> {
    let mut writing = Writing::new(fs, out)?;
    writing.meter.tell(progress);
    writing.meter.expect(plan.items.len(), plan.bytes());
    let mut last = 0;
    for item in &plan.items {
        for _ in last..item.shard {
            writing.next_shard()?;
            readers.iter().for_each(BundleReader::close_data);
        }
        last = item.shard;
        let Item { bundle, keyed, .. } = item;
        let added = writing.bundle().add_stored(item.key(), &keyed.1, |sink| {
            stream_verified(&readers[*bundle], keyed, sink)
        });
        writing.added(added)?;
    }
    for _ in last + 1..plan.shards {
        writing.next_shard()?;
    }
    for (key, whole) in plan.partitioned {
        writing.bundle().add_partitioned(&key, whole)?;
    }
    // The index has the form of that, or those, that it is made of.
    let indexes = readers.iter().map(BundleReader::index_file);
    let indexes: Option<Vec<_>> = indexes.collect();
    let indexes = indexes.unwrap_or_default();
    if !indexes.is_empty() && indexes.iter().all(|(_, compressed)| *compressed) {
        writing.bundle().compress_index();
    }
    if let [(index, _)] = &indexes[..] {
        writing.bundle().keep_index(index.clone());
    }
    writing.finish()
}

/// Contents of a checkpoint that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifySummary {
    /// How many tensors there are.
    pub tensors: usize,
    /// How many of them were saved in parts.
    pub partitioned: usize,
    /// How many whole tensors and parts are stored.
    pub stored: usize,
    /// How many bytes these have.
    pub bytes: u64,
    /// The tensors whose dtype only later versions of TensorFlow have: their bytes have their checksums, but cannot be
    /// read as values.
    pub unsupported: Vec<String>,
}

/// Verifies a checkpoint: that every tensor's bytes are there and have their checksum, and that the parts of each
/// partitioned tensor cover it, each element once.
///
/// # Errors
/// [`ErrorKind::Corrupt`] with the first thing that is wrong, [`ErrorKind::NotFound`] if there is no checkpoint or a
/// file that a tensor is in is missing; TensorFlow does not miss the others either.
pub fn verify(prefix: impl AsRef<Path>, progress: impl FnMut(&Progress)) -> Result<VerifySummary> {
    let reader = locate::open(prefix.as_ref())?;
    let plan = Plan::copy(&reader, |_| None)?;
    let meter = Meter::new(Some(Box::new(progress)));
    meter.expect(plan.items.len(), plan.bytes());
    let mut last = 0;
    for Item { keyed, shard, .. } in &plan.items {
        if last != *shard {
            reader.close_data();
            last = *shard;
        }
        stream_verified(&reader, keyed, |bytes| {
            meter.add_bytes(bytes.len());
            Ok(())
        })?;
        meter.add_tensor();
    }
    let progress = meter.progress();
    Ok(VerifySummary {
        tensors: plan.tensors(),
        partitioned: plan.partitioned.len(),
        stored: progress.tensors_done,
        bytes: progress.bytes_done,
        unsupported: plan.unsupported(),
    })
}
