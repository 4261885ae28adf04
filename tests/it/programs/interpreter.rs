//! Builds programs: the Rust twin of `tests/conformance/program_interpreter.py`, op for op.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ndarray::ArrayD;
use tfhub::control_flow::WhileOptions;
use tfhub::dtype::Element;
use tfhub::graph::{AnyTensor, Operation};
use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
use tfhub::ops::math::Axes;
use tfhub::ops::random::UniformOptions;
use tfhub::ops::sparse::{self, SparseTensor};
use tfhub::ops::{array, math, nn, random};
use tfhub::{DType, GraphBuilder, Tensor, Variable};

use super::text::{self, Body, Statement};

/// The type of a dtype as `$T` in an expression, which is made for each of those that are listed.
macro_rules! typed {
    ($dtype:expr, [$($variant:ident $rust:ty),*], $T:ident => $made:expr) => {
        match $dtype {
            $(DType::$variant => {
                type $T = $rust;
                $made
            })*
            dtype => panic!("not for {dtype}"),
        }
    };
    ($dtype:expr, any, $T:ident => $made:expr) => {
        typed!($dtype, [Float32 f32, Int32 i32, Int64 i64, Bool bool], $T => $made)
    };
    ($dtype:expr, number, $T:ident => $made:expr) => {
        typed!($dtype, [Float32 f32, Int32 i32, Int64 i64], $T => $made)
    };
}

type Call<'g> = dyn Fn(Vec<AnyTensor<'g>>) -> Vec<AnyTensor<'g>> + 'g;

