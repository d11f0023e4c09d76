//! Whether IAM would allow a call: moto has no SimulatePrincipalPolicy, so the rules of identity policies that the template uses.
//!
//! Source: the IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements". What is not known here is a panic, not an answer.

use serde_json::Value;

/// A call that IAM is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    /// What the call tells beside it, such as `ecs:cluster`.
    pub(crate) context: &'a [(&'a str, &'a str)],
}

/// Tells whether policies allow a call: a statement allows it, and none denies it.
pub(crate) fn allows(policies: &[Value], request: Request<'_>) -> bool {
    let matching: Vec<&Value> = policies
        .iter()
        .flat_map(|policy| list(&policy["Statement"]))
        .filter(|statement| fits(statement, request))
        .collect();
    let has = |effect: &str| matching.iter().any(|statement| statement["Effect"] == effect);
    has("Allow") && !has("Deny")
}

fn fits(statement: &Value, request: Request<'_>) -> bool {
    for element in statement.as_object().expect("a statement is an object").keys() {
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        assert!(known.contains(&element.as_str()), "{element} is not understood here");
    }
    let any = |element: &str, matches: &dyn Fn(&str) -> bool| {
        let texts = list(&statement[element]);
        texts.iter().any(|text| matches(text.as_str().expect("actions and resources are texts")))
    };
    // Names of actions are told apart without regard to case, resources with.
    let action = request.action.to_ascii_lowercase();
    any("Action", &|pattern| is_like(&pattern.to_ascii_lowercase(), &action))
        && any("Resource", &|pattern| is_like(pattern, request.resource))
        && conditions_hold(&statement["Condition"], request.context)
}

/// All operators and keys must hold; of the values of a key one.
fn conditions_hold(conditions: &Value, context: &[(&str, &str)]) -> bool {
    let Some(operators) = conditions.as_object() else { return true };
    operators.iter().all(|(operator, keys)| {
        // The key need not be there, but if it is, it must match.
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator.as_str(), false),
        };
        let matches: fn(&str, &str) -> bool = match operator {
            "StringEquals" => |pattern, text| pattern == text,
            // ArnEquals is ArnLike.
            "StringLike" | "ArnLike" | "ArnEquals" => is_like,
            _ => panic!("the operator {operator} is not understood here"),
        };
        keys.as_object().expect("an operator has keys").iter().all(|(key, patterns)| {
            let told = context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            told.map_or(if_exists, |(_, text)| {
                list(patterns).iter().any(|pattern| matches(pattern.as_str().unwrap(), text))
            })
        })
    })
}

/// `*` stands for any characters, `?` for one.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .any(|at| is_like(rest, &text[at..]))
        }
        Some(first) => {
            let mut chars = text.chars();
            chars.next().is_some_and(|one| {
                (first == '?' || first == one) && is_like(rest.as_str(), chars.as_str())
            })
        }
    }
}

/// One value stands for a list of one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}
