//! The nodes of a visual job, evaluated by the transforms of `transforms::glue`: what their documentation in AWS says, and nothing of
//! what `runner import` makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::StringArray;
use datafusion::arrow::compute::regexp_is_match_scalar;
use datafusion::catalog::TableProvider;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{ident, lit};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::Value;
use transforms::functions::cast_expr;
use transforms::glue::{
    AggFunc, Aggregate, ApplyMapping, DropDuplicates, DropFields, Filter, Frame, FrameCollection,
    Join, JoinKind, Mapping, MergeDynamicFrame, RecordError, RenameField, Row, SelectFields,
    SelectFromCollection, Spigot, SplitFields, Transform, Union, path_of,
};
use transforms::session::context;
use transforms::sql::{Dialect, parse_select, plan};

use super::state::texts;

/// A job's nodes with what they read.
pub(super) struct Nodes<'a> {
    pub(super) state: &'a SessionState,
    /// The tables as they stand, by the name of the node that reads them, in lower case.
    pub(super) sources: BTreeMap<String, DataFrame>,
    /// Variables of the job's SQL, and what stands for them.
    pub(super) variables: &'a [(&'a str, &'a str)],
    /// Where samples go.
    pub(super) samples: Arc<InMemory>,
}

/// What a node gives.
#[derive(Clone)]
enum Given {
    One(Box<Frame>),
    Many(FrameCollection),
}

impl Given {
    fn one(&self) -> Frame {
        match self {
            Self::One(frame) => frame.as_ref().clone(),
            Self::Many(frames) => frames.values()[0].clone(),
        }
    }
}

/// A node: its kind, and its fields.
struct Node<'a> {
    kind: &'a str,
    fields: &'a Value,
}

impl<'a> Node<'a> {
    fn text(&self, name: &str) -> &'a str {
        self.fields[name].as_str().unwrap_or_else(|| panic!("{} lacks {name}", self.kind))
    }

    fn list(&self, name: &str) -> &'a [Value] {
        self.fields[name].as_array().map_or(&[], Vec::as_slice)
    }

    fn paths(&self, name: &str) -> Vec<String> {
        self.list(name).iter().map(path).collect()
    }

    fn inputs(&self) -> impl Iterator<Item = &'a str> {
        self.list("Inputs").iter().map(|input| input.as_str().unwrap())
    }
}

/// A path as a transform takes it.
fn path(names: &Value) -> String {
    let names: Vec<&str> =
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    path_of(&names)
}

