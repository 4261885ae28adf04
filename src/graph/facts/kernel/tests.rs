//! Inputs that fit no op. The values that kernels compute are compared with TensorFlow's in `session::evaluate`.

use std::panic::Location;

use super::*;
use crate::dtype::Element;
use crate::graph::AttrValue;
use crate::graph::facts;
use crate::graph::node::{Attr, Attrs, Op, Origin};
use crate::graph::op_def;

#[test]
fn shapes_with_an_open_dimension() {
    assert_eq!(reshaped(6, &[2, -1]), Some(vec![2, 3]));
    assert_eq!(reshaped(6, &[-1, -1]), None);
    assert_eq!(reshaped(0, &[0, -1]), None);
    assert_eq!(reshaped(5, &[2, -1]), None);
}

fn value<T: Element>(shape: &[usize], elements: &[T]) -> Arc<TensorValue> {
    Arc::new(TensorValue::new(shape, elements.to_vec()).unwrap())
}

fn node(op: &str, attrs: Attrs) -> Node {
    Node {
        name: "n".into(),
        op: Op::from(op_def::lookup(op).unwrap()),
        inputs: Default::default(),
        control_inputs: Vec::new(),
        device: "".into(),
        attrs,
        outputs: Default::default(),
        origin: Origin::Built,
        location: Location::caller(),
    }
}

/// Narrow integers are computed in 64 bits, which shows neither in results nor in errors.
#[test]
fn integers_keep_their_width() {
    let binary = |op, a: &[i8], b: &[i8]| {
        let inputs = vec![value(&[a.len()], a), value(&[b.len()], b)];
        run(
            &[],
            &node(op, Vec::new()),
            inputs,
            Seed { seed: 1, seed2: 2 },
        )
    };
    let results = |op, a, b| {
        binary(op, a, b).unwrap()[0]
            .as_slice::<i8>()
            .unwrap()
            .to_vec()
    };
    assert_eq!(results("Add", &[127, -128], &[1, -1]), [-128, 127]);
    assert_eq!(results("Div", &[-128, 7], &[-1, -2]), [-128, -3]);
    assert_eq!(results("FloorDiv", &[-128, 7], &[-1, -2]), [-128, -4]);
    assert_eq!(results("SquaredDifference", &[127], &[-128]), [1]);
    let error = binary("Atan2", &[1], &[1]).unwrap_err();
    assert_eq!(error.to_string(), "op Atan2 cannot be computed for int8");
    let divided = binary("FloorMod", &[1], &[0]).unwrap_err();
    assert_eq!(divided.to_string(), "integers are divided by zero");
}

/// Each op with all pairs, and half of all triples, of values that mostly do not fit it: an error or a value, but no panic.
#[test]
fn inputs_that_do_not_fit_are_refused() {
    let values = [
        value(&[], &[-1i32]),
        value(&[], &[5i64]),
        value(&[], &[1i64 << 62]),
        value(&[0], &[0i32; 0]),
        value(&[2], &[1i32, -3]),
        value(&[2], &[0i32, 0]),
        value(&[3], &[i32::MAX; 3]),
        value(&[2, 2], &[0i32, i32::MAX, i32::MAX, 0]),
        value(&[2, 3], &[1f32, 2.0, f32::NAN, 4.0, 5.0, 6.0]),
        value(&[0, 1 << 20], &[0f32; 0]),
        value(&[], &[f64::INFINITY]),
        value(&[2], &[true, false]),
        value(&[1], &[ByteString::from("text")]),
        value(&[1, 3, 1], &[1u8, 2, 3]),
    ];
    let attrs = [
        ("DstT", AttrValue::from(DType::Int32)),
        ("dtype", DType::Float32.into()),
        ("mode", "REFLECT".into()),
        ("num_split", 2i64.into()),
    ];
    let attrs: Vec<_> = attrs
        .into_iter()
        .map(|(name, value)| (name.into(), Attr::Own(value.0)))
        .collect();
    let seed = Seed { seed: 1, seed2: 2 };
    let mut refused = 0;
    let mut computed = 0;
    // The bounds of slices are those of the graph.
    let ops = op_def::names().filter(|op| *op != "StridedSlice");
    for op in ops {
        let node = node(op, attrs.clone());
        if facts::of(&node.op).kernel.is_none() {
            continue;
        }
        let mut try_with = |inputs: Vec<Arc<TensorValue>>| {
            match run(&[], &node, inputs, seed) {
                Ok(_) => computed += 1,
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            };
        };
        try_with(Vec::new());
        for (first, a) in values.iter().enumerate() {
            try_with(vec![a.clone()]);
            for (second, b) in values.iter().enumerate() {
                try_with(vec![a.clone(), b.clone()]);
                for c in values.iter().skip((first + second) % 2).step_by(2) {
                    try_with(vec![a.clone(), b.clone(), c.clone()]);
                    if matches!(op, "OneHot" | "ConcatV2" | "Pack" | "AddN") {
                        try_with(vec![a.clone(), b.clone(), c.clone(), a.clone()]);
                    }
                }
            }
        }
    }
    assert!(refused > 50_000 && computed > 5_000, "{refused} {computed}");
}
