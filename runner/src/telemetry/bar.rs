//! The bar that is drawn on stderr, if there is one: whatever else is written there stands above it, and never in it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// From now on this bar is drawn.
pub(crate) fn put(bar: ProgressBar) {
    *lock() = Some(bar);
}

/// No bar is drawn any more.
pub(crate) fn remove() {
    let _bar = lock().take();
}

/// Writes while the bar is not there.
pub(super) fn around<T>(write: impl FnOnce() -> T) -> T {
    // Not locked while it is written: the bar has a lock of its own.
    let bar = lock().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn lock() -> MutexGuard<'static, Option<ProgressBar>> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}
