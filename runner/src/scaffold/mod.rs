//! Writing a job's folder: what `init` and `import` share. Names and texts are pure; [`folder`] puts them in their place.

pub(crate) mod ddl;
pub(crate) mod folder;
pub(crate) mod load;
pub(crate) mod names;
pub(crate) mod next;
pub(crate) mod target;
