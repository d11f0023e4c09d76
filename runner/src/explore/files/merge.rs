//! The columns of files that know their types, as those of one table.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use transforms::functions::type_name;
use transforms::staging::Listed;

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

    /// With the columns of another file.
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
            let Some(both) = common(known, field) else {
                let name = field.name().to_lowercase();
                let [one, other] =
                    [&*known, field].map(|field| type_name(field.data_type()).to_uppercase());
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
fn common(one: &Field, other: &Field) -> Option<DataType> {
    use DataType::{Float32, Float64, Int8, Int16, Int32, Int64};
    let (one, other) = (one.data_type(), other.data_type());
    let wider = [Int8, Int16, Int32, Int64];
    let rank = |wanted: &DataType| wider.iter().position(|known| known == wanted);
    match (one, other) {
        _ if one == other => Some(one.clone()),
        (DataType::Null, known) | (known, DataType::Null) => Some(known.clone()),
        (Float32 | Int8 | Int16 | Int32, Float64) | (Float64, Float32 | Int8 | Int16 | Int32) => {
            Some(Float64)
        }
        // Structures and lists of what goes together.
        (DataType::Struct(_) | DataType::List(_), DataType::Struct(_) | DataType::List(_)) => {
            let field = |of: &DataType| Schema::new(vec![Field::new("", of.clone(), true)]);
            let merged = Schema::try_merge([field(one), field(other)]).ok()?;
            Some(merged.field(0).data_type().clone())
        }
        _ => wider.get(rank(one)?.max(rank(other)?)).cloned(),
    }
}

#[cfg(test)]
mod tests {
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
        ] {
            let field = |data_type: &DataType| Field::new("c", data_type.clone(), true);
            assert_eq!(common(&field(&one), &field(&other)), wanted, "{one} {other}");
            if wanted.is_none() {
                assert_eq!(common(&field(&other), &field(&one)), None, "{other} {one}");
            }
        }
    }
}
