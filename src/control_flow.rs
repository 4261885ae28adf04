//! Conditionals and loops beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond): choices among branches, loops over
//! rows, and arrays of tensors that loops read and write.

mod case;
mod fold;
mod map_fn;
mod rows;
mod scan;
mod smart_cond;
mod switch_case;
mod tensor_array;
mod while_loop;

pub use case::CaseBuilder;
pub use fold::{FirstRow, FoldOptions, Initial, Initializer};
pub use map_fn::MapOptions;
pub use rows::Elements;
pub use scan::ScanOptions;
pub use smart_cond::Predicate;
pub use switch_case::SwitchCaseBuilder;
pub use tensor_array::{TensorArray, TensorArrayOptions};
pub use while_loop::WhileOptions;

#[cfg(test)]
mod tests {
    use crate::{GraphBuilder, Tensor};

    /// Each kind in turn, around the next; all use a tensor of the main graph.
    fn nested<'g>(
        g: &'g GraphBuilder,
        depth: usize,
        x: Tensor<'g, f32>,
        outer: Tensor<'g, f32>,
        flag: Tensor<'g, bool>,
    ) -> Tensor<'g, f32> {
        let inner = |x: Tensor<'g, f32>| nested(g, depth - 1, x, outer, flag);
        match depth % 3 {
            _ if depth == 0 => x + outer,
            0 => g.cond(flag, || inner(x), || outer),
            1 => g.while_loop(x, |_| flag, |y| inner(y * x), ()),
            _ => {
                let function = g.function(&format!("at_{depth}"), ["y"], |y: Tensor<f32>| {
                    let y = inner(y - x);
                    y.set_shape(());
                    y
                });
                let y = function.call(x);
                y.set_shape(());
                y
            }
        }
    }

    #[test]
    fn conditionals_loops_and_functions_nest_to_any_depth() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>(());
        let flag = g.placeholder::<bool>(());
        let y = nested(&g, 51, x, x, flag);
        assert_eq!(y.name(), "cond/Merge:0");
        let graph = g.finish().unwrap();
        assert_eq!(graph.library().to_proto().unwrap().function.len(), 17);
        // There is a context for each branch.
        assert_eq!(graph.collections().get("cond_context").len(), 2);
    }
}
