//! Writing the parts of a directory.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{ASSETS, SAVED_MODEL, VARIABLES, VARIABLES_INDEX, variables_data};
use crate::bundle::BundleWriter;
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{FileSystem, Remains, Stage, StagedFile};
use crate::message_file::MAX_MESSAGE;
use crate::progress::{Counted, Meter};

/// The most bytes of an asset that are in memory at a time.
const PIECE: u64 = 1 << 20;

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSummary {
    /// The path inside of the directory.
    pub path: PathBuf,
    /// The size in bytes.
    pub bytes: u64,
}

/// A file that says what kind of SavedModel a directory is.
#[derive(Debug)]
pub(crate) struct Marker {
    pub(crate) name: &'static str,
    pub(crate) content: Vec<u8>,
}

errors! {
    #[derive(Debug)]
    #[error(
        "the graphs have {bytes} bytes, a message may have {MAX_MESSAGE}; turn large constants into variables"
    )]
    struct TooLarge {
        bytes: usize,
    }
}

/// Writes a directory part by part; the meter is told of the bytes of variables and assets.
#[derive(Debug)]
pub(crate) struct DirectoryWriter<'m, 'c, F: FileSystem> {
    stage: Stage<F>,
    meter: &'m Meter<'c>,
    files: Vec<FileSummary>,
}

/// A file whose bytes the meter is told of.
type CountedFile<'w, 'c, F> = Counted<StagedFile<<F as FileSystem>::File>, &'w Meter<'c>>;

impl<'m, 'c, F: FileSystem> DirectoryWriter<'m, 'c, F> {
    /// A writer into a staged directory in which there is nothing yet.
    pub(crate) fn new(mut stage: Stage<F>, meter: &'m Meter<'c>) -> Result<Self> {
        stage.create_dir(VARIABLES)?;
        Ok(DirectoryWriter {
            stage,
            meter,
            files: Vec::new(),
        })
    }

    /// Creates the directory of assets, which one without assets need not have.
    pub(crate) fn create_assets(&mut self) -> Result<()> {
        self.stage.create_dir(ASSETS)
    }

    /// Copies a file among the assets, whose directory is [created](Self::create_assets).
    pub(crate) fn add_asset(&mut self, source: &Path, name: &str) -> Result<()> {
        let cannot_read = |error| Error::io("cannot read", source, error);
        let from = File::open(source).map_err(cannot_read)?;
        let size = from.metadata().map_err(cannot_read)?.len();
        self.meter.expect(0, size);
        let mut to = counted_file(&self.stage, self.meter, &format!("{ASSETS}/{name}"))?;
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let read = (&from).take(PIECE).read_to_end(&mut piece);
            if read.map_err(cannot_read)? == 0 {
                return close(&self.stage, to, &mut self.files);
            }
            let written = to.write_all(&piece);
            written.map_err(|error| Error::io("cannot write", to.inner.path(), error))?;
        }
    }

    /// Begins the files of variables, in a number of shards.
    pub(crate) fn variables(&mut self, shards: usize) -> Result<VariableFiles<'_, 'c, F>> {
        let data = counted_file(&self.stage, self.meter, &variables_data(0, shards))?;
        let path = data.inner.path().to_owned();
        Ok(VariableFiles {
            stage: &self.stage,
            meter: self.meter,
            files: &mut self.files,
            bundle: BundleWriter::new(data),
            shard: 0,
            shards,
            path,
        })
    }

    /// Writes the [meta graphs](super::EncodedMetaGraph::saved_model), as the pieces of their file.
    pub(crate) fn add_meta_graphs(&mut self, pieces: &[impl AsRef<[u8]>]) -> Result<()> {
        let bytes = pieces.iter().map(|piece| piece.as_ref().len()).sum();
        if bytes > MAX_MESSAGE {
            return Err(Error::new(ErrorKind::Unsupported, TooLarge { bytes }));
        }
        write_file(&self.stage, SAVED_MODEL, pieces, &mut self.files)
    }

    /// Writes a marker.
    pub(crate) fn add_marker(&mut self, Marker { name, content }: Marker) -> Result<()> {
        write_file(&self.stage, name, &[content], &mut self.files)
    }

    /// Puts the directory in place; returns its files in the order in which they were written, and old content that is
    /// left over.
    pub(crate) fn commit(self) -> Result<(Vec<FileSummary>, Option<Remains>)> {
        let remains = self.stage.commit()?;
        Ok((self.files, remains))
    }
}

/// The files of variables that are being written.
pub(crate) struct VariableFiles<'w, 'c, F: FileSystem> {
    stage: &'w Stage<F>,
    meter: &'w Meter<'c>,
    files: &'w mut Vec<FileSummary>,
    bundle: BundleWriter<CountedFile<'w, 'c, F>>,
    shard: usize,
    shards: usize,
    /// The data file of the shard, for error texts.
    path: PathBuf,
}

impl<'w, 'c, F: FileSystem> VariableFiles<'w, 'c, F> {
    /// Goes on in the next data file.
    pub(crate) fn next_shard(&mut self) -> Result<()> {
        self.flush()?;
        self.shard += 1;
        let path = variables_data(self.shard, self.shards);
        let data = counted_file(self.stage, self.meter, &path)?;
        self.path = data.inner.path().to_owned();
        close(self.stage, self.bundle.next_shard(data)?, self.files)
    }

