//! Where the elements of one tensor lie in another.

use crate::value::{TensorValue, strides, walk};

/// Stands for no element.
pub(super) const NONE: usize = usize::MAX;

/// The elements whose indices along each dimension are those that a function of the dimension and the index there
/// gives; `outside` where it gives [`NONE`]. The elements are those of a tensor of the shape `from`, and others after
/// them.
pub(super) fn pick_along(
    value: &TensorValue,
    from: &[usize],
    shape: &[usize],
    outside: usize,
    along: &dyn Fn(usize, usize) -> usize,
) -> TensorValue {
    let mut sources = Vec::with_capacity(shape.len());
    if !shape.contains(&0) {
        for (axis, &dim) in shape.iter().enumerate() {
            let indices: Vec<usize> = (0..dim).map(|index| along(axis, index)).collect();
            sources.push(indices);
        }
    }
    let mut index = vec![0usize; shape.len()];
    value.picked(shape, 1, &mut |_| {
        let mut position = 0;
        for ((indices, &index), &dim) in sources.iter().zip(&index).zip(from) {
            match indices[index] {
                NONE => {
                    position = outside;
                    break;
                }
                found => position = position * dim + found,
            }
        }
        advance(&mut index, shape);
        position
    })
}

/// The index of the next element of a shape.
pub(super) fn advance(index: &mut [usize], shape: &[usize]) {
    for (index, &dim) in index.iter_mut().zip(shape).rev() {
        *index += 1;
        if *index < dim {
            break;
        }
        *index = 0;
    }
}

/// How far apart elements are along each dimension.
pub(super) fn steps(shape: &[usize]) -> Vec<isize> {
    strides(shape).into_iter().map(|n| n as isize).collect()
}

/// How far apart the elements of a tensor of the shape `from` are along the dimensions of `shape`, to which it
/// stretches; `None` if it does not.
fn stretched_steps(from: &[usize], shape: &[usize]) -> Option<Vec<isize>> {
    let missing = shape.len().checked_sub(from.len())?;
    let mut all = vec![0; missing];
    for ((&from, &to), step) in from.iter().zip(&shape[missing..]).zip(steps(from)) {
        match from {
            1 => all.push(0),
            _ if from == to => all.push(step),
            _ => return None,
        }
    }
    Some(all)
}

/// For each element of `shape`, the position of the one that stretches to it in a tensor of the shape `from`.
pub(super) fn broadcast(from: &[usize], shape: &[usize]) -> Option<Vec<usize>> {
    let steps = stretched_steps(from, shape)?;
    let mut all = Vec::with_capacity(shape.iter().product());
    walk(shape, &steps, 0, &mut |at| all.push(at));
    Some(all)
}

/// A value stretched to a shape; `None` if it does not stretch to that.
pub(super) fn stretched(value: &TensorValue, shape: &[usize]) -> Option<TensorValue> {
    let steps = stretched_steps(value.shape(), shape)?;
    Some(value.strided(shape, &steps, 0))
}
