//! Paths into JSON, `$.a['b'][0][*]`, as `get_json_object` follows them: Hive's rules, which are not those of JSONPath.

use super::value::Json;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A member of an object.
    Member(String),
    /// An item of an array.
    Item(usize),
    /// All items of an array.
    Items,
    /// All members of an object, which finds nothing.
    Members,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

/// How what is found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// A text without quotes.
    Raw,
    /// JSON.
    Quoted,
    /// JSON, and the items of an array without the array.
    Flat,
}

impl Path {
    /// Reads a path; `None` where it is none.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut rest = path.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(named) = rest.strip_prefix("['") {
                let end = named.find("']")?;
                let (name, after) = (named.get(..end)?, named.get(end + 2..)?);
                if name.is_empty() || name.contains(['\'', '?']) {
                    return None;
                }
                steps.push(if name == "*" { Step::Members } else { Step::Member(name.to_owned()) });
                rest = after;
            } else if let Some(index) = rest.strip_prefix('[') {
                let end = index.find(']')?;
                let (index, after) = (index.get(..end)?, index.get(end + 1..)?);
                steps.push(if index == "*" {
                    Step::Items
                } else {
                    let digits = index.bytes().all(|byte| byte.is_ascii_digit());
                    Step::Item(digits.then(|| index.parse().ok())??)
                });
                rest = after;
            } else {
                let named = rest.strip_prefix('.')?.trim_start();
                let end = named.find(['.', '[']).unwrap_or(named.len());
                let (name, after) = (named.get(..end)?, named.get(end..)?);
                if name.is_empty() {
                    return None;
                }
                steps.push(if name == "*" { Step::Members } else { Step::Member(name.to_owned()) });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// Writes what is found; whether anything is.
    pub(super) fn find(&self, value: &Json, out: &mut String) -> bool {
        let mut found = Vec::new();
        let any = follow(&self.0, value, Style::Raw, &mut found);
        if any {
            out.push_str(&found.join(","));
        }
        any
    }
}

/// Each entry of `out` is a value as it is written.
fn follow(steps: &[Step], value: &Json, style: Style, out: &mut Vec<String>) -> bool {
    match (value, steps) {
        (Json::Text(text), []) if style == Style::Raw => {
            out.push(text.clone());
            true
        }
        (Json::Array(items), []) if style == Style::Flat => {
            each(items, |item| follow(&[], item, style, out))
        }
        (value, []) => {
            let mut json = String::new();
            value.write(&mut json);
            out.push(json);
            true
        }
        (Json::Object(members), [Step::Member(name), rest @ ..]) => {
            // The first of that name under which something is found.
            members.iter().any(|(found, value)| {
                found == name && *value != Json::Null && follow(rest, value, style, out)
            })
        }
        (Json::Array(items), [Step::Items, Step::Items, rest @ ..]) => {
            let mut found = Vec::new();
            let any = each(items, |item| follow(rest, item, Style::Flat, &mut found));
            out.push(format!("[{}]", found.join(",")));
            any
        }
        (Json::Array(items), [Step::Items, rest @ ..]) if style != Style::Quoted => {
            let inner = if style == Style::Raw { Style::Quoted } else { style };
            let mut found = Vec::new();
            let count = items.iter().filter(|item| follow(rest, item, inner, &mut found)).count();
            match count {
                0 => {}
                1 => out.push(found.join(",")),
                _ => out.push(format!("[{}]", found.join(","))),
            }
            count > 0
        }
        (Json::Array(items), [Step::Items, rest @ ..]) => {
            let mut found = Vec::new();
            let any = each(items, |item| follow(rest, item, Style::Quoted, &mut found));
            out.push(format!("[{}]", found.join(",")));
            any
        }
        (Json::Array(items), [Step::Item(index), rest @ ..]) => {
            let style = if rest.first() == Some(&Step::Items) { Style::Quoted } else { style };
            items.get(*index).is_some_and(|item| follow(rest, item, style, out))
        }
        _ => false,
    }
}

fn each(items: &[Json], mut found: impl FnMut(&Json) -> bool) -> bool {
    let mut any = false;
    for item in items {
        any |= found(item);
    }
    any
}
