//! The function of an op, with the types of its outputs and options.

use std::fmt::Write as _;

use super::names::{camel_case, identifier};
use super::op::{Arg, Attr, Op};
use super::types::type_row;

pub(super) fn write_function(out: &mut String, op: &Op) {
    let options = op.options();
    put!(out, "/// TensorFlow's `{}`.", op.name);
    if let Some((version, explanation)) = &op.deprecation {
        put!(out, "///");
        put!(
            out,
            "/// TensorFlow refuses the op since version {version} of GraphDef, and so does the builder: {}",
            text(explanation)
        );
    }
    write_facts(out, op);
    put!(out, "#[doc(alias = {:?})]", op.name);
    if let Some((_, explanation)) = &op.deprecation {
        put!(
            out,
            "#[deprecated = {:?}]",
            format!("TensorFlow removed the op: {explanation}")
        );
    }
    put!(out, "#[track_caller]");
    // Compiled where it is called: hardly any program calls more than a few.
    put!(out, "#[inline]");

    let params: Vec<_> = op
        .type_params()
        .map(|attr| format!(", {}: {}", camel_case(&attr.name), attr.bound()))
        .collect();
    let mut args = Vec::new();
    if op.leading_input().is_none() {
        args.push("g: &'g GraphBuilder".to_owned());
    }
    for arg in &op.inputs {
        args.push(format!("{}: {}", identifier(&arg.name), arg.input_type(op)));
    }
    for attr in op.arguments() {
        let name = identifier(&attr.name);
        args.push(format!("{name}: {}", attr.argument(&name).0));
    }
    if !options.is_empty() {
        args.push(format!("options: impl Into<{}>", op.options_name()));
    }
    let head = format!("pub fn {}<'g{}>(", identifier(&op.name), params.concat());
    let tail = format!(") -> {} {{", op.result());
    let line = format!("{head}{}{tail}", args.join(", "));
    if line.len() <= 100 {
        put!(out, "{line}");
    } else {
        put!(out, "{head}");
        args.iter().for_each(|arg| put!(out, "    {arg},"));
        put!(out, "{tail}");
    }
    write_body(out, op, &options);
    put!(out, "}}\n");
}

fn write_body(out: &mut String, op: &Op, options: &[&Attr]) {
    let graph = match op.leading_input() {
        Some(arg) => format!("{}.graph()", identifier(&arg.name)),
        None => "g".to_owned(),
    };
    put!(out, "    let op = Node::new({graph}, {:?})", op.name);
    for arg in &op.inputs {
        let name = identifier(&arg.name);
        if arg.is_one() {
            put!(out, "        .input({name})");
        } else {
            put!(out, "        .inputs({name})");
        }
    }
    for attr in op.attrs.iter().filter(|attr| op.is_element_type(attr)) {
        // One tensor says its type; a list may be empty.
        let mut inputs = op.inputs.iter();
        if inputs.any(|arg| arg.is_one() && arg.type_attr == attr.name) {
            continue;
        }
        match attr.only_type() {
            Some(number) => {
                let dtype = type_row(number).2;
                put!(out, "        .attr({:?}, DType::{dtype})", attr.name);
            }
            None => {
                let param = camel_case(&attr.name);
                put!(out, "        .attr({:?}, {param}::DTYPE)", attr.name);
            }
        }
    }
    for attr in op.arguments() {
        let value = attr.argument(&identifier(&attr.name)).1;
        put!(out, "        .attr({:?}, {value})", attr.name);
    }
    if !options.is_empty() {
        put!(out, "        .options(options.into().0)");
    }
    put!(out, "        .finish();");
    match &op.outputs[..] {
        [] => put!(out, "    op"),
        [one] => put!(out, "    Outputs::of(op).{}", take(op, one)),
        several => {
            put!(out, "    let mut outputs = Outputs::of(op);");
            put!(out, "    {} {{", op.outputs_name());
            for arg in several {
                let name = identifier(&arg.name);
                put!(out, "        {name}: outputs.{},", take(op, arg));
            }
            put!(out, "    }}");
        }
    }
}

