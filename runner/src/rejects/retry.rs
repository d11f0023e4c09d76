//! `run --retry-rejected`.

use transforms::staging::{News, RebuildReason};

use crate::survey::SourceSurvey;
use crate::target::ledger::Ledger;

/// Sources with rows set aside in their current generation are read again as a whole, and the tables that read them are
/// filled anew.
pub fn retry(surveys: &mut [SourceSurvey], ledger: &Ledger) {
    for survey in surveys {
        let has_rejects = ledger.applied.iter().map(|applied| &applied.entry).any(|entry| {
            entry.source == survey.source.name
                && entry.generation == survey.state.generation
                && entry.rejected > 0
        });
        if has_rejects && !matches!(survey.state.news, News::Rebuild(_)) {
            survey.state.news = News::Rebuild(RebuildReason::Retry);
        }
    }
}
