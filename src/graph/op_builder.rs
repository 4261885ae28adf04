//! Making one node: matching inputs and attributes with the op's definition, naming it, and inferring its shapes.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::arity::{self, FREE_OUTPUTS};
use super::attr::type_name;
use super::library::Function;
use super::names::{invalid_name, is_valid_op_name, is_valid_scope_name, is_valid_start};
use super::node::{Attr, Attrs, CLASS, Inputs, Op, Origin};
use super::op_def::{self, ArgKind, ArgType, AttrDef, AttrKind, AttrType, OpDef};
use super::{
    AnyTensor, AttrValue, GraphBuilder, Here, Node, NodeId, Operand, Operation, Output, Tensor,
    shape_from_proto,
};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::{AttrValue as AttrProto, NameAttrList};
use crate::value::proto_text;

/// Makes one node of any op that TensorFlow 1.15 has.
///
/// The functions in [`ops`](crate::ops) are built on it; use it for ops that have none. Inputs are given in the
/// order of the op's definition. Attributes that follow from the inputs, such as `T`, may be left out, and so may
/// those with a default.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let top = g.op("TopKV2").input(x).input(g.constant(2i32)).attr("sorted", false).finish();
/// let (values, indices) = (top.output(0).typed::<f32>(), top.output(1).typed::<i32>());
/// assert_eq!(values.name(), "TopKV2:0");
/// assert_eq!(indices.name(), "TopKV2:1");
/// ```
#[must_use = "the node is made by `finish`"]
pub struct OpBuilder<'g> {
    graph: &'g GraphBuilder,
    op_name: Cow<'static, str>,
    op: Option<Op>,
    name: Option<String>,
    /// The tensors of all args.
    inputs: Inputs,
    /// The number of args.
    args: usize,
    /// The lengths of the args that were given as lists, by the positions of these.
    lists: Vec<(usize, usize)>,
    /// The tensors that are not of the open graph, by their positions among the inputs.
    outer: Vec<(usize, AnyTensor<'g>)>,
    /// Whether an input is of another graph.
    is_foreign: bool,
    attrs: Attrs,
    control_inputs: Vec<NodeId>,
    location: Here,
}

/// A fault at the node that is being made.
pub(super) struct Fault(pub(super) Rule, pub(super) String);

pub(super) type Checked<T> = std::result::Result<T, Fault>;

impl GraphBuilder {
    /// Starts a node of the TensorFlow op with this name, for example `MatMul`.
    ///
    /// TensorFlow 1.15 has some ops that its front end does not register, such as `_FusedConv2D`. A graph may have them,
    /// a module may not: [`Rule::UnregisteredOp`].
    #[track_caller]
    pub fn op(&self, op: &str) -> OpBuilder<'_> {
        match op_def::lookup(op) {
            Some(def) => self.of_op(def.name.clone(), Some(def.into())),
            None => self.of_op(op.to_owned().into(), None),
        }
    }

    /// Starts a call of a function.
    #[track_caller]
    pub(super) fn call(&self, function: Arc<Function>) -> OpBuilder<'_> {
        self.of_op(function.op.name.clone(), Some(function.into()))
    }

    #[inline]
    #[track_caller]
    fn of_op(&self, op_name: Cow<'static, str>, op: Option<Op>) -> OpBuilder<'_> {
        let def = op.as_deref();
        let args = def.map_or(0, |def| def.inputs.len());
        let attrs = def.map_or(0, |def| def.attrs.len() + 1);
        OpBuilder {
            graph: self,
            op_name,
            op,
            name: None,
            inputs: Inputs::with_capacity(args),
            args: 0,
            lists: Vec::new(),
            outer: Vec::new(),
            is_foreign: false,
            // Besides its own, most nodes have one for their colocation groups.
            attrs: Vec::with_capacity(attrs),
            control_inputs: Vec::new(),
            location: self.here(Location::caller()),
        }
    }
}

impl<'g> OpBuilder<'g> {
    /// The node's name in the current scope; without it, the op's name.
    ///
    /// A name that ends in a slash is absolute and not made unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The next input.
    pub fn input(mut self, tensor: impl Into<AnyTensor<'g>>) -> Self {
        self.push(tensor.into());
        self.args += 1;
        self
    }

