//! Nodes that call functions: which of their inputs are which arguments, and whose results their outputs are.

use crate::proto::tensorflow::NodeDef;
use crate::proto::tensorflow::attr_value::Value;

/// How an op calls the functions that are its attributes.
struct CallOp {
    op: &'static str,
    /// The attributes with functions, or lists of them, that get the inputs.
    functions: &'static [&'static str],
    /// How many inputs come before the arguments.
    inputs_before: usize,
    /// How many arguments come before the inputs.
    arguments_before: usize,
    /// The attribute with the dtypes of the inputs that are arguments.
    inputs: &'static str,
    /// The attribute with the dtypes of the outputs.
    outputs: &'static str,
    /// The function whose results are the arguments of the next turn, in a loop.
    turn: Option<&'static str>,
}

/// An op whose first input says which function it calls, or where.
const fn choice(op: &'static str, functions: &'static [&'static str]) -> CallOp {
    CallOp {
        functions,
        inputs_before: 1,
        ..call(op)
    }
}

/// An op that calls one function with all inputs.
const fn call(op: &'static str) -> CallOp {
    CallOp {
        op,
        functions: &["f"],
        inputs_before: 0,
        arguments_before: 0,
        inputs: "Tin",
        outputs: "Tout",
        turn: None,
    }
}

const fn while_loop(op: &'static str) -> CallOp {
    CallOp {
        functions: &["cond", "body"],
        inputs: "T",
        outputs: "T",
        turn: Some("body"),
        ..call(op)
    }
}

const CALL_OPS: [CallOp; 10] = [
    call("PartitionedCall"),
    call("StatefulPartitionedCall"),
    choice("RemoteCall", &["f"]),
    choice("If", &["then_branch", "else_branch"]),
    choice("StatelessIf", &["then_branch", "else_branch"]),
    choice("Case", &["branches"]),
    choice("StatelessCase", &["branches"]),
    while_loop("While"),
    while_loop("StatelessWhile"),
    // Counts from a start to a limit, and gives the body the number of the turn.
    CallOp {
        functions: &["body"],
        inputs_before: 3,
        arguments_before: 1,
        inputs: "T",
        outputs: "T",
        turn: Some("body"),
        ..call("For")
    },
];

/// A node that calls functions.
pub(super) struct Call<'n> {
    /// The functions that get the inputs.
    pub(super) functions: Vec<&'n str>,
    /// Those whose results are the outputs.
    pub(super) giving: Vec<&'n str>,
    /// The attributes with the dtypes of the arguments and of the outputs; those of a node whose op is the function are in
    /// its signature.
    pub(super) types: Option<[&'static str; 2]>,
    pub(super) is_loop: bool,
    inputs_before: usize,
    arguments_before: usize,
}

impl<'n> Call<'n> {
    /// The call that a node is, if it is one whose inputs are the arguments of functions.
    pub(super) fn of(node: &'n NodeDef, is_function: impl Fn(&str) -> bool) -> Option<Self> {
        if is_function(&node.op) {
            return Some(Call {
                functions: vec![&node.op],
                giving: vec![&node.op],
                types: None,
                is_loop: false,
                inputs_before: 0,
                arguments_before: 0,
            });
        }
        let known = CALL_OPS.iter().find(|known| node.op == known.op)?;
        let of = |attrs: &[&str]| -> Vec<&'n str> {
            let values = attrs.iter().filter_map(|name| node.attr.get(*name));
            let values = values.filter_map(|attr| attr.value.as_ref());
            values.flat_map(names_in).collect()
        };
        let functions = of(known.functions);
        let giving = match known.turn {
            Some(turn) => of(&[turn]),
            None => functions.clone(),
        };
        let are_there = !giving.is_empty() && functions.iter().all(|name| is_function(name));
        are_there.then_some(Call {
            functions,
            giving,
            types: Some([known.inputs, known.outputs]),
            is_loop: known.turn.is_some(),
            inputs_before: known.inputs_before,
            arguments_before: known.arguments_before,
        })
    }

    /// The position of an input among those that are arguments.
    pub(super) fn position(&self, input: usize) -> Option<usize> {
        input.checked_sub(self.inputs_before)
    }

    /// The number of the argument that an input is.
    pub(super) fn argument(&self, input: usize) -> Option<usize> {
        Some(self.position(input)? + self.arguments_before)
    }
}

/// The functions that an attribute names.
fn names_in(value: &Value) -> impl Iterator<Item = &str> {
    let functions = match value {
        Value::Func(function) => std::slice::from_ref(&**function),
        Value::List(list) => &list.func[..],
        _ => &[],
    };
    functions.iter().map(|function| function.name.as_str())
}
