//! Weights from NumPy's `.npz` archives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use half::f16;
use npyz::{NpyFile, Order, TypeChar};
use num_complex::Complex;

use crate::dtype::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::Shape;
use crate::value::TensorValue;

#[derive(Debug, thiserror::Error)]
enum NpzError {
    #[error("cannot be read as a .npz archive: {0}")]
    Archive(zip::result::ZipError),
    #[error("array \"{name}\": cannot be read: {source}")]
    Array {
        name: String,
        source: std::io::Error,
    },
    #[error("array \"{name}\": arrays of dtype {dtype} are not supported")]
    DType { name: String, dtype: String },
    #[error("array \"{name}\": its shape has too many elements")]
    Shape { name: String },
    #[error("array \"{name}\": expected {expected} elements, found {found}")]
    Count {
        name: String,
        expected: usize,
        found: usize,
    },
    #[error("array \"{name}\" is in the archive twice")]
    Duplicate { name: String },
}

impl NpzError {
    fn at(self, path: &Path) -> Error {
        let kind = match self {
            NpzError::DType { .. } => ErrorKind::Unsupported,
            _ => ErrorKind::Corrupt,
        };
        Error::new(kind, self).with_path(path)
    }
}

/// Reads all arrays of a `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` write them, by name.
///
/// Both byte orders and both memory orders are read, for boolean, integer, floating-point and complex arrays.
///
/// ```no_run
/// # use tfhub::{ModuleSpec, Session};
/// # fn example(session: &mut Session) -> tfhub::Result<()> {
/// session.assign_all(tfhub::read_npz("weights.npz")?)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be opened, [`ErrorKind::Corrupt`] if it is not an
/// archive of arrays, [`ErrorKind::Unsupported`] if an array has another dtype. The text names file and array.
pub fn read_npz(path: impl AsRef<Path>) -> Result<BTreeMap<String, TensorValue>> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::io("cannot open", path, source))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| NpzError::Archive(error).at(path))?;
    let mut arrays = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index(index)
            .map_err(|error| NpzError::Archive(error).at(path))?;
        let name = entry
            .name()
            .strip_suffix(".npy")
            .unwrap_or(entry.name())
            .to_owned();
        let value = read_array(&name, entry).map_err(|error| error.at(path))?;
        if arrays.insert(name.clone(), value).is_some() {
            return Err(NpzError::Duplicate { name }.at(path));
        }
    }
    Ok(arrays)
}

fn read_array(name: &str, reader: impl Read) -> Result<TensorValue, NpzError> {
    let unreadable = |source| NpzError::Array {
        name: name.to_owned(),
        source,
    };
    let file = NpyFile::new(reader).map_err(unreadable)?;
    let unsupported = |dtype: String| NpzError::DType {
        name: name.to_owned(),
        dtype,
    };
    let plain = match file.dtype() {
        npyz::DType::Plain(plain) => plain,
        other => return Err(unsupported(other.descr())),
    };
    match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 2) => elements::<f16, _>(name, file),
        (TypeChar::Float, 4) => elements::<f32, _>(name, file),
        (TypeChar::Float, 8) => elements::<f64, _>(name, file),
        (TypeChar::Int, 1) => elements::<i8, _>(name, file),
        (TypeChar::Int, 2) => elements::<i16, _>(name, file),
        (TypeChar::Int, 4) => elements::<i32, _>(name, file),
        (TypeChar::Int, 8) => elements::<i64, _>(name, file),
        (TypeChar::Uint, 1) => elements::<u8, _>(name, file),
        (TypeChar::Uint, 2) => elements::<u16, _>(name, file),
        (TypeChar::Uint, 4) => elements::<u32, _>(name, file),
        (TypeChar::Uint, 8) => elements::<u64, _>(name, file),
        (TypeChar::Bool, 1) => elements::<bool, _>(name, file),
        (TypeChar::Complex, 8) => elements::<Complex<f32>, _>(name, file),
        (TypeChar::Complex, 16) => elements::<Complex<f64>, _>(name, file),
        _ => Err(unsupported(plain.to_string())),
    }
}

fn elements<T: Element + npyz::Deserialize, R: Read>(
    name: &str,
    file: NpyFile<R>,
) -> Result<TensorValue, NpzError> {
    let too_large = || NpzError::Shape {
        name: name.to_owned(),
    };
    let shape: Option<Vec<usize>> = file
        .shape()
        .iter()
        .map(|&dim| usize::try_from(dim).ok())
        .collect();
    let shape = shape.ok_or_else(too_large)?;
    let expected = Shape::from(&shape).num_elements().ok_or_else(too_large)?;
    let order = file.order();
    let items = file.data::<T>().map_err(|error| NpzError::DType {
        name: name.to_owned(),
        dtype: error.to_string(),
    })?;
    // The vector grows with what the file holds, not with what its header claims.
    let mut elements = Vec::new();
    for item in items.take(expected) {
        elements.push(item.map_err(|source| NpzError::Array {
            name: name.to_owned(),
            source,
        })?);
    }
    if elements.len() != expected {
        return Err(NpzError::Count {
            name: name.to_owned(),
            expected,
            found: elements.len(),
        });
    }
    if order == Order::Fortran {
        let reversed: Vec<usize> = shape.iter().rev().copied().collect();
        let transposed = ndarray::ArrayD::from_shape_vec(reversed, elements);
        let transposed = transposed.map_err(|_| too_large())?.reversed_axes();
        return Ok(TensorValue::from(transposed.view()));
    }
    TensorValue::new(shape, elements).map_err(|_| too_large())
}