    /// The next input, where the op takes a list.
    pub fn inputs(mut self, tensors: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>) -> Self {
        let start = self.inputs.len();
        tensors
            .into_iter()
            .for_each(|tensor| self.push(tensor.into()));
        self.lists.push((self.args, self.inputs.len() - start));
        self.args += 1;
        self
    }

    fn push(&mut self, tensor: AnyTensor<'g>) {
        if !self.graph.owns(tensor.operation()) {
            self.outer.push((self.inputs.len(), tensor));
        }
        self.inputs.push(tensor.tensor_ref());
    }

    /// The next input, made into a tensor now; a constant gets `name`.
    pub(crate) fn operand<T: TensorType>(self, name: &str, operand: impl Operand<'g, T>) -> Self {
        let tensor = operand.into_tensor(self.graph, name);
        self.input(tensor)
    }

    /// An operation that runs before this one.
    pub fn control_input(mut self, operation: impl Into<Operation<'g>>) -> Self {
        let operation = operation.into();
        self.is_foreign |= !self.graph.owns(operation);
        self.control_inputs.push(operation.id);
        self
    }

    /// An attribute.
    pub fn attr(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<AttrValue>) -> Self {
        self.attrs.push((name.into(), Attr::from(value.into().0)));
        self
    }

    /// Makes the node. A fault is kept for [`GraphBuilder::finish`].
    pub fn finish(mut self) -> Operation<'g> {
        let graph = self.graph;
        self.capture();
        let inputs = self.inputs.iter().map(|input| input.node);
        let mut before = inputs.chain(self.control_inputs.iter().copied());
        let id = if self.op.is_some() && before.any(|id| id == NodeId::POISON) {
            NodeId::POISON
        } else {
            self.check()
                .and_then(|op| self.make(op))
                .unwrap_or_else(|fault| self.fault(fault))
        };
        graph.operation_at(id)
    }

    /// Replaces the inputs of graphs around by what stands for them in the open one.
    ///
    /// The nodes made for them are named under the node, which gets its name before, as in Python; for a call of a
    /// function, beside it.
    fn capture(&mut self) {
        if self.outer.is_empty() {
            return;
        }
        let is_call = self.op.as_ref().is_some_and(|op| op.function().is_some());
        let scope = if is_call {
            String::new()
        } else {
            let requested = match self.name.take() {
                Some(name) => name,
                None => self.graph.requested_name(&self.op_name).into_owned(),
            };
            let scope = match requested.ends_with('/') {
                true => requested,
                false => format!("{}/", self.graph.unique_name(&requested)),
            };
            self.name = Some(scope.clone());
            scope
        };
        for (position, tensor) in std::mem::take(&mut self.outer) {
            match self.graph.owns_or_captures(tensor, &scope) {
                Some(tensor) => self.inputs[position] = tensor.tensor_ref(),
                None => self.is_foreign = true,
            }
        }
    }

    /// Makes the node and gives its first output.
    pub(crate) fn output(self) -> AnyTensor<'g> {
        self.finish().output(0)
    }

    /// Makes the node and gives its first output, whose element type follows from the inputs and attributes.
    #[track_caller]
    pub(crate) fn typed<T: TensorType>(self) -> Tensor<'g, T> {
        self.output().typed()
    }

    fn fault(&self, Fault(rule, message): Fault) -> NodeId {
        let name = self
            .graph
            .wanted_name(self.name.as_deref().unwrap_or(&self.op_name));
        self.graph
            .report_node(rule, &self.op_name, &name, self.location, message);
        NodeId::POISON
    }

    /// The op; adds the attributes that follow from the inputs to those given, and sorts them.
    fn check(&mut self) -> Checked<Op> {
        let op = self.op.take().ok_or_else(|| {
            Fault(
                Rule::UnknownOp,
                format!("TensorFlow 1.15 has no op \"{}\"", self.op_name),
            )
        })?;
        let producer = self.graph.producer();
        if let Some(deprecation) = op.deprecation.as_ref().filter(|it| it.version <= producer) {
            let message = format!("TensorFlow removed the op: {}", deprecation.explanation);
            return Err(Fault(Rule::UnknownOp, message));
        }
        if self.is_foreign {
            return Err(Fault(
                Rule::OtherGraph,
                "an input is of another graph".to_owned(),
            ));
        }
        for (name, value) in &self.attrs {
            match op.attr(name) {
                Some(def) => check_attr(def, value)?,
                None if name.starts_with('_') => {}
                None => {
                    return Err(Fault(
                        Rule::Attribute,
                        format!("the op has no attribute \"{name}\""),
                    ));
                }
            }
        }
        if self.args != op.inputs.len() {
            let names: Vec<_> = op.inputs.iter().map(|input| &*input.name).collect();
            let message = format!(
                "expected {} inputs ({}), found {}",
                op.inputs.len(),
                names.join(", "),
                self.args
            );
            return Err(Fault(Rule::Inputs, message));
        }
        let nodes = self.graph.nodes();
        let mut inputs = self.inputs.iter();
        let mut lists = self.lists.iter().copied().peekable();
        for (position, def) in op.inputs.iter().enumerate() {
            let list = lists.next_if(|&(list, _)| list == position);
            let len = list.map_or(1, |(_, len)| len);
            let outputs = inputs.by_ref().take(len).map(|input| input.output(&nodes));
            match_input(&op, def, outputs, &mut self.attrs)?;
        }
        let attrs = &mut self.attrs;
        for def in &op.attrs {
            if def.default.is_none() && !attrs.iter().any(|(name, _)| *name == def.name) {
                return Err(Fault(
                    Rule::Attribute,
                    format!("attribute \"{}\" is missing", def.name),
                ));
            }
        }
        check_held_tensor(attrs)?;
        attrs.sort_by(|(a, _), (b, _)| a.cmp(b));
        if let Some(pair) = attrs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Fault(
                Rule::Attribute,
                format!("attribute \"{}\" is given twice", pair[0].0),
            ));
        }
        Ok(op)
    }

    fn make(&mut self, op: Op) -> Checked<NodeId> {
        let graph = self.graph;
        let requested = match &self.name {
            Some(name) => Cow::Borrowed(name.as_str()),
            None => graph.requested_name(&self.op_name),
        };
        let (name, is_valid): (Arc<str>, bool) = match requested.strip_suffix('/') {
            Some(absolute) => (absolute.into(), is_valid_op_name(absolute)),
            None => {
                // What comes before it is a scope, which has been checked.
                let name = graph.unique_name(&requested);
                let is_valid = is_valid_start(&name) && is_valid_scope_name(&requested);
                (name, is_valid)
            }
        };
        if !is_valid {
            return Err(Fault(Rule::Name, invalid_name(&name)));
        }
        if graph.state.borrow().names.node(&name).is_some() {
            let message = format!("the graph has a node \"{name}\" already");
            return Err(Fault(Rule::Name, message));
        }
        let inputs = std::mem::take(&mut self.inputs);
        let attrs = std::mem::take(&mut self.attrs);
        let surroundings = graph.surroundings(&inputs);
        let mut control_inputs = surroundings.control_inputs;
        control_inputs.extend(&self.control_inputs);
        control_inputs.retain(|&id| inputs.iter().all(|input| input.node != id));
        control_inputs.sort_unstable();
        control_inputs.dedup();
        let outputs = arity::outputs(&op, &attrs, FREE_OUTPUTS)
            .map_err(|fault| Fault(Rule::Attribute, fault.to_string()))?;
        let mut node = Node {
            outputs,
            name,
            op,
            inputs,
            control_inputs,
            device: surroundings.device,
            attrs,
            origin: Origin::Built,
            location: self.location,
        };
        if let Some(class) = surroundings.class {
            node.add_attr(CLASS, Attr::Shared(class));
        }
        graph
            .infer(&mut node)
            .map_err(|message| Fault(Rule::Shape, message))?;
        graph.know(&mut node);
        let is_call = node.op.function().is_some();
        let id = graph.push(node);
        graph.record_member(id);
        // Python opens a scope for each op, but for calls of functions.
        graph.enter_control_flow(id, !is_call);
        Ok(id)
    }
}

