//! Connections that break at packets chosen by chance. A few in every run of the suite, `UNGLUE_FAULTS` for each server more.

use libtest_mimic::Trial;

use crate::faults::songs::{assert_applied, assert_settled, change, prepare, run_on};
use crate::scenarios::site::{MARIADB, MYSQL, Site, scenarios};
use crate::support::proxy::{Fault, Moment};
use crate::support::{Shared, counts, number};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB]; a_connection_may_break_at_any_packet].collect()
}

const FAULTS: u64 = 4;
const SEED: u64 = 1;
const BREAKS: [Fault; 4] = [Fault::DropBefore, Fault::DropWhile, Fault::DropAnswer, Fault::Reset];

/// The next number of a sequence: splitmix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn a_connection_may_break_at_any_packet(site: &Site<'_>) {
    let faults = number("UNGLUE_FAULTS").unwrap_or(FAULTS);
    let mut state = number("UNGLUE_SEED").unwrap_or(SEED);
    let (server, _) = site.server();
    prepare(site, 3_000);
    site.run();
    let ways: [&[&str]; 2] = [&[], &["--full-refresh"]];
    // So many packets a run of each way has.
    let packets = ways.map(|more| {
        change(site, 1_500);
        let proxy = server.proxy(Moment::Never, Fault::Reset, 0);
        assert_applied(&run_on(site, &proxy.url(&site.target()), more));
        proxy.packets()
    });
    let mut injected = 0;
    for fault in 0..faults {
        let way = usize::from(fault % 2 == 1);
        change(site, if fault % 4 < 2 { 1_500 } else { 30 });
        let packet = 1 + next(&mut state) % packets[way];
        let kind = BREAKS[usize::try_from(next(&mut state) % 4).unwrap()];
        let proxy = server.proxy(Moment::Packet(packet), kind, 1);
        let output = run_on(site, &proxy.url(&site.target()), ways[way]);
        assert_eq!(output.status, Some(0), "{kind:?} at packet {packet}: {}", output.stderr);
        injected += proxy.injected();
        assert_settled(site);
    }
    // A run of few rows may end before its packet comes; most do not.
    assert!(u64::from(injected) * 2 >= faults, "only {injected} of {faults} faults were injected");
    counts::add(&format!("faults at random on {}", server.flavour()), injected.into());
}
