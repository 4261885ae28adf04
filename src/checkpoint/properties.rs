//! Written checkpoints are read back unchanged: any names, dtypes, shapes, data files, parts and slices.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::dtype::{ByteString, DType};

/// The dtypes whose values are in memory.
fn dtypes() -> Vec<DType> {
    let stored = |dtype: &DType| !matches!(dtype, DType::Resource | DType::Variant);
    DType::ALL.iter().copied().filter(stored).collect()
}

/// A tensor, and where each dimension is cut.
#[derive(Debug, Clone)]
struct Case {
    value: TensorValue,
    cuts: Vec<Vec<usize>>,
    /// The data file that each part goes to.
    shards: Vec<Index>,
}

/// Any bytes as elements of a dtype.
fn value(dtype: DType, shape: Vec<usize>, bytes: &[u8], strings: &[Vec<u8>]) -> TensorValue {
    let count = shape.iter().product();
    if dtype == DType::String {
        let string = |i: usize| ByteString::from(&strings[i % strings.len()][..]);
        return TensorValue::new(shape, (0..count).map(string).collect()).unwrap();
    }
    let filled = TensorValue::filled(dtype, &shape, |target| {
        for (target, byte) in target.iter_mut().zip(bytes.iter().cycle()) {
            *target = if dtype == DType::Bool {
                byte & 1
            } else {
                *byte
            };
        }
        Ok::<(), std::convert::Infallible>(())
    });
    filled.unwrap().unwrap()
}

fn case() -> impl Strategy<Value = Case> {
    let shape = prop::collection::vec(0_usize..6, 0..4);
    let bytes = prop::collection::vec(any::<u8>(), 1..99);
    let strings = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..5);
    let value = (prop::sample::select(dtypes()), shape, bytes, strings)
        .prop_map(|(dtype, shape, bytes, strings)| value(dtype, shape, &bytes, &strings));
    value.prop_flat_map(|value| {
        let cut = |&dim: &usize| prop::collection::vec(0..=dim, 0..3);
        let cuts: Vec<_> = value.shape().iter().map(cut).collect();
        let shards = prop::collection::vec(any::<Index>(), 1..9);
        (Just(value), cuts, shards).prop_map(|(value, cuts, shards)| Case {
            value,
            cuts,
            shards,
        })
    })
}

/// The names of tensors: text without a leading zero, which parts have.
fn names() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        "[a-c]{1,3}(/[a-c]{0,2}){0,2}",
        "a{60,70}[\u{0}-\u{ff}]{0,2}",
        "\\PC[\u{0}\u{1}\n\"\\\\\u{7f}\u{ff}äあ🦀/]{0,4}",
    ];
    let names = prop::collection::btree_set(name, 1..30);
    names.prop_map(|names| names.into_iter().collect())
}

impl Case {
    /// The parts that have elements, in the order of their places.
    fn parts(&self) -> Vec<TensorSlice> {
        let mut parts = vec![Vec::new()];
        for (cuts, &dim) in self.cuts.iter().zip(self.value.shape()) {
            let mut cuts = [&[0, dim], &cuts[..]].concat();
            cuts.sort_unstable();
            cuts.dedup();
            let ranges: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
            let longer = |part: Vec<std::ops::Range<usize>>| {
                let with = |range: &std::ops::Range<usize>| {
                    [&part[..], std::slice::from_ref(range)].concat()
                };
                ranges.iter().map(with).collect::<Vec<_>>()
            };
            parts = parts.into_iter().flat_map(longer).collect();
        }
        parts.into_iter().map(TensorSlice::new).collect()
    }
}

/// The elements of a value as bytes, for NaN is equal to nothing.
fn content(value: &TensorValue) -> (DType, &[usize], Vec<&[u8]>) {
    let content = match value.strings() {
        Some(strings) => strings.iter().map(AsRef::as_ref).collect(),
        None => vec![value.native_bytes().unwrap()],
    };
    (value.dtype(), value.shape(), content)
}

/// Writes each tensor whole or in parts, in some order over some data files.
fn write(prefix: &Path, cases: &[(String, Case)], shards: usize) {
    let mut writer = CheckpointWriter::create(prefix).unwrap();
    for shard in 0..shards {
        if shard > 0 {
            writer.next_shard().unwrap();
        }
        for (name, case) in cases {
            let parts = case.parts();
            let whole = TensorSlice::whole(case.value.shape());
            for (index, part) in parts.iter().enumerate() {
                if case.shards[index % case.shards.len()].index(shards) != shard {
                    continue;
                }
                let value = case.value.part(part);
                match *part == whole {
                    true => writer.add(name, &value).unwrap(),
                    false => writer
                        .add_slice(name, case.value.shape(), part, &value)
                        .unwrap(),
                }
            }
            if parts.is_empty() && shard == 0 {
                writer.add(name, &case.value).unwrap();
            }
        }
    }
    writer.finish().unwrap();
}

fn check(prefix: &Path, cases: &[(String, Case)], slices: &[(Index, Vec<[Index; 2]>)]) {
    verify(prefix, |_| {}).unwrap();
    let reader = CheckpointReader::open(prefix).unwrap();
    let names: Vec<_> = cases.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(reader.names().unwrap(), names);
    for (name, case) in cases {
        let read = reader.read(name).unwrap();
        assert_eq!(content(&read), content(&case.value), "{name:?}");
        // Streamed as an exporter does it.
        let variable = reader.variable(name).unwrap().unwrap();
        if variable.dtype().size().is_some() {
            let mut bytes = Vec::new();
            let push = |piece: &[u8]| {
                bytes.extend_from_slice(piece);
                Ok(())
            };
            variable.stream(&mut { push }).unwrap();
            assert_eq!(content(&case.value).2, [&bytes[..]], "{name:?}");
        }
    }
    for (which, bounds) in slices {
        let (name, case) = which.get(cases);
        let range = |(dim, ends): (&usize, &[Index; 2])| {
            let [a, b] = ends.map(|end| end.index(dim + 1));
            a.min(b)..a.max(b)
        };
        let shape = case.value.shape();
        let slice: Vec<_> = shape.iter().zip(bounds).map(range).collect();
        let slice = TensorSlice::new(slice);
        let read = reader.read_slice(name, &slice).unwrap();
        assert_eq!(
            content(&read),
            content(&case.value.part(&slice)),
            "{name:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        (names, cases) in names().prop_flat_map(|names| {
            let cases = prop::collection::vec(case(), names.len());
            (Just(names), cases)
        }),
        shards in 1_usize..4,
        new_shards in 1_usize..5,
        slices in prop::collection::vec((any::<Index>(), any::<[[Index; 2]; 4]>()), 0..20),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("model");
        let cases: Vec<_> = names.into_iter().zip(cases).collect();
        let slices: Vec<_> = slices.into_iter().map(|(which, it)| (which, it.to_vec())).collect();
        write(&prefix, &cases, shards);
        check(&prefix, &cases, &slices);
        for options in [CopyOptions::new(), CopyOptions::new().shards(new_shards)] {
            let copied = dir.path().join(format!("{options:?}").replace(|c: char| !c.is_ascii_alphanumeric(), ""));
            copy(&prefix, &copied, &options, |_| {}).unwrap();
            check(&copied, &cases, &slices);
        }
    }
}
