//! Exports equal what real TensorFlow wrote, byte for byte.

pub(crate) mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;
use std::{fs, io};

use flate2::read::GzDecoder;

use crate::modules::{self, Module};

const GOLDEN: &str = "tests/fixtures/golden";
const TABLES: &str = "tests/fixtures/tables";

/// Checkpoints whose data is too large for a fixture.
const WITHOUT_DATA: [&str; 2] = ["dense", "dense_l2"];

#[test]
fn every_module_of_the_table_has_a_golden_directory_and_the_reverse() {
    let names: Vec<_> = modules::all().iter().map(|module| module.name).collect();
    let directories = fs::read_dir(GOLDEN).unwrap();
    let directories = directories.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let golden: BTreeSet<_> = directories.chain(PACKED.keys().cloned()).collect();
    assert_eq!(names, Vec::from_iter(&golden));
}

#[test]
fn exports_equal_the_golden_files() {
    let scratch = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for module in modules::all() {
        match differences(&module, scratch.path()) {
            Ok(found) => faults.extend(found),
            Err(error) => faults.push(format!("{}: {error}", module.name)),
        }
    }
    let count = faults.len();
    assert!(faults.is_empty(), "{}\n{count} faults", faults.join("\n"));
}

type Files = BTreeMap<String, Vec<u8>>;

/// The contents below a directory by relative path; directories end in a slash.
pub(crate) fn files(root: &Path) -> io::Result<Files> {
    fn visit(directory: &Path, prefix: &str, found: &mut Files) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                let path = path + "/";
                visit(&entry.path(), &path, found)?;
                found.insert(path, Vec::new());
            } else {
                found.insert(path, fs::read(entry.path())?);
            }
        }
        Ok(())
    }
    let mut found = Files::new();
    visit(root, "", &mut found)?;
    Ok(found)
}

/// Where a module has a file that its golden directory has beside the others.
pub(crate) fn place(file: &str) -> String {
    match file {
        "saved_model.pb" | "tfhub_module.pb" => file.to_owned(),
        _ if file.starts_with("variables.") => format!("variables/{file}"),
        _ => format!("assets/{file}"),
    }
}

/// The golden files of the rows of tables, by module, as `tests/conformance/packed.py` writes them.
static PACKED: LazyLock<BTreeMap<String, Files>> = LazyLock::new(|| {
    let mut modules = BTreeMap::<_, Files>::new();
    for entry in fs::read_dir(TABLES).unwrap() {
        let mut packed = Vec::new();
        let file = fs::File::open(entry.unwrap().path()).unwrap();
        GzDecoder::new(file).read_to_end(&mut packed).unwrap();
        let mut packed = &*packed;
        let mut part = || {
            let (len, rest) = packed.split_first_chunk()?;
            let part;
            (part, packed) = rest.split_at(u32::from_le_bytes(*len) as usize);
            Some(part.to_vec())
        };
        while let Some((path, content)) = part().zip(part()) {
            let path = String::from_utf8(path).unwrap();
            let (module, file) = path.split_once('/').unwrap();
            let files = modules.entry(module.to_owned()).or_default();
            files.insert(file.to_owned(), content);
        }
    }
    modules
});

/// The files and directories of an export, as a golden directory has them.
fn golden_files(module: &Module) -> io::Result<Files> {
    let golden = match module.is_row() {
        true => PACKED.get(module.name).cloned().unwrap_or_default(),
        false => files(&Path::new(GOLDEN).join(module.name))?,
    };
    let golden = golden.into_iter();
    let placed = golden.map(|(file, content)| (place(&file), content));
    let directories = ["assets/", "variables/"].map(|path| (path.to_owned(), Vec::new()));
    Ok(placed.chain(directories).collect())
}

/// Replaces the random numbers in the names of the files that a saver writes first, as in the golden files.
fn zero_temporary_names(graphs: &mut [u8]) {
    const BEFORE: &[u8] = b"_temp_";
    let before = graphs.windows(BEFORE.len()).enumerate();
    let before = before.filter(|(_, window)| *window == BEFORE);
    let numbers: Vec<_> = before.map(|(at, _)| at + BEFORE.len()).collect();
    for number in numbers {
        let Some(place) = graphs.get_mut(number..number + 32) else {
            continue;
        };
        if place.iter().all(u8::is_ascii_hexdigit) {
            place.fill(b'0');
        }
    }
}

/// One text per file of a module's export that is not as the golden directory has it.
fn differences(module: &Module, scratch: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let name = module.name;
    let target = scratch.join(name);
    let summary = module.export(&target)?;
    let mut ours = files(&target)?;
    if WITHOUT_DATA.contains(&name) {
        let data = ours.remove("variables/variables.data-00000-of-00001");
        assert!(data.is_some_and(|data| !data.is_empty()));
    }
    if let Some(graphs) = ours.get_mut("saved_model.pb") {
        zero_temporary_names(graphs);
    }
    let theirs = golden_files(module)?;
    let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let faults = paths.into_iter().filter_map(|path| {
        let fault = match (ours.get(path), theirs.get(path)) {
            (Some(ours), Some(theirs)) if ours == theirs => return None,
            (Some(ours), Some(theirs)) if path.ends_with(".pb") => wire::difference(ours, theirs),
            (Some(ours), Some(theirs)) => {
                let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
                let (ours, theirs) = (ours.len(), theirs.len());
                format!("they part at byte {same}; ours has {ours} bytes, the golden file {theirs}")
            }
            (None, _) => "not exported".to_owned(),
            (_, None) => "not in the golden directory".to_owned(),
        };
        Some(format!("{name}/{path}: {fault}"))
    });
    // The crate leaves nothing in the bodies of functions that no call runs.
    let left = summary.warnings.iter();
    let left = left.filter(|found| found.message().starts_with("no result of the function"));
    let left = left.map(|found| format!("{name}: {found}"));
    Ok(faults.chain(left).collect())
}
