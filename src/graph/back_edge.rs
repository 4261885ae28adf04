//! Closing loops: the one way in which a node gets an input that is made after it.

use super::{Node, NodeId, TensorRef};

/// Why a tensor cannot come back to the node that begins a loop.
#[derive(Debug)]
pub(super) enum BackEdgeFault {
    /// The node of this name has fewer outputs.
    OutputIndex {
        input: String,
        index: u32,
        outputs: usize,
    },
    /// The node of this name has an output of another dtype.
    InputType {
        input: String,
        expected: String,
        found: String,
    },
}

/// Sets the input with which a `Merge` begins the next turn of a loop, as `Operation._update_input` does.
///
/// Until then the input is [`TensorRef::OPEN`], of which nothing is known. What has been inferred from the other
/// inputs stays as it is.
pub(super) fn set_back_edge(
    nodes: &mut [Node],
    merge: NodeId,
    input: usize,
    tensor: TensorRef,
) -> Result<(), BackEdgeFault> {
    let expected = nodes[merge.index()].type_attr("T");
    let source = &nodes[tensor.node.index()];
    let name = || source.name.to_string();
    let Some(output) = source.outputs.get(tensor.index as usize) else {
        return Err(BackEdgeFault::OutputIndex {
            input: name(),
            index: tensor.index,
            outputs: source.outputs.len(),
        });
    };
    if let Some(expected) = expected.filter(|&expected| expected != output.dtype) {
        return Err(BackEdgeFault::InputType {
            input: name(),
            expected: expected.to_string(),
            found: output.dtype.to_string(),
        });
    }
    nodes[merge.index()].inputs[input] = tensor;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::GraphBuilder;

    #[test]
    fn a_loop_is_closed_by_an_output_of_its_dtype() {
        let g = GraphBuilder::new();
        let start = g
            .op("Enter")
            .input(g.constant(0i32))
            .attr("frame_name", "loop");
        let start = start.finish().output(0);
        let merge = g.op("Merge").inputs([start, start]).finish();
        let next = g.op("NextIteration").input(merge.output(0)).finish();
        let float = g.op("NextIteration").input(g.constant(0f32)).finish();
        let of = |node: NodeId, index| TensorRef { node, index };
        let inputs = || g.node(merge.id).inputs.to_vec();

        let set = |tensor| set_back_edge(&mut g.state.borrow_mut().nodes, merge.id, 1, tensor);

        let fault = set(of(float.id, 0)).unwrap_err();
        let BackEdgeFault::InputType {
            input,
            expected,
            found,
        } = fault
        else {
            panic!("{fault:?}");
        };
        assert_eq!(
            (&*input, &*expected, &*found),
            ("NextIteration_1", "int32", "float32")
        );
        let fault = set(of(next.id, 1)).unwrap_err();
        assert!(
            matches!(fault, BackEdgeFault::OutputIndex { outputs: 1, .. }),
            "{fault:?}"
        );
        assert_eq!(inputs(), [start.tensor_ref(); 2]);

        set(of(next.id, 0)).unwrap();
        assert_eq!(inputs(), [start.tensor_ref(), of(next.id, 0)]);
        let def = g.finish().unwrap().to_graph_def();
        let node = def
            .message
            .node
            .iter()
            .find(|node| node.op == "Merge")
            .unwrap();
        assert_eq!(node.input, ["Enter", "NextIteration"]);
    }
}
