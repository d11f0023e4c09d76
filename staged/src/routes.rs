//! How large a table of routes may be: a JSON object from folders of staged tables to the jobs that read from them, which the
//! runner writes and the function that events invoke reads.

/// Folders: more than anybody has, and less than what fills a small function's memory.
pub const FOLDERS_MAX: usize = 10_000;
/// Jobs of one folder.
pub const JOBS_MAX: usize = 100;
