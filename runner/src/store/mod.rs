//! Object stores: local folders and S3, all behind `object_store`.

mod explain;
mod folder;
mod local;
mod location;

pub use explain::explain;
pub use folder::Folder;
pub use location::Location;
