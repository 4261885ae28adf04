//! Copying a graph in memory: the parts of its nodes are shared.

use std::panic::Location;
use std::sync::Arc;

use super::error::{ImportError, NodeFault};
use super::instance::{is_replaced, of_instance};
use super::node::check_inputs;
use super::place::{self, Nodes, Placer};
use super::plan::{Lists, Mapped, Plan, Source, Wired};
use super::{GraphBuilder, HashMap, Here, ImportOptions, Imported, Instance, NodeId, TensorRef};
use crate::error::Result;
use crate::graph::graph_def::{
    OUTPUT_SHAPES, keep, mentioned_by_node, needed_functions, node_name,
};
use crate::graph::library::{Library, LibraryError};
use crate::graph::node::{Known, Op, Output, colocated};
use crate::graph::{Graph, Node};
use crate::proto::tensorflow::VersionDef;
use crate::shape::Shape;

impl GraphBuilder {
    /// Adds the nodes and functions of another graph, as [`import_graph_def`](Self::import_graph_def) does with what
    /// [`Graph::to_graph_def`] makes of it, but without a message in between: the values of constants are not copied,
    /// both graphs have them in common.
    ///
    /// A node keeps the line of the author's program that made it, and the rules that hold for it. Collections are not
    /// copied.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGraph`](crate::ErrorKind::InvalidGraph) if a mapped tensor does not fit where it is used, or
    /// if this graph has another function of the same name, and [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a
    /// mapped input or an output is not in the other graph. The error names the node, also in
    /// [`Error::diagnostics`](crate::Error::diagnostics). The graph is then as it was.
    ///
    /// # Examples
    /// ```
    /// use tfhub::GraphBuilder;
    /// use tfhub::graph::ImportOptions;
    ///
    /// let half = GraphBuilder::new();
    /// let x = half.named("x", || half.placeholder::<f32>((None, 2)));
    /// let _ = half.named("y", || x * 0.5);
    /// let half = half.finish()?;
    ///
    /// let g = GraphBuilder::new();
    /// let images = g.placeholder::<f32>((8, 2));
    /// let once = g.copy_graph(&half, ImportOptions::new().prefix("once").map_input("x", images))?;
    /// let twice = ImportOptions::new().prefix("twice").map_input("x", once.tensor("y:0")?);
    /// let y = g.copy_graph(&half, twice)?.tensor("y:0")?;
    /// assert_eq!((y.name(), y.shape().to_string()), ("twice/y:0".into(), "[8, 2]".into()));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn copy_graph<'g>(
        &'g self,
        graph: &Graph,
        options: impl Into<ImportOptions<'g>>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let options = options.into();
        let copied = || {
            let mapped = Mapped::new(self, &options)?;
            let kept = kept(graph, &options, &mapped)?;
            self.copied(graph, &kept, options, mapped, location)
        };
        copied().map_err(|error| error.of_copy().at(location))
    }

    /// Copies the nodes for which `kept` says so, and the functions that they need.
    #[track_caller]
    pub(crate) fn copy_nodes<'g>(
        &'g self,
        graph: &Graph,
        kept: &[bool],
        options: ImportOptions<'g>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let copied = || {
            let mapped = Mapped::new(self, &options)?;
            self.copied(graph, kept, options, mapped, location)
        };
        copied().map_err(|error| error.of_copy().at(location))
    }

    fn copied<'g>(
        &'g self,
        graph: &Graph,
        kept: &[bool],
        options: ImportOptions<'g>,
        mapped: Mapped<'g>,
        location: Here,
    ) -> std::result::Result<Imported<'g>, ImportError> {
        let mut nodes = Copied::new(graph, kept, &options);
        let plan = nodes.plan(&mapped)?;
        place::place(self, &mut nodes, plan, options, mapped, location)
    }
}

/// A mark for each node, whether it is copied.
fn kept(
    graph: &Graph,
    options: &ImportOptions<'_>,
    mapped: &Mapped<'_>,
) -> std::result::Result<Vec<bool>, ImportError> {
    let Some(outputs) = &options.outputs else {
        return Ok(vec![true; graph.len()]);
    };
    let wanted = outputs.iter().filter(|output| !mapped.contains(output));
    let wanted = wanted.map(|output| {
        let found = graph.find(node_name(output));
        found.ok_or_else(|| ImportError::NoTensor(output.clone()))
    });
    let wanted = wanted.collect::<std::result::Result<Vec<_>, _>>()?;
    let name = |id: NodeId| &graph.node(id).name;
    Ok(graph.needed(
        wanted,
        |input| mapped.tensor(name(input.node), input.index).is_some(),
        |control| mapped.control(name(control)).is_some(),
    ))
}

impl Graph {
    /// A mark for each node, whether some nodes need it, apart from what is given besides: tensors, and nodes that others
    /// run after.
    pub(crate) fn needed(
        &self,
        wanted: impl IntoIterator<Item = NodeId>,
        mut is_given: impl FnMut(TensorRef) -> bool,
        is_control_given: impl Fn(NodeId) -> bool,
    ) -> Vec<bool> {
        let mut needed = vec![false; self.len()];
        for id in wanted {
            keep(&mut needed, id.index(), |place, open| {
                let node = &self.nodes()[place];
                let inputs = node.inputs.iter().filter(|input| !is_given(**input));
                open.extend(inputs.map(|input| input.node.index()));
                let controls = node.control_inputs.iter();
                let controls = controls.filter(|control| !is_control_given(**control));
                let groups = colocated(node.groups()).filter_map(|name| self.find(name));
                open.extend(controls.copied().chain(groups).map(NodeId::index));
            });
        }
        needed
    }
}

