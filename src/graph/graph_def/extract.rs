//! The part of a graph that some of its nodes need.

use std::fmt;

use super::GraphDef;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::import::parse_tensor_name;
use crate::graph::node::{CLASS, colocated, groups_in};
use crate::graph::{HashMap, HashSet};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{self as pb, AttrValue, FunctionDef, NodeDef};

#[derive(Debug)]
struct NoTensor(String);

impl fmt::Display for NoTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the graph has no tensor {:?}", self.0)
    }
}

impl std::error::Error for NoTensor {}

impl GraphDef {
    /// The nodes that these nodes or tensors need, in the order of the file, as `tf.graph_util.extract_sub_graph`
    /// gives them: inputs, control inputs and the nodes that they are colocated with.
    ///
    /// Functions that none of these nodes calls, directly or through others, are left out.
    ///
    /// ```
    /// use tfhub::graph::GraphDef;
    ///
    /// let graph_def = GraphDef::decode_text(
    ///     "node { name: 'x' op: 'Placeholder' } node { name: 'y' op: 'Neg' input: 'x' } node { name: 'z' op: 'Later' }",
    /// )?;
    /// let graph_def = graph_def.extract_sub_graph(["y:0"])?;
    /// assert_eq!(graph_def.nodes().map(|(name, _)| name).collect::<Vec<_>>(), ["x", "y"]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if one of the nodes is not in the graph.
    pub fn extract_sub_graph<S: AsRef<str>>(
        mut self,
        outputs: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let kept = self.needed(outputs)?;
        self.retain(&kept);
        Ok(self)
    }

    /// The names of the nodes that these nodes or tensors need, themselves included, in the order of the file.
    ///
    /// # Errors
    /// As [`extract_sub_graph`](Self::extract_sub_graph).
    pub fn needed_nodes<S: AsRef<str>>(
        &self,
        outputs: impl IntoIterator<Item = S>,
    ) -> Result<Vec<&str>> {
        let nodes = self.message.node.iter().zip(self.needed(outputs)?);
        let kept = nodes.filter(|(_, is_kept)| *is_kept);
        Ok(kept.map(|(node, _)| node.name.as_str()).collect())
    }

    fn needed<S: AsRef<str>>(&self, outputs: impl IntoIterator<Item = S>) -> Result<Vec<bool>> {
        let mut sub_graph = SubGraph::new(&self.message.node, Cut::default());
        for output in outputs {
            let output = output.as_ref();
            if !sub_graph.want(output) {
                return Err(Error::new(ErrorKind::NotFound, NoTensor(output.to_owned())));
            }
        }
        Ok(sub_graph.kept())
    }

    /// Leaves the nodes out for which `kept` says so, and the functions that the others do not need.
    pub(crate) fn retain(&mut self, kept: &[bool]) {
        let mut marks = kept.iter();
        self.message
            .node
            .retain(|_| marks.next().copied().unwrap_or_default());
        let needed = called_functions(&self.message);
        let needed: HashSet<String> = needed.into_iter().map(str::to_owned).collect();
        let Some(library) = &mut self.message.library else {
            return;
        };
        library
            .function
            .retain(|function| name(function).is_some_and(|name| needed.contains(name)));
        library
            .gradient
            .retain(|gradient| needed.contains(&gradient.function_name));
    }
}

/// The functions that the nodes of a graph call, directly or through others, gradients included.
pub(crate) fn called_functions(graph: &pb::GraphDef) -> HashSet<&str> {
    let Some(library) = &graph.library else {
        return HashSet::default();
    };
    let functions = library.function.iter();
    let functions: HashMap<&str, &FunctionDef> = functions
        .filter_map(|function| Some((name(function)?, function)))
        .collect();
    let mut gradients: HashMap<&str, Vec<&str>> = HashMap::default();
    for gradient in &library.gradient {
        let of = gradients.entry(&gradient.function_name).or_default();
        of.push(&gradient.gradient_func);
    }
    let mut mentioned = Vec::new();
    for node in &graph.node {
        mentioned_by_node(&node.op, node.attr.values(), &mut mentioned);
    }
    needed_functions(
        mentioned,
        |name| functions.get(name).copied(),
        |name| gradients.get(name).into_iter().flatten().copied(),
    )
}

/// The node in the name of a tensor, of an operation, or of a control input.
pub(crate) fn node_name(name: &str) -> &str {
    let name = name.strip_prefix('^').unwrap_or(name);
    name.rsplit_once(':').map_or(name, |(node, _)| node)
}

/// The nodes of a graph that are wanted, and those that they need.
pub(crate) struct SubGraph<'a> {
    nodes: &'a [NodeDef],
    places: HashMap<&'a str, usize>,
    kept: Vec<bool>,
    len: usize,
    cut: Cut,
}

/// The inputs that come from elsewhere, so that nothing behind them is needed.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// Tensors by node and output.
    pub(crate) tensors: HashSet<(String, u32)>,
    /// Nodes that others run after.
    pub(crate) control: HashSet<String>,
}

