//! The statements whose answer differs from Spark's, with the reasons.

/// What differences.sql lists: `-- # reason` and below it the statements that it holds for.
pub(super) struct Known {
    entries: Vec<(String, String)>,
}

impl Known {
    pub(super) fn read(text: &str) -> Self {
        let mut entries = Vec::new();
        for part in text.split("-- # ").skip(1) {
            let (reason, statements) = part.split_once('\n').unwrap_or((part, ""));
            let statements = statements.split(";\n").map(str::trim).filter(|sql| !sql.is_empty());
            entries.extend(
                statements
                    .map(|sql| (sql.trim_end_matches(';').to_owned(), reason.trim().to_owned())),
            );
        }
        Self { entries }
    }

    pub(super) fn reason(&self, sql: &str) -> Option<&str> {
        self.entries.iter().find(|(known, _)| known == sql).map(|(_, reason)| reason.as_str())
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = &String> {
        self.entries.iter().map(|(sql, _)| sql)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
