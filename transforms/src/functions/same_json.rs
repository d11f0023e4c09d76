//! JSON text in one form, so that equal documents are equal texts.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use serde_json::Value;

/// `unglue_same_json(text)`: the document with its members sorted and without blanks; text that is not JSON stays as it is.
///
/// MySQL stores JSON in a form of its own: members are sorted, the last of equal names wins, blanks are put in
/// (MySQL manual, "The JSON Data Type"). What it gives back is compared through this.
#[must_use]
pub fn same_json() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        let implementation = Arc::new(invoke);
        Arc::new(create_udf(
            "unglue_same_json",
            vec![DataType::Utf8],
            DataType::Utf8,
            Volatility::Immutable,
            implementation,
        ))
    });
    Arc::clone(&FUNCTION)
}

fn invoke(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let texts = arrays.iter().flat_map(|array| array.as_string::<i32>().iter());
    let same: StringArray = texts.map(|text| text.map(sorted)).collect();
    Ok(ColumnarValue::Array(Arc::new(same) as ArrayRef))
}

fn sorted(text: &str) -> String {
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value| print(&value))
}

/// The parser bounds the depth of a document, and so of this recursion.
fn print(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, String> =
                members.iter().map(|(name, value)| (name, print(value))).collect();
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_order_of_members_make_no_difference() {
        let stored = r#"{"a": [1, 2.5, null], "bb": {"x": "é\n", "y": true}}"#;
        let staged = r#"{"bb":{"y":true,"x":"é\n"},"a":[1,2.5,null]}"#;
        assert_eq!(sorted(stored), sorted(staged));
    }

    #[test]
    fn different_documents_stay_different() {
        for (one, other) in
            [("[1,2]", "[2,1]"), (r#""1""#, "1"), ("null", r#""null""#), ("{}", "[]")]
        {
            assert_ne!(sorted(one), sorted(other));
        }
    }

    #[test]
    fn text_that_is_not_json_stays_as_it_is() {
        assert_eq!(sorted("{ not json"), "{ not json");
    }
}