    /// Adds tensors; an error without a path gets that of the data file.
    pub(crate) fn add(
        &mut self,
        add: impl FnOnce(&mut BundleWriter<CountedFile<'w, 'c, F>>) -> Result<()>,
    ) -> Result<()> {
        let added = add(&mut self.bundle);
        added.map_err(|error| self.at(error))?;
        self.meter.add_tensor();
        Ok(())
    }

    /// Writes what is held back, and the index.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        let (data, index) = self.bundle.finish()?;
        close(self.stage, data, self.files)?;
        write_file(self.stage, VARIABLES_INDEX, &[index], self.files)
    }

    fn flush(&mut self) -> Result<()> {
        let flushed = self.bundle.flush();
        flushed.map_err(|error| self.at(error.into()))
    }

    fn at(&self, error: Error) -> Error {
        match error.path() {
            Some(_) => error,
            None => error.with_path(&self.path),
        }
    }
}

fn counted_file<'w, 'c, F: FileSystem>(
    stage: &'w Stage<F>,
    meter: &'w Meter<'c>,
    path: &str,
) -> Result<CountedFile<'w, 'c, F>> {
    Ok(Counted::new(stage.create_file(path)?, meter))
}

fn close<F: FileSystem>(
    stage: &Stage<F>,
    file: CountedFile<'_, '_, F>,
    files: &mut Vec<FileSummary>,
) -> Result<()> {
    let Counted { inner, bytes, .. } = file;
    let path = stage.relative(inner.path()).to_owned();
    files.push(FileSummary { path, bytes });
    stage.close(inner)
}

fn write_file<F: FileSystem>(
    stage: &Stage<F>,
    path: &str,
    pieces: &[impl AsRef<[u8]>],
    files: &mut Vec<FileSummary>,
) -> Result<()> {
    stage.write_file(path, pieces)?;
    files.push(FileSummary {
        path: path.into(),
        bytes: pieces.iter().map(|piece| piece.as_ref().len() as u64).sum(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{EncodedMetaGraph, MetaGraph, read};
    use super::*;
    use crate::dtype::DType;
    use crate::file_system::OsFileSystem;
    use crate::graph::GraphBuilder;
    use crate::proto::tensorflow::collection_def::{Kind, NodeList};
    use crate::proto::tensorflow::{CollectionDef, SaverDef};
    use crate::sorted_map::SortedMap;

    #[test]
    fn a_directory_has_the_parts_that_it_is_given() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("model");
        let meter = Meter::new(None);
        let stage = Stage::new(OsFileSystem, &target, None).unwrap();
        let mut writer = DirectoryWriter::new(stage, &meter).unwrap();
        let mut variables = writer.variables(1).unwrap();
        let one = 1f32.to_le_bytes();
        let added = variables.add(|bundle| Ok(bundle.add(b"v", DType::Float32, &[], &one)?));
        added.unwrap();
        variables.finish().unwrap();
        let (g, none) = (GraphBuilder::new(), SortedMap::new());
        g.named("init", || g.no_op());
        let graph = g.finish().unwrap();
        let init = graph.find("init");
        let meta_graph = |tag: &str, saver, init_op| MetaGraph {
            graph: &graph,
            tags: vec![tag.to_owned()],
            signatures: SortedMap::new(),
            collections: SortedMap::new(),
            saver,
            init_op,
            assets: &none,
        };
        let saver = SaverDef {
            filename_tensor_name: "save/Const:0".to_owned(),
            ..SaverDef::default()
        };
        let meta_graphs = [("serve", Some(saver.clone()), init), ("train", None, None)];
        let encoded = meta_graphs.map(|(tag, saver, init)| meta_graph(tag, saver, init).encode());
        let pieces = EncodedMetaGraph::saved_model(encoded.into());
        writer.add_meta_graphs(&pieces).unwrap();
        let (files, remains) = writer.commit().unwrap();
        assert!(remains.is_none());
        let expected = [
            "variables/variables.data-00000-of-00001",
            "variables/variables.index",
            "saved_model.pb",
        ];
        let paths: Vec<_> = files.iter().map(|file| file.path.as_path()).collect();
        assert_eq!(paths, expected.map(Path::new));
        for FileSummary { path, bytes } in &files {
            assert_eq!(std::fs::metadata(target.join(path)).unwrap().len(), *bytes);
        }
        assert_eq!(meter.progress().bytes_done, 4);
        let (_, model) = read(&target).unwrap();
        let found = model.meta_graphs.iter().map(|meta| {
            let info = meta.meta_info_def.clone().unwrap();
            let collections = meta.collection_def.clone();
            (info.tags.join(","), meta.saver_def.clone(), collections)
        });
        // As SavedModelBuilder of TensorFlow 1.15.5 lists the operation that it is given as `main_op`.
        let value = vec!["init".to_owned()];
        let kind = Some(Kind::NodeList(NodeList { value }));
        let main_op = ("saved_model_main_op".to_owned(), CollectionDef { kind });
        let expected = [
            ("serve".to_owned(), Some(saver), SortedMap::from([main_op])),
            ("train".to_owned(), None, SortedMap::new()),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
        // As that of TensorFlow, a directory without assets has no place for them.
        assert!(!target.join(ASSETS).exists());
    }
}
