//! Rules for the number of parts of a variable.

use std::fmt;
use std::sync::Arc;

use crate::dtype::DType;
use crate::shape::Shape;

type Function = dyn Fn(&[usize], DType) -> Vec<usize> + Send + Sync;

/// A rule for the number of parts that a variable is made of along each dimension (the argument `partitioner` of
/// `tf.get_variable`).
///
/// A variable is cut along one dimension at most. The first parts are longer by one where the parts cannot have one size.
///
/// ```
/// use tfhub::variable::Partitioner;
/// # let g = tfhub::GraphBuilder::new();
/// let table = g.get_variable::<f32>("table").shape([10, 4]).partitioner(Partitioner::fixed_size(3)).finish();
/// let parts: Vec<_> = table.parts().iter().map(|part| part.shape().to_string()).collect();
/// assert_eq!(parts, ["[4, 4]", "[3, 4]", "[3, 4]"]);
/// assert_eq!(table.parts()[1].name(), "table/part_1");
/// ```
#[derive(Clone)]
pub struct Partitioner {
    rule: Rule,
    axis: i32,
    bytes_per_string_element: usize,
    max_shards: Option<usize>,
    min_slice_size: usize,
}

#[derive(Clone)]
enum Rule {
    FixedSize(usize),
    AxisSize(usize),
    MinMax(usize),
    Function(Arc<Function>),
}

impl Partitioner {
    fn new(rule: Rule) -> Self {
        Partitioner {
            rule,
            axis: 0,
            bytes_per_string_element: 16,
            max_shards: None,
            min_slice_size: 256 << 10,
        }
    }

    /// A number of parts, but at most one for each row (`tf.fixed_size_partitioner`).
    pub fn fixed_size(num_shards: usize) -> Self {
        Self::new(Rule::FixedSize(num_shards))
    }

    /// Parts of at most so many bytes, as far as rows are no larger (`tf.variable_axis_size_partitioner`).
    ///
    /// ```
    /// use tfhub::variable::Partitioner;
    /// # let g = tfhub::GraphBuilder::new();
    /// let partitioner = Partitioner::variable_axis_size(64 << 20).max_shards(8);
    /// let table = g.get_variable::<f32>("table").shape([10_000_000, 4]).partitioner(partitioner).finish();
    /// assert_eq!(table.parts().len(), 3);
    /// ```
    pub fn variable_axis_size(max_shard_bytes: usize) -> Self {
        Self::new(Rule::AxisSize(max_shard_bytes))
    }

    /// At most so many parts, as long as each has [`min_slice_size`](Self::min_slice_size) bytes
    /// (`tf.min_max_variable_partitioner`).
    pub fn min_max_variable(max_partitions: usize) -> Self {
        Self::new(Rule::MinMax(max_partitions))
    }

