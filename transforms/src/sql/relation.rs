//! Where a statement names a table.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{ObjectName, Visit, Visitor};

/// Line and column of the first place where a table of this name is read.
#[must_use]
pub fn relation_at(statement: &Statement, name: &str) -> Option<(u64, u64)> {
    let mut finder = RelationFinder { name, found: None };
    if let Statement::Statement(statement) = statement {
        let _: ControlFlow<()> = statement.visit(&mut finder);
    }
    finder.found
}

struct RelationFinder<'a> {
    name: &'a str,
    found: Option<(u64, u64)>,
}

impl Visitor for RelationFinder<'_> {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let last = relation.0.last().and_then(|part| part.as_ident());
        if let Some(ident) = last
            && ident.value.eq_ignore_ascii_case(self.name)
            && ident.span.start.line > 0
        {
            self.found = Some((ident.span.start.line, ident.span.start.column));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