impl Nodes<'_> {
    /// The rows of each target, by the name of its table or folder.
    pub(super) async fn evaluate(&self, job: &Value) -> BTreeMap<String, Frame> {
        let nodes = job["Job"]["CodeGenConfigurationNodes"].as_object().unwrap();
        let mut given: BTreeMap<&str, Given> = BTreeMap::new();
        let mut targets = BTreeMap::new();
        let mut left: Vec<&String> = nodes.keys().collect();
        while !left.is_empty() {
            let before = left.len();
            for id in std::mem::take(&mut left) {
                let (kind, fields) = nodes[id].as_object().unwrap().iter().next().unwrap();
                let node = Node { kind, fields };
                if node.inputs().any(|input| !given.contains_key(input)) {
                    left.push(id);
                    continue;
                }
                if let Some(table) = table(&node) {
                    let rows = given[node.inputs().next().unwrap()].one();
                    targets.insert(table.to_owned(), rows);
                }
                let made = self.node(&node, &given).await;
                given.insert(id, made);
            }
            assert!(left.len() < before, "{left:?} read each other");
        }
        targets
    }

    async fn node(&self, node: &Node<'_>, given: &BTreeMap<&str, Given>) -> Given {
        let inputs: Vec<(&str, Frame)> =
            node.inputs().map(|input| (input, given[input].one())).collect();
        let of = |id: &str| inputs.iter().find(|(input, _)| *input == id).unwrap().1.clone();
        let Some((first_id, first)) = inputs.first().cloned() else {
            return Given::One(Box::new(self.source(node)));
        };
        let frame = match node.kind {
            "SplitFields" => {
                let split = SplitFields::new(node.paths("Paths"), "chosen", "rest");
                return Given::Many(split.apply(&first).unwrap());
            }
            "SelectFromCollection" => {
                let Given::Many(frames) = &given[first_id] else { panic!("no collection") };
                let index = usize::try_from(node.fields["Index"].as_u64().unwrap()).unwrap();
                SelectFromCollection::by_index(index).apply(frames).unwrap()
            }
            "ApplyMapping" => mapping(node).apply(&first).unwrap(),
            "SelectFields" => SelectFields::new(node.paths("Paths")).apply(&first).unwrap(),
            "DropFields" => DropFields::new(node.paths("Paths")).apply(&first).unwrap(),
            "RenameField" => {
                let [old, new] = ["SourcePath", "TargetPath"].map(|name| path(&node.fields[name]));
                RenameField::new(old, new).apply(&first).unwrap()
            }
            "Filter" => filter(node).apply(&first).unwrap(),
            "Join" => join(node, &of),
            "Aggregate" => aggregate(node).apply(&first).unwrap(),
            "DropDuplicates" if node.list("Columns").is_empty() => {
                DropDuplicates::new().apply(&first).unwrap()
            }
            "DropDuplicates" => {
                DropDuplicates::new().columns(node.paths("Columns")).apply(&first).unwrap()
            }
            // The script that Glue Studio makes has `(select * from source1) UNION … (select * from source2)`.
            "Union" => {
                let union = Union::new(inputs[1].1.clone()).by_position();
                let is_distinct = node.text("UnionType") == "DISTINCT";
                let union = if is_distinct { union.distinct() } else { union };
                union.apply(&first).unwrap()
            }
            "Merge" => {
                let source = node.text("Source");
                let staged = inputs.iter().find(|(id, _)| *id != source).unwrap().1.clone();
                let merge = MergeDynamicFrame::new(staged, node.paths("PrimaryKeys"));
                merge.apply(&of(source)).unwrap()
            }
            "SparkSQL" => self.sql(node, &of).await,
            "Spigot" => self.spigot(node, &first).await,
            // `Output` is `PrimaryInput`: the rows as they are.
            "EvaluateDataQuality" => first,
            kind if kind.ends_with("Target") => first,
            kind => panic!("nothing here does what {kind} does"),
        };
        Given::One(Box::new(frame))
    }

    /// The table as it stands, with the columns that the node reads. Of a row that is there the operation is that of an insert.
    fn source(&self, node: &Node<'_>) -> Frame {
        let name = node.text("Name").to_lowercase();
        let table = &self.sources[&name];
        let columns = node.list("OutputSchemas")[0]["Columns"].as_array().unwrap();
        let list = columns.iter().map(|column| {
            let [name, glue] = ["Name", "Type"].map(|key| column[key].as_str().unwrap());
            let declared = name.to_lowercase();
            let is_there = table.schema().fields().iter().any(|field| *field.name() == declared);
            let value = if is_there { cast_expr(ident(declared), glue) } else { lit("I") };
            value.alias(name)
        });
        Frame::new(table.clone().select(list.collect::<Vec<_>>()).unwrap(), name).unwrap()
    }

    async fn sql(&self, node: &Node<'_>, of: &dyn Fn(&str) -> Frame) -> Frame {
        let mut query = node.text("SqlQuery").to_owned();
        for (variable, value) in self.variables {
            query = query.replace(variable, value);
        }
        let views = node.list("SqlAliases").iter().map(|alias| {
            let [from, name] = ["From", "Alias"].map(|key| alias[key].as_str().unwrap());
            let view: Arc<dyn TableProvider> = of(from).to_df().into_view();
            (name.to_lowercase(), view)
        });
        let context = context(self.state, views).unwrap();
        let statement = parse_select(Dialect::Spark, "node", &query).unwrap();
        let planned = plan(&context.state(), "node", statement).await.unwrap();
        Frame::new(DataFrame::new(context.state(), planned), node.text("Name")).unwrap()
    }

    async fn spigot(&self, node: &Node<'_>, input: &Frame) -> Frame {
        let place = Path::from(node.text("Path").trim_start_matches("s3://"));
        let rows_max = usize::try_from(node.fields["Topk"].as_u64().unwrap()).unwrap();
        let store = Arc::clone(&self.samples) as Arc<dyn ObjectStore>;
        let spigot = Spigot::new(store, place.clone()).topk(rows_max);
        let spigot = spigot.prob(node.fields["Prob"].as_f64().unwrap());
        let passed = spigot.apply(input).await.unwrap();
        let sample = self.samples.get(&place).await.unwrap().bytes().await.unwrap();
        assert_eq!(sample.iter().filter(|byte| **byte == b'\n').count(), rows_max);
        passed
    }
}

/// What a target writes to: the table, or the last folder of its files.
fn table<'a>(node: &Node<'a>) -> Option<&'a str> {
    let name = ["Table", "ConnectionTable", "Path"]
        .iter()
        .find_map(|field| node.fields[*field].as_str())?;
    let name = name.trim_end_matches('/').rsplit('/').next();
    name.filter(|_| node.kind.ends_with("Target"))
}

