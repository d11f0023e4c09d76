//! Lets the linker put functions of the same code into one, which takes megabytes off the release binary (docs/performance.md).
//!
//! Only where Rust brings the linker that can (LLD, on Linux x86-64 with glibc since 1.90), and only where size counts.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |variable: &str, wanted: &str| std::env::var(variable).is_ok_and(|is| is == wanted);
    let has_lld = is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if has_lld && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
}
