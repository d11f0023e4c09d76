//! How long to wait before something is tried again.

use std::time::Duration;

use uuid::Uuid;

const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// How long to wait after so many failures in a row. Doubles each time, and half of it is chance, so that two runs do not
/// meet again.
pub(crate) fn pause(failures: u32) -> Duration {
    let full = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    // The last bytes of a version 7 UUID are random.
    let chance = u32::from(Uuid::now_v7().as_bytes()[15]);
    full / 2 + (full / 510).saturating_mul(chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        for failures in 1..5 {
            let full = PAUSE_FIRST * 2_u32.pow(failures - 1);
            let pause = pause(failures);
            assert!(full / 2 <= pause && pause <= full, "{pause:?}");
        }
    }
}
