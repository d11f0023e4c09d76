//! Folders of changes that lie beside those of tables (`CdcPath`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::execution::SessionState;
use transforms::source::Source;
use transforms::staging::Listed;

use crate::engine;
use crate::error::Result;
use crate::store::{Folder, Location, Places};
use crate::target::ledger::Ledger;

/// The folders of changes beside those of tables, each listed once, however many tables share it: all see the same changes, and so
/// none of them a transaction that others do not.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    listings: HashMap<String, Vec<Listed>>,
}

impl Beside {
    /// Lists the folders of all sources, as far as the ledger was read.
    ///
    /// # Errors
    /// Those of listing.
    pub(crate) async fn list<'a>(
        sources: impl IntoIterator<Item = (&'a Arc<Source>, &'a Places)>,
        ledger: &Ledger,
        engine: &SessionState,
    ) -> Result<Self> {
        // What is needed by the source that needs most.
        let mut wanted: BTreeMap<String, (&Location, Option<&str>)> = BTreeMap::new();
        for (source, places) in sources {
            let Some(changes) = &places.changes else { continue };
            let behind = ledger.parts.get(&source.name).map(|part| part.behind.as_str());
            let both = wanted.entry(changes.to_string()).or_insert((changes, behind));
            both.1 = both.1.min(behind);
        }
        let mut listings = HashMap::new();
        for (name, (location, behind)) in wanted {
            let folder = Folder::open(location)?;
            engine::register(engine.runtime_env(), &folder);
            let mut listing = match folder.is_local_and_missing() {
                // DMS makes it with the first change.
                true => Vec::new(),
                false => folder.list(behind).await?,
            };
            for listed in &mut listing {
                listed.beside = true;
            }
            let _none = listings.insert(name, listing);
        }
        Ok(Self { listings })
    }

    /// The changes of a source, behind a key.
    pub(crate) fn of<'a>(
        &'a self,
        places: &Places,
        behind: Option<&'a str>,
    ) -> impl Iterator<Item = Listed> + 'a {
        let name = places.changes.as_ref().map(ToString::to_string);
        let listed = name.and_then(|name| self.listings.get(&name)).into_iter().flatten();
        listed
            .filter(move |listed| behind.is_none_or(|behind| listed.key.as_str() > behind))
            .cloned()
    }
}
