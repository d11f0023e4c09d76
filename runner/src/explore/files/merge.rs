//! The columns of files that know their types, as those of one table.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef, Fields, Schema};
use transforms::staging::Listed;

use super::holds::{self, Types};
use super::place::Place;
use crate::error::{Error, Result};

/// What columns are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Their names, since their types are declared.
    Names,
    /// Types of which one holds all values.
    Types,
}

/// The columns of some files, by name.
pub(super) struct Merged<'a> {
    place: &'a Place,
    wanted: Wanted,
    /// Each with the file that has it in this type.
    columns: Vec<(FieldRef, &'a str)>,
}

impl<'a> Merged<'a> {
    /// Those of no file.
    pub(super) fn new(place: &'a Place, wanted: Wanted) -> Self {
        Self { place, wanted, columns: Vec::new() }
    }

    /// With the columns of another file, in usual types.
    ///
    /// # Errors
    /// A column whose types in two files have none in common.
    pub(super) fn add(&mut self, file: &'a Listed, schema: &Schema) -> Result<()> {
        for field in schema.fields() {
            let known = self.columns.iter_mut().find(|(known, _)| known.name() == field.name());
            let Some((known, of)) = known else {
                self.columns.push((FieldRef::clone(field), &file.key));
                continue;
            };
            if self.wanted == Wanted::Names {
                continue;
            }
            let Some(both) = common(known.data_type(), field.data_type()) else {
                let name = field.name().to_lowercase();
                let (one, other) = holds::both(known, field);
                return Err(Error::usage(format!(
                    "the files in {} do not go together: column `{name}` is {one} in {of} and {other} in {}",
                    self.place.folder.location(),
                    file.key
                ))
                .hint("name those that do with a pattern, and put them together with UNION ALL"));
            };
            if both != *known.data_type() {
                *known = known.as_ref().clone().with_data_type(both).into();
                *of = &file.key;
            }
        }
        Ok(())
    }

    /// All of them.
    pub(super) fn schema(self) -> Schema {
        Schema::new(self.columns.into_iter().map(|(field, _)| field).collect::<Vec<_>>())
    }
}

/// A type that holds all values of both.
fn common(one: &DataType, other: &DataType) -> Option<DataType> {
    use DataType::{List, Null, Struct};
    match (one, other) {
        (Null, known) | (known, Null) => Some(known.clone()),
        (Struct(one), Struct(other)) => fields(one, other).map(Struct),
        (List(one), List(other)) => {
            let item = common(one.data_type(), other.data_type())?;
            Some(List(Arc::new(one.as_ref().clone().with_data_type(item))))
        }
        _ if Types::Found.holds(one, other) => Some(one.clone()),
        _ => Types::Found.holds(other, one).then(|| other.clone()),
    }
}

/// The fields of both, by name. Two whose names differ in case alone are no pair.
fn fields(one: &Fields, other: &Fields) -> Option<Fields> {
    let of = |fields: &Fields, name: &str| fields.find(name).map(|(_, field)| Arc::clone(field));
    let both = |field: &FieldRef| match of(other, field.name()) {
        Some(its) => {
            let both = common(field.data_type(), its.data_type())?;
            Some(Arc::new(field.as_ref().clone().with_data_type(both)))
        }
        None => (!holds::is_alike(other, field.name())).then(|| Arc::clone(field)),
    };
    let mut all = one.iter().map(both).collect::<Option<Vec<_>>>()?;
    let is_new = |field: &&FieldRef| of(one, field.name()).is_none();
    all.extend(other.iter().filter(is_new).map(Arc::clone));
    Some(all.into())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Field;

    use super::*;

    #[test]
    fn types_have_one_in_common_that_holds_all_values_of_both() {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let of = |name: &str| DataType::Struct(vec![int(name)].into());
        let both = DataType::Struct(vec![int("a"), int("b")].into());
        for (one, other, wanted) in [
            (DataType::Int32, DataType::Int64, Some(DataType::Int64)),
            (DataType::Int8, DataType::Int16, Some(DataType::Int16)),
            (DataType::Int32, DataType::Float64, Some(DataType::Float64)),
            (DataType::Null, DataType::Date32, Some(DataType::Date32)),
            (of("a"), of("b"), Some(both)),
            // DOUBLE does not hold every BIGINT.
            (DataType::Int64, DataType::Float64, None),
            (DataType::Int64, DataType::Utf8, None),
            (DataType::Binary, DataType::Utf8, None),
            // They would be one column of SQL.
            (of("a"), of("A"), None),
        ] {
            assert_eq!(common(&one, &other), wanted, "{one} {other}");
            if wanted.is_none() {
                assert_eq!(common(&other, &one), None, "{other} {one}");
            }
        }
    }
}
