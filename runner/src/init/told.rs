//! What objects told of the endpoint's settings and of the table: options, and findings that say what each is from.

use transforms::dms::{ObjectKind, Settings};

use super::draft::Draft;
use super::header::Evidence;
use super::layout::Laid;
use super::staged::Read;
use crate::doctor::finding::Finding;
use crate::units::counted;

impl Draft {
    /// What objects told of the endpoint's settings.
    pub(super) fn told_of(&mut self, read: &Read, laid: &Laid) {
        self.objects = read.grids.iter().map(|grid| grid.key.clone()).collect();
        let count = |kind: ObjectKind| {
            let objects = read.grids.iter().filter(|grid| grid.kind == kind);
            objects.fold((0, 0), |(objects, rows), grid| (objects + 1, rows + grid.records.len()))
        };
        let ((loads, load_rows), (changes, change_rows)) =
            (count(ObjectKind::FullLoad), count(ObjectKind::Change));
        self.say(Finding::note(
            "init.read",
            "",
            format!(
                "read: {} of {} (the first), {} of {} (the newest)",
                counted(load_rows as u64, "row"),
                counted(loads, "full-load object"),
                counted(change_rows as u64, "row"),
                counted(changes, "change object")
            ),
        ));
        if loads == 0 {
            self.say(
                Finding::warning(
                    "init.read",
                    "",
                    "there is no full load, so that nothing shows which columns are unique",
                )
                .next("right for a task that replicates changes only"),
            );
        }
        self.told_of_format(read);
        if laid.include_op_for_full_load {
            self.option(
                "IncludeOpForFullLoad",
                "true",
                "all rows of full-load objects begin with I",
            );
        }
        if laid.inserts_only {
            self.option(
                "CdcInsertsOnly",
                "true",
                "most rows of change objects begin with no operation",
            );
        }
        if let Some(name) = &laid.timestamp {
            let unnamed =
                if laid.is_named { "" } else { "; its name is not known, and any will do" };
            let because = format!("a time stamp stands before the columns of every row{unnamed}");
            self.option("TimestampColumnName", name, &because);
        }
        self.widens = laid.widens;
        if laid.widens {
            self.say(Finding::warning("init.drift", "", "objects differ in their columns; those of the newest are declared, with drift = \"widen\" in job.toml").next("compare with the source table; see `Drift` in docs/jobs.md"));
        }
        if laid.uneven > 0 {
            self.say(
                Finding::warning(
                    "init.rows",
                    "",
                    format!(
                        "left out, since they have another number of fields or no operation: {}",
                        counted(laid.uneven as u64, "row")
                    ),
                )
                .next("they may be bad rows"),
            );
        }
    }

    fn told_of_format(&mut self, read: &Read) {
        let default = Settings::default().csv;
        let Some((format, header)) = &read.csv else {
            return self.option("DataFormat", "parquet", "all objects are Parquet");
        };
        if format.delimiter != default.delimiter {
            let delimiter = match format.delimiter {
                b'\t' => "\\t".to_owned(),
                other => char::from(other).to_string(),
            };
            self.option("CsvDelimiter", &delimiter, "with it rows are of one width");
        }
        if !format.rfc4180 {
            self.option("Rfc4180", "false", "quotes stand within fields");
        }
        if let Some(word) = &format.null_value {
            self.option(
                "CsvNullValue",
                word,
                "a column has this word among values of another type",
            );
        }
        let header_told = match header {
            Evidence::Op => "objects begin with a row of names, the first of them `Op`",
            Evidence::Repeated => "all objects begin with the same row of names",
            Evidence::Types => "the first row is names, those below it hold other values",
            Evidence::NoNames => return,
            Evidence::Doubtful => {
                return self.say(
                    Finding::warning(
                        "init.header",
                        "",
                        "the first row could be a header, and nothing tells; it is taken for a row",
                    )
                    .next(
                        "if it is one, add 'AddColumnName' 'true' to OPTIONS and declare its names",
                    ),
                );
            }
        };
        self.option("AddColumnName", "true", header_told);
        if *header == Evidence::Types {
            let message = "one object has rows: its first one is taken for names, since values of other types are below it";
            self.say(
                Finding::warning("init.header", "", message)
                    .next("if it is a row, take 'AddColumnName' out of OPTIONS, and give the columns their names"),
            );
        }
    }

    pub(super) fn option(&mut self, name: &'static str, value: &str, because: &str) {
        self.options.push((name, value.to_owned()));
        self.say(
            Finding::note("init.option", "", format!("{name} `{value}`: {because}"))
                .next("compare with the endpoint's settings"),
        );
    }

    pub(super) fn told_of_columns(&mut self, laid: &Laid) {
        if laid.types.is_none() {
            let rows = counted(laid.rows.len() as u64, "row");
            self.say(Finding::warning("init.types", "", format!("the types are inferred from the values of {rows}")).next("compare with the source table; a later value that does not fit makes its row a bad row"));
        }
        let doubtful: Vec<String> = self
            .columns
            .iter()
            .filter_map(|column| Some(format!("{}: {}", column.name, column.doubt?)))
            .collect();
        if !doubtful.is_empty() {
            let message = format!("of some columns the type is doubtful: {}", doubtful.join("; "));
            self.say(
                Finding::warning("init.types", "", message).next("take it from the source table"),
            );
        }
        if !laid.is_named {
            self.say(
                Finding::warning(
                    "init.names",
                    "",
                    "the objects do not name their columns, so these are numbered",
                )
                .next("give them the source table's names in sources.sql and in the model"),
            );
        }
    }
}
