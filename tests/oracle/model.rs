//! A model of a generated job.

/// How the delta of a model is found when only its driver has changes, and all in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    RowWise(&'static str),
    Append(&'static str),
    Replay,
}

/// One SELECT in two versions with the same columns; a job switches between them.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) sql: String,
    pub(super) edited: String,
    /// The sources that it reads, through other models too.
    pub(super) reads: Vec<&'static str>,
    /// The models of its template that it reads.
    pub(super) over: Vec<String>,
    pub(super) way: Way,
    /// Whether its table has a key.
    pub(super) has_key: bool,
    /// The key that job.toml names.
    pub(super) named_key: Option<Vec<String>>,
}

impl Model {
    pub(super) fn is_helper(&self) -> bool {
        self.name.starts_with('_')
    }

    pub(super) fn new(name: &str, sql: &str, edit: (&str, &str)) -> Self {
        assert!(sql.contains(edit.0), "{name} has nothing to edit");
        Self {
            name: name.to_owned(),
            sql: sql.to_owned(),
            edited: sql.replace(edit.0, edit.1),
            reads: vec!["a"],
            over: Vec::new(),
            way: Way::Replay,
            has_key: false,
            named_key: None,
        }
    }

    /// Follows the rows of a source and keeps its key.
    pub(super) fn row_wise(self, driver: &'static str) -> Self {
        Self { way: Way::RowWise(driver), has_key: true, ..self }
    }

    /// Appends the rows of a source without a key.
    pub(super) fn append(self, driver: &'static str) -> Self {
        Self { way: Way::Append(driver), ..self }
    }

    /// A replay whose key the SQL proves.
    pub(super) fn keyed(self) -> Self {
        Self { has_key: true, ..self }
    }

    /// A key in job.toml.
    pub(super) fn with_key(self, key: &[&str]) -> Self {
        let named_key = Some(key.iter().map(|name| (*name).to_owned()).collect());
        Self { has_key: true, named_key, ..self }
    }

    pub(super) fn reading(self, reads: &[&'static str]) -> Self {
        Self { reads: reads.to_vec(), ..self }
    }

    pub(super) fn over(self, models: &[&str]) -> Self {
        Self { over: models.iter().map(|name| (*name).to_owned()).collect(), ..self }
    }
}
