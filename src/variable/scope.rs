//! Variable scopes: the path under which [`GraphBuilder::get_variable`] looks variables up.

use std::panic::Location;
use std::sync::Arc;

use super::Variables;
use crate::error::Rule;
use crate::graph::{GraphBuilder, GraphNumber, join, numbered};
use crate::init::Initializer;
use crate::regularizer::Regularizer;
use crate::sorted_map::SortedMap;

/// The choice of `get_variable` between making variables and finding those that exist.
///
/// ```
/// use tfhub::variable::{EnterScope, Reuse};
/// # let g = tfhub::GraphBuilder::new();
/// for _ in 0..2 {
///     let tower = EnterScope::new("tower").reuse(Reuse::Auto);
///     let v = g.variable_scope(tower, |_| g.get_variable::<f32>("v").shape([2]).finish());
///     assert_eq!(v.name(), "tower/v");
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reuse {
    /// It makes a new one; an existing one is a fault.
    #[default]
    No,
    /// It finds an existing one; a missing one is a fault (`reuse=True`).
    Yes,
    /// It finds an existing one or makes it (`reuse=tf.AUTO_REUSE`).
    Auto,
}

/// A variable scope that has been entered (`tf.VariableScope`).
///
/// It can be entered again by reference.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let scope = g.variable_scope("tower", |scope| scope.clone());
/// let v = g.variable_scope(&scope, |_| g.get_variable::<f32>("v").shape([2]).finish());
/// assert_eq!(v.name(), "tower/v");
/// ```
#[derive(Debug, Clone, Default)]
pub struct VariableScope {
    name: String,
    /// The name scope that was opened with it, without a slash at the end.
    name_scope: Arc<str>,
    reuse: Reuse,
    pub(super) initializer: Option<Initializer>,
    pub(super) regularizer: Option<Regularizer>,
    /// The graph that was open when it was entered.
    entered_in: GraphNumber,
    /// Whether it is one of a function's body, which gets the values of variables.
    pub(super) gives_values: bool,
    /// Whether variables that are made in it are read once, for all uses.
    pub(super) caches_values: bool,
}

impl VariableScope {
    /// The path that variables made in the scope get in front of their names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name scope that was opened when the scope was entered first.
    pub fn original_name_scope(&self) -> &str {
        &self.name_scope
    }

    /// Whether variables are made or found.
    pub fn reuse(&self) -> Reuse {
        self.reuse
    }
}

/// A variable scope to enter: the arguments of `tf.variable_scope`.
///
/// ```
/// use tfhub::Variable;
/// use tfhub::variable::{EnterScope, Reuse};
/// # let g = tfhub::GraphBuilder::new();
/// let v: Variable<f32> = g.variable_scope("tower", |_| g.get_variable("v").shape([2]).finish());
/// let again = EnterScope::new("tower").reuse(Reuse::Yes);
/// let w: Variable<f32> = g.variable_scope(again, |_| g.get_variable("v").shape([2]).finish());
/// assert_eq!((v.name(), w.name()), ("tower/v".into(), "tower/v".into()));
/// ```
#[derive(Debug, Clone)]
pub struct EnterScope {
    target: Target,
    reuse: Reuse,
    initializer: Option<Initializer>,
    regularizer: Option<Regularizer>,
    opens_name_scope: bool,
}

#[derive(Debug, Clone)]
enum Target {
    Name(String),
    DefaultName(String),
    Scope(VariableScope),
}

impl EnterScope {
    fn to(target: Target) -> Self {
        EnterScope {
            target,
            reuse: Reuse::No,
            initializer: None,
            regularizer: None,
            opens_name_scope: true,
        }
    }

    /// The scope with this name below the current one.
    pub fn new(name: impl Into<String>) -> Self {
        Self::to(Target::Name(name.into()))
    }

    /// A new scope below the current one, called `name` or `name_1` and so on (`default_name=`).
    pub fn with_default_name(name: impl Into<String>) -> Self {
        Self::to(Target::DefaultName(name.into()))
    }

    /// Whether variables are made or found; scopes inside follow unless they are made to find or make them.
    pub fn reuse(self, reuse: Reuse) -> Self {
        EnterScope { reuse, ..self }
    }

    /// The initializer of variables that have none of their own.
    pub fn initializer(self, initializer: impl Into<Option<Initializer>>) -> Self {
        EnterScope {
            initializer: initializer.into(),
            ..self
        }
    }

