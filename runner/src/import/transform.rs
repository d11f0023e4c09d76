//! What becomes of a node that transforms: which file of this folder writes which kind. Pure.

use super::frame::Frame;
use super::graph::Node;
use super::quality::Rules;
use super::written::Written;
use super::{aggregate, columns, filter, join, mapping, quality, query, rows};

/// Writes a node over what it reads: one SELECT, or one for each frame of the collection that it gives.
///
/// `rules` are a node's rules of data quality.
pub(super) fn written(node: &Node, inputs: &[&Frame], rules: Option<&Rules>) -> Vec<Written> {
    let Some(first) = inputs.first().copied() else {
        return vec![Written::by_hand(
            "the node reads nothing, and is none of those that are carried",
        )];
    };
    let fields = node.fields();
    let one = match node.kind.as_str() {
        "SplitFields" => return columns::split(fields, first),
        "ApplyMapping" => mapping::written(fields, first),
        "SelectFields" => columns::select_fields(fields, first),
        "DropFields" => columns::drop_fields(fields, first),
        "RenameField" => columns::rename_field(fields, first),
        "Filter" => filter::written(fields, first),
        "Join" => join::written(fields, &node.inputs, inputs),
        "SparkSQL" => query::written(fields, &node.inputs, inputs),
        "Aggregate" => aggregate::written(fields, first),
        "DropDuplicates" => rows::drop_duplicates(fields, first),
        "Union" => rows::union(fields, inputs),
        "Merge" => rows::merge(fields, &node.inputs, inputs),
        "DropNullFields" => rows::drop_null_fields(first),
        "Spigot" => rows::spigot(fields, first),
        "EvaluateDataQuality" | "EvaluateDataQualityMultiFrame" => {
            quality::written(node, first, rules)
        }
        _ => by_hand(node),
    };
    vec![one]
}

/// Nodes whose code, model or service is not here.
fn by_hand(node: &Node) -> Written {
    let fields = node.fields();
    match node.kind.as_str() {
        "CustomCode" => {
            Written::by_hand("write in SQL what this Python does").code(fields.text("Code"))
        }
        "FillMissingValues" => {
            let (path, filled) = (fields.text("ImputedPath"), fields.text("FilledPath"));
            let path = path.unwrap_or("a column");
            let filled = filled.map_or_else(|| format!("{path}_filled"), str::to_owned);
            Written::by_hand(format!(
                "the node guesses missing values of {path} by a model of its own, into {filled}: say in SQL what shall stand there, as coalesce({path}, …) AS {filled}"
            ))
        }
        "DynamicTransform" => {
            let name = fields.text("TransformName").or_else(|| fields.text("FunctionName"));
            let name = name.unwrap_or("it");
            let parameters: Vec<String> = fields
                .objects("Parameters")
                .into_iter()
                .filter_map(|parameter| {
                    let values = parameter.texts("Value").join(", ");
                    Some(format!("{} = {values}", parameter.text("Name")?))
                })
                .collect();
            Written::by_hand(format!("write in SQL what the transform {name} does"))
                .code(Some(&parameters.join("\n")))
        }
        "Route" => Written::by_hand(
            "write a SELECT with a WHERE for each group of the route, in a file of its own",
        ),
        "PIIDetection" => Written::by_hand(
            "name the columns that hold personal data and what shall stand in their place, as sha2(email, 256); nothing is detected here",
        ),
        "Recipe" => Written::by_hand("write in SQL what the recipe of DataBrew does"),
        other => Written::by_hand(format!(
            "a node of kind {other} is not carried: write in SQL what it does"
        )),
    }
}
