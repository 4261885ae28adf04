//! Graphs for people: a stable text, Graphviz, and TensorBoard.

mod events;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Graph, Node, attr_text};
use crate::error::Result;
use crate::sorted_map::SortedMap;

/// How many scopes are drawn inside each other.
const MAX_DEPTH: usize = 64;

impl Graph {
    /// The graph as text, a line per node in the order of their making: name, op, inputs,
    /// attributes that are not at their default, device, outputs.
    ///
    /// Equal graphs give equal texts, so that a difference of two texts shows what changed.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    /// let y = g.device("/cpu:0", || x + 1.0);
    /// assert_eq!(
    ///     g.finish()?.to_text(),
    ///     "x = Placeholder() {dtype=float32, shape=[?, 2]} -> float32 [?, 2]\n\
    ///      add/y = Const() {dtype=float32, value=float32 []: 1.0} @/device:CPU:0 -> float32 []\n\
    ///      add = AddV2(x, add/y) {T=float32} @/device:CPU:0 -> float32 [?, 2]\n"
    /// );
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for node in self.nodes() {
            let inputs = self.input_names(node).join(", ");
            // Writing to a string cannot fail.
            let _ = write!(text, "{} = {}({inputs})", node.name, node.op.name());
            let attrs = node.non_default_attrs();
            let attrs: Vec<_> = attrs
                .map(|(name, value)| format!("{name}={}", attr_text(value)))
                .collect();
            if !attrs.is_empty() {
                let _ = write!(text, " {{{}}}", attrs.join(", "));
            }
            if !node.device.is_empty() {
                let _ = write!(text, " @{}", node.device);
            }
            if !node.outputs.is_empty() {
                let outputs = node.outputs.iter();
                let outputs: Vec<_> = outputs
                    .map(|output| format!("{} {}", output.dtype, output.shape))
                    .collect();
                let _ = write!(text, " -> {}", outputs.join(", "));
            }
            text.push('\n');
        }
        text
    }

    /// The graph in the language of Graphviz: a box per node, nested by name scope, with edges that bear shapes and
    /// dashed ones for control inputs.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    /// let y = g.name_scope("layer", || -x);
    /// let dot = g.finish()?.to_dot();
    /// assert!(dot.starts_with("digraph"));
    /// assert!(dot.contains(r#""x" -> "layer/Neg" [label="[?, 2]"]"#));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn to_dot(&self) -> String {
        let mut root = Scope::default();
        for node in self.nodes() {
            let scopes = node.name.rsplit_once('/').map_or("", |(scopes, _)| scopes);
            let parts = scopes.split('/').filter(|part| !part.is_empty());
            let scope = parts.take(MAX_DEPTH).fold(&mut root, |scope, part| {
                scope.inner.get_or_insert_with(part, Scope::default)
            });
            scope.nodes.push(node);
        }
        let mut dot = "digraph {\n  rankdir=BT;\n  node [shape=box];\n".to_owned();
        root.write(&mut dot, "", 1);
        for node in self.nodes() {
            for input in &node.inputs {
                let from = self.node(input.node);
                let shape = &from.outputs[input.index as usize].shape;
                let (from, to, label) = (
                    quoted(&from.name),
                    quoted(&node.name),
                    quoted(&shape.to_string()),
                );
                let _ = writeln!(dot, "  {from} -> {to} [label={label}];");
            }
            for &id in &node.control_inputs {
                let (from, to) = (quoted(&self.node(id).name), quoted(&node.name));
                let _ = writeln!(dot, "  {from} -> {to} [style=dashed];");
            }
        }
        dot.push_str("}\n");
        dot
    }

    /// Writes the graph as an event file that TensorBoard shows, and returns the file's path.
    ///
    /// The directory is created if it is missing, with those above it, as `tf.summary.FileWriter` does. A file of the
    /// same name is overwritten.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) or another kind that says why the system refuses to create the directory
    /// or to write the file.
    pub fn write_tensorboard(&self, directory: impl AsRef<Path>) -> Result<PathBuf> {
        events::write(self, directory.as_ref())
    }
}

/// The nodes of a name scope, and the scopes in it.
#[derive(Default)]
struct Scope<'g> {
    nodes: Vec<&'g Node>,
    inner: SortedMap<&'g str, Scope<'g>>,
}

impl Scope<'_> {
    fn write(&self, dot: &mut String, path: &str, depth: usize) {
        let indent = "  ".repeat(depth);
        for node in &self.nodes {
            let short = node.name.rsplit('/').next().unwrap_or_default();
            let label = format!("{short}\n{}", node.op.name());
            let _ = writeln!(
                dot,
                "{indent}{} [label={}];",
                quoted(&node.name),
                quoted(&label)
            );
        }
        for (name, scope) in &self.inner {
            let path = format!("{path}{name}/");
            let _ = writeln!(
                dot,
                "{indent}subgraph {} {{",
                quoted(&format!("cluster_{path}"))
            );
            let _ = writeln!(dot, "{indent}  label={};", quoted(name));
            scope.write(dot, &path, depth + 1);
            let _ = writeln!(dot, "{indent}}}");
        }
    }
}

fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
