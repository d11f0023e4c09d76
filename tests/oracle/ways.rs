//! Every template is a valid job in both versions, for every key, and is analysed as it says.

use std::sync::Arc;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use runner::job::Output;
use tokio::runtime::Runtime;
use transforms::model::way;

use super::job::sources;
use super::model::{Model, Way};
use super::source::Format;
use super::subject::{Database, Subject};
use super::template::templates;
use super::value::KeyKind;
use crate::support::Servers;

pub(super) fn every_template_is_analysed_as_it_says(_: &Servers) {
    let runtime = Runtime::new().unwrap();
    // Each type of the key of `a`, two of them under odd names, with each key of `b` in turn.
    let count = u8::try_from(KeyKind::ALL.len()).unwrap();
    let keys = (0..count).chain([3 * count, 3 * count + 2]);
    for (key, other_key) in keys.zip([0, 4, 5].into_iter().cycle()) {
        check(&runtime, key, other_key);
    }
}

fn check(runtime: &Runtime, key: u8, other_key: u8) {
    let plain = Format {
        header: false,
        op_in_load: false,
        stamped: false,
        crlf: false,
        semicolon: false,
        key_only_deletes: false,
        null: 0,
        parquet: None,
    };
    let sources = sources(key, other_key, [0; 3], [plain; 3]);
    let models: Vec<Model> = templates(&sources[0], &sources[1]).into_iter().flatten().collect();
    let subject = Subject::new(runtime, &Database::Sqlite, None, 1, 8192);
    let ddl: String = sources.iter().map(|source| source.ddl("staging")).collect();
    subject.write("sources.sql", &ddl);
    let mut config = String::new();
    for model in &models {
        if let Some(key) = &model.named_key {
            writeln!(config, "[model.{}]\nkey = {key:?}", model.name).unwrap();
        }
    }
    subject.write("job.toml", &config);
    let mut types = Vec::new();
    for is_edited in [false, true] {
        for model in &models {
            let sql = if is_edited { &model.edited } else { &model.sql };
            subject.write(&format!("{}.sql", model.name), sql);
        }
        let (_, _, job) = subject.load().unwrap_or_else(|failure| panic!("{failure}"));
        for output in &job.outputs {
            let model = models.iter().find(|model| model.name == output.model).unwrap();
            compare(model, output);
        }
        let schemas =
            job.outputs.iter().map(|output| (output.model.clone(), Arc::clone(&output.schema)));
        types.push(
            schemas
                .map(|(model, schema)| {
                    let fields = schema.fields().iter();
                    (
                        model,
                        fields
                            .map(|f| (f.name().clone(), f.data_type().clone()))
                            .collect::<Vec<_>>(),
                    )
                })
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(types[0], types[1], "an edit must not change columns");
}

fn compare(model: &Model, output: &Output) {
    let name = &model.name;
    let found = match &output.analysis.way {
        way::Way::RowWise { driver, .. } => ("row-wise", driver.as_str()),
        way::Way::Append { driver, .. } => ("append", driver.as_str()),
        way::Way::Replay => ("replay", ""),
    };
    let wanted = match model.way {
        Way::RowWise(driver) => ("row-wise", driver),
        Way::Append(driver) => ("append", driver),
        Way::Replay => ("replay", ""),
    };
    assert_eq!(found, wanted, "{name}: {}", output.analysis.reason);
    assert_eq!(!output.key.is_empty(), model.has_key, "{name}: key {:?}", output.key_names());
    let reads: BTreeSet<String> = model.reads.iter().map(|source| (*source).to_owned()).collect();
    assert_eq!(output.analysis.sources, reads, "{name}");
}
