use std::path::Path;
use std::{env, fs};

use super::names::camel_case;
use super::types::{NAMES, trait_name, type_row};
use super::*;
use crate::dtype::DType;

/// The code that the build script wrote with this generator.
const WRITTEN: &str = include_str!(concat!(env!("OUT_DIR"), "/raw_ops.rs"));

fn type_op() -> Op {
    let arg = |name: &str| Arg {
        name: name.to_owned(),
        type_attr: "out_type".to_owned(),
        ..Arg::default()
    };
    Op {
        name: "MakeLRN".to_owned(),
        outputs: vec![arg("first"), arg("type")],
        attrs: vec![Attr {
            name: "out_type".to_owned(),
            kind: "type".to_owned(),
            allowed_types: vec![9, 3],
            ..Attr::default()
        }],
        ..Op::default()
    }
}

#[test]
fn the_table_of_types_is_that_of_the_crate() {
    for dtype in DType::ALL {
        let (_, name, variant, _) = type_row(dtype.number());
        assert_eq!((*name, *variant), (dtype.name(), &*format!("{dtype:?}")));
    }
    assert_eq!(TYPES.len(), DType::ALL.len());
}

#[test]
fn names_are_those_of_tensorflow_in_python() {
    for (op, function) in [
        ("MatMul", "mat_mul"),
        ("BatchMatMulV2", "batch_mat_mul_v2"),
        ("FFT2D", "fft2d"),
        ("LRN", "lrn"),
        ("LRNGrad", "lrn_grad"),
        ("CTCLoss", "ctc_loss"),
        ("MaxPool3DGradGrad", "max_pool3d_grad_grad"),
        ("Conv2DBackpropInput", "conv2d_backprop_input"),
        ("DepthwiseConv2dNative", "depthwise_conv2d_native"),
        ("TFRecordReaderV2", "tf_record_reader_v2"),
        ("BesselI0e", "bessel_i0e"),
        ("CudnnRNNV2", "cudnn_rnnv2"),
        ("Where", "where_"),
        ("OUT_TYPE", "out_type"),
        ("T_threshold", "t_threshold"),
    ] {
        assert_eq!(identifier(op), function);
    }
    assert_eq!(camel_case("T_threshold"), "TThreshold");
    assert_eq!(camel_case("dtype"), "Dtype");
}

#[test]
fn traits_are_named_for_their_meaning_or_after_their_types_in_any_order() {
    let name = |types: &[i32]| trait_name(&types.iter().copied().collect());
    assert_eq!(name(&[9, 3]), "IndexType");
    assert_eq!(name(&[19, 2, 14, 1]), "Float");
    assert_eq!(name(&[14, 19, 1, 2, 3, 9, 8, 18]), "Algebraic");
    assert_eq!(name(&[21, 18, 8]), "ComplexVariant");
}

#[test]
fn every_name_is_that_of_a_set_that_ops_allow() {
    let mut seen = BTreeSet::new();
    for (name, _, set) in NAMES {
        assert!(set.is_sorted(), "{name}");
        assert!(seen.insert(name), "{name} stands twice");
        let declared = format!("pub trait {name}: ");
        assert!(WRITTEN.contains(&declared), "no op allows {name}");
    }
}

#[test]
fn an_op_without_inputs_takes_the_graph() {
    let code = generate(&[type_op()]);
    let lines: Vec<_> = code.lines().map(str::trim).collect();
    let joined = lines.join("");
    let signature = "pub fn make_lrn<'g, OutType: types::IndexType>(g: &'g GraphBuilder)";
    assert!(joined.contains(signature), "{code}");
    assert!(joined.contains("type_: outputs.one(),"), "{code}");
    assert!(joined.contains("pub trait IndexType: Element {}"), "{code}");
}

#[test]
fn a_call_has_a_type_for_each_parameter() {
    let code = calls(&[type_op()]);
    assert!(code.contains("raw::make_lrn::<i32>(g);"), "{code}");
}

#[test]
#[should_panic(expected = "make_lrn stands for two things in ops::raw")]
fn two_things_of_one_name_are_refused() {
    generate(&[type_op(), type_op()]);
}

/// The code of some ops of each form. `TFHUB_BLESS=1` writes the file anew.
#[test]
fn the_code_of_a_few_ops_is_as_in_the_fixture() {
    let ops = [
        "Assign",
        "MatMul",
        "ParseExample",
        "Placeholder",
        "Split",
        "TopK",
        "TopKV2",
    ];
    let (head, functions) = WRITTEN.split_once("\n\n").expect("a first line");
    let functions: Vec<_> = functions.split("/// TensorFlow's `").collect();
    let mut code = head.to_owned() + "\n\n";
    for op in ops {
        let start = format!("{op}`.");
        let function = functions.iter().find(|text| text.starts_with(&start));
        code += "/// TensorFlow's `";
        code += function.unwrap_or_else(|| panic!("no function for {op}"));
    }
    let code = code.trim_end().to_owned() + "\n";
    let path = Path::new(".").join("tests/fixtures/raw_ops.rs.txt");
    if env::var_os("TFHUB_BLESS").is_some() {
        fs::write(&path, &code).expect("the fixture is written");
    }
    let golden = fs::read_to_string(&path).expect("the fixture is there");
    assert!(
        code == golden,
        "the generated code differs from {}",
        path.display()
    );
}
