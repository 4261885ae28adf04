//! Ops as the build script hands them over, and their parts in Rust.

use std::fmt::Write as _;

use super::names::camel_case;
use super::types::{TypeSet, rust_type, trait_name, type_names, type_row};

/// A registered op.
#[derive(Debug, Clone, Default)]
pub(crate) struct Op {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Arg>,
    pub(crate) outputs: Vec<Arg>,
    pub(crate) attrs: Vec<Attr>,
    /// Since which version of GraphDef nodes are refused, and what to use.
    pub(crate) deprecation: Option<(i64, String)>,
}

/// An input or output.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arg {
    pub(crate) name: String,
    pub(crate) is_ref: bool,
    /// The `DataType` number if it is fixed, or 0.
    pub(crate) dtype: i32,
    /// The attributes that the arg depends on, or nothing.
    pub(crate) type_attr: String,
    pub(crate) number_attr: String,
    pub(crate) type_list_attr: String,
}

/// An attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attr {
    pub(crate) name: String,
    /// TensorFlow's spelling of the kind, such as `list(int)`.
    pub(crate) kind: String,
    /// For the documentation.
    pub(crate) default: Option<String>,
    pub(crate) allowed_types: Vec<i32>,
    pub(crate) allowed_strings: Vec<String>,
    pub(crate) minimum: Option<i64>,
}

impl Op {
    pub(super) fn attr(&self, name: &str) -> &Attr {
        let attr = self.attrs.iter().find(|attr| attr.name == name);
        attr.unwrap_or_else(|| panic!("op {} has no attribute {name:?}", self.name))
    }

    /// Whether the attribute's value follows from the inputs.
    pub(super) fn is_inferred(&self, attr: &Attr) -> bool {
        self.inputs.iter().any(|arg| arg.depends_on(&attr.name))
    }

    /// Whether the attribute is the type of an input or output.
    pub(super) fn is_element_type(&self, attr: &Attr) -> bool {
        let mut args = self.inputs.iter().chain(&self.outputs);
        attr.kind == "type" && args.any(|arg| arg.type_attr == attr.name)
    }

    /// Whether the attribute says how many tensors the outputs are.
    fn counts_outputs(&self, attr: &Attr) -> bool {
        let counts = |arg: &Arg| arg.number_attr == attr.name || arg.type_list_attr == attr.name;
        self.outputs.iter().any(counts)
    }

    /// The attributes that are type parameters of the function.
    pub(super) fn type_params(&self) -> impl Iterator<Item = &Attr> {
        self.attrs
            .iter()
            .filter(|attr| self.is_element_type(attr) && attr.only_type().is_none())
    }

    /// The attributes that are arguments of the function.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &Attr> {
        let is_argument = |attr: &&Attr| {
            let given = attr.default.is_none() || self.counts_outputs(attr);
            given && !self.is_inferred(attr) && !self.is_element_type(attr)
        };
        self.attrs.iter().filter(is_argument)
    }

    /// The attributes that are in the options.
    pub(super) fn options(&self) -> Vec<&Attr> {
        let is_option = |attr: &&Attr| {
            attr.default.is_some()
                && !self.counts_outputs(attr)
                && !self.is_inferred(attr)
                && !self.is_element_type(attr)
        };
        self.attrs.iter().filter(is_option).collect()
    }

    /// The element type of an arg in Rust.
    fn element(&self, arg: &Arg) -> String {
        if arg.type_attr.is_empty() {
            return rust_type(arg.dtype).to_owned();
        }
        match self.attr(&arg.type_attr).only_type() {
            Some(number) => rust_type(number).to_owned(),
            None => camel_case(&arg.type_attr),
        }
    }

    /// The first input that is one tensor: the function takes its graph from there.
    pub(super) fn leading_input(&self) -> Option<&Arg> {
        self.inputs.iter().find(|arg| arg.is_one())
    }

    pub(super) fn outputs_name(&self) -> String {
        format!("{}Outputs", self.name)
    }

    pub(super) fn options_name(&self) -> String {
        format!("{}Options", self.name)
    }

    /// The Rust type of the function's result.
    pub(super) fn result(&self) -> String {
        match &self.outputs[..] {
            [] => "Operation<'g>".to_owned(),
            [one] => one.output_type(self),
            several => {
                let params: Vec<_> = self
                    .type_params()
                    .filter(|attr| several.iter().any(|arg| arg.type_attr == attr.name))
                    .map(|attr| format!(", {}", camel_case(&attr.name)))
                    .collect();
                format!("{}<'g{}>", self.outputs_name(), params.concat())
            }
        }
    }
}

