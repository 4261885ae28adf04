//! Any bytes are read as the file `checkpoint` or refused; what was read is written and read again.
//!
//! `TMPDIR` should be in memory.

#![no_main]

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tfhub::checkpoint::{CheckpointState, latest_checkpoint};

/// A directory: its absolute path, and one that is relative to the current directory.
fn directories() -> &'static [PathBuf; 2] {
    static DIRECTORIES: OnceLock<[PathBuf; 2]> = OnceLock::new();
    DIRECTORIES.get_or_init(|| {
        let absolute = tempfile::tempdir().expect("a directory").keep();
        let here = std::env::current_dir().expect("a directory");
        let up = here.components().skip(1).map(|_| Component::ParentDir);
        let relative = up.chain(absolute.components().skip(1)).collect();
        [absolute, relative]
    })
}

fn check(bytes: &[u8], directory: &Path) {
    fs::write(directory.join("checkpoint"), bytes).expect("a file");
    let latest = latest_checkpoint(directory);
    let Ok(state) = CheckpointState::read(directory) else {
        assert!(latest.is_err());
        return;
    };
    let state = state.expect("there is a file");
    let latest = latest.expect("the file was read");
    assert!(latest.is_none_or(|latest| latest == state.latest));
    state.write(directory).expect("it was read from text");
    let again = CheckpointState::read(directory);
    let again = again.expect("it was written").expect("it was written");
    assert_eq!((&again.latest, &again.all), (&state.latest, &state.all));
    // As text, since NaN is equal to nothing.
    let times = |state: &CheckpointState| {
        format!(
            "{:?} {:?}",
            state.timestamps, state.last_preserved_timestamp
        )
    };
    assert_eq!(times(&again), times(&state));
}

fuzz_target!(|bytes: &[u8]| {
    directories()
        .iter()
        .for_each(|directory| check(bytes, directory));
});