impl fmt::Debug for OpBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpBuilder")
            .field("op", &self.op_name)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The tensor that a node holds has the dtype that the node has.
fn check_held_tensor(attrs: &Attrs) -> Checked<()> {
    let value = |name| {
        let found = attrs.iter().find(|(attr, _)| attr == name);
        found.and_then(|(_, value)| value.value.as_ref())
    };
    match (value("dtype"), value("value")) {
        (Some(Value::Type(expected)), Some(Value::Tensor(tensor))) if tensor.dtype != *expected => {
            let (expected, found) = (type_name(*expected), type_name(tensor.dtype));
            let message = format!("attribute \"value\": expected {expected}, found {found}");
            Err(Fault(Rule::Attribute, message))
        }
        _ => Ok(()),
    }
}

/// Checks an input's dtypes and sets the attributes that follow from it.
fn match_input<'a>(
    op: &OpDef,
    def: &op_def::ArgDef,
    tensors: impl ExactSizeIterator<Item = &'a Output>,
    attrs: &mut Attrs,
) -> Checked<()> {
    let mut set = |index: usize, value: Value| -> Checked<()> {
        let attr = &op.attrs[index];
        let value = AttrProto { value: Some(value) };
        match attrs.iter().find(|(name, _)| *name == attr.name) {
            Some((_, known)) if **known == value => Ok(()),
            Some((_, known)) => {
                let message = format!(
                    "input \"{}\" makes attribute \"{}\" {}, it is {} already",
                    def.name,
                    attr.name,
                    attr_text(&value),
                    attr_text(known)
                );
                Err(Fault(Rule::Inputs, message))
            }
            None => {
                check_attr(attr, &value).map_err(|Fault(_, message)| {
                    Fault(Rule::Inputs, format!("input \"{}\": {message}", def.name))
                })?;
                attrs.push((attr.name.clone(), Attr::Own(value)));
                Ok(())
            }
        }
    };
    let set_type =
        |of: ArgType, dtype: DType, set: &mut dyn FnMut(usize, Value) -> Checked<()>| match of {
            ArgType::Attr(index) => set(index, Value::Type(dtype.number())),
            ArgType::Fixed(number) if number == dtype.number() => Ok(()),
            ArgType::Fixed(number) => {
                let expected = type_name(number);
                Err(Fault(
                    Rule::Inputs,
                    format!("input \"{}\": expected {expected}, found {dtype}", def.name),
                ))
            }
        };
    let len = tensors.len();
    let mut types = tensors.map(|tensor| match def.is_ref && !tensor.is_ref {
        true => Err(Fault(
            Rule::Inputs,
            format!(
                "input \"{}\": expected a reference to a variable, found a value",
                def.name
            ),
        )),
        false => Ok(tensor.dtype),
    });
    match def.kind {
        ArgKind::One(of) => match (types.next(), types.next()) {
            (Some(dtype), None) => set_type(of, dtype?, &mut set),
            _ => {
                let message = format!("input \"{}\": expected one tensor, found {len}", def.name);
                Err(Fault(Rule::Inputs, message))
            }
        },
        ArgKind::Repeated { count, of } => {
            set(count, Value::I(len as i64))?;
            types.try_for_each(|dtype| set_type(of, dtype?, &mut set))
        }
        ArgKind::List(index) => {
            let numbers = types.map(|dtype| Ok(dtype?.number()));
            let list = ListValue {
                r#type: numbers.collect::<Checked<_>>()?,
                ..ListValue::default()
            };
            set(index, Value::List(list.into()))
        }
    }
}

