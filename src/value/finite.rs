//! Elements that are not finite numbers, counted while the bytes of a value pass by.

use crate::dtype::DType;

/// Counts elements that are NaN or infinite in the bytes of a value, which come piece after piece.
#[derive(Debug)]
pub(crate) struct NotFinite {
    format: Option<Format>,
    /// The beginning of an element whose end was not there yet.
    rest: Vec<u8>,
    pub(crate) nans: u64,
    pub(crate) infinities: u64,
}

/// The layout of the elements of a dtype.
#[derive(Debug, Clone, Copy)]
struct Format {
    /// The bytes of an element.
    size: usize,
    /// The bits of the mantissa of each of its numbers.
    mantissa: u32,
    /// Whether bytes hold a number that is not finite.
    any: fn(&[u8], u32) -> bool,
    /// The numbers of elements of a size that are NaN and that are infinite.
    count: fn(&[u8], u32, usize) -> (u64, u64),
}

/// The format of numbers that each have the bits of an integer.
macro_rules! format {
    ($bits:ty, $size:expr, mantissa: $mantissa:literal) => {{
        const SIZE: usize = size_of::<$bits>();
        /// All bits but the sign.
        const MAGNITUDE: $bits = <$bits>::MAX >> 1;

        fn numbers(bytes: &[u8]) -> impl Iterator<Item = $bits> {
            let numbers = bytes.chunks_exact(SIZE);
            numbers.map(|number| {
                let mut bytes = [0; SIZE];
                bytes.copy_from_slice(number);
                <$bits>::from_ne_bytes(bytes)
            })
        }
        /// Without branches in the loops, so that several numbers are taken at a time.
        fn any(bytes: &[u8], mantissa: u32) -> bool {
            let lowest_of_exponent: $bits = 1 << mantissa;
            let infinity = MAGNITUDE - (lowest_of_exponent - 1);
            // Where all numbers are below two, as weights mostly are, some bit of the exponent is in none.
            let together = numbers(bytes).fold(0, |all, number| all | number);
            if together & infinity != infinity {
                return false;
            }
            // Only from an exponent of ones does the sum reach the bit of the sign.
            let sum = |number: $bits| (number & MAGNITUDE).wrapping_add(lowest_of_exponent);
            numbers(bytes).fold(0, |all, number| all | sum(number)) > MAGNITUDE
        }
        fn count(bytes: &[u8], mantissa: u32, size: usize) -> (u64, u64) {
            let infinity = MAGNITUDE - ((1 << mantissa) - 1);
            let (mut nans, mut infinities) = (0, 0);
            for element in bytes.chunks_exact(size) {
                let largest = numbers(element).fold(0, |most, number| most.max(number & MAGNITUDE));
                nans += u64::from(largest > infinity);
                infinities += u64::from(largest == infinity);
            }
            (nans, infinities)
        }
        Format {
            size: $size,
            mantissa: $mantissa,
            any,
            count,
        }
    }};
}

impl Format {
    /// `None` for dtypes that have only finite numbers, or none.
    fn of(dtype: DType) -> Option<Self> {
        let size = dtype.size()?;
        let format = match dtype {
            DType::Float16 | DType::BFloat16 => format!(u16, size, mantissa: 10),
            DType::Float32 | DType::Complex64 => format!(u32, size, mantissa: 23),
            DType::Float64 | DType::Complex128 => format!(u64, size, mantissa: 52),
            _ => return None,
        };
        Some(match dtype {
            DType::BFloat16 => Format {
                mantissa: 7,
                ..format
            },
            _ => format,
        })
    }
}

impl NotFinite {
    pub(crate) fn new(dtype: DType) -> Self {
        NotFinite {
            format: Format::of(dtype),
            rest: Vec::new(),
            nans: 0,
            infinities: 0,
        }
    }

