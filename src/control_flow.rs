//! Conditionals and loops beyond [`GraphBuilder::cond`](crate::GraphBuilder::cond): choices among branches, loops over
//! rows, and arrays of tensors that loops read and write.

mod case;
mod fold;
mod map_fn;
mod map_ragged;
mod rows;
mod scan;
mod smart_cond;
mod switch_case;
mod tensor_array;
mod while_loop;

pub use case::CaseBuilder;
pub use fold::{FirstRow, FoldOptions, Initial, Initializer};
pub use map_fn::MapOptions;
pub use map_ragged::{Declared, RaggedElements, RaggedResults, RaggedRow};
pub use rows::Elements;
pub use scan::ScanOptions;
pub use smart_cond::Predicate;
pub use switch_case::SwitchCaseBuilder;
pub use tensor_array::{TensorArray, TensorArrayOptions};
pub use while_loop::WhileOptions;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use crate::ops::sparse::SparseTensor;
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

    /// Where Python makes a sparse tensor anew of other tensors, it takes a name.
    #[test]
    fn sparse_tensors_of_branches_and_loops_take_the_names_of_python() {
        let found = [false, true].map(|is_v2| {
            let g = GraphBuilder::new();
            if is_v2 {
                g.enable_control_flow_v2();
            }
            let flag = g.placeholder::<bool>(());
            let names = RefCell::new(Vec::new());
            let sparse = || {
                let x = SparseTensor::new(&g, [[0i64, 1]], [1f32], [2i64, 2]);
                let name = x.indices.operation().name();
                let number = name
                    .trim_end_matches("/indices")
                    .replace("SparseTensor", "");
                names.borrow_mut().push(number);
                x
            };
            let x = sparse();
            g.cond(flag, sparse, sparse);
            sparse();
            g.switch_case(g.constant(0), sparse).branch(sparse).finish();
            sparse();
            g.while_loop((0, x), |_| flag, |variables| variables, ());
            sparse();
            for scope in ["cond/", "switch_case/", "while/"] {
                g.name_scope(scope, sparse);
            }
            g.concrete_function("f", [], |()| sparse()).call(());
            sparse();
            g.finish().unwrap();
            names.into_inner().join(" ")
        });
        let of_first = " cond/ cond/_2 _1   _2 _3 cond/_5 switch_case/ while/_4  _5";
        let of_second = "   _1   _2 _6 cond/_1 switch_case/ while/  _8";
        assert_eq!(found, [of_first, of_second]);
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
