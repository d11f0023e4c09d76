//! A source and its model before they are written: columns, key, options, and what is said about them. Pure.

use transforms::dms::csv::same_name;
use transforms::dms::{ObjectKind, Op};

use super::database::Definition;
use super::grid::Row;
use super::infer::infer;
use super::key::{self, Table};
use super::layout::{Laid, lay_out};
use super::staged::Read;
use crate::doctor::finding::Finding;
use crate::error::{Error, Result};
use crate::scaffold::ddl::{Column, Declaration};
use crate::scaffold::names;
use crate::units::counted;

/// A source that is going to be declared, and the model that selects all of it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) model: String,
    pub(super) source: String,
    /// `LOCATION` as it is written.
    pub(super) location: String,
    pub(super) columns: Vec<Column>,
    /// Indices of columns.
    pub(super) key: Vec<usize>,
    /// Names and values of OPTIONS, those that are not DMS's defaults.
    pub(super) options: Vec<(&'static str, String)>,
    /// Whether objects differ in their columns.
    pub(super) widens: bool,
    /// The objects that were looked at.
    pub(super) objects: Vec<String>,
    /// What was read and concluded; comments of the declaration, too.
    pub(super) findings: Vec<Finding>,
}

/// What a draft is called, and what a user has said of it.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) model: String,
    pub(super) location: String,
    /// The names of the key's columns.
    pub(super) key: Option<Vec<String>>,
}

impl Draft {
    /// Drafts a source from its objects alone.
    ///
    /// # Errors
    /// Objects without columns; a key that is none, and updates without a key.
    pub(super) fn of_objects(named: Named, read: &Read) -> Result<Self> {
        let laid = lay_out(&read.grids, None);
        if laid.columns.is_empty() {
            return Err(Error::usage(format!(
                "{} has no row from which columns could be told",
                named.location
            ))
            .hint("take the columns from the source table: --database and --table"));
        }
        let mut draft = Self::new(named.clone());
        draft.columns = columns(&laid);
        draft.told_of(read, &laid);
        draft.told_of_columns(&laid);
        let unfit: Vec<bool> = draft
            .columns
            .iter()
            .map(|column| match column.sql_type.as_str() {
                "DOUBLE" | "FLOAT" | "BOOLEAN" => true,
                // Without names it may as well be what TimestampColumnName adds.
                sql_type => !laid.is_named && sql_type.starts_with("TIMESTAMP"),
            })
            .collect();
        let names: Vec<String> = draft.columns.iter().map(|column| column.name.clone()).collect();
        let table = Table {
            name: &draft.model.clone(),
            columns: &names,
            is_named: laid.is_named,
            unfit: &unfit,
            rows: &laid.rows,
        };
        match &named.key {
            Some(given) => draft.key = draft.given_key(given, &laid.rows)?,
            None => {
                if let Some(found) = key::find(table) {
                    let because = found.because;
                    draft.key = found.columns;
                    let loaded = laid.rows.iter().filter(|row| row.kind == ObjectKind::FullLoad);
                    let unique = match loaded.count() {
                        0 => "nothing shows whether it is unique".to_owned(),
                        count => {
                            let rows = counted(count as u64, "row");
                            format!("it is unique in {rows} of the full load")
                        }
                    };
                    let message = format!(
                        "{} is taken as the key: {because}, it is never NULL, and {unique}",
                        draft.key_text()
                    );
                    draft.say(Finding::warning("init.key", "", message).next(
                        "compare with the source table's PRIMARY KEY; --key names another one",
                    ));
                }
            }
        }
        draft.check_key(&laid.rows)?;
        draft.told_of_rules(&laid);
        draft.told_of_folders();
        Ok(draft)
    }

    /// Drafts a source from its table's definition, and settings from objects if there are some.
    ///
    /// # Errors
    /// Objects that have other columns than the table; a key that is none, and updates without a key.
    pub(super) fn of_definition(
        named: Named,
        definition: &Definition,
        read: Option<&Read>,
    ) -> Result<Self> {
        let mut draft = Self::new(named.clone());
        let lowered: Vec<String> =
            definition.columns.iter().map(|column| column.name.clone()).collect();
        let lowered = names::columns(&lowered).into_iter();
        draft.columns = lowered
            .zip(&definition.columns)
            .map(|(name, defined)| Column {
                name,
                sql_type: defined.sql_type.clone(),
                remark: defined.remark.clone(),
                doubt: None,
            })
            .collect();
        for finding in &definition.findings {
            draft.say(finding.clone());
        }
        let laid = read.map(|read| (read, lay_out(&read.grids, Some(definition.columns.len()))));
        if let Some((read, laid)) = &laid {
            draft.told_of(read, laid);
            draft.check_columns(laid)?;
        }
        let rows = laid.as_ref().map_or(&[][..], |(_, laid)| laid.rows.as_slice());
        let key = named.key.as_ref().unwrap_or(&definition.key);
        draft.key = draft.given_key(key, rows)?;
        draft.check_key(rows)?;
        Ok(draft)
    }

