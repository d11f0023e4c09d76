//! What a person who types statements is helped with.

use std::collections::BTreeSet;

use transforms::sql::Dialect;

use super::Explorer;

/// Functions of our own that stand for others, which statements do not name.
const INTERNAL: &str = "unglue_";

impl Explorer {
    /// The language of its statements.
    #[must_use]
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The names of all functions, sorted.
    #[must_use]
    pub(crate) fn functions(&self) -> Vec<String> {
        let state = self.context.state();
        let scalar = state.scalar_functions().keys();
        let aggregate = state.aggregate_functions().keys();
        let all = scalar.chain(aggregate).chain(state.window_functions().keys());
        let named: BTreeSet<&String> = all.filter(|name| !name.starts_with(INTERNAL)).collect();
        named.into_iter().cloned().collect()
    }
}
