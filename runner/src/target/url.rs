//! Opens a target by its URL.

use std::path::Path;
use std::sync::Arc;

use super::Target;
use super::sqlite::SqliteTarget;
use crate::error::{Error, Result};

/// Opens `mysql://user:password@host:3306/db` or `sqlite:PATH`.
///
/// # Errors
/// Kind `Usage` for an unknown scheme or wrong details, kind `Temporary` for a server that does not answer.
pub async fn open(url: &str) -> Result<Arc<dyn Target>> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok(Arc::new(SqliteTarget::open(Path::new(path))?));
    }
    let scheme = url.split(':').next().unwrap_or_default();
    Err(Error::usage(format!("target scheme `{scheme}` is not known"))
        .hint("write mysql://user:password@host:3306/db or sqlite:PATH"))
}