    /// Counts those in the next bytes, as they lie in memory.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) {
        let Some(format) = self.format else { return };
        if !self.rest.is_empty() {
            let missing = (format.size - self.rest.len()).min(bytes.len());
            let (end, others) = bytes.split_at(missing);
            self.rest.extend(end);
            bytes = others;
            if self.rest.len() < format.size {
                return;
            }
            let element = std::mem::take(&mut self.rest);
            self.add(format, &element);
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % format.size);
        self.add(format, whole);
        self.rest.extend(rest);
    }

    fn add(&mut self, format: Format, elements: &[u8]) {
        if (format.any)(elements, format.mantissa) {
            let (nans, infinities) = (format.count)(elements, format.mantissa, format.size);
            self.nans += nans;
            self.infinities += infinities;
        }
    }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};
    use num_complex::Complex;

    use super::*;

    /// The counts, whatever the pieces are.
    #[track_caller]
    fn assert_counted(dtype: DType, bytes: &[u8], expected: (u64, u64)) {
        for piece in [bytes.len(), 1, 3, 5, 16, 17] {
            let mut counted = NotFinite::new(dtype);
            bytes
                .chunks(piece.max(1))
                .for_each(|bytes| counted.see(bytes));
            let counted = (counted.nans, counted.infinities);
            assert_eq!(counted, expected, "{dtype} in pieces of {piece}");
        }
    }

    #[test]
    fn each_dtype_counts_its_own() {
        // As numpy.isnan and numpy.isinf tell; the others are the greatest, the least, and the smallest numbers.
        macro_rules! check {
            ($dtype:expr, $float:ty, $bits:ty) => {
                let zeros = [<$float>::from_bits(0), -<$float>::from_bits(0)];
                let edges = [<$float>::MAX, <$float>::MIN, <$float>::MIN_POSITIVE];
                let smallest = [
                    <$float>::from_bits(1),
                    <$float>::from_bits(<$bits>::MAX / 2 + 2),
                ];
                let infinite = [<$float>::INFINITY, <$float>::NEG_INFINITY];
                let signaling = <$float>::INFINITY.to_bits() + 1;
                let nans = [
                    <$float>::NAN,
                    -<$float>::NAN,
                    <$float>::from_bits(signaling),
                ];
                let nans = nans.into_iter().chain([<$float>::from_bits(<$bits>::MAX)]);
                let bytes = |values: &[$float]| -> Vec<u8> {
                    values
                        .iter()
                        .flat_map(|value| value.to_ne_bytes())
                        .collect()
                };
                let finite = [&zeros[..], &edges, &smallest].concat();
                assert_counted($dtype, &bytes(&finite), (0, 0));
                assert_counted($dtype, &bytes(&[]), (0, 0));
                let all: Vec<_> = finite.iter().copied().chain(infinite).chain(nans).collect();
                assert_counted($dtype, &bytes(&all), (4, 2));
                assert_counted($dtype, &bytes(&all.repeat(100)), (400, 200));
            };
        }
        check!(DType::Float32, f32, u32);
        check!(DType::Float64, f64, u64);
        check!(DType::Float16, f16, u16);
        check!(DType::BFloat16, bf16, u16);
    }

    #[test]
    fn a_complex_number_counts_once() {
        let [nan, infinity] = [f32::NAN, f32::INFINITY];
        let values = [
            (0.0, 1.0),
            (nan, 0.0),
            (infinity, nan),
            (-infinity, infinity),
            (0.0, infinity),
        ];
        let values = values.map(|(re, im)| Complex::new(re, im));
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| [value.re.to_ne_bytes(), value.im.to_ne_bytes()].concat())
            .collect();
        assert_counted(DType::Complex64, &bytes, (2, 2));
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| [value.re, value.im].map(|part| f64::from(part).to_ne_bytes()))
            .flatten()
            .collect();
        assert_counted(DType::Complex128, &bytes, (2, 2));
    }

    #[test]
    fn other_dtypes_have_none() {
        for dtype in [DType::Int32, DType::UInt8, DType::Bool, DType::String] {
            assert_counted(dtype, &[0xff; 32], (0, 0));
        }
    }
}