/// The expression that takes an output from the node's outputs.
fn take(op: &Op, arg: &Arg) -> String {
    let reference = if arg.is_ref { "_ref" } else { "" };
    if arg.is_one() {
        return format!("one{reference}()");
    }
    let (method, count) = if arg.type_list_attr.is_empty() {
        ("repeated", &arg.number_attr)
    } else {
        ("list", &arg.type_list_attr)
    };
    // The number of outputs comes from what is given, so that it is right where the node could not be made.
    let input = op.inputs.iter().find(|input| input.depends_on(count));
    let len = match input {
        Some(input) => format!("{}.len()", identifier(&input.name)),
        None if method == "list" => format!("{}.len()", identifier(count)),
        None => format!("count({})", identifier(count)),
    };
    format!("{method}{reference}({len})")
}

fn write_facts(out: &mut String, op: &Op) {
    let args = |out: &mut String, title: &str, args: &[Arg]| {
        if args.is_empty() {
            return;
        }
        put!(out, "///\n/// {title}");
        for arg in args {
            put!(out, "/// - `{}`: {}", identifier(&arg.name), arg.facts(op));
        }
    };
    args(out, "Inputs:", &op.inputs);
    let options = op.options();
    let mut attrs = op
        .attrs
        .iter()
        .filter(|attr| options.iter().all(|option| option.name != attr.name))
        .filter(|attr| attr.kind != "int" || !op.is_inferred(attr))
        .peekable();
    if attrs.peek().is_some() {
        put!(out, "///\n/// Attributes:");
    }
    for attr in attrs {
        put!(out, "/// - `{}`: {}", attr.name, attr.facts());
    }
    args(out, "Outputs:", &op.outputs);
}

pub(super) fn write_outputs(out: &mut String, op: &Op) {
    if op.outputs.len() < 2 {
        return;
    }
    let name = identifier(&op.name);
    put!(out, "/// The outputs of [`{name}`](fn@{name}).");
    put!(out, "#[derive(Debug, Clone)]");
    let params: Vec<_> = op
        .type_params()
        .filter(|attr| op.outputs.iter().any(|arg| arg.type_attr == attr.name))
        .map(|attr| format!(", {}: TensorType", camel_case(&attr.name)))
        .collect();
    put!(
        out,
        "pub struct {}<'g{}> {{",
        op.outputs_name(),
        params.concat()
    );
    for arg in &op.outputs {
        let name = identifier(&arg.name);
        put!(out, "    /// The output `{}`.", arg.name);
        put!(out, "    pub {name}: {},", arg.output_type(op));
    }
    put!(out, "}}\n");
}

pub(super) fn write_options(out: &mut String, op: &Op) {
    let options = op.options();
    if options.is_empty() {
        return;
    }
    let (name, function) = (op.options_name(), identifier(&op.name));
    put!(
        out,
        "/// The attributes of [`{function}`](fn@{function}) that have a default."
    );
    put!(out, "#[derive(Debug, Clone, Default)]");
    put!(out, "pub struct {name}(Options);\n");
    put!(out, "defaults!({name});\n");
    put!(out, "impl {name} {{");
    for (i, attr) in options.into_iter().enumerate() {
        if i > 0 {
            put!(out, "");
        }
        let (of, value) = attr.argument("value");
        put!(out, "    /// `{}`: {}.", attr.name, attr.facts());
        put!(out, "    #[inline]");
        put!(
            out,
            "    pub fn {}(self, value: {of}) -> Self {{",
            identifier(&attr.name)
        );
        put!(out, "        Self(self.0.set({:?}, {value}))", attr.name);
        put!(out, "    }}");
    }
    put!(out, "}}\n");
}

/// Free text in documentation.
fn text(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.trim().chars() {
        match c {
            '\n' => escaped.push(' '),
            '[' | ']' | '<' | '>' | '*' | '_' | '`' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