impl Cut {
    fn contains(&self, input: &str) -> bool {
        match input.strip_prefix('^') {
            Some(name) => self.control.contains(name),
            None => {
                let tensor = (!self.tensors.is_empty()).then(|| parse_tensor_name(input));
                let tensor = tensor.flatten();
                tensor.is_some_and(|(name, index)| self.tensors.contains(&(name.to_owned(), index)))
            }
        }
    }
}

impl<'a> SubGraph<'a> {
    /// None of the nodes.
    pub(crate) fn new(nodes: &'a [NodeDef], cut: Cut) -> Self {
        let places = nodes.iter().enumerate();
        SubGraph {
            nodes,
            places: places.map(|(place, node)| (&*node.name, place)).collect(),
            kept: vec![false; nodes.len()],
            len: 0,
            cut,
        }
    }

    /// Adds all nodes.
    pub(crate) fn want_all(&mut self) {
        self.kept.fill(true);
        self.len = self.kept.len();
    }

    /// The number of nodes that are wanted or needed.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All nodes of the graph.
    pub(crate) fn nodes(&self) -> &'a [NodeDef] {
        self.nodes
    }

    /// The node of this name, or of this tensor, if the graph has it.
    pub(crate) fn node(&self, name: &str) -> Option<&'a NodeDef> {
        Some(&self.nodes[*self.places.get(node_name(name))?])
    }

    /// Whether the node of this name, or of this tensor, is among them.
    pub(crate) fn contains(&self, name: &str) -> bool {
        let place = self.places.get(node_name(name));
        place.is_some_and(|&place| self.kept[place])
    }

    /// Adds the node of this name, or of this tensor, and what it needs; whether the graph has it.
    pub(crate) fn want(&mut self, name: &str) -> bool {
        if self.cut.contains(name) {
            return true;
        }
        let place = self.places.get(node_name(name)).copied();
        place.map(|place| self.add(place)).is_some()
    }

    fn add(&mut self, place: usize) {
        let (nodes, places, cut) = (self.nodes, &self.places, &self.cut);
        self.len += keep(&mut self.kept, place, |place, open| {
            let node = &nodes[place];
            let inputs = node.input.iter().filter(|input| !cut.contains(input));
            let inputs = inputs.map(|input| node_name(input));
            // Inputs that are not in the graph are left for the import to report.
            open.extend(
                inputs
                    .chain(groups(node))
                    .filter_map(|name| places.get(name)),
            );
        });
    }

    /// A mark for each node of the graph.
    pub(crate) fn kept(self) -> Vec<bool> {
        self.kept
    }
}

/// Marks a node, and all that are reached from it where `needs` adds those that a node needs; gives the number of new
/// marks.
pub(in crate::graph) fn keep(
    kept: &mut [bool],
    place: usize,
    mut needs: impl FnMut(usize, &mut Vec<usize>),
) -> usize {
    let mut open = vec![place];
    let mut new = 0;
    while let Some(place) = open.pop() {
        if !std::mem::replace(&mut kept[place], true) {
            new += 1;
            needs(place, &mut open);
        }
    }
    new
}

/// The nodes that a node is colocated with.
fn groups(node: &NodeDef) -> impl Iterator<Item = &str> {
    let class = node.attr.get(CLASS);
    colocated(groups_in(class.and_then(|class| class.value.as_ref())))
}

fn name(function: &FunctionDef) -> Option<&str> {
    function.signature.as_ref().map(|it| it.name.as_str())
}

/// The functions among those that nodes mention, and those that these need, gradients included.
pub(in crate::graph) fn needed_functions<'a, G: IntoIterator<Item = &'a str>>(
    mentioned: Vec<&'a str>,
    function: impl Fn(&str) -> Option<&'a FunctionDef>,
    gradients: impl Fn(&str) -> G,
) -> HashSet<&'a str> {
    let mut needed = HashSet::default();
    let mut open = mentioned;
    while let Some(name) = open.pop() {
        let Some(function) = function(name) else {
            continue;
        };
        if needed.insert(name) {
            for node in &function.node_def {
                mentioned_by_node(&node.op, node.attr.values(), &mut open);
            }
            let attrs = function.attr.values();
            attrs.for_each(|value| mentioned_by(value, &mut open));
            open.extend(gradients(name));
        }
    }
    needed
}

/// Adds the names that may be those of functions which a node of this op and with these attributes calls.
pub(crate) fn mentioned_by_node<'a>(
    op: &'a str,
    attrs: impl Iterator<Item = &'a AttrValue>,
    names: &mut Vec<&'a str>,
) {
    names.push(op);
    attrs.for_each(|value| mentioned_by(value, names));
}

fn mentioned_by<'a>(value: &'a AttrValue, names: &mut Vec<&'a str>) {
    let functions = match &value.value {
        Some(Value::Func(function)) => std::slice::from_ref(&**function),
        Some(Value::List(list)) => &list.func[..],
        _ => return,
    };
    for function in functions {
        names.push(&function.name);
        function
            .attr
            .values()
            .for_each(|value| mentioned_by(value, names));
    }
}
