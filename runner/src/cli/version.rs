//! What the program says of its own build: `build.rs` finds it out.

use std::sync::LazyLock;

use datafusion::DATAFUSION_VERSION;

/// Version and commit, for `-V`.
pub(super) const SHORT: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("UNGLUE_COMMIT"), ")");

/// All that is known, for `--version`.
pub(super) fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        let [version, commit, date] =
            [env!("CARGO_PKG_VERSION"), env!("UNGLUE_COMMIT"), env!("UNGLUE_COMMIT_DATE")];
        let [target, profile] = [env!("UNGLUE_BUILD_TARGET"), env!("UNGLUE_BUILD_PROFILE")];
        format!(
            "{version}\ncommit: {commit}\ncommit date: {date}\ntarget: {target}\nprofile: {profile}\ndatafusion: {DATAFUSION_VERSION}"
        )
    });
    &LONG
}
