//! Shapes of lookup tables.

use super::Outputs::{Fixed, Of};
use super::{
    HANDLE, Inference, Inferred, agree, fixed, known, one, ranks_are, refuse, scalar, tensor, two,
    unknown, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("HashTable", &[], Fixed(&[&[2]])).had_another_shape(),
    op("HashTableV2", scalar),
    op("InitializeTable", |i| initialize(i, HANDLE)),
    ranked("InitializeTableFromTextFile", &[HANDLE, 0], Fixed(&[])),
    ranked("InitializeTableFromTextFileV2", &[0, 0], Fixed(&[])),
    op("InitializeTableV2", |i| initialize(i, 0)),
    ranked(
        "LookupTableExport",
        &[HANDLE],
        Of(|_| two(vector(None), Shape::unknown())),
    ),
    ranked("LookupTableExportV2", &[0], Of(export)),
    op("LookupTableFind", |i| {
        i.at_most_rank(2, 1, "the default value")?;
        ranks_are(i, &[HANDLE])?;
        unknown(i)
    }),
    ranked("LookupTableFindV2", &[0], Of(find)),
    ranked("LookupTableImport", &[HANDLE], Fixed(&[])),
    op("LookupTableImportV2", |i| initialize(i, 0)),
    ranked("LookupTableInsert", &[HANDLE], Fixed(&[])),
    ranked("LookupTableInsertV2", &[0], Fixed(&[])),
    op("LookupTableRemoveV2", |i| {
        i.at_least_rank(1, 1, "the keys")?;
        fixed(i, &[0], &[])
    }),
    ranked("LookupTableSize", &[HANDLE], Fixed(&[&[]])),
    ranked("LookupTableSizeV2", &[0], Fixed(&[&[]])),
    ranked("MutableDenseHashTable", &[], Fixed(&[&[2]])),
    op("MutableDenseHashTableV2", |i| {
        i.at_most_rank(0, 1, "the empty key")?;
        scalar(i)
    })
    .handle(known::handle::dense_table),
    ranked("MutableHashTable", &[], Fixed(&[&[2]])).had_another_shape(),
    ranked("MutableHashTableOfTensors", &[], Fixed(&[&[2]])).had_another_shape(),
    op("MutableHashTableOfTensorsV2", scalar).handle(known::handle::table_of_tensors),
    op("MutableHashTableV2", scalar).handle(known::handle::table),
];

/// As many values as keys.
fn initialize(i: &Inference<'_>, table: i8) -> Inferred {
    agree(&tensor(i.ranked(1, 1)?), i.input(2))?;
    fixed(i, &[table], &[])
}

/// The values under keys of a table whose own shapes are known: the rest of each key is one value.
fn find(i: &Inference<'_>) -> Inferred {
    i.at_most_rank(2, 1, "the default value")?;
    let [(key, _), (value, _)] = i.handle(0) else {
        return unknown(i);
    };
    check_dtypes(i, ["Tin", "Tout"])?;
    let (Some(rank), Some(keys)) = (key.rank(), i.input(1).dims()) else {
        return unknown(i);
    };
    i.at_least_rank(1, rank, "the keys")?;
    let (rows, rest) = keys.split_at(keys.len() - rank);
    agree(key, &tensor(rest))?;
    one(tensor(rows).joined(value))
}

/// The table has keys and values of the dtypes that these attributes name.
fn check_dtypes(i: &Inference<'_>, attrs: [&str; 2]) -> Inferred<()> {
    for (attr, (_, found)) in attrs.into_iter().zip(i.handle(0)) {
        match i.node.type_attr(attr) {
            Some(expected) if expected != *found => {
                return refuse(format_args!(
                    "attribute \"{attr}\" is {expected}, the table has {found}"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn export(i: &Inference<'_>) -> Inferred {
    let rows = vector(None);
    let values = match i.handle(0) {
        [_, (value, _)] => {
            check_dtypes(i, ["Tkeys", "Tvalues"])?;
            rows.joined(value)
        }
        _ => Shape::unknown(),
    };
    two(rows, values)
}
