//! Object stores: local folders and S3, all behind `object_store`.

mod explain;
mod folder;
mod local;
mod location;
mod places;

pub use explain::explain;
pub(crate) use explain::explain_credentials;
pub use folder::Folder;
pub(crate) use folder::credentials;
pub use location::Location;
pub use places::Places;