fn mapping(node: &Node<'_>) -> ApplyMapping {
    let kept = node.list("Mapping").iter().filter(|entry| entry["Dropped"] != true);
    ApplyMapping::new(kept.map(|entry| {
        let text = |name: &str| entry[name].as_str().unwrap();
        let from = path(&entry["FromPath"]);
        Mapping::from((from.as_str(), text("FromType"), text("ToKey"), text("ToType")))
    }))
}

fn aggregate(node: &Node<'_>) -> Aggregate {
    let aggregates = node.list("Aggs").iter().map(|one| {
        let column = one["Column"][0].as_str().unwrap();
        (column, one["AggFunc"].as_str().unwrap().parse::<AggFunc>().unwrap())
    });
    let groups = node.list("Groups").iter().map(|group| group[0].as_str().unwrap());
    Aggregate::new(groups, aggregates)
}

fn join(node: &Node<'_>, of: &dyn Fn(&str) -> Frame) -> Frame {
    let [left, right] = node.list("Columns") else { panic!("a join has two sides") };
    let keys = |side: &Value| side["Keys"].as_array().unwrap().iter().map(path).collect::<Vec<_>>();
    let frame = |side: &Value| of(side["From"].as_str().unwrap());
    let kind = match node.text("JoinType") {
        "equijoin" => JoinKind::Equi,
        "left" => JoinKind::Left,
        "right" => JoinKind::Right,
        "outer" => JoinKind::Outer,
        "leftsemi" => JoinKind::LeftSemi,
        "leftanti" => JoinKind::LeftAnti,
        other => panic!("a join of type {other}"),
    };
    let join = Join::new(frame(right), keys(left), keys(right)).kind(kind);
    join.apply(&frame(left)).unwrap()
}

/// Glue Studio makes a function in Python of the node: `and` and `or` stop where the answer is known, and what fails drops the row.
fn filter(node: &Node<'_>) -> Filter {
    let is_any = node.text("LogicalOperator") == "OR";
    let filters = node.list("Filters").to_vec();
    Filter::row(move |row| {
        for filter in &filters {
            if holds(row, filter)? == is_any {
                return Ok(is_any);
            }
        }
        Ok(!is_any)
    })
}

fn holds(row: &Row<'_>, filter: &Value) -> Result<bool, RecordError> {
    let of_kind = |kind: &str| {
        let values = filter["Values"].as_array().unwrap();
        let value = values.iter().find(|value| value["Type"] == kind)?;
        value["Value"][0].as_str()
    };
    let column = of_kind("COLUMNEXTRACTED").unwrap();
    let constant = of_kind("CONSTANT").unwrap_or_default();
    let value = row.value(column)?;
    let is_text = value.try_as_str().is_some();
    let order = || {
        Ok(if is_text {
            row.text(column)?.as_str().cmp(constant)
        } else {
            let constant: f64 = constant.parse().unwrap();
            row.number(column)?.total_cmp(&constant)
        })
    };
    let found = match filter["Operation"].as_str().unwrap() {
        // `None == "a"` is false.
        "EQ" => !value.is_null() && order()?.is_eq(),
        "LT" => order()?.is_lt(),
        "LTE" => order()?.is_le(),
        "GT" => order()?.is_gt(),
        "GTE" => order()?.is_ge(),
        "REGEX" => {
            let text = StringArray::from(vec![row.text(column)?]);
            let pattern = format!("^(?:{constant})");
            regexp_is_match_scalar(&text, &pattern, None).unwrap().value(0)
        }
        "ISNULL" => value.is_null(),
        other => panic!("a condition of kind {other}"),
    };
    Ok(found != (filter["Negated"] == true))
}

/// The rows of a frame as texts, values separated by `|`, of these columns regardless of case.
pub(super) async fn rows(rows: &Frame, columns: &[String]) -> Vec<String> {
    let rows = rows.to_df();
    let fields = rows.schema().fields().iter().map(|field| field.name().clone());
    let fields: Vec<String> = fields.collect();
    let named = |column: &String| {
        let mut found = fields.iter().filter(|name| name.to_lowercase() == *column);
        let name = found.next().unwrap_or_else(|| panic!("no `{column}` among {fields:?}"));
        ident(name)
    };
    // All else is DMS's operation, which is no column of a table.
    let others = fields.iter().filter(|name| !columns.contains(&name.to_lowercase()));
    assert!(others.map(|name| name.to_lowercase()).all(|name| name == "op"), "{fields:?}");
    let list = columns.iter().map(named).collect::<Vec<_>>();
    texts(&rows.select(list).unwrap().collect().await.unwrap())
}
