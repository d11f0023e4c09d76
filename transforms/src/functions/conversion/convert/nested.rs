//! Casts of arrays, maps and structs: of their elements.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;

use super::{How, convert, none};

/// Casts elements; members of structs by their position.
pub(super) fn nested(array: &ArrayRef, to: &DataType, how: How) -> Result<ArrayRef> {
    Ok(match (array.data_type(), to) {
        (DataType::List(_), DataType::List(element)) => {
            let lists = array.as_list::<i32>();
            let values = convert(lists.values(), element.data_type(), how)?;
            let offsets = lists.offsets().clone();
            Arc::new(ListArray::try_new(
                Arc::clone(element),
                offsets,
                values,
                lists.nulls().cloned(),
            )?)
        }
        (DataType::Map(..), DataType::Map(entries, sorted)) => {
            let maps = array.as_map();
            let pairs: ArrayRef = Arc::new(maps.entries().clone());
            let pairs = nested(&pairs, entries.data_type(), how)?.as_struct().clone();
            let offsets = maps.offsets().clone();
            let nulls = maps.nulls().cloned();
            Arc::new(MapArray::try_new(Arc::clone(entries), offsets, pairs, nulls, *sorted)?)
        }
        (DataType::Struct(from), DataType::Struct(members)) if from.len() == members.len() => {
            let structs = array.as_struct();
            let columns = structs
                .columns()
                .iter()
                .zip(members)
                .map(|(column, member)| convert(column, member.data_type(), how))
                .collect::<Result<Vec<_>>>()?;
            let nulls = structs.nulls().cloned();
            Arc::new(StructArray::try_new_with_length(
                members.clone(),
                columns,
                nulls,
                structs.len(),
            )?)
        }
        (from, to) => return none(from, to),
    })
}