#[derive(Clone)]
enum Value<'g> {
    Tensor(AnyTensor<'g>),
    Operation(Operation<'g>),
    Variable(AnyVariable<'g>),
    Function(Rc<Call<'g>>),
    Sparse(SparseTensor<'g, f32>),
    Table(Rc<StaticHashTable<'g, i64, i64>>),
}

#[derive(Clone, Copy)]
enum AnyVariable<'g> {
    Float32(Variable<'g, f32>),
    Int32(Variable<'g, i32>),
    Int64(Variable<'g, i64>),
}

/// An expression with the variable and its type.
macro_rules! of_variable {
    ($variable:expr, $v:ident, $T:ident => $made:expr) => {
        of_variable!(@all $variable, $v, $T => $made, [Float32 f32, Int32 i32, Int64 i64])
    };
    (@all $variable:expr, $v:ident, $T:ident => $made:expr, [$($variant:ident $rust:ty),*]) => {
        match $variable {
            $(AnyVariable::$variant($v) => {
                #[allow(dead_code, reason = "not every expression names the type")]
                type $T = $rust;
                $made
            })*
        }
    };
}

/// The elements that words stand for.
trait Parse: Element {
    fn parse(word: &str) -> Self;
}

macro_rules! parse {
    ($($rust:ty)*) => {$(
        impl Parse for $rust {
            fn parse(word: &str) -> Self {
                word.parse().unwrap()
            }
        }
    )*};
}

parse!(f32 i32 i64 bool);

/// Runs the statements of one program; `values` has what they made, by name.
pub(super) struct Interpreter<'g> {
    g: &'g GraphBuilder,
    values: RefCell<HashMap<String, Value<'g>>>,
}

impl<'g> Interpreter<'g> {
    pub(super) fn new(g: &'g GraphBuilder) -> Self {
        let values = RefCell::default();
        Interpreter { g, values }
    }

    /// The tensors that a body gives.
    pub(super) fn run(&self, body: &Body, given: Vec<AnyTensor<'g>>) -> Vec<AnyTensor<'g>> {
        for (name, tensor) in body.given.iter().zip(given) {
            let name = name.split(':').next().unwrap();
            self.set(name, Value::Tensor(tensor));
        }
        for statement in &body.statements {
            let made = match statement.option("name") {
                Some(name) if !matches!(&*statement.op, "variable" | "function") => {
                    self.g.named(name, || self.make(statement))
                }
                _ => self.make(statement),
            };
            assert_eq!(made.len(), statement.results.len(), "{}", statement.op);
            for (name, value) in statement.results.iter().zip(made) {
                self.set(name, value);
            }
        }
        let tensors = body.gives.iter().filter_map(|name| match self.get(name) {
            Value::Tensor(tensor) => Some(tensor),
            _ => None,
        });
        tensors.collect()
    }

    /// What a branch gives: tensors, and after them operations.
    fn branch(&self, body: &Body) -> (Vec<AnyTensor<'g>>, Vec<Operation<'g>>) {
        let tensors = self.run(body, Vec::new());
        let operations = self.operations(&body.gives[tensors.len()..]);
        (tensors, operations)
    }

    fn set(&self, name: &str, value: Value<'g>) {
        self.values.borrow_mut().insert(name.to_owned(), value);
    }

    fn get(&self, name: &str) -> Value<'g> {
        self.values.borrow()[name].clone()
    }

    fn has(&self, name: &str) -> bool {
        self.values.borrow().contains_key(name)
    }

    pub(super) fn tensor(&self, name: &str) -> AnyTensor<'g> {
        match self.get(name) {
            Value::Tensor(tensor) => tensor,
            _ => panic!("no tensor: {name}"),
        }
    }

    fn tensors(&self, names: &[String]) -> Vec<AnyTensor<'g>> {
        names.iter().map(|name| self.tensor(name)).collect()
    }

    fn sparse(&self, name: &str) -> SparseTensor<'g, f32> {
        match self.get(name) {
            Value::Sparse(sparse) => sparse,
            _ => panic!("no sparse tensor: {name}"),
        }
    }

    fn variable(&self, name: &str) -> AnyVariable<'g> {
        match self.get(name) {
            Value::Variable(variable) => variable,
            _ => panic!("no variable: {name}"),
        }
    }

    fn operations(&self, names: &[String]) -> Vec<Operation<'g>> {
        let operations = names.iter().map(|name| match self.get(name) {
            Value::Tensor(tensor) => tensor.operation(),
            Value::Operation(operation) => operation,
            _ => panic!("no operation: {name}"),
        });
        operations.collect()
    }

    fn make(&self, statement: &Statement) -> Vec<Value<'g>> {
        let (g, words) = (self.g, &statement.arguments);
        let within = || self.run(&statement.bodies[0], Vec::new());
        let operation = match &*statement.op {
            "cond" => return self.cond(statement),
            "case" | "switch_case" | "while" | "call" => {
                let tensors = match &*statement.op {
                    "case" => self.case(statement),
                    "switch_case" => self.switch_case(statement),
                    "while" => self.while_loop(statement),
                    _ => self.call(words),
                };
                return tensors.into_iter().map(Value::Tensor).collect();
            }
            "while_sparse" => return self.while_sparse(statement),
            "sparse" => {
                let values: Vec<f32> = words.iter().map(|word| f32::parse(word)).collect();
                let sparse = SparseTensor::new(g, [[0i64, 1], [1, 0]], values, [2i64, 2]);
                return vec![Value::Sparse(sparse)];
            }
            "scaled" => {
                let sparse = self.sparse(&words[0]);
                let values = sparse.values * f32::parse(&words[1]);
                let scaled = SparseTensor::new(g, sparse.indices, values, sparse.dense_shape);
                return vec![Value::Sparse(scaled)];
            }
            "table" => {
                let keys: Vec<i64> = words.iter().map(|word| i64::parse(word)).collect();
                let table = KeyValueTensorInitializer::new(g, keys, [5i64, 6]);
                return vec![Value::Table(Rc::new(StaticHashTable::new(table, -1)))];
            }
            "function" => return vec![Value::Function(self.function(statement))],
            "variable" => return vec![Value::Variable(self.new_variable(statement))],
            "no_op" => g.no_op(),
            "group" => g.group(self.operations(words)),
            "assign" | "assign_add" => self.assign(statement),
            "scope" => {
                g.name_scope(&words[0], within);
                return Vec::new();
            }
            "deps" => {
                g.control_dependencies(self.operations(words), within);
                return Vec::new();
            }
            "no_deps" => {
                g.without_control_dependencies(within);
                return Vec::new();
            }
            "device" => {
                g.device(&words[0], within);
                return Vec::new();
            }
            "colocate" => {
                g.colocate_with(self.tensor(&words[0]), within);
                return Vec::new();
            }
            _ => return vec![Value::Tensor(self.make_tensor(statement))],
        };
        vec![Value::Operation(operation)]
    }

    fn make_tensor(&self, statement: &Statement) -> AnyTensor<'g> {
        let (g, op, words) = (self.g, &*statement.op, &statement.arguments);
        match op {
            "placeholder" => {
                let shape = text::shape(&words[1]);
                typed!(text::dtype(&words[0]), any, T => g.placeholder::<T>(shape).any())
            }
            "constant" => {
                let (dtype, sizes) = (text::dtype(&words[0]), text::sizes(&words[1]));
                typed!(dtype, any, T => {
                    let elements = words[2..].iter().map(|word| T::parse(word)).collect();
                    g.constant(ArrayD::<T>::from_shape_vec(sizes, elements).unwrap()).any()
                })
            }
            "zeros" => {
                let sizes = text::sizes(&words[1]);
                typed!(text::dtype(&words[0]), any, T => array::zeros::<T>(g, sizes).any())
            }
            "random_uniform" => {
                let mut options = UniformOptions::default();
                if let Some(seed) = statement.option("seed") {
                    options = options.seed(seed.parse::<i64>().unwrap());
                }
                random::uniform::<f32>(g, text::sizes(&words[0]), options).any()
            }
            "to_dense" => sparse::to_dense(self.sparse(&words[0]), ()).any(),
            "lookup" => {
                let Value::Table(table) = self.get(&words[0]) else {
                    panic!("no table: {}", words[0]);
                };
                table.lookup(self.tensor(&words[1]).typed::<i64>()).any()
            }
            "range" => math::range(g, self.tensor(&words[0]).typed::<i32>(), ()).any(),
            "read" => of_variable!(self.variable(&words[0]), v, T => v.read_value().any()),
            "value" => of_variable!(self.variable(&words[0]), v, T => v.value().any()),
            "assign_read" | "assign_add_read" => {
                let value = self.tensor(&words[1]);
                of_variable!(self.variable(&words[0]), v, T => match op {
                    "assign_read" => v.assign(value.typed::<T>()).value().any(),
                    _ => v.assign_add(value.typed::<T>()).value().any(),
                })
            }
            "cast" => {
                let x = self.tensor(&words[0]);
                typed!(x.dtype(), any, T => {
                    typed!(text::dtype(&words[1]), number, U => math::cast::<U, _>(x.typed::<T>()).any())
                })
            }
            "select" => {
                let [c, x, y] = [0, 1, 2].map(|at| self.tensor(&words[at]));
                typed!(x.dtype(), any, T => array::select(c.typed::<bool>(), x.typed::<T>(), y.typed::<T>()).any())
            }
            "expand_dims" => {
                let x = self.tensor(&words[0]);
                typed!(x.dtype(), any, T => array::expand_dims(x.typed::<T>(), axis(statement)).any())
            }
            "index" => {
                let (x, at) = (self.tensor(&words[0]), words[1].parse::<i32>().unwrap());
                typed!(x.dtype(), any, T => array::index(x.typed::<T>(), at).any())
            }
            "concat" | "stack" => {
                let items = self.tensors(words);
                typed!(items[0].dtype(), any, T => {
                    let items: Vec<Tensor<'g, T>> = items.into_iter().map(AnyTensor::typed).collect();
                    match op {
                        "stack" => array::stack(g, items, 0).any(),
                        _ => array::concat(g, items, 0).any(),
                    }
                })
            }
            "add_n" => {
                let items = self.tensors(words);
                typed!(items[0].dtype(), number, T => {
                    let items: Vec<Tensor<'g, T>> = items.into_iter().map(AnyTensor::typed).collect();
                    math::add_n(g, items).any()
                })
            }
            "map_fn" | "foldl" | "foldr" | "scan" => self.over_rows(statement),
            "reduce_all" | "reduce_max" | "reduce_mean" | "reduce_sum" => self.reduce(statement),
            "+" | "-" | "*" => self.operator(statement),
            _ if words.len() == 2 => binary(op, self.tensor(&words[0]), self.tensor(&words[1])),
            _ => unary(op, self.tensor(&words[0])),
        }
    }

    fn reduce(&self, statement: &Statement) -> AnyTensor<'g> {
        let x = self.tensor(&statement.arguments[0]);
        let mut axes = match statement.option("axis") {
            Some("all") => Axes::ALL,
            _ => axis(statement).into(),
        };
        if statement.option("keepdims").is_some() {
            axes = axes.keep_dims();
        }
        match &*statement.op {
            "reduce_all" => math::reduce_all(x.typed::<bool>(), axes).any(),
            op => typed!(x.dtype(), number, T => {
                let x = x.typed::<T>();
                match op {
                    "reduce_max" => math::reduce_max(x, axes),
                    "reduce_mean" => math::reduce_mean(x, axes),
                    _ => math::reduce_sum(x, axes),
                }
                .any()
            }),
        }
    }

    /// An operator between a tensor and a tensor, a variable or a number.
    fn operator(&self, statement: &Statement) -> AnyTensor<'g> {
        let [x, y] = [0, 1].map(|at| &*statement.arguments[at]);
        macro_rules! applied {
            ($x:expr, $y:expr) => {
                match &*statement.op {
                    "+" => $x + $y,
                    "-" => $x - $y,
                    _ => $x * $y,
                }
                .any()
            };
        }
        if !self.has(x) {
            let y = self.tensor(y);
            return typed!(y.dtype(), number, T => applied!(T::parse(x), y.typed::<T>()));
        }
        let x = self.tensor(x);
        typed!(x.dtype(), number, T => {
            let x = x.typed::<T>();
            if !self.has(y) {
                return applied!(x, T::parse(y));
            }
            match self.get(y) {
                Value::Tensor(y) => applied!(x, y.typed::<T>()),
                Value::Variable(y) => of_variable!(y, v, U => {
                    let x = x.any().typed::<U>();
                    applied!(x, v)
                }),
                _ => panic!("no operand: {y}"),
            }
        })
    }

    fn new_variable(&self, statement: &Statement) -> AnyVariable<'g> {
        let (g, words) = (self.g, &statement.arguments);
        let (name, shape) = (statement.option("name").unwrap(), text::shape(&words[1]));
        match text::dtype(&words[0]) {
            DType::Float32 => AnyVariable::Float32(g.get_variable(name).shape(shape).finish()),
            DType::Int32 => AnyVariable::Int32(g.get_variable(name).shape(shape).finish()),
            _ => AnyVariable::Int64(g.get_variable(name).shape(shape).finish()),
        }
    }

    fn assign(&self, statement: &Statement) -> Operation<'g> {
        let words = &statement.arguments;
        let value = self.tensor(&words[1]);
        of_variable!(self.variable(&words[0]), v, T => match &*statement.op {
            "assign" => v.assign_op(value.typed::<T>()),
            _ => v.assign_add_op(value.typed::<T>()),
        })
    }

    fn cond(&self, statement: &Statement) -> Vec<Value<'g>> {
        let predicate = self.tensor(&statement.arguments[0]).typed();
        let [if_true, if_false] = [0, 1].map(|at| &statement.bodies[at]);
        let branch = |body| move || self.branch(body);
        let (tensors, operations) = self.g.cond(predicate, branch(if_true), branch(if_false));
        let tensors = tensors.into_iter().map(Value::Tensor);
        tensors
            .chain(operations.into_iter().map(Value::Operation))
            .collect()
    }

    fn case(&self, statement: &Statement) -> Vec<AnyTensor<'g>> {
        let predicates = self.tensors(&statement.arguments);
        let mut predicates = predicates.into_iter().map(AnyTensor::typed::<bool>);
        let bodies = statement.bodies.iter();
        let mut branches = bodies.map(|body| move || self.run(body, Vec::new()));
        let first = (predicates.next().unwrap(), branches.next().unwrap());
        let mut case = self.g.case(first.0, first.1);
        for predicate in predicates {
            case = case.branch(predicate, branches.next().unwrap());
        }
        if let Some(default) = branches.next() {
            case = case.default(default);
        }
        case.exclusive(statement.option("exclusive").is_some())
            .finish()
    }

    fn switch_case(&self, statement: &Statement) -> Vec<AnyTensor<'g>> {
        let index = self.tensor(&statement.arguments[0]).typed::<i32>();
        let bodies = statement.bodies.iter();
        let mut branches: Vec<_> = bodies
            .map(|body| move || self.run(body, Vec::new()))
            .collect();
        let default = statement.option("default").and_then(|_| branches.pop());
        let mut branches = branches.into_iter();
        let mut switch = self.g.switch_case(index, branches.next().unwrap());
        for branch in branches {
            switch = switch.branch(branch);
        }
        if let Some(default) = default {
            switch = switch.default(default);
        }
        switch.finish()
    }

    /// A loop over a count and a sparse tensor.
    fn while_sparse(&self, statement: &Statement) -> Vec<Value<'g>> {
        let [condition, body] = [0, 1].map(|at| &statement.bodies[at]);
        let (count, start) = (&statement.arguments[0], &statement.arguments[1]);
        let limit = statement.option("maximum_iterations").unwrap();
        let limit = limit.parse::<i64>().unwrap();
        let run = |body: &Body, (count, sparse)| {
            self.set(&body.given[1], Value::Sparse(sparse));
            self.run(body, vec![count])[0]
        };
        let (count, sparse) = self.g.while_loop(
            (self.tensor(count), self.sparse(start)),
            |given| run(condition, given).typed(),
            |given| (run(body, given), self.sparse(&body.gives[1])),
            WhileOptions::default().maximum_iterations(limit),
        );
        vec![Value::Tensor(count), Value::Sparse(sparse)]
    }

    fn while_loop(&self, statement: &Statement) -> Vec<AnyTensor<'g>> {
        let [condition, body] = [0, 1].map(|at| &statement.bodies[at]);
        let number = |word: &str| word.parse::<i64>().unwrap();
        let mut options = WhileOptions::default();
        if let Some(shapes) = statement.option("invariants") {
            options = options.shape_invariants(shapes.split(';').map(text::shape));
        }
        if let Some(parallel_iterations) = statement.option("parallel_iterations") {
            options = options.parallel_iterations(number(parallel_iterations));
        }
        if statement.option("back_prop").is_some() {
            options = options.back_prop(false);
        }
        if statement.option("swap_memory").is_some() {
            options = options.swap_memory(true);
        }
        options = match statement.option("maximum_iterations") {
            Some(limit) if self.has(limit) => {
                options.maximum_iterations(self.tensor(limit).typed::<i32>())
            }
            Some(limit) => options.maximum_iterations(number(limit)),
            None => options,
        };
        self.g.while_loop(
            self.tensors(&statement.arguments),
            |given| self.run(condition, given)[0].typed(),
            |given| self.run(body, given),
            options,
        )
    }

    fn over_rows(&self, statement: &Statement) -> AnyTensor<'g> {
        let (g, body) = (self.g, &statement.bodies[0]);
        let rows = self.tensor(&statement.arguments[0]);
        let fold = |value: AnyTensor<'g>, row: AnyTensor<'g>| self.run(body, vec![value, row])[0];
        match &*statement.op {
            "foldl" => g.foldl(rows, fold, ()),
            "foldr" => g.foldr(rows, fold, ()),
            "scan" => g.scan(rows, fold, ()),
            _ => typed!(text::dtype(statement.option("dtype").unwrap()), any, T => {
                g.map_fn(rows, |row| self.run(body, vec![row])[0].typed::<T>(), ()).any()
            }),
        }
    }

    /// Makes a function; those that its type allows have one of a few lists of arguments.
    fn function(&self, statement: &Statement) -> Rc<Call<'g>> {
        let (g, body) = (self.g, &statement.bodies[0]);
        let name = statement.option("name").unwrap();
        let given = body
            .given
            .iter()
            .map(|given| given.split_once(':').unwrap());
        let (names, dtypes): (Vec<_>, Vec<_>) = given.unzip();
        // The names of arguments live as long as the program of the author, which has them as literals.
        let names: Vec<&'static str> = names.iter().map(|name| &*name.to_string().leak()).collect();
        macro_rules! functions {
            ($([$($dtype:literal $argument:ident: $rust:ty),*];)*) => {
                match &*dtypes {
                    $([$($dtype),*] => {
                        let made = g.function(name, names.try_into().unwrap(), |($($argument,)*): ($(Tensor<'g, $rust>,)*)| {
                            self.run(body, vec![$($argument.any()),*])
                        });
                        Rc::new(move |arguments| {
                            let mut arguments = arguments.into_iter();
                            made.call(($(arguments.next().unwrap().typed::<$rust>(),)*))
                        })
                    })*
                    _ => panic!("no function has arguments {dtypes:?}"),
                }
            };
        }
        functions! {
            ["float32" x: f32];
            ["int32" x: i32];
            ["int64" x: i64];
            ["bool" x: bool];
            ["float32" x: f32, "float32" y: f32];
            ["int32" x: i32, "bool" y: bool];
            ["int64" x: i64, "float32" y: f32];
            ["bool" x: bool, "int64" y: i64];
            ["float32" x: f32, "int32" y: i32, "bool" z: bool];
        }
    }

    fn call(&self, words: &[String]) -> Vec<AnyTensor<'g>> {
        match self.get(&words[0]) {
            Value::Function(call) => call(self.tensors(&words[1..])),
            _ => panic!("no function: {}", words[0]),
        }
    }
}

