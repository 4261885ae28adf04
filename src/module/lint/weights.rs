//! Findings of values, which are looked at while their bytes are written.

use super::Finding;
use super::code::LintCode;
use crate::source::VariableValue;
use crate::value::NotFinite;
use crate::variable::VariableInfo;

/// Looks at the bytes of a value as they pass by, piece after piece.
///
/// A value that is not all of one number is known to be none after its first elements, so that only the search for numbers
/// that are not finite goes on.
#[derive(Debug)]
pub(in crate::module) struct Weights<'i> {
    info: &'i VariableInfo,
    elements: u64,
    not_finite: NotFinite,
    /// The first element of a matrix, while all before equal it, and the bytes of an element that have come.
    repeated: Option<Vec<u8>>,
    bytes: u64,
}

impl<'i> Weights<'i> {
    /// For the value of these sizes of a variable.
    pub(in crate::module) fn new(info: &'i VariableInfo, sizes: &[usize]) -> Self {
        let is_matrix = info.trainable && sizes.len() > 1 && info.dtype.is_floating();
        let elements: usize = sizes.iter().product();
        Weights {
            info,
            elements: elements as u64,
            not_finite: NotFinite::new(info.dtype),
            repeated: (is_matrix && elements > 1).then(Vec::new),
            bytes: 0,
        }
    }

    /// Looks at the next bytes, as they lie in memory.
    pub(in crate::module) fn see(&mut self, bytes: &[u8]) {
        self.not_finite.see(bytes);
        if let Some(first) = &mut self.repeated {
            let size = self.info.dtype.size().unwrap_or(1);
            let missing = (size - first.len()).min(bytes.len());
            first.extend_from_slice(&bytes[..missing]);
            let rest = &bytes[missing..];
            // Where an element was cut, its bytes come first.
            let begun = ((self.bytes + missing as u64) % size as u64) as usize;
            let (cut, rest) = rest.split_at(rest.len().min((size - begun) % size));
            let (beginning, later) = rest.split_at(rest.len().min(size));
            let is_same = first.len() < size
                || first[begun..].starts_with(cut)
                    && first.starts_with(beginning)
                    && *later == rest[..later.len()];
            if !is_same {
                self.repeated = None;
            }
        }
        self.bytes += bytes.len() as u64;
    }

    /// The number of bytes that were seen.
    pub(in crate::module) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The findings, once all bytes were seen.
    pub(in crate::module) fn findings(self, value: &VariableValue<'_>) -> Vec<Finding> {
        let name = &self.info.name;
        let mut findings = Vec::new();
        if value.is_random() {
            let message =
                "the variable has its random initial value: none was assigned or restored";
            findings.push(Finding::of_item(LintCode::X01, name, message.to_owned()));
        }
        let elements = self.elements;
        let NotFinite {
            nans, infinities, ..
        } = self.not_finite;
        if nans + infinities > 0 {
            let message = not_finite(elements, nans, infinities);
            findings.push(Finding::of_item(LintCode::V15, name, message));
        } else if let Some(first) = self.repeated.filter(|first| !first.is_empty()) {
            let what = match first.iter().all(|byte| *byte == 0) {
                true => "zero",
                false => "one number",
            };
            let message = format!("all {elements} elements of the trainable matrix are {what}");
            findings.push(Finding::of_item(LintCode::V15, name, message));
        }
        findings
    }
}

/// How many elements are not finite.
fn not_finite(elements: u64, nans: u64, infinities: u64) -> String {
    let is = |count: u64| if count == 1 { "is" } else { "are" };
    match (nans, infinities) {
        (0, _) => format!(
            "{infinities} of {elements} elements {} infinite",
            is(infinities)
        ),
        (_, 0) => format!("{nans} of {elements} elements {} NaN", is(nans)),
        _ => format!(
            "{nans} of {elements} elements {} NaN and {infinities} {} infinite",
            is(nans),
            is(infinities)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;
    use crate::graph::NodeId;

    #[test]
    fn counts_are_said_as_people_do() {
        let cases = [
            (1, 0, "1 of 9 elements is NaN"),
            (2, 0, "2 of 9 elements are NaN"),
            (0, 1, "1 of 9 elements is infinite"),
            (0, 3, "3 of 9 elements are infinite"),
            (2, 1, "2 of 9 elements are NaN and 1 is infinite"),
        ];
        for (nans, infinities, text) in cases {
            assert_eq!(not_finite(9, nans, infinities), text);
        }
    }

    #[test]
    fn a_matrix_of_one_number_is_known_whatever_the_pieces_are() {
        let info = VariableInfo {
            name: "kernel".to_owned(),
            dtype: DType::Float32,
            shape: [3, 4].into(),
            handle: NodeId::POISON,
            initial_value: None,
            trainable: true,
            part: None,
        };
        let bytes = |values: [f32; 12]| values.map(f32::to_ne_bytes).concat();
        let mut last_differs = [0.1; 12];
        last_differs[11] = 0.2;
        let mut first_differs = [0.1; 12];
        first_differs[0] = 0.2;
        let cases = [
            (
                bytes([0.0; 12]),
                Some("all 12 elements of the trainable matrix are zero"),
            ),
            (
                bytes([0.1; 12]),
                Some("all 12 elements of the trainable matrix are one number"),
            ),
            (bytes(last_differs), None),
            (bytes(first_differs), None),
        ];
        for (bytes, expected) in cases {
            for piece in [1, 2, 3, 4, 5, 7, 48] {
                let mut weights = Weights::new(&info, &[3, 4]);
                bytes.chunks(piece).for_each(|piece| weights.see(piece));
                let value = crate::TensorValue::scalar(0f32).into();
                let findings = weights.findings(&value);
                let texts: Vec<_> = findings.iter().map(Finding::message).collect();
                assert_eq!(texts, Vec::from_iter(expected), "pieces of {piece}");
            }
        }
    }
}
