//! Lets the linker put functions of the same code into one, and pack relocations, which takes megabytes off the release binary
//! (docs/performance.md).
//!
//! Only where Rust brings the linker that can (LLD, on Linux x86-64 with glibc since 1.90), and only where size counts.

use std::process::Command;

/// The first glibc that reads packed relocations (DT_RELR, release notes of 2.36).
const PACKED_SINCE: [u32; 2] = [2, 36];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |variable: &str, wanted: &str| std::env::var(variable).is_ok_and(|is| is == wanted);
    let has_lld = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if has_lld && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
        if glibc().is_some_and(|version| version >= PACKED_SINCE) {
            println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// The version of this machine's glibc: `glibc 2.36`.
fn glibc() -> Option<[u32; 2]> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some([major.parse().ok()?, minor.parse().ok()?])
}