fn axis(statement: &Statement) -> i32 {
    statement.option("axis").unwrap().parse().unwrap()
}

fn unary<'g>(op: &str, x: AnyTensor<'g>) -> AnyTensor<'g> {
    match op {
        "identity" => typed!(x.dtype(), any, T => array::identity(x.typed::<T>()).any()),
        "stop_gradient" => typed!(x.dtype(), any, T => array::stop_gradient(x.typed::<T>()).any()),
        "zeros_like" => {
            typed!(x.dtype(), any, T => array::zeros_like::<T, _>(x.typed::<T>()).any())
        }
        "ones_like" => typed!(x.dtype(), any, T => array::ones_like::<T, _>(x.typed::<T>()).any()),
        "shape" => typed!(x.dtype(), any, T => array::shape::<i32, _>(x.typed::<T>()).any()),
        "size" => typed!(x.dtype(), any, T => array::size::<i32, _>(x.typed::<T>()).any()),
        "rank" => typed!(x.dtype(), any, T => array::rank(x.typed::<T>()).any()),
        "not" => math::logical_not(x.typed::<bool>()).any(),
        "exp" => math::exp(x.typed::<f32>()).any(),
        "relu" => nn::relu(x.typed::<f32>()).any(),
        "sigmoid" => math::sigmoid(x.typed::<f32>()).any(),
        "tanh" => math::tanh(x.typed::<f32>()).any(),
        _ => typed!(x.dtype(), number, T => {
            let x = x.typed::<T>();
            match op {
                "abs" => math::abs(x),
                "neg" => -x,
                "sign" => math::sign(x),
                "square" => math::square(x),
                _ => panic!("no op: {op}"),
            }
            .any()
        }),
    }
}

fn binary<'g>(op: &str, x: AnyTensor<'g>, y: AnyTensor<'g>) -> AnyTensor<'g> {
    match op {
        "and" => math::logical_and(x.typed::<bool>(), y.typed::<bool>()).any(),
        "or" => math::logical_or(x.typed::<bool>(), y.typed::<bool>()).any(),
        _ => typed!(x.dtype(), number, T => {
            let (x, y) = (x.typed::<T>(), y.typed::<T>());
            match op {
                "equal" => math::equal(x, y).any(),
                "greater" => math::greater(x, y).any(),
                "less" => math::less(x, y).any(),
                "add" => math::add(x, y).any(),
                "maximum" => math::maximum(x, y).any(),
                "minimum" => math::minimum(x, y).any(),
                "mul" => math::multiply(x, y).any(),
                "sub" => math::subtract(x, y).any(),
                _ => panic!("no op: {op}"),
            }
        }),
    }
}
