use std::sync::{Arc, LazyLock};

use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use runner::job::config;
use runner::store::Location;
use tokio::runtime::Runtime;
use transforms::dms::Settings;
use transforms::quality;
use transforms::source::{no_files, parse_sources};
use transforms::sql::parse_select;

static SESSION: LazyLock<SessionState> = LazyLock::new(|| {
    transforms::session::session_state(
        transforms::sql::Dialect::Spark,
        1,
        Arc::new(RuntimeEnv::default()),
    )
});
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().unwrap());

/// The text of `sources.sql`.
pub fn sources_sql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match RUNTIME.block_on(parse_sources(&SESSION, "sources.sql", text, &no_files)) {
        Ok(sources) => {
            for source in sources {
                assert_eq!(source.columns().len(), source.schema.fields().len());
                assert!(source.key.iter().all(|column| *column < source.schema.fields().len()));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "an error says something"),
    }
}

/// The text of a model.
pub fn model_sql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = parse_select(transforms::sql::Dialect::Spark, "model.sql", text) {
        assert!(!error.to_string().is_empty(), "an error says something");
    }
}

/// A ruleset.
pub fn ruleset(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match quality::parse("quality.dqdl", text) {
        Ok(ruleset) => {
            let printed = ruleset.to_string();
            let again = quality::parse("quality.dqdl", &printed).unwrap();
            assert_eq!(again.to_string(), printed, "a ruleset that is printed is read as the same");
            assert_eq!(again.rules.len(), ruleset.rules.len());
        }
        Err(error) => assert!(error.place.at.is_some(), "an error has a place"),
    }
}

/// The text of `job.toml`.
pub fn job_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lookup = |name: &str| (name.len() % 2 == 1).then(|| name.repeat(2));
    if let Ok(config) = config::parse(text) {
        if let Some(target) = &config.target {
            let _refused = config::value(target, &lookup);
        }
        let _refused = config.with_variables(&lookup);
    }
}

/// Options of a source: `name=value` on each line.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let options = text.lines().filter_map(|line| line.split_once('='));
    if let Ok(settings) = Settings::from_options(options) {
        assert_ne!(settings.csv.delimiter, b'\n', "records could not be told apart");
    }
}

/// A location as users write it, and an object's URL as an event gives it: one on each line.
pub fn location(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let (Some(place), Some(url)) = (lines.next(), lines.next()) else { return };
    let base = Location::parse("s3://bucket/jobs/load", None).unwrap();
    for base in [None, Some(&base)] {
        let Ok(location) = Location::parse(place, base) else { continue };
        let _none = location.relative_key(url);
        let again = Location::parse(&location.to_string(), None).unwrap();
        assert_eq!(again, location, "a location that is printed is read as the same");
        let _joined = location.join(url);
    }
}
