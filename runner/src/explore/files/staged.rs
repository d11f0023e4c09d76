//! A folder that DMS stages and no job declares: declared as `runner init` would.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use transforms::dms::DriftPolicy;
use transforms::scan::SourceTable;
use transforms::source::{Source, no_files, parse_sources};

use super::Files;
use super::place::Place;
use crate::error::{Error, Result};
use crate::init;
use crate::scaffold::names;
use crate::store::Places;
use crate::survey::survey_declared;

impl Files {
    /// The table as it stands after all that is staged.
    ///
    /// # Errors
    /// A folder from whose objects no declaration can be made; those of reading them.
    pub(super) async fn staged(&self, place: &Place) -> Result<Arc<dyn TableProvider>> {
        let location = place.folder.location();
        let folder = location.to_string();
        let made = init::declare(location).await.map_err(|error| {
            let hint = format!(
                "declare it: CREATE EXTERNAL TABLE name (column TYPE, …, PRIMARY KEY (…)) STORED AS DMS LOCATION {}; its rows as they are written: csv.{}",
                names::text(&folder),
                names::typed(&format!("{folder}LOAD*"))
            );
            Error::new(error.kind(), error.to_string()).hint(hint)
        })?;
        let sources = parse_sources(&self.session, &folder, &made.text, &no_files).await?;
        let Some(source) = sources.into_iter().next() else {
            return Err(Error::failed(format!("{folder} cannot be declared")));
        };
        let drift = if made.widens { DriftPolicy::Widen } else { source.drift };
        // What is known of its objects is kept by this name.
        let source = Arc::new(Source { name: folder.clone(), drift, ..source });
        let places = Places::of_table(location.clone());
        let survey = survey_declared(&source, places, &self.session).await?;
        let key: Vec<&str> = source.key_names().collect();
        let by = match key.as_slice() {
            [] => "it has no key that could be found, so all its rows".to_owned(),
            key => format!("the newest row of each key ({})", key.join(", ")),
        };
        self.notes.add(format!(
            "{folder} looks staged by DMS, and columns, types and key were inferred; shown is {by}. `runner init --job NAME --from {folder}` writes the declaration"
        ));
        Ok(Arc::new(SourceTable::new(survey.whole)))
    }
}