    /// A function of the variable's shape and element type that gives the number of parts along each dimension.
    ///
    /// ```
    /// use tfhub::variable::Partitioner;
    /// # let g = tfhub::GraphBuilder::new();
    /// let halves_if_long = Partitioner::from_fn(|shape, _| {
    ///     let mut parts = vec![1; shape.len()];
    ///     parts[0] = if shape[0] > 100 { 2 } else { 1 };
    ///     parts
    /// });
    /// let v = g.get_variable::<f32>("v").shape([200]).partitioner(halves_if_long).finish();
    /// assert_eq!(v.parts().len(), 2);
    /// ```
    pub fn from_fn(
        partitions: impl Fn(&[usize], DType) -> Vec<usize> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Rule::Function(Arc::new(partitions)))
    }

    /// The dimension that is cut, counted from the last one if it is negative; 0 by default. A function has its own.
    ///
    /// TensorFlow Hub loads variables that are cut along dimension 0 alone.
    pub fn axis(self, axis: i32) -> Self {
        Partitioner { axis, ..self }
    }

    /// The number of bytes that an element of a string variable counts for; 16 by default.
    pub fn bytes_per_string_element(self, bytes_per_string_element: usize) -> Self {
        Partitioner {
            bytes_per_string_element,
            ..self
        }
    }

    /// The largest number of parts by [`variable_axis_size`](Self::variable_axis_size), which counts more than their
    /// size; there is none by default.
    pub fn max_shards(self, max_shards: impl Into<Option<usize>>) -> Self {
        Partitioner {
            max_shards: max_shards.into(),
            ..self
        }
    }

    /// The smallest number of bytes of a part by [`min_max_variable`](Self::min_max_variable); 256 KiB by default.
    pub fn min_slice_size(self, min_slice_size: usize) -> Self {
        Partitioner {
            min_slice_size,
            ..self
        }
    }

    /// The number of parts along each dimension, at least one, and more along one dimension at most.
    ///
    /// # Errors
    /// The reason why there is none.
    pub(super) fn partitions(&self, shape: &[usize], dtype: DType) -> Result<Vec<usize>, String> {
        let known = || Shape::from(shape);
        if shape.is_empty() {
            return Err("a partitioned variable has rank 1 or more, its shape is []".to_owned());
        }
        let partitions = match &self.rule {
            Rule::Function(function) => function(shape, dtype),
            _ => self.along_axis(shape, dtype)?,
        };
        let count = partitions.len();
        if count != shape.len() {
            let rank = shape.len();
            return Err(format!(
                "the partitioner gives numbers of parts for {count} dimensions, {partitions:?}, the variable's rank is {rank}"
            ));
        }
        if partitions.contains(&0) {
            let found = format!("{partitions:?} for the shape {}", known());
            return Err(format!(
                "the partitioner gives 0 parts along a dimension: {found}"
            ));
        }
        if partitions.iter().filter(|&&parts| parts > 1).count() > 1 {
            return Err(format!(
                "a variable is cut along one dimension only, the partitioner gives {partitions:?} parts"
            ));
        }
        let (axis, parts) = cut(&partitions);
        if parts > shape[axis] {
            let found = format!("{parts} along dimension {axis} of the shape {}", known());
            return Err(format!(
                "the partitioner gives more parts than there are rows: {found}"
            ));
        }
        Ok(partitions)
    }

    fn along_axis(&self, shape: &[usize], dtype: DType) -> Result<Vec<usize>, String> {
        let rank = shape.len();
        let axis = match self.axis {
            axis @ ..0 => rank.checked_sub(axis.unsigned_abs() as usize),
            axis => Some(axis as usize).filter(|&axis| axis < rank),
        };
        let Some(axis) = axis else {
            return Err(format!(
                "the partitioner is for dimension {}, the variable's rank is {rank}",
                self.axis
            ));
        };
        let element = dtype.size().unwrap_or(self.bytes_per_string_element);
        let size = shape[axis];
        let bytes = shape.iter().map(|&size| size as f64).product::<f64>() * element as f64;
        let parts = match self.rule {
            Rule::FixedSize(num_shards) => num_shards.min(size),
            Rule::AxisSize(max_shard_bytes) => {
                for (number, what) in [
                    (max_shard_bytes, "size of a part"),
                    (self.bytes_per_string_element, "size of an element"),
                    (self.max_shards.unwrap_or(1), "number of parts"),
                    (size, "size of the dimension that is cut"),
                ] {
                    if number == 0 {
                        return Err(format!("the {what} is 0, the partitioner needs at least 1"));
                    }
                }
                let bytes_per_row = bytes / size as f64;
                if bytes_per_row == 0.0 {
                    let shape = Shape::from(shape);
                    return Err(format!(
                        "the partitioner needs rows with elements, the shape is {shape}"
                    ));
                }
                let rows = (max_shard_bytes as f64 / bytes_per_row).floor().max(1.0);
                let parts = (size as f64 / rows).ceil() as usize;
                parts.min(self.max_shards.unwrap_or(parts))
            }
            Rule::MinMax(max_partitions) => {
                if self.min_slice_size == 0 {
                    return Err(
                        "the smallest size of a part is 0, the partitioner needs at least 1"
                            .to_owned(),
                    );
                }
                let parts = (bytes / self.min_slice_size as f64).ceil() as usize;
                size.min(max_partitions).min(parts).max(1)
            }
            Rule::Function(_) => 1,
        };
        let mut partitions = vec![1; rank];
        partitions[axis] = parts;
        Ok(partitions)
    }
}

/// The dimension that is cut, and the number of parts.
pub(super) fn cut(partitions: &[usize]) -> (usize, usize) {
    let mut dims = partitions.iter().copied().enumerate();
    dims.find(|&(_, parts)| parts > 1).unwrap_or((0, 1))
}

/// The places of the parts in a shape: the first index in each dimension, and the size of each.
pub(super) fn places(
    shape: &[usize],
    partitions: &[usize],
) -> impl Iterator<Item = (Vec<usize>, Vec<usize>)> {
    let (axis, parts) = cut(partitions);
    let (each, longer) = (shape[axis] / parts, shape[axis] % parts);
    let mut next = 0;
    let shape = shape.to_vec();
    (0..parts).map(move |part| {
        let (mut offset, mut sizes) = (vec![0; shape.len()], shape.clone());
        offset[axis] = next;
        sizes[axis] = each + usize::from(part < longer);
        next += sizes[axis];
        (offset, sizes)
    })
}

