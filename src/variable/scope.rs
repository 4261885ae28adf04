//! Variable scopes: the path under which [`GraphBuilder::get_variable`] looks variables up.

use std::panic::Location;
use std::sync::Arc;

use super::request::CustomGetter;
use super::{
    AnyVariable, CachingDevice, Constraint, Partitioner, Reuse, VariableRequest, Variables,
};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{GraphBuilder, GraphNumber, Here, OpenBlock, join};
use crate::init::Initializer;
use crate::regularizer::Regularizer;

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
    defaults: Arc<Defaults>,
    /// The graph that was open when it was entered.
    entered_in: GraphNumber,
    /// Whether it is one of a function's body, which gets the values of variables.
    pub(super) gives_values: bool,
}

/// The options of a variable scope for the variables in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Defaults {
    pub(super) initializer: Option<Initializer>,
    pub(super) regularizer: Option<Regularizer>,
    pub(super) partitioner: Option<Partitioner>,
    pub(super) caching_device: Option<CachingDevice>,
    pub(super) custom_getter: Option<CustomGetter>,
    pub(super) dtype: Option<DType>,
    pub(super) use_resource: Option<bool>,
    /// It is not for the scopes inside.
    pub(super) constraint: Option<Constraint>,
}

impl Defaults {
    /// These, and where they are silent those of another scope.
    fn over(self, outer: &Defaults) -> Self {
        let getter = self.custom_getter;
        let getter = getter.map(|getter| getter.around(outer.custom_getter.as_ref()));
        Defaults {
            initializer: self.initializer.or_else(|| outer.initializer.clone()),
            regularizer: self.regularizer.or_else(|| outer.regularizer.clone()),
            partitioner: self.partitioner.or_else(|| outer.partitioner.clone()),
            caching_device: self.caching_device.or_else(|| outer.caching_device.clone()),
            custom_getter: getter.or_else(|| outer.custom_getter.clone()),
            dtype: self.dtype.or(outer.dtype),
            use_resource: self.use_resource.or(outer.use_resource),
            constraint: self.constraint,
        }
    }
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

    /// Whether variables are resource variables; they are by default.
    pub fn use_resource(&self) -> bool {
        self.defaults.use_resource.unwrap_or(true)
    }

    /// The element type for variables of which the author's code says none; `float32` by default.
    ///
    /// [`GraphBuilder::get_variable`] has the type in its own type, which counts.
    pub fn dtype(&self) -> DType {
        self.defaults.dtype.unwrap_or(DType::Float32)
    }

    /// The initializer of variables that have none of their own.
    pub fn initializer(&self) -> Option<&Initializer> {
        self.defaults.initializer.as_ref()
    }

    /// The regularizer of variables that have none of their own.
    pub fn regularizer(&self) -> Option<&Regularizer> {
        self.defaults.regularizer.as_ref()
    }

    /// The rule for the number of parts of variables that have none of their own.
    pub fn partitioner(&self) -> Option<&Partitioner> {
        self.defaults.partitioner.as_ref()
    }

    /// The device on which the values of variables are kept.
    pub fn caching_device(&self) -> Option<&CachingDevice> {
        self.defaults.caching_device.as_ref()
    }

    /// The constraint of variables that have none of their own.
    pub fn constraint(&self) -> Option<&Constraint> {
        self.defaults.constraint.as_ref()
    }

    pub(super) fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// The scope with an option changed.
    fn changed(mut self, change: impl FnOnce(&mut Defaults)) -> Self {
        change(Arc::make_mut(&mut self.defaults));
        self
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
    defaults: Defaults,
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
            defaults: Defaults::default(),
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
    pub fn initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.defaults.initializer = initializer.into();
        self
    }

    /// The regularizer of variables that have none of their own.
    pub fn regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.defaults.regularizer = regularizer.into();
        self
    }

    /// The rule for the number of parts of variables that have none of their own.
    pub fn partitioner(mut self, partitioner: impl Into<Option<Partitioner>>) -> Self {
        self.defaults.partitioner = partitioner.into();
        self
    }

    /// The device on which the values of variables are read once, for all uses.
    pub fn caching_device(mut self, device: impl Into<CachingDevice>) -> Self {
        self.defaults.caching_device = Some(device.into());
        self
    }

    /// The element type for variables of which the author's code says none; see [`VariableScope::dtype`].
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.defaults.dtype = Some(dtype);
        self
    }

    /// Whether variables are resource variables, those of [`GraphBuilder::variable`] included.
    ///
    /// ```
    /// use tfhub::variable::EnterScope;
    /// # let g = tfhub::GraphBuilder::new();
    /// let old = EnterScope::new("old").use_resource(false);
    /// let v = g.variable_scope(old, |_| g.get_variable::<f32>("v").shape([2]).finish());
    /// assert_eq!(v.operation().op(), "VariableV2");
    /// ```
    pub fn use_resource(mut self, use_resource: bool) -> Self {
        self.defaults.use_resource = Some(use_resource);
        self
    }

    /// The constraint of variables that have none of their own; scopes inside do not take it over.
    pub fn constraint(mut self, constraint: impl Into<Option<Constraint>>) -> Self {
        self.defaults.constraint = constraint.into();
        self
    }

    /// A function that gets the variables of the scope: it may change what is asked for, and return another variable or a
    /// tensor in its place. Where scopes inside have a function of their own, that is called first, and this one
    /// [gets](VariableRequest::get) the variable for it.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// use tfhub::variable::{AnyVariable, EnterScope};
    /// # let g = tfhub::GraphBuilder::new();
    /// // Weights are kept as float32 and used as float16.
    /// let stored = EnterScope::new("tower").custom_getter(|request| {
    ///     let stored = request.with_dtype::<f32>().get().typed::<f32>();
    ///     AnyVariable::from(math::cast::<half::f16, _>(stored))
    /// });
    /// let v = g.variable_scope(stored, |_| g.get_variable::<half::f16>("v").shape([2]).finish());
    /// assert_eq!(v.value().operation().op(), "Cast");
    /// ```
    pub fn custom_getter(
        mut self,
        get: impl for<'g> Fn(VariableRequest<'g>) -> AnyVariable<'g> + Send + Sync + 'static,
    ) -> Self {
        self.defaults.custom_getter = Some(CustomGetter::new(get));
        self
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

/// A variable scope that is open until this is dropped.
struct OpenScope<'g> {
    graph: &'g GraphBuilder,
    entered: VariableScope,
    outer: VariableScope,
    /// Where to go back to after a jump, or the path whose subscopes end.
    end: Result<usize, String>,
    /// It ends after the variable scope.
    _name_scope: Option<OpenBlock<'g>>,
}