/// The nodes of a graph in memory that are copied.
struct Copied<'a> {
    graph: &'a Graph,
    /// The nodes that are copied, by place.
    ids: Vec<NodeId>,
    /// The places of the nodes, by their number in the graph; meaningless for those that are not copied.
    places: Vec<usize>,
    clear_devices: bool,
    instance: Option<Instance>,
}

impl<'a> Copied<'a> {
    fn new(graph: &'a Graph, kept: &[bool], options: &ImportOptions<'_>) -> Self {
        let mut ids = Vec::with_capacity(graph.len());
        let mut places = Vec::with_capacity(graph.len());
        for (index, &is_kept) in kept.iter().enumerate() {
            places.push(ids.len());
            if is_kept {
                ids.push(NodeId::new(index));
            }
        }
        Copied {
            graph,
            ids,
            places,
            clear_devices: options.clear_devices,
            instance: options.instance,
        }
    }

    fn get(&self, place: usize) -> &'a Node {
        self.graph.node(self.ids[place])
    }

    /// The plan for these nodes.
    fn plan(&self, mapped: &Mapped<'_>) -> std::result::Result<Plan, ImportError> {
        let len = self.ids.len();
        let mut names = Vec::with_capacity(len);
        let mut places = HashMap::with_capacity_and_hasher(len, Default::default());
        let mut inputs = Lists::with_capacity(len);
        // Whether an input is mapped, by the number of the node that it would come from.
        let mut is_used = vec![false; self.graph.len()];
        for (place, &id) in self.ids.iter().enumerate() {
            let node = self.graph.node(id);
            names.push(node.name.clone());
            places.insert(node.name.clone(), place);
            for input in &node.inputs {
                let name = &self.graph.node(input.node).name;
                match mapped.tensor(name, input.index) {
                    Some(tensor) => {
                        is_used[input.node.index()] = true;
                        inputs.push(Source::Mapped(tensor.tensor_ref()));
                    }
                    None => {
                        let node = self.places[input.node.index()];
                        let index = input.index;
                        inputs.push(Source::Tensor { node, index });
                    }
                }
            }
            for &control in &node.control_inputs {
                match mapped.control(&self.graph.node(control).name) {
                    Some(id) => {
                        is_used[control.index()] = true;
                        inputs.push(Source::MappedControl(id));
                    }
                    None => inputs.push(Source::Control(self.places[control.index()])),
                }
            }
            inputs.end();
        }
        mapped.expect_all(|name| {
            let is_used = |id: NodeId| is_used[id.index()];
            places.contains_key(name) || self.graph.find(name).is_some_and(is_used)
        })?;
        let plan = Plan {
            names,
            places,
            inputs,
            order: Vec::new(),
            back_edges: Vec::new(),
        };
        plan.ordered(|place| self.get(place).op.name())
    }
}

impl Nodes for Copied<'_> {
    fn place_of_shapes(&self) -> &'static str {
        "the graph that is copied"
    }

    fn add_functions(
        &mut self,
        library: &mut Arc<Library>,
    ) -> std::result::Result<(), LibraryError> {
        let functions = self.graph.library();
        if functions.is_empty() {
            return Ok(());
        }
        let needed = (self.ids.len() < self.graph.len()).then(|| {
            let mut mentioned = Vec::new();
            for &id in &self.ids {
                let node = self.graph.node(id);
                let attrs = node.attrs.iter().map(|(_, value)| &**value);
                mentioned_by_node(node.op.name(), attrs, &mut mentioned);
            }
            needed_functions(
                mentioned,
                |name| functions.get(name).map(|function| &function.def),
                |name| functions.gradient(name),
            )
        });
        let is_needed = |name: &str| needed.as_ref().is_none_or(|needed| needed.contains(name));
        Arc::make_mut(library).add_from(functions, is_needed)
    }

    fn versions(&self) -> VersionDef {
        self.graph.versions()
    }

    fn op(&self, place: usize) -> &str {
        self.get(place).op.name()
    }

    fn node(
        &mut self,
        place: usize,
        wired: Wired,
        placer: &mut Placer<'_>,
    ) -> std::result::Result<Node, NodeFault> {
        let node = self.get(place);
        if placer.is_mapped(place) {
            let nodes = placer.graph.nodes();
            check_inputs(&nodes, &node.op, &node.attrs, &wired.inputs)?;
        }
        let op = match node.op.function() {
            Some(function) => {
                // One graph has each function once.
                let state = placer.graph.state.borrow();
                let own = state.library.get(&function.op.name);
                Op::from(own.unwrap_or(function).clone())
            }
            None => node.op.clone(),
        };
        let device = match self.clear_devices {
            true => "",
            false => &node.device,
        };
        let attrs = node.attrs.iter().filter(|(name, _)| name != OUTPUT_SHAPES);
        let output = |output: &Output| Output {
            dtype: output.dtype,
            is_ref: output.is_ref,
            shape: Shape::unknown(),
            known: Known::default(),
        };
        let node = Node {
            name: wired.name,
            op,
            inputs: wired.inputs,
            control_inputs: wired.control_inputs,
            device: placer.device(device).map_err(NodeFault::Device)?,
            attrs: attrs.cloned().collect(),
            outputs: node.outputs.iter().map(output).collect(),
            origin: node.origin,
            location: node.location,
        };
        match self.instance {
            Some(instance) => of_instance(instance, node, placer.prefix()),
            None => Ok(node),
        }
    }

    fn outputs(&self, place: usize) -> usize {
        self.get(place).outputs.len()
    }

    fn shape(&self, place: usize, output: usize) -> Option<&Shape> {
        let node = self.get(place);
        let output = node.outputs.get(output);
        let output = output.filter(|_| !is_replaced(self.instance, node));
        output.map(|output| &output.shape)
    }
}
