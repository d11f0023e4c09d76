//! What a statement says that means nothing here.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Select, Visit, Visitor};

use super::{Dialect, tokens};

/// What is ignored in a statement, each thing once: hints, and how rows are spread over a cluster.
#[must_use]
pub fn notes(dialect: Dialect, text: &str, statement: &Statement) -> Vec<String> {
    if dialect != Dialect::Spark {
        return Vec::new();
    }
    let hints = tokens::hints(text).into_iter().map(|name| format!("the hint {name}"));
    let mut ignored = Ignored { clauses: hints.collect() };
    if let Statement::Statement(inner) = statement {
        let _: ControlFlow<()> = inner.visit(&mut ignored);
    }
    ignored.clauses.iter().map(|what| format!("{what} is ignored: there is no cluster")).collect()
}

struct Ignored {
    clauses: BTreeSet<String>,
}

impl Visitor for Ignored {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let clauses = [
            ("CLUSTER BY", select.cluster_by.is_empty()),
            ("DISTRIBUTE BY", select.distribute_by.is_empty()),
            ("SORT BY", select.sort_by.is_empty()),
        ];
        let found = clauses.into_iter().filter(|(_, is_empty)| !is_empty);
        self.clauses.extend(found.map(|(name, _)| name.to_owned()));
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::parse_select;

    #[test]
    fn hints_and_the_spread_of_rows_are_told_once_each() {
        let text = "SELECT /*+ BROADCAST(t), REPARTITION(3) */ a /* no hint */ FROM t \
                    DISTRIBUTE BY a SORT BY a UNION ALL SELECT /*+ broadcast(t) */ a FROM t CLUSTER BY a";
        let statement = parse_select(Dialect::Spark, "m.sql", text).unwrap();
        let told = notes(Dialect::Spark, text, &statement);
        let what = [
            "CLUSTER BY",
            "DISTRIBUTE BY",
            "SORT BY",
            "the hint BROADCAST",
            "the hint REPARTITION",
        ];
        let expected: Vec<String> =
            what.iter().map(|what| format!("{what} is ignored: there is no cluster")).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_statement_that_means_all_that_it_says_has_no_notes() {
        let text = "SELECT a, '/*+ x */' AS b FROM t ORDER BY a -- DISTRIBUTE BY a";
        let statement = parse_select(Dialect::Spark, "m.sql", text).unwrap();
        assert_eq!(notes(Dialect::Spark, text, &statement), [""; 0]);
    }
}