impl Drop for OpenScope<'_> {
    fn drop(&mut self) {
        let mut variables = self.graph.extension::<Variables>();
        variables.scopes.current = std::mem::take(&mut self.outer);
        match &self.end {
            Ok(mark) => variables.scopes.jump_back(*mark),
            Err(path) => variables.scopes.close_below(path),
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
        let open = self.open_variable_scope(scope.into(), Location::caller());
        f(&open.entered)
    }

    /// Opens a variable scope, and a name scope if it is to have one, until the result is dropped.
    fn open_variable_scope(&self, scope: EnterScope, location: Here) -> OpenScope<'_> {
        let EnterScope {
            target,
            reuse,
            defaults,
            opens_name_scope,
        } = scope;
        let here = self.here(location);
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
        if reuse != Reuse::No && matches!(target, Target::DefaultName(_)) {
            let message = "a scope with a default name is new, so its variables cannot be reused";
            self.report_node(Rule::Variable, "", scope_name, here, message);
        }
        if defaults.regularizer.is_some() && outer.gives_values {
            self.report_node(Rule::Variable, "", scope_name, here, NO_LOSSES);
        }
        let or = |inherited| match reuse {
            Reuse::No => inherited,
            reuse => reuse,
        };
        let has_name_scope = opens_name_scope && !scope_name.is_empty();
        let name_scope = has_name_scope.then(|| self.open_name_scope(scope_name, location));
        let entered = match &target {
            Target::Scope(scope) => VariableScope {
                reuse: or(scope.reuse),
                entered_in: outer.entered_in,
                ..scope.clone()
            },
            _ => VariableScope {
                name: join(&outer.name, &path_name),
                name_scope: self.context().name_scope().clone(),
                reuse: or(outer.reuse),
                ..outer
            },
        };
        let defaults = Arc::new(defaults.over(&entered.defaults));
        let entered = VariableScope {
            defaults,
            ..entered
        };
        let scopes = &mut self.extension::<Variables>().scopes;
        scopes.open(&entered.name);
        OpenScope {
            graph: self,
            end: match target {
                Target::Scope(_) => Ok(scopes.jump()),
                _ => Err(entered.name.clone()),
            },
            outer: std::mem::replace(&mut scopes.current, entered.clone()),
            entered,
            _name_scope: name_scope,
        }
    }

    /// Runs `f` with each variable that is made in it read once for all uses, as loops over rows make them. In the body
    /// of a function this has no effect: its variables are those around it.
    pub(crate) fn with_cached_variables<R>(&self, f: impl FnOnce() -> R) -> R {
        let scope = self.current_variable_scope();
        if scope.caching_device().is_some() || !self.is_in_main_graph() {
            return f();
        }
        self.with_default(|it| it.caching_device = Some(CachingDevice::OfReader), f)
    }

    /// Runs `f` with each variable that is made in it in one piece, as layers make the moving averages that they update.
    pub(crate) fn without_partitioner<R>(&self, f: impl FnOnce() -> R) -> R {
        self.with_default(|it| it.partitioner = None, f)
    }

    /// Runs `f` with an option of the open variable scope changed.
    fn with_default<R>(&self, change: impl FnOnce(&mut Defaults), f: impl FnOnce() -> R) -> R {
        struct Restore<'g>(&'g GraphBuilder, VariableScope);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                let before = std::mem::take(&mut self.1);
                self.0.extension::<Variables>().scopes.current = before;
            }
        }
        let changed = self.current_variable_scope().changed(change);
        let before = std::mem::replace(&mut self.extension::<Variables>().scopes.current, changed);
        let _restore = Restore(self, before);
        f()
    }

    /// Sets whether variables of the open variable scope are resource variables, as `tf.get_variable_scope().set_use_resource`
    /// does.
    ///
    /// A module whose variables are all of the old kind begins with this.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// g.set_use_resource(false);
    /// let v = g.get_variable::<f32>("v").shape([2]).finish();
    /// assert_eq!(v.operation().op(), "VariableV2");
    /// ```
    pub fn set_use_resource(&self, use_resource: bool) {
        let scope = self.current_variable_scope();
        let scope = scope.changed(|it| it.use_resource = Some(use_resource));
        self.extension::<Variables>().scopes.current = scope;
    }

    /// Has the variables that are asked for in the open variable scope from now on found (`reuse_variables`).
    pub(crate) fn reuse_variables(&self) {
        let scope = VariableScope {
            reuse: Reuse::Yes,
            ..self.current_variable_scope()
        };
        self.extension::<Variables>().scopes.current = scope;
    }
}
