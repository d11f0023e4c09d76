//! Declared columns that say something about the row that they are in.

use datafusion::arrow::datatypes::{DataType, Schema};

use crate::dms::csv::same_name;
use crate::dms::settings::Settings;

/// The columns with the key's values before a change, in key order, and the one that orders changes.
///
/// Both are columns as others are: a rule of the task adds them behind the table's own (DMS guide, "Creating a table mapping:
/// add-before-image-columns", "Using transformation rule expressions: headers").
pub(super) fn find(
    schema: &Schema,
    key: &[usize],
    settings: &Settings,
) -> Result<(Vec<usize>, Option<usize>), String> {
    Ok((before_key(schema, key, settings)?, change_sequence(schema, key, settings)?))
}

fn before_key(schema: &Schema, key: &[usize], settings: &Settings) -> Result<Vec<usize>, String> {
    let Some(image) = &settings.before_image else { return Ok(Vec::new()) };
    let option = if image.prefix.is_empty() { "BeforeImageSuffix" } else { "BeforeImagePrefix" };
    if key.is_empty() {
        return Err(format!(
            "option `{option}` tells keys before a change, and there is no PRIMARY KEY"
        ));
    }
    let of = |column: &usize| {
        let field = schema.field(*column);
        let wanted = image.name_of(field.name());
        let index = find_column(schema, &wanted).ok_or_else(|| {
            format!("option `{option}`: no column `{wanted}` is declared, which holds `{}` before a change", field.name())
        })?;
        let before = schema.field(index);
        if before.data_type() != field.data_type() {
            return Err(format!(
                "column `{}` is to hold what `{}` was, and is of another type",
                before.name(),
                field.name()
            ));
        }
        Ok(index)
    };
    key.iter().map(of).collect()
}

fn change_sequence(
    schema: &Schema,
    key: &[usize],
    settings: &Settings,
) -> Result<Option<usize>, String> {
    let Some(name) = &settings.change_sequence_column else { return Ok(None) };
    let option = "option `ChangeSequenceColumn`";
    if key.is_empty() {
        return Err(format!("{option} orders the changes of a key, and there is no PRIMARY KEY"));
    }
    let index = find_column(schema, name)
        .ok_or_else(|| format!("{option}: no column `{name}` is declared"))?;
    if key.contains(&index) {
        return Err(format!("{option}: `{name}` is a column of the key"));
    }
    if *schema.field(index).data_type() != DataType::Utf8 {
        return Err(format!("{option}: column `{name}` has 35 digits, declare it as VARCHAR(35)"));
    }
    Ok(Some(index))
}

fn find_column(schema: &Schema, name: &str) -> Option<usize> {
    schema.fields().iter().position(|field| same_name(field.name(), name))
}