    fn new(Named { model, location, .. }: Named) -> Self {
        let source = names::source(&model);
        Self {
            model,
            source,
            location,
            columns: Vec::new(),
            key: Vec::new(),
            options: Vec::new(),
            widens: false,
            objects: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The source as `sources.sql` has it.
    pub(super) fn declaration(&self) -> Declaration<'_> {
        let comments = self.findings.iter().map(|finding| finding.message.as_str());
        Declaration {
            source: &self.source,
            location: &self.location,
            columns: &self.columns,
            key: &self.key,
            options: &self.options,
            comments: comments.collect(),
        }
    }

    /// The key's columns as people read them.
    pub(super) fn key_text(&self) -> String {
        let names: Vec<&str> = self
            .key
            .iter()
            .filter_map(|index| Some(self.columns.get(*index)?.name.as_str()))
            .collect();
        format!("({})", names.join(", "))
    }

    pub(super) fn say(&mut self, finding: Finding) {
        let place = format!("source {}", self.source);
        self.findings.push(Finding { place, ..finding });
    }

    /// A key that a user or a definition names.
    fn given_key(&self, given: &[String], rows: &[Row]) -> Result<Vec<usize>> {
        let place = |name: &String| {
            let found = self.columns.iter().position(|column| same_name(&column.name, name));
            found.ok_or_else(|| {
                let names: Vec<&str> =
                    self.columns.iter().map(|column| column.name.as_str()).collect();
                Error::usage(format!("source `{}` has no column `{name}` for its key", self.source))
                    .hint(format!("its columns are {}", names.join(", ")))
            })
        };
        let key: Vec<usize> = given.iter().map(place).collect::<Result<_>>()?;
        if !key.is_empty() && !key::is_key(rows, &key) {
            return Err(Error::usage(format!(
                "source `{}`: ({}) is not unique in the full load, or NULL",
                self.source,
                given.join(", ")
            ))
            .hint("name the columns of the source table's PRIMARY KEY with --key"));
        }
        Ok(key)
    }

    fn check_key(&mut self, rows: &[Row]) -> Result<()> {
        if !self.key.is_empty() {
            return Ok(());
        }
        if rows.iter().any(|row| row.op != Op::Insert) {
            return Err(Error::usage(format!("source `{}`: there are updates or deletes, and no key was found by which rows could be told", self.source))
                .hint("make a job of it alone, and name the source table's PRIMARY KEY: --key column[,column]"));
        }
        self.say(
            Finding::warning(
                "init.key",
                "",
                "no key was found: rows can be added, not changed or deleted",
            )
            .next("if the source table has a PRIMARY KEY, name it with --key"),
        );
        Ok(())
    }

    /// Whether objects have the columns of the definition.
    fn check_columns(&self, laid: &Laid) -> Result<()> {
        let differ = |how: String| {
            Error::refused(format!("source `{}`: its objects do not have the table's columns: {how}", self.source))
                .hint("check that --from and --table are in the same order; a task may rename, add or leave out columns: then use --from without --database")
        };
        if !laid.is_named {
            let (found, defined) = (laid.columns.len(), self.columns.len());
            return if found == defined {
                Ok(())
            } else {
                Err(differ(format!(
                    "{}, {}",
                    counted(found as u64, "field"),
                    counted(defined as u64, "column")
                )))
            };
        }
        let has =
            |columns: &[String], name: &str| columns.iter().any(|column| same_name(column, name));
        let defined: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let more: Vec<&str> =
            laid.columns.iter().filter(|name| !has(&defined, name)).map(String::as_str).collect();
        let fewer: Vec<&str> =
            defined.iter().filter(|name| !has(&laid.columns, name)).map(String::as_str).collect();
        if more.is_empty() && fewer.is_empty() {
            return Ok(());
        }
        Err(differ(format!(
            "only they have ({}), only the table has ({})",
            more.join(", "),
            fewer.join(", ")
        )))
    }
}

/// The columns with their types.
fn columns(laid: &Laid) -> Vec<Column> {
    let names = names::columns(&laid.columns).into_iter().enumerate();
    let column = |(index, name): (usize, String)| {
        let values = laid.rows.iter().filter_map(|row| row.values.get(index)?.as_deref());
        let inferred = infer(values);
        let count = inferred.values;
        let typed = laid.types.as_ref().and_then(|types| types.get(index));
        let (sql_type, remark) = match typed {
            // PostgreSQL's booleans are texts, unless MapBooleanAsBoolean is set.
            Some(sql_type) if sql_type == "TEXT" && inferred.sql_type == "BOOLEAN" => (
                inferred.sql_type,
                Some(format!("a text, true or false in {}", counted(count as u64, "row"))),
            ),
            Some(sql_type) => (sql_type.clone(), None),
            None => (inferred.sql_type, Some(counted(count as u64, "value"))),
        };
        let doubt = inferred.doubt.filter(|_| typed.is_none());
        Column { name, sql_type, remark, doubt }
    };
    names.map(column).collect()
}