    /// The regularizer of variables that have none of their own.
    pub fn regularizer(self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        EnterScope {
            regularizer: regularizer.into(),
            ..self
        }
    }

    /// Keeps the current name scope instead of opening one (`auxiliary_name_scope=False`).
    pub fn without_name_scope(self) -> Self {
        EnterScope {
            opens_name_scope: false,
            ..self
        }
    }
}

impl From<&str> for EnterScope {
    fn from(name: &str) -> Self {
        EnterScope::new(name)
    }
}

impl From<String> for EnterScope {
    fn from(name: String) -> Self {
        EnterScope::new(name)
    }
}

impl From<&VariableScope> for EnterScope {
    fn from(scope: &VariableScope) -> Self {
        EnterScope::to(Target::Scope(scope.clone()))
    }
}

/// The message about a regularizer inside of a function.
pub(super) const NO_LOSSES: &str = "a function keeps no losses, so TensorFlow leaves the regularizer out inside of one; \
                                    make the variable outside of the function";

/// The scopes of one graph.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    pub(super) current: VariableScope,
    /// The number of times that each path is open or was opened; sorted, so that the paths below one are neighbours.
    counts: SortedMap<String, u32>,
    /// For paths that were numbered: `path_1` and so on are open below this number.
    first_free: SortedMap<String, u32>,
    /// The counts before each change since a jump, as long as there is a jump to come back from.
    undo: Vec<(String, Option<u32>)>,
    jumps: usize,
}

impl Scopes {
    /// The name that a scope with a default name gets below the current one.
    fn unique(&mut self, name: &str) -> String {
        let path = join(&self.current.name, name);
        if !self.counts.contains_key(&path) {
            return name.to_owned();
        }
        let first = self.first_free.get(&path).copied().unwrap_or(1);
        let is_free = |i: &u32| !self.counts.contains_key(&numbered(&path, *i));
        let free = (first..).find(is_free).unwrap_or(first);
        self.first_free.insert(path, free);
        numbered(name, free)
    }

    fn open(&mut self, path: &str) {
        let count = self.counts.get(path).copied().unwrap_or(0);
        self.set(path.to_owned(), Some(count + 1));
    }

    /// Forgets the scopes that were opened below a path.
    fn close_below(&mut self, path: &str) {
        let prefix = format!("{path}/");
        let below: Vec<_> = self
            .counts
            .iter_from(&prefix)
            .map_while(|(key, _)| key.starts_with(&prefix).then(|| key.clone()))
            .collect();
        below.into_iter().for_each(|key| self.set(key, None));
    }

    /// Begins changes that [`jump_back`](Self::jump_back) undoes.
    fn jump(&mut self) -> usize {
        self.jumps += 1;
        self.undo.len()
    }

    fn jump_back(&mut self, mark: usize) {
        self.jumps -= 1;
        for (path, count) in self.undo.split_off(mark).into_iter().rev() {
            self.set(path, count);
        }
        // What undoing has changed is for the jumps around as if it had never been.
        self.undo.truncate(mark);
    }

    fn set(&mut self, path: String, count: Option<u32>) {
        let before = match count {
            Some(count) => self.counts.insert(path.clone(), count),
            None => {
                self.free(&path);
                self.counts.remove(&path)
            }
        };
        if self.jumps > 0 {
            self.undo.push((path, before));
        }
    }

    /// Lets the number at the end of a path be given again.
    fn free(&mut self, path: &str) {
        let Some((numbered, number)) = path.rsplit_once('_') else {
            return;
        };
        if let (Some(first), Ok(number)) =
            (self.first_free.get_mut(numbered), number.parse::<u32>())
        {
            *first = number.min(*first);
        }
    }
}

impl GraphBuilder {
    /// The variable scope that is open at this point.
    ///
    /// In the body of a [`function`](Self::function) it has the path of the scope around, but not its
    /// [`reuse`](VariableScope::reuse).
    pub fn current_variable_scope(&self) -> VariableScope {
        let current = self.extension::<Variables>().scopes.current.clone();
        let open = self.graph_of_variable_scopes();
        if current.entered_in == open {
            return current;
        }
        VariableScope {
            reuse: Reuse::No,
            entered_in: open,
            gives_values: open != GraphNumber::MAIN,
            ..current
        }
    }

