//! Element types, and the traits for sets of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The dtypes: number, TensorFlow's name, name of the `DType`, Rust type.
pub(crate) const TYPES: [(i32, &str, &str, &str); 23] = [
    (1, "float32", "Float32", "f32"),
    (2, "float64", "Float64", "f64"),
    (3, "int32", "Int32", "i32"),
    (4, "uint8", "UInt8", "u8"),
    (5, "int16", "Int16", "i16"),
    (6, "int8", "Int8", "i8"),
    (7, "string", "String", "ByteString"),
    (8, "complex64", "Complex64", "num_complex::Complex<f32>"),
    (9, "int64", "Int64", "i64"),
    (10, "bool", "Bool", "bool"),
    (11, "qint8", "QInt8", "QInt8"),
    (12, "quint8", "QUInt8", "QUInt8"),
    (13, "qint32", "QInt32", "QInt32"),
    (14, "bfloat16", "BFloat16", "bf16"),
    (15, "qint16", "QInt16", "QInt16"),
    (16, "quint16", "QUInt16", "QUInt16"),
    (17, "uint16", "UInt16", "u16"),
    (18, "complex128", "Complex128", "num_complex::Complex<f64>"),
    (19, "float16", "Float16", "f16"),
    (20, "resource", "Resource", "Resource"),
    (21, "variant", "Variant", "Variant"),
    (22, "uint32", "UInt32", "u32"),
    (23, "uint64", "UInt64", "u64"),
];

/// Names for several types at once in the names of traits; the first that fits is taken out first.
const GROUPS: [(&str, &[i32]); 8] = [
    (
        "Number",
        &[1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 17, 18, 19, 22, 23],
    ),
    ("Real", &[1, 2, 3, 4, 5, 6, 9, 14, 17, 19, 22, 23]),
    ("Int", &[3, 4, 5, 6, 9, 17, 22, 23]),
    ("Quantized", &[11, 12, 13, 15, 16]),
    ("Float", &[1, 2, 14, 19]),
    ("SignedInt", &[3, 5, 6, 9]),
    ("UnsignedInt", &[4, 17, 22, 23]),
    ("Complex", &[8, 18]),
];

/// Sets with a name for what they mean, and the start of their doc; the other sets are named by their groups.
#[rustfmt::skip]
pub(super) const NAMES: [(&str, &str, &[i32]); 34] = [
    ("IndexType", "Positions, sizes and axes", &[3, 9]),
    ("ClassIndex", "Numbers of classes", &[3, 4, 9]),
    ("SizeInt", "Sizes of images", &[3, 4, 5, 6, 9]),
    ("SetElement", "Elements of sets", &[3, 4, 5, 6, 7, 9, 17]),
    ("PngSample", "Samples of PNG files", &[4, 17]),
    ("BasicFloat", "Floats of 32 and 64 bits", &[1, 2]),
    ("StandardFloat", "Floats of the IEEE standard", &[1, 2, 19]),
    ("LinearFloat", "Floats that are spread over an interval", &[1, 2, 14]),
    ("ShortFloat", "Floats of at most 32 bits", &[1, 14, 19]),
    ("StandardShortFloat", "Floats of the IEEE standard of at most 32 bits", &[1, 19]),
    ("BasicNumber", "Numbers of 32 and 64 bits", &[1, 2, 3, 9]),
    ("StandardNumber", "Floats of the IEEE standard and integers of 32 and 64 bits", &[1, 2, 3, 9, 19]),
    ("RangeNumber", "Numbers that are counted up by a step", &[1, 2, 3, 9, 14]),
    ("Ordered", "Numbers with a maximum and a remainder", &[1, 2, 3, 9, 14, 19]),
    ("Signed", "Numbers with a sign and an absolute value", &[1, 2, 3, 5, 6, 9, 14, 19]),
    ("Inexact", "Floats and complex numbers", &[1, 2, 8, 14, 18, 19]),
    ("BasicInexact", "Floats and complex numbers of parts of 32 and 64 bits", &[1, 2, 8, 18]),
    ("StandardInexact", "Floats of the IEEE standard and complex numbers", &[1, 2, 8, 18, 19]),
    ("Algebraic", "Numbers with negatives, powers and products of matrices", &[1, 2, 3, 8, 9, 14, 18, 19]),
    ("Arithmetic", "Numbers that are subtracted, multiplied and divided", &[1, 2, 3, 4, 5, 6, 8, 9, 14, 17, 18, 19]),
    ("Numeric", "Numbers that `+` adds", &[1, 2, 3, 4, 5, 6, 8, 9, 14, 18, 19]),
    ("Addable", "Numbers that are added and strings that are joined", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 18, 19]),
    ("Summable", "Elements of which any number are added at once", &[1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 17, 18, 19, 21, 22, 23]),
    ("Comparable", "Elements that are equal or not", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 19]),
    ("NumberOrBool", "Numbers and truth values", &[1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 22, 23]),
    ("Reversible", "Elements whose order is reversed", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 17, 18, 19]),
    ("Printable", "Elements with a text form", &[1, 2, 3, 5, 6, 8, 9, 10, 18]),
    ("Decodable", "Elements that are read from raw bytes", &[1, 2, 3, 4, 5, 6, 8, 9, 10, 17, 18, 19]),
    ("Bits", "Elements of a fixed number of bits", &[1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 22, 23]),
    ("Pixel", "Values of pixels", &[1, 2, 3, 4, 5, 6, 9, 14, 17, 19]),
    ("StandardPixel", "Values of pixels but bfloat16", &[1, 2, 3, 4, 5, 6, 9, 17, 19]),
    ("Poolable", "Values of which pools take the greatest", &[1, 2, 3, 4, 5, 6, 9, 11, 14, 17, 19]),
    ("Rectifiable", "Values of which the negative ones become 0", &[1, 2, 3, 4, 5, 6, 9, 11, 14, 17, 19, 22, 23]),
    ("Serialized", "Serialized tensors", &[7, 21]),
];