impl fmt::Debug for Partitioner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::FixedSize(num_shards) => write!(f, "fixed_size({num_shards})"),
            Rule::AxisSize(bytes) => write!(f, "variable_axis_size({bytes})"),
            Rule::MinMax(max_partitions) => write!(f, "min_max_variable({max_partitions})"),
            Rule::Function(_) => f.write_str("from_fn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(partitioner: Partitioner, shape: &[usize], dtype: DType) -> Vec<usize> {
        partitioner.partitions(shape, dtype).unwrap()
    }

    /// The numbers of parts that TensorFlow 1.15.5 gives.
    #[test]
    fn numbers_of_parts_are_tensorflows() {
        let f32 = DType::Float32;
        let fixed = Partitioner::fixed_size;
        let min_max = |max| Partitioner::min_max_variable(max);
        let bytes = Partitioner::variable_axis_size;
        for (partitioner, shape, dtype, expected) in [
            (fixed(2), &[5, 2][..], f32, &[2, 1][..]),
            (fixed(7), &[5, 2], f32, &[5, 1]),
            (fixed(2).axis(1), &[5, 2], f32, &[1, 2]),
            (fixed(2).axis(-1), &[5, 2], f32, &[1, 2]),
            (min_max(16), &[1024, 1024], f32, &[16, 1]),
            (min_max(8), &[1024, 1024], f32, &[8, 1]),
            (min_max(5).min_slice_size(8), &[5, 2], f32, &[5, 1]),
            (min_max(5).min_slice_size(8).axis(1), &[5, 2], f32, &[1, 2]),
            (min_max(1).min_slice_size(1), &[5, 2], f32, &[1, 1]),
            (min_max(0).min_slice_size(1), &[5, 2], f32, &[1, 1]),
            (min_max(10).min_slice_size(4), &[3], f32, &[3]),
            (bytes(16), &[5, 2], f32, &[3, 1]),
            (bytes(15), &[5, 2], f32, &[5, 1]),
            (bytes(1), &[5, 2], f32, &[5, 1]),
            (bytes(8).max_shards(3), &[5, 2], f32, &[3, 1]),
            (bytes(64), &[4, 3], DType::String, &[4, 1]),
            (
                bytes(64).bytes_per_string_element(4),
                &[4, 3],
                DType::String,
                &[1, 1],
            ),
            (bytes(1000), &[4, 3], f32, &[1, 1]),
            (bytes(16).axis(1), &[4, 3], f32, &[1, 3]),
        ] {
            let text = format!("{partitioner:?} of {shape:?}");
            assert_eq!(counts(partitioner, shape, dtype), expected, "{text}");
        }
    }

    #[test]
    fn the_first_parts_are_longer() {
        let places: Vec<_> = places(&[2, 5], &[1, 3]).collect();
        let expected = [
            (vec![0, 0], vec![2, 2]),
            (vec![0, 2], vec![2, 2]),
            (vec![0, 4], vec![2, 1]),
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn bad_partitioners_say_why() {
        let function = |parts: &'static [usize]| Partitioner::from_fn(|_, _| parts.to_vec());
        for (partitioner, shape, expected) in [
            (
                Partitioner::fixed_size(2),
                &[][..],
                "a partitioned variable has rank 1 or more, its shape is []",
            ),
            (
                function(&[2]),
                &[5, 2],
                "the partitioner gives numbers of parts for 1 dimensions, [2], the variable's rank is 2",
            ),
            (
                function(&[0, 1]),
                &[5, 2],
                "the partitioner gives 0 parts along a dimension: [0, 1] for the shape [5, 2]",
            ),
            (
                Partitioner::fixed_size(0),
                &[5, 2],
                "the partitioner gives 0 parts along a dimension: [0, 1] for the shape [5, 2]",
            ),
            (
                function(&[2, 2]),
                &[5, 2],
                "a variable is cut along one dimension only, the partitioner gives [2, 2] parts",
            ),
            (
                function(&[7, 1]),
                &[5, 2],
                "the partitioner gives more parts than there are rows: 7 along dimension 0 of the shape [5, 2]",
            ),
            (
                function(&[1, 1]),
                &[0, 2],
                "the partitioner gives more parts than there are rows: 1 along dimension 0 of the shape [0, 2]",
            ),
            (
                Partitioner::fixed_size(2).axis(2),
                &[5, 2],
                "the partitioner is for dimension 2, the variable's rank is 2",
            ),
            (
                Partitioner::min_max_variable(2).axis(-3),
                &[5, 2],
                "the partitioner is for dimension -3, the variable's rank is 2",
            ),
            (
                Partitioner::variable_axis_size(0),
                &[5, 2],
                "the size of a part is 0, the partitioner needs at least 1",
            ),
            (
                Partitioner::variable_axis_size(1).bytes_per_string_element(0),
                &[5, 2],
                "the size of an element is 0, the partitioner needs at least 1",
            ),
            (
                Partitioner::variable_axis_size(1).max_shards(0),
                &[5, 2],
                "the number of parts is 0, the partitioner needs at least 1",
            ),
            (
                Partitioner::variable_axis_size(8),
                &[3, 0],
                "the partitioner needs rows with elements, the shape is [3, 0]",
            ),
            (
                Partitioner::min_max_variable(2).min_slice_size(0),
                &[5, 2],
                "the smallest size of a part is 0, the partitioner needs at least 1",
            ),
        ] {
            let found = partitioner.partitions(shape, DType::Float32);
            assert_eq!(found.unwrap_err(), expected, "{partitioner:?}");
        }
    }
}
