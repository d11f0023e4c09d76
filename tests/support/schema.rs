//! A validator of JSON Schema, as far as the schemas of `runner schema` go; a keyword that it does not know is a failure.

use serde_json::{Map, Value};

/// What says nothing of which values are right.
const TELLING: [&str; 6] = ["$schema", "$defs", "title", "description", "default", "format"];

/// Says what is wrong with a value, and where.
pub(crate) fn validate(schema: &Value, value: &Value) -> Result<(), String> {
    at(schema, schema, value, "$")
}

fn at(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let keywords = match schema {
        Value::Bool(true) => return Ok(()),
        Value::Object(keywords) => keywords,
        _ => return Err(format!("{path}: nothing may be here")),
    };
    for (keyword, wanted) in keywords {
        let is_right = match keyword.as_str() {
            telling if TELLING.contains(&telling) => true,
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|one| is_of(one, value)),
                one => is_of(one, value),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#").unwrap();
                at(root, root.pointer(name).unwrap(), value, path)?;
                true
            }
            "anyOf" => {
                wanted.as_array().unwrap().iter().any(|one| at(root, one, value, path).is_ok())
            }
            "oneOf" => {
                let fits = |one: &&Value| at(root, one, value, path).is_ok();
                wanted.as_array().unwrap().iter().filter(fits).count() == 1
            }
            "required" => {
                let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                wanted.as_array().unwrap().iter().all(has)
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    at(root, wanted, item, &format!("{path}[{index}]"))?;
                }
                true
            }
            "properties" | "additionalProperties" => {
                properties(root, keywords, value, path)?;
                true
            }
            unknown => return Err(format!("{path}: the keyword {unknown} is not known here")),
        };
        if !is_right {
            return Err(format!("{path}: {keyword} is {wanted}, and there is {value}"));
        }
    }
    Ok(())
}

fn properties(
    root: &Value,
    keywords: &Map<String, Value>,
    value: &Value,
    path: &str,
) -> Result<(), String> {
    let others = keywords.get("additionalProperties").unwrap_or(&Value::Bool(true));
    for (name, inner) in value.as_object().into_iter().flatten() {
        let known = keywords.get("properties").and_then(|known| known.get(name));
        at(root, known.unwrap_or(others), inner, &format!("{path}.{name}"))?;
    }
    Ok(())
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