/// The types of which some ops take any, and no others.
pub(super) type TypeSet = BTreeSet<i32>;

pub(super) fn type_row(number: i32) -> &'static (i32, &'static str, &'static str, &'static str) {
    let row = TYPES.iter().find(|row| row.0 == number);
    row.unwrap_or_else(|| panic!("dtype {number} has no Rust type"))
}

pub(super) fn rust_type(number: i32) -> &'static str {
    type_row(number).3
}

pub(super) fn type_names(types: impl IntoIterator<Item = i32>) -> String {
    let names = types
        .into_iter()
        .map(|number| format!("`{}`", type_row(number).1));
    names.collect::<Vec<_>>().join(", ")
}

/// The row of a set that has a name of its own.
fn named(types: &TypeSet) -> Option<&'static (&'static str, &'static str, &'static [i32])> {
    NAMES.iter().find(|(.., set)| types.iter().eq(*set))
}

/// The name of the trait for a set of types: it depends on the set alone.
pub(super) fn trait_name(types: &TypeSet) -> String {
    if let Some((name, ..)) = named(types) {
        return (*name).to_owned();
    }
    let mut rest = types.clone();
    let mut name = String::new();
    for (group, members) in GROUPS {
        if members.iter().all(|member| rest.contains(member)) {
            name.push_str(group);
            rest.retain(|number| !members.contains(number));
        }
    }
    rest.iter()
        .for_each(|&number| name.push_str(type_row(number).2));
    name
}

pub(super) fn write_traits(out: &mut String, sets: &BTreeMap<TypeSet, Vec<&str>>) {
    put!(
        out,
        "/// The sets of element types that ops allow, as bounds.\n///\n\
        /// A trait is named for what its types mean, or after them, and implies those of all larger sets. `Number` stands \
        for all\n/// numbers that are not of 16 quantized bits, `Real` for those of them that are neither complex nor \
        quantized, `Int`\n/// for all integers, `Float` for all floating-point types, and `Complex` and `Quantized` for all \
        of their kind."
    );
    put!(out, "pub mod types {{\n    use super::*;\n");
    for (set, users) in sets {
        let name = trait_name(set);
        let larger: Vec<_> = sets
            .keys()
            .filter(|other| other.len() > set.len() && other.is_superset(set))
            .collect();
        // Of those, the ones that no other implies.
        let mut supers: Vec<_> = larger
            .iter()
            .filter(|a| !larger.iter().any(|b| b.len() < a.len() && a.is_superset(b)))
            .map(|other| trait_name(other))
            .collect();
        let has_values = !set.contains(&20) && !set.contains(&21);
        supers.insert(
            0,
            if has_values { "Element" } else { "TensorType" }.to_owned(),
        );
        let of = type_names(set.iter().copied());
        let shown: Vec<_> = users.iter().take(5).map(|op| format!("`{op}`")).collect();
        let more = match users.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match named(set) {
            Some((_, meaning, _)) => put!(out, "    /// {meaning}: {of}."),
            None => put!(out, "    /// {of}."),
        }
        put!(out, "    ///\n    /// For {}{more}.", shown.join(", "));
        put!(out, "    #[diagnostic::on_unimplemented(");
        put!(
            out,
            "        message = \"`{{Self}}` is none of the element types that the op allows\","
        );
        put!(
            out,
            "        note = \"the op allows {}\"",
            of.replace('`', "")
        );
        put!(out, "    )]");
        // Code that is generic over floats can divide them.
        let divides = " + crate::ops::math::Divide<Quotient = Self>";
        let divides = if name == "Float" { divides } else { "" };
        put!(
            out,
            "    pub trait {name}: {}{divides} {{}}\n",
            supers.join(" + ")
        );
        for &number in set {
            put!(out, "    impl {name} for {} {{}}", rust_type(number));
        }
        put!(out, "");
    }
    out.truncate(out.trim_end().len());
    put!(out, "\n}}");
}