impl Arg {
    pub(super) fn depends_on(&self, attr: &str) -> bool {
        [&self.type_attr, &self.number_attr, &self.type_list_attr]
            .iter()
            .any(|name| *name == attr)
    }

    pub(super) fn is_one(&self) -> bool {
        self.number_attr.is_empty() && self.type_list_attr.is_empty()
    }

    fn handle(&self) -> &'static str {
        if self.is_ref { "RefTensor" } else { "Tensor" }
    }

    pub(super) fn input_type(&self, op: &Op) -> String {
        if !self.type_list_attr.is_empty() {
            return "&[AnyTensor<'g>]".to_owned();
        }
        let one = format!("{}<'g, {}>", self.handle(), op.element(self));
        if self.is_one() {
            one
        } else {
            format!("&[{one}]")
        }
    }

    pub(super) fn output_type(&self, op: &Op) -> String {
        if !self.type_list_attr.is_empty() {
            return "Vec<AnyTensor<'g>>".to_owned();
        }
        let one = format!("{}<'g, {}>", self.handle(), op.element(self));
        if self.is_one() {
            one
        } else {
            format!("Vec<{one}>")
        }
    }

    /// The sentence of the documentation on the arg's types.
    pub(super) fn facts(&self, op: &Op) -> String {
        let reference = if self.is_ref { "a reference to " } else { "" };
        if !self.type_list_attr.is_empty() {
            return format!("{reference}tensors of the types `{}`", self.type_list_attr);
        }
        let of = if self.type_attr.is_empty() {
            type_row(self.dtype).1
        } else {
            match op.attr(&self.type_attr).only_type() {
                Some(number) => type_row(number).1,
                None => &self.type_attr,
            }
        };
        if self.is_one() {
            format!("{reference}`{of}`")
        } else {
            format!("{reference}`{}` tensors of `{of}`", self.number_attr)
        }
    }
}

impl Attr {
    /// The type, if just one is allowed.
    pub(super) fn only_type(&self) -> Option<i32> {
        let set: TypeSet = self.allowed_types.iter().copied().collect();
        match (self.kind.as_str(), set.len()) {
            ("type", 1) => set.first().copied(),
            _ => None,
        }
    }

    /// The bound on the type parameter.
    pub(super) fn bound(&self) -> String {
        if self.allowed_types.is_empty() {
            return "TensorType".to_owned();
        }
        let set = self.allowed_types.iter().copied().collect();
        format!("types::{}", trait_name(&set))
    }

    /// The type of the argument or setter, and how `name` of that type becomes an `AttrValue`.
    pub(super) fn argument(&self, name: &str) -> (&'static str, String) {
        let list = |item| (item, format!("list({name})"));
        match self.kind.as_str() {
            "int" => ("i64", name.to_owned()),
            "float" => ("f32", name.to_owned()),
            "bool" => ("bool", name.to_owned()),
            "string" => ("impl AsRef<[u8]>", format!("{name}.as_ref()")),
            "type" => ("DType", name.to_owned()),
            "shape" => ("impl Into<Shape>", format!("Into::<Shape>::into({name})")),
            "tensor" => ("TensorValue", name.to_owned()),
            "func" => (
                "impl Into<FunctionRef>",
                format!("Into::<FunctionRef>::into({name})"),
            ),
            "list(int)" => list("&[i64]"),
            "list(float)" => list("&[f32]"),
            "list(bool)" => list("&[bool]"),
            "list(string)" => ("&[impl AsRef<[u8]>]", format!("strings({name})")),
            "list(type)" => list("&[DType]"),
            "list(shape)" => list("&[Shape]"),
            "list(tensor)" => list("&[TensorValue]"),
            "list(func)" => list("&[FunctionRef]"),
            kind => panic!("attribute {}: kind {kind:?} is unknown", self.name),
        }
    }

    /// The sentence of the documentation on the attribute.
    pub(super) fn facts(&self) -> String {
        let mut text = self.kind.clone();
        if !self.allowed_types.is_empty() {
            let set: TypeSet = self.allowed_types.iter().copied().collect();
            let _ = write!(text, ", one of {}", type_names(set));
        }
        if !self.allowed_strings.is_empty() {
            let strings: Vec<_> = self
                .allowed_strings
                .iter()
                .map(|s| format!("`\"{s}\"`"))
                .collect();
            let _ = write!(text, ", one of {}", strings.join(", "));
        }
        if let Some(minimum) = self.minimum.filter(|&minimum| minimum != 0) {
            let items = if self.kind.starts_with("list") {
                " items"
            } else {
                ""
            };
            let _ = write!(text, ", at least {minimum}{items}");
        }
        if let Some(default) = &self.default {
            let _ = write!(text, ", by default `{default}`");
        }
        text
    }
}
