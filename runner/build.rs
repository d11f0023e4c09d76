//! What the program says of its own build, and a smaller release binary.

use std::process::Command;

/// The first glibc that reads packed relocations (DT_RELR, release notes of 2.36).
const PACKED_SINCE: [u32; 2] = [2, 36];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |variable: &str, wanted: &str| std::env::var(variable).is_ok_and(|is| is == wanted);
    tell_build(is("PROFILE", "release"));
    // Lets the linker put functions of the same code into one, which takes megabytes off the release binary (docs/performance.md).
    // Only where Rust brings the linker that can (LLD, on Linux x86-64 with glibc since 1.90), and only where size counts.
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

/// Commit and date: from the environment of the build, for one without the repository; else from git, if it is there.
///
/// The date is the commit's, so that the same source makes the same program. Only a release asks git: any other build would be made
/// anew with each commit.
fn tell_build(is_release: bool) {
    for (variable, format) in [("UNGLUE_COMMIT", "%h"), ("UNGLUE_COMMIT_DATE", "%cs")] {
        println!("cargo:rerun-if-env-changed={variable}");
        let given = std::env::var(variable).ok().filter(|given| !given.is_empty());
        let asked = || git(&["log", "-1", "--abbrev=12", &format!("--format={format}")]);
        let told = given.or_else(|| is_release.then(asked).flatten());
        println!("cargo:rustc-env={variable}={}", told.as_deref().unwrap_or("unknown"));
    }
    if is_release {
        for path in ["HEAD", "logs/HEAD"] {
            if let Some(path) = git(&["rev-parse", "--path-format=absolute", "--git-path", path]) {
                println!("cargo:rerun-if-changed={path}");
            }
        }
    }
    for variable in ["TARGET", "PROFILE"] {
        let value = std::env::var(variable).unwrap_or_default();
        println!("cargo:rustc-env=UNGLUE_BUILD_{variable}={value}");
    }
}

/// What git answers, in one line.
fn git(args: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(args).output().ok().filter(|done| done.status.success())?;
    let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!answer.is_empty() && !answer.contains('\n')).then_some(answer)
}

/// The version of this machine's glibc: `glibc 2.36`.
fn glibc() -> Option<[u32; 2]> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some([major.parse().ok()?, minor.parse().ok()?])
}