/// The number of values if `value` is of this kind.
fn kind_of(kind: AttrType, value: &Value) -> bool {
    matches!(
        (kind, value),
        (AttrType::Int, Value::I(_))
            | (AttrType::Float, Value::F(_))
            | (AttrType::Bool, Value::B(_))
            | (AttrType::String, Value::S(_))
            | (AttrType::Type, Value::Type(_))
            | (AttrType::Shape, Value::Shape(_))
            | (AttrType::Tensor, Value::Tensor(_))
            | (AttrType::Func, Value::Func(_))
    )
}

/// The number of items of each kind in a list.
fn list_lens(list: &ListValue) -> [(AttrType, usize); 8] {
    [
        (AttrType::Int, list.i.len()),
        (AttrType::Float, list.f.len()),
        (AttrType::Bool, list.b.len()),
        (AttrType::String, list.s.len()),
        (AttrType::Type, list.r#type.len()),
        (AttrType::Shape, list.shape.len()),
        (AttrType::Tensor, list.tensor.len()),
        (AttrType::Func, list.func.len()),
    ]
}

/// Checks an attribute's value against its definition.
pub(super) fn check_attr(def: &AttrDef, proto: &AttrProto) -> Checked<()> {
    let fault = |message: String| {
        Err(Fault(
            Rule::Attribute,
            format!("attribute \"{}\": {message}", def.name),
        ))
    };
    let value = proto.value.as_ref();
    let (fits, len) = match (def.kind, value) {
        (AttrKind::One(kind), Some(value)) => (kind_of(kind, value), None),
        (AttrKind::List(kind), Some(Value::List(list))) => {
            let lens = list_lens(list);
            let foreign = lens.iter().any(|&(other, len)| other != kind && len > 0);
            (
                !foreign,
                lens.iter()
                    .find(|(other, _)| *other == kind)
                    .map(|(_, len)| *len),
            )
        }
        _ => (false, None),
    };
    if !fits {
        return fault(format!(
            "expected {}, found {}",
            kind_text(def.kind),
            attr_text(proto)
        ));
    }
    if let Some(minimum) = def.minimum {
        match (value, len) {
            (Some(Value::I(found)), _) if *found < minimum => {
                return fault(format!("expected at least {minimum}, found {found}"));
            }
            (_, Some(len)) if (len as i64) < minimum => {
                return fault(format!("expected at least {minimum} items, found {len}"));
            }
            _ => {}
        }
    }
    let Some(Value::List(allowed)) = def
        .allowed
        .as_ref()
        .and_then(|allowed| allowed.value.as_ref())
    else {
        return Ok(());
    };
    let allows = match value {
        Some(Value::Type(found)) => allowed.r#type.contains(found),
        Some(Value::S(found)) => allowed.s.contains(found),
        Some(Value::List(list)) => {
            list.r#type
                .iter()
                .all(|found| allowed.r#type.contains(found))
                && list.s.iter().all(|found| allowed.s.contains(found))
        }
        _ => true,
    };
    if allows {
        return Ok(());
    }
    let allowed = attr_text(&AttrProto {
        value: Some(Value::List(allowed.clone())),
    });
    fault(format!(
        "expected one of {allowed}, found {}",
        attr_text(proto)
    ))
}

fn kind_text(kind: AttrKind) -> String {
    let name = |kind| match kind {
        AttrType::Int => "int",
        AttrType::Float => "float",
        AttrType::Bool => "bool",
        AttrType::String => "string",
        AttrType::Type => "type",
        AttrType::Shape => "shape",
        AttrType::Tensor => "tensor",
        AttrType::Func => "func",
    };
    match kind {
        AttrKind::One(kind) => name(kind).to_owned(),
        AttrKind::List(kind) => format!("list({})", name(kind)),
    }
}

/// A short form of a value for messages.
pub(super) fn attr_text(proto: &AttrProto) -> String {
    match &proto.value {
        None => "nothing".to_owned(),
        Some(Value::S(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        Some(Value::I(value)) => value.to_string(),
        Some(Value::F(value)) => value.to_string(),
        Some(Value::B(value)) => value.to_string(),
        Some(Value::Type(number)) => type_name(*number),
        Some(Value::Shape(shape)) => shape_from_proto(shape).to_string(),
        Some(Value::Tensor(tensor)) => proto_text(tensor),
        Some(Value::Func(func)) => function_text(func),
        Some(Value::Placeholder(name)) => format!("placeholder \"{name}\""),
        Some(Value::List(list)) => list_text(list),
    }
}

/// The items of a list, which are all of one kind.
fn list_text(list: &ListValue) -> String {
    let ListValue {
        s,
        i,
        f,
        b,
        r#type,
        shape,
        tensor,
        func,
    } = list;
    let strings = s.iter();
    let mut items: Vec<_> = strings
        .map(|bytes| format!("\"{}\"", bytes.escape_ascii()))
        .collect();
    items.extend(i.iter().map(ToString::to_string));
    items.extend(f.iter().map(ToString::to_string));
    items.extend(b.iter().map(ToString::to_string));
    items.extend(r#type.iter().map(|number| type_name(*number)));
    let shapes = shape.iter().map(shape_from_proto);
    items.extend(shapes.map(|shape| shape.to_string()));
    items.extend(tensor.iter().map(proto_text));
    items.extend(func.iter().map(function_text));
    format!("[{}]", items.join(", "))
}

fn function_text(func: &NameAttrList) -> String {
    format!("function \"{}\"", func.name)
}
