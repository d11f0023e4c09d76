//! The most memory that this process had at a time, without what the system keeps of its files; known on Linux.

/// Counts from here on, where the system allows it; else from the process's begin.
pub(crate) fn begin() {
    // proc(5): 5 resets the high water mark.
    let _not_allowed = std::fs::write("/proc/self/clear_refs", "5");
}

/// So far.
pub(crate) fn bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kib.saturating_mul(1024))
}
