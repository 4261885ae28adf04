use std::collections::BTreeMap;

use half::{bf16, f16};

use super::*;
use crate::dtype::Element;
use crate::error::ErrorKind;

/// A value that can only be streamed, in pieces that do not end where elements end.
struct Pieces(TensorValue);

impl StoredValue for Pieces {
    fn read(&self) -> Result<TensorValue> {
        Ok(self.0.clone())
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let bytes = self.0.native_bytes().unwrap_or_default();
        bytes.chunks(7).try_for_each(sink)
    }
}

struct Streamed(BTreeMap<String, TensorValue>);

impl VariableSource for Streamed {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let value = self.0.get(name);
        Ok(value.map(|value| {
            let (dtype, shape) = (value.dtype(), value.shape().to_vec());
            VariableValue::stored(dtype, shape, Pieces(value.clone()))
        }))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.0.names()
    }
}

fn floats(shape: &[usize], from: i32) -> TensorValue {
    let count = shape.iter().product::<usize>() as i32;
    let elements = (from..from + count).map(|x| x as f32).collect();
    TensorValue::new(shape, elements).unwrap()
}

fn source() -> BTreeMap<String, TensorValue> {
    [
        ("fc.weight", floats(&[2, 3], 0)),
        ("fc.bias", floats(&[2], 0)),
        ("conv.weight", floats(&[2, 3, 1, 2], 0)),
        ("q", floats(&[2, 2], 0)),
        ("k", floats(&[2, 1], 10)),
        ("step", TensorValue::scalar(7i64)),
        (
            "wide",
            TensorValue::new([3], vec![1.0f64, 0.1, 65504.0]).unwrap(),
        ),
        ("exact", TensorValue::scalar(i64::MAX)),
        (
            "phase",
            TensorValue::scalar(num_complex::Complex::new(1f32, 0.0)),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The value of a mapping, read and streamed from memory and from pieces.
fn made<T: Element>(mapping: &Mapping) -> (Vec<usize>, Vec<T>) {
    let rule = |name: &str| (name == "v").then(|| mapping.clone());
    let (memory, pieces) = (source().mapped(rule), Streamed(source()).mapped(rule));
    let value = memory.variable("v").unwrap().unwrap();
    let shape = value.shape().to_vec();
    assert_eq!(value.dtype(), T::DTYPE);
    let value = value.into_value().unwrap().into_owned();
    assert_eq!(value.shape(), shape);
    for source in [&memory as &dyn VariableSource, &pieces] {
        let stored = source.variable("v").unwrap().unwrap();
        let mut bytes = Vec::new();
        let push = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        stored.stream(&mut { push }).unwrap();
        assert_eq!(Some(&bytes[..]), value.native_bytes(), "{mapping:?}");
        if let Some(&rows) = shape.first() {
            let mut ranges: Vec<_> = shape.iter().map(|&dim| 0..dim).collect();
            ranges[0] = rows / 2..rows;
            let slice = TensorSlice::new(ranges);
            let part = source.variable("v").unwrap().unwrap().part(&slice);
            assert_eq!(
                *part.into_value().unwrap(),
                value.part(&slice),
                "{mapping:?}"
            );
        }
    }
    (shape, value.as_slice::<T>().unwrap().to_vec())
}

/// The values are those of `numpy.transpose`, `reshape`, `split` and `concatenate`.
#[test]
fn layouts_are_changed() {
    let weight = || Mapping::tensor("fc.weight");
    for (mapping, shape, elements) in [
        (weight(), &[2, 3][..], &[0, 1, 2, 3, 4, 5][..]),
        (weight().transposed([1, 0]), &[3, 2], &[0, 3, 1, 4, 2, 5]),
        (
            weight().reshaped([3, 1, 2]),
            &[3, 1, 2],
            &[0, 1, 2, 3, 4, 5],
        ),
        (weight().slice(1, 1..3), &[2, 2], &[1, 2, 4, 5]),
        (weight().split(1, 3, 2), &[2, 1], &[2, 5]),
        (weight().split(0, 2, 1).reshaped([3]), &[3], &[3, 4, 5]),
        (weight().slice(0, 1..1), &[0, 3], &[]),
        (
            Mapping::tensor("conv.weight").transposed([2, 3, 1, 0]),
            &[1, 2, 3, 2],
            &[0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11],
        ),
        (
            Mapping::joined(1, ["q".into(), "k".into()]),
            &[2, 3],
            &[0, 1, 10, 2, 3, 11],
        ),
        (
            Mapping::joined(0, [weight(), weight().slice(0, 0..1)]),
            &[3, 3],
            &[0, 1, 2, 3, 4, 5, 0, 1, 2],
        ),
        (
            Mapping::joined(1, [Mapping::tensor("q").transposed([1, 0]), "k".into()])
                .transposed([1, 0]),
            &[3, 2],
            &[0, 1, 2, 3, 10, 11],
        ),
    ] {
        let expected: Vec<f32> = elements.iter().map(|&x| x as f32).collect();
        assert_eq!(
            made::<f32>(&mapping),
            (shape.to_vec(), expected),
            "{mapping:?}"
        );
    }
}

/// The values are those of `numpy.astype`, and of ml_dtypes for `bfloat16`.
#[test]
fn dtypes_are_cast() {
    let wide = || Mapping::tensor("wide");
    assert_eq!(
        made::<f32>(&wide().cast(DType::Float32)).1,
        [1.0, 0.1, 65504.0]
    );
    let bits = |mapping| {
        made::<f16>(&mapping)
            .1
            .iter()
            .map(|x| x.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(wide().cast(DType::Float16)), [0x3c00, 0x2e66, 0x7bff]);
    let short = made::<bf16>(&wide().cast(DType::BFloat16)).1;
    let short: Vec<_> = short.iter().map(|x| x.to_bits()).collect();
    assert_eq!(short, [0x3f80, 0x3dcd, 0x4780]);
    let back = wide().cast(DType::BFloat16).cast(DType::Float32);
    assert_eq!(made::<f32>(&back).1, [1.0, 0.100_097_656, 65536.0]);
    let there = Mapping::tensor("fc.weight").cast(DType::Float64);
    assert_eq!(made::<f64>(&there).1, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(
        made::<i32>(&Mapping::tensor("step").cast(DType::Int32)).1,
        [7]
    );

    let all = source().cast_floats(DType::Float16);
    let dtype = |name| all.variable(name).unwrap().unwrap().dtype();
    assert_eq!(
        ["fc.weight", "wide", "step", "phase"].map(dtype),
        [
            DType::Float16,
            DType::Float16,
            DType::Int64,
            DType::Complex64
        ]
    );
    assert!(all.variable("x").unwrap().is_none());
    let error = source()
        .cast_floats(DType::Int32)
        .variable("fc.bias")
        .map(drop);
    assert_eq!(
        error.unwrap_err().to_string(),
        "variable \"fc.bias\": \"fc.bias\": float32 [2] cannot be cast to int32"
    );
}

#[test]
fn mappings_that_do_not_fit_are_errors() {
    let weight = || Mapping::tensor("fc.weight");
    for (mapping, text) in [
        (
            weight().transposed([0, 1, 2]),
            "\"fc.weight\": float32 [2, 3] cannot be transposed: expected a permutation of its dimensions, found [0, 1, 2]",
        ),
        (weight().transposed([0, 0]), "found [0, 0]"),
        (
            weight().reshaped([7]),
            "\"fc.weight\": float32 [2, 3] cannot be reshaped: expected a shape of as many elements, found [7]",
        ),
        (
            weight().reshaped([usize::MAX, 2]),
            "found [18446744073709551615, 2]",
        ),
        (
            weight().slice(1, 2..4),
            "\"fc.weight\": float32 [2, 3] has no part 2..4 along dimension 1",
        ),
        (
            weight().slice(2, 0..1),
            "has no part 0..1 along dimension 2",
        ),
        (
            weight().split(1, 2, 0),
            "cannot be split along dimension 1: expected part 0 of 2 equal ones",
        ),
        (weight().split(0, 2, 2), "expected part 2 of 2 equal ones"),
        (weight().split(0, 0, 0), "expected part 0 of 0 equal ones"),
        (weight().split(0, 2, usize::MAX), "of 2 equal ones"),
        (
            Mapping::joined(1, [weight(), "fc.bias".into()]),
            "\"fc.bias\": float32 [2] cannot be joined to \"fc.weight\": float32 [2, 3] along dimension 1",
        ),
        (
            Mapping::joined(0, ["q".into(), "k".into()]),
            "cannot be joined",
        ),
        (
            Mapping::joined(2, ["q".into(), "q".into()]),
            "cannot be joined",
        ),
        (Mapping::joined(0, ["step".into()]), "cannot be joined"),
        (
            Mapping::joined(0, []),
            "nothing is joined, expected one tensor at least",
        ),
        (
            Mapping::tensor("phase").cast(DType::Float32),
            "\"phase\": complex64 [] cannot be cast to float32",
        ),
        (weight().cast(DType::String), "cannot be cast to string"),
    ] {
        let mapped = source().mapped(|_| Some(mapping.clone()));
        let error = mapped.variable("v").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert!(error.to_string().starts_with("variable \"v\": "), "{error}");
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
    // Whether digits would be lost is only known once they are read.
    let exact = source().mapped(|_| Some(Mapping::tensor("exact").cast(DType::Float32)));
    let error = exact
        .variable("v")
        .unwrap()
        .unwrap()
        .into_value()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a value of int64 [] has numbers that cannot be cast to float32"
    );
}

#[test]
fn mapped_sources_compose() {
    let rule = |name: &str| match name {
        "dense/qk" => Some(Mapping::joined(1, ["q".into(), "k".into()])),
        "dense/kernel" => Some(Mapping::tensor("weight").transposed([1, 0])),
        _ => None,
    };
    let inner = source().renamed(|name| {
        if name == "weight" {
            format!("fc.{name}")
        } else {
            name.to_owned()
        }
    });
    let mapped = inner
        .mapped(rule)
        .cast_floats(DType::Float64)
        .with_prefix("dense/");
    assert_eq!(mapped.source_names("kernel"), ["fc.weight"]);
    assert_eq!(mapped.source_names("qk"), ["q", "k"]);
    let value = mapped.variable("kernel").unwrap().unwrap();
    assert_eq!(
        (value.dtype(), value.shape()),
        (DType::Float64, &[3, 2][..])
    );
    assert!(mapped.variable("bias").unwrap().is_none());
    let half = (&mapped).mapped(|_| Some(Mapping::joined(0, ["qk".into(), "gone".into()])));
    assert!(half.variable("x").unwrap().is_none());
}