    /// Runs `f` in a variable scope and in a name scope of the same name, as `tf.variable_scope` does.
    ///
    /// Names of variables depend on variable scopes alone; a scope entered again finds its path as it was, while its
    /// nodes get a new name scope (`tower_1`).
    #[track_caller]
    pub fn variable_scope<R>(
        &self,
        scope: impl Into<EnterScope>,
        f: impl FnOnce(&VariableScope) -> R,
    ) -> R {
        let EnterScope {
            target,
            reuse,
            initializer,
            regularizer,
            opens_name_scope,
        } = scope.into();
        let here = self.here(Location::caller());
        let outer = self.current_variable_scope();
        let (path_name, scope_name) = match &target {
            Target::Name(name) => (name.clone(), name.as_str()),
            Target::DefaultName(name) => (
                self.extension::<Variables>().scopes.unique(name),
                name.as_str(),
            ),
            Target::Scope(scope) => (
                String::new(),
                scope.name.rsplit('/').next().unwrap_or_default(),
            ),
        };
        if reuse == Reuse::Yes && matches!(target, Target::DefaultName(_)) {
            let message = "a scope with a default name is new, so its variables cannot be reused";
            self.report_node(Rule::Variable, "", scope_name, here, message);
        }
        if regularizer.is_some() && outer.gives_values {
            self.report_node(Rule::Variable, "", scope_name, here, NO_LOSSES);
        }
        let reuse = if reuse == Reuse::No {
            outer.reuse
        } else {
            reuse
        };
        let enter = || {
            let opened = self.context().name_scope().clone();
            let entered = match &target {
                Target::Scope(scope) => VariableScope {
                    reuse: if reuse == Reuse::No {
                        scope.reuse
                    } else {
                        reuse
                    },
                    initializer: initializer.or_else(|| scope.initializer.clone()),
                    regularizer: regularizer.or_else(|| scope.regularizer.clone()),
                    entered_in: outer.entered_in,
                    ..scope.clone()
                },
                _ => VariableScope {
                    name: join(&outer.name, &path_name),
                    name_scope: opened,
                    reuse,
                    initializer: initializer.or_else(|| outer.initializer.clone()),
                    regularizer: regularizer.or_else(|| outer.regularizer.clone()),
                    ..outer
                },
            };
            self.in_variable_scope(entered, matches!(target, Target::Scope(_)), f)
        };
        if opens_name_scope && !scope_name.is_empty() {
            self.name_scope(scope_name, enter)
        } else {
            enter()
        }
    }

    /// Runs `f` with each variable that is made in it read once for all uses, as loops over rows make them. In the body
    /// of a function this has no effect: its variables are those around it.
    pub(crate) fn with_cached_variables<R>(&self, f: impl FnOnce() -> R) -> R {
        let scope = self.current_variable_scope();
        if scope.caches_values || !self.is_in_main_graph() {
            return f();
        }
        let caching = VariableScope {
            caches_values: true,
            ..scope
        };
        struct Restore<'g>(&'g GraphBuilder, VariableScope);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                let before = std::mem::take(&mut self.1);
                self.0.extension::<Variables>().scopes.current = before;
            }
        }
        let before = std::mem::replace(&mut self.extension::<Variables>().scopes.current, caching);
        let _restore = Restore(self, before);
        f()
    }

    /// Has the variables that are asked for in the open variable scope from now on found (`reuse_variables`).
    pub(crate) fn reuse_variables(&self) {
        let scope = VariableScope {
            reuse: Reuse::Yes,
            ..self.current_variable_scope()
        };
        self.extension::<Variables>().scopes.current = scope;
    }

    fn in_variable_scope<R>(
        &self,
        entered: VariableScope,
        jumps: bool,
        f: impl FnOnce(&VariableScope) -> R,
    ) -> R {
        struct Leave<'g> {
            graph: &'g GraphBuilder,
            outer: VariableScope,
            /// Where to go back to after a jump, or the path whose subscopes end.
            end: Result<usize, String>,
        }
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                let mut variables = self.graph.extension::<Variables>();
                variables.scopes.current = std::mem::take(&mut self.outer);
                match &self.end {
                    Ok(mark) => variables.scopes.jump_back(*mark),
                    Err(path) => variables.scopes.close_below(path),
                }
            }
        }
        let leave = {
            let scopes = &mut self.extension::<Variables>().scopes;
            scopes.open(&entered.name);
            let end = if jumps {
                Ok(scopes.jump())
            } else {
                Err(entered.name.clone())
            };
            let outer = std::mem::replace(&mut scopes.current, entered.clone());
            Leave {
                graph: self,
                outer,
                end,
            }
        };
        let result = f(&entered);
        drop(leave);
        result
    }
}
