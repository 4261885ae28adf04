//! Placeholders and constants.

use half::{bf16, f16};
use num_complex::Complex;
use tfhub::dtype::ByteString;
use tfhub::module::SignatureBuilder;
use tfhub::ndarray::{Array2, array};
use tfhub::ops::array::identity;
use tfhub::{Element, GraphBuilder, Shape, Tensor};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("placeholder_kinds", placeholder_kinds),
        Module::new("placeholder_with_default", placeholder_with_default),
        Module::new("constants_all_dtypes", constants_all_dtypes),
        Module::new("constants_python", constants_python),
        Module::new("constants_large", constants_large),
        Module::new("constants_extreme", constants_extreme),
    ]
}

fn placeholder_kinds(g: &GraphBuilder) {
    let matrix = g.placeholder::<f32>((None, 3));
    let count = g.named("count", || g.placeholder::<i64>(()));
    let anything = g.placeholder::<f32>(Shape::unknown());
    let words = g.named("words", || g.placeholder::<ByteString>((2, None)));
    let flags = g.named("flags", || g.placeholder::<bool>((2,)));
    g.signature("default")
        .input("matrix", matrix)
        .input("count", count)
        .input("anything", anything)
        .input("words", words)
        .input("flags", flags)
        .output("matrix", identity(matrix))
        .output("count", g.named("count_out", || identity(count)))
        .output("anything", identity(anything))
        .output("words", g.named("words_out", || identity(words)))
        .output("flags", identity(flags));
}

fn placeholder_with_default(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None,)));
    let scale = g.named("scale", || g.placeholder_with_default(1.5f32, ()));
    let offset = g.placeholder_with_default([0.25f32, -0.5], (None,));
    g.signature("default")
        .input("x", x)
        .input("scale", scale)
        .output("default", x * scale)
        .output("offset", identity(offset));
}

/// A scalar, a vector, a scalar that stands for a matrix, and an empty vector.
fn constants<'g, T: Element>(
    out: SignatureBuilder<'g>,
    g: &'g GraphBuilder,
    scalar: T,
    vector: [T; 3],
) {
    let add = |kind: &str, make: &dyn Fn() -> Tensor<'g, T>| {
        let name = format!("{}_{kind}", T::DTYPE);
        let constant = g.named(&name, make);
        out.output(name, constant);
    };
    add("scalar", &|| g.constant(scalar.clone()));
    add("vector", &|| g.constant(vector.clone()));
    add("broadcast", &|| g.constant_of_shape(scalar.clone(), [2, 3]));
    add("empty", &|| g.constant(Vec::<T>::new()));
}

fn constants_all_dtypes(g: &GraphBuilder) {
    const INF: f32 = f32::INFINITY;
    let half = [-0.0, INF, -2.25];
    let out = g.signature("default");
    constants(out, g, f16::from_f32(1.5), half.map(f16::from_f32));
    constants(out, g, bf16::from_f32(1.5), half.map(bf16::from_f32));
    constants(out, g, 0.1f32, half);
    constants(out, g, 0.1f64, [-0.0, f64::NEG_INFINITY, -2.25]);
    constants(out, g, -3, [i8::MIN, 0, i8::MAX]);
    constants(out, g, -3, [i16::MIN, 0, i16::MAX]);
    constants(out, g, -3, [i32::MIN, 0, i32::MAX]);
    constants(out, g, -3, [i64::MIN, 0, i64::MAX]);
    constants(out, g, 3, [0, 1, u8::MAX]);
    constants(out, g, 3, [0, 1, u16::MAX]);
    constants(out, g, 3, [0, 1, u32::MAX]);
    constants(out, g, 3, [0, 1, u64::MAX]);
    constants(out, g, true, [true, false, true]);
    let complex = [(0.0, 0.0), (-0.0, -0.5), (3.0, 0.25)];
    let complex64 = complex.map(|(re, im)| Complex::new(re as f32, im as f32));
    constants(out, g, Complex::new(1.5f32, -2.0), complex64);
    let complex128 = complex.map(|(re, im)| Complex::new(re, im));
    constants(out, g, Complex::new(1.5, -2.0), complex128);
    let words = ["", "one", "two words"].map(ByteString::from);
    constants(out, g, ByteString::from("text"), words);
}

fn constants_python(g: &GraphBuilder) {
    g.signature("default")
        .output("int", g.constant(7))
        .output("long", g.constant(1i64 << 40))
        .output("float", g.constant(0.5f32))
        .output("bool", g.constant(false))
        .output("string", g.constant("text"))
        .output("bytes", g.constant(ByteString::from(b"\x00\xff")))
        .output("ints", g.constant([1, 2, 3]))
        .output("rows", g.constant([[0.5f32, 1.5], [2.5, 3.5]]))
        .output("strings", g.constant(["a", "bc"]))
        .output("array", g.constant(array![[1i64, 2], [3, 4]]))
        .output("one_element", g.constant([2.5f32]))
        .output("one_row", g.constant([[4]]));
}

fn constants_large(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((1200,)));
    let quarters: Vec<f32> = (0..1200u16).map(|i| 0.25 * f32::from(i)).collect();
    let mut last_differs = vec![0.5f32; 1200];
    last_differs[1199] = 1.5;
    let equal_tail: Vec<i32> = (0..10).chain([7; 1190]).collect();
    let ints: Vec<i64> = (0..1500).collect();
    let matrix = Array2::from_shape_fn((30, 40), |(row, column)| (40 * row + column) as f64);
    let flags: Vec<bool> = (0..1100).map(|i| i % 3 == 0).collect();
    let words: Vec<_> = (0..1100)
        .map(|i| ByteString::from(i.to_string().as_str()))
        .collect();
    g.signature("default")
        .input("x", x)
        .output("floats", g.constant(quarters.clone()))
        .output("equal_floats", g.constant([0.5f32; 1200]))
        .output("last_differs", g.constant(last_differs))
        .output("equal_tail", g.constant(equal_tail))
        .output("ints", g.constant(ints))
        .output("matrix", g.constant(matrix))
        .output("flags", g.constant(flags))
        .output("words", g.constant(words))
        .output("filled", g.constant_of_shape(0.5f32, [40, 30]))
        .output("added", x + quarters);
}

fn constants_extreme(g: &GraphBuilder) {
    g.signature("default")
        .output("largest_int", g.constant(i32::MAX))
        .output("smallest_int", g.constant(i32::MIN))
        .output("above_int", g.constant(1i64 << 31))
        .output("below_int", g.constant(i64::from(i32::MIN) - 1))
        .output("mixed_ints", g.constant([1, 1i64 << 31]))
        .output("largest_long", g.constant(i64::MAX))
        .output("smallest_long", g.constant(i64::MIN))
        .output("above_long", g.constant(1u64 << 63))
        .output("large_as_float", g.constant(16_777_217i64 as f32))
        .output(
            "large_as_double",
            g.constant(9_007_199_254_740_993i64 as f64),
        )
        .output("float_max", g.constant(f32::MAX))
        .output("denormal", g.constant(1e-45f32))
        .output("denormal_double", g.constant(5e-324))
        .output("half_max", g.constant(f16::MAX))
        .output("infinities", g.constant([f32::INFINITY, f32::NEG_INFINITY]));
}
