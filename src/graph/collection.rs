//! Collections: named lists of tensors, operations and bytes that travel with a graph.

use super::{AnyTensor, GraphBuilder, Here, NodeId, Operation, Tensor, TensorRef};
use crate::dtype::TensorType;
use crate::sorted_map::SortedMap;

/// The names of TensorFlow's collections that a module can carry.
pub mod keys {
    /// All variables, as `VariableDef` messages.
    pub const VARIABLES: &str = "variables";
    /// The variables that training changes, as `VariableDef` messages.
    pub const TRAINABLE_VARIABLES: &str = "trainable_variables";
    /// The variables of a model, as `VariableDef` messages.
    pub const MODEL_VARIABLES: &str = "model_variables";
    /// Variables that belong to one process and are not saved, as `VariableDef` messages. TensorFlow Hub does not know the
    /// collection.
    pub const LOCAL_VARIABLES: &str = "local_variables";
    /// The variable that counts the steps of training, as a `VariableDef` message. TensorFlow Hub does not know the
    /// collection.
    pub const GLOBAL_STEP: &str = "global_step";
    /// Scalar tensors that training adds to its loss.
    pub const REGULARIZATION_LOSSES: &str = "regularization_losses";
    /// Scalar tensors whose sum training makes small.
    pub const LOSSES: &str = "losses";
    /// Operations that a training step runs besides the gradients' own.
    pub const UPDATE_OPS: &str = "update_ops";
    /// The variables that have moving averages, as `VariableDef` messages. TensorFlow Hub does not know the collection.
    pub const MOVING_AVERAGE_VARIABLES: &str = "moving_average_variables";
    /// Tables that are saved with the variables. TensorFlow Hub does not know the collection.
    pub const SAVEABLE_OBJECTS: &str = "saveable_objects";
    /// Operations that fill lookup tables.
    pub const TABLE_INITIALIZERS: &str = "table_initializer";
    /// Constants that hold the path of an asset.
    pub const ASSET_FILEPATHS: &str = "asset_filepaths";
    /// Contexts of conditionals, as `CondContextDef` messages.
    pub const COND_CONTEXT: &str = "cond_context";
    /// Contexts of loops, as `WhileContextDef` messages.
    pub const WHILE_CONTEXT: &str = "while_context";
}

/// Something that a collection can hold.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CollectionItem<'g> {
    /// A tensor, kept by name.
    Tensor(AnyTensor<'g>),
    /// An operation, kept by name.
    Operation(Operation<'g>),
    /// The bytes of a message.
    Bytes(Vec<u8>),
    /// The bytes of a message that names nodes of a graph, such as a `VariableDef`; none if they could not be made.
    Message(&'g GraphBuilder, Vec<u8>),
}

impl<'g> CollectionItem<'g> {
    /// Whether it can be an item of the collections of this graph.
    pub(super) fn is_of(&self, graph: &GraphBuilder) -> bool {
        match self {
            CollectionItem::Tensor(tensor) => graph.owns_in_main(tensor.operation()),
            CollectionItem::Operation(operation) => graph.owns_in_main(*operation),
            CollectionItem::Message(of, _) => std::ptr::eq(graph, *of),
            CollectionItem::Bytes(_) => true,
        }
    }

    /// The item that is kept; nothing where the tensor or operation could not be made.
    pub(super) fn stored(self) -> Option<Item> {
        match self {
            CollectionItem::Tensor(tensor) => {
                (!tensor.is_poison()).then(|| Item::Tensor(tensor.tensor_ref()))
            }
            CollectionItem::Operation(operation) => {
                (operation.id != NodeId::POISON).then_some(Item::Operation(operation.id))
            }
            CollectionItem::Bytes(bytes) => Some(Item::Bytes(bytes)),
            CollectionItem::Message(_, bytes) => (!bytes.is_empty()).then_some(Item::Bytes(bytes)),
        }
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for CollectionItem<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        CollectionItem::Tensor(tensor.into())
    }
}

impl<'g> From<AnyTensor<'g>> for CollectionItem<'g> {
    fn from(tensor: AnyTensor<'g>) -> Self {
        CollectionItem::Tensor(tensor)
    }
}

impl<'g> From<Operation<'g>> for CollectionItem<'g> {
    fn from(operation: Operation<'g>) -> Self {
        CollectionItem::Operation(operation)
    }
}

impl From<Vec<u8>> for CollectionItem<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        CollectionItem::Bytes(bytes)
    }
}

/// A collection's item as a graph keeps it.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Tensor(TensorRef),
    Operation(NodeId),
    Bytes(Vec<u8>),
    /// The message of a context of control flow that the builder made, which names nodes of the graph.
    Context(Vec<u8>),
}

impl GraphBuilder {
    /// Adds an item to a collection that the author's program has added at this line.
    pub(crate) fn add_located<'g>(
        &'g self,
        key: &str,
        item: impl Into<CollectionItem<'g>>,
        location: Here,
    ) {
        if let Some(stored) = item.into().stored() {
            let mut state = self.state.borrow_mut();
            state.collections.add(key, stored, location);
        }
    }

    /// Replaces the bytes for which `other` has others, in every collection.
    pub(crate) fn replace_collected<'b>(&self, other: impl Fn(&[u8]) -> Option<&'b [u8]>) {
        let collections = &mut self.state.borrow_mut().collections;
        collections.0.for_each_mut(|_, collection| {
            for item in &mut collection.items {
                if let Item::Bytes(bytes) = item {
                    if let Some(other) = other(bytes) {
                        *bytes = other.to_vec();
                    }
                }
            }
        });
    }

    /// Whether a collection holds these bytes.
    pub(crate) fn has_collected(&self, key: &str, bytes: &[u8]) -> bool {
        let state = self.state.borrow();
        let mut items = state.collections.get(key).iter();
        items.any(|item| matches!(item, Item::Bytes(known) if known == bytes))
    }
}

/// A graph's collections by name.
#[derive(Debug, Default)]
pub(crate) struct Collections(SortedMap<String, Collection>);

#[derive(Debug, Default)]
struct Collection {
    items: Vec<Item>,
    /// The author's line that added each item.
    locations: Vec<Here>,
}

impl Collections {
    pub(crate) fn add(&mut self, key: &str, item: Item, location: Here) {
        self.insert(key, self.get(key).len(), item, location);
    }

    /// Adds an item before the one at a position.
    pub(super) fn insert(&mut self, key: &str, at: usize, item: Item, location: Here) {
        if !self.0.contains_key(key) {
            self.0.insert(key.to_owned(), Collection::default());
        }
        if let Some(collection) = self.0.get_mut(key) {
            collection.items.insert(at, item);
            collection.locations.insert(at, location);
        }
    }

    /// Removes a collection and returns its items.
    pub(crate) fn remove(&mut self, key: &str) -> Vec<Item> {
        self.0.remove(key).unwrap_or_default().items
    }

    pub(crate) fn get(&self, key: &str) -> &[Item] {
        self.0
            .get(key)
            .map_or(&[], |collection| collection.items.as_slice())
    }

    /// The items of a collection, each with the author's line that added it.
    pub(crate) fn located(&self, key: &str) -> impl Iterator<Item = (&Item, Here)> {
        let collection = self.0.get(key).into_iter();
        collection
            .flat_map(|Collection { items, locations }| items.iter().zip(locations.iter().copied()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[Item])> {
        self.0
            .iter()
            .map(|(key, collection)| (key.as_str(), collection.items.as_slice()))
    }
}
