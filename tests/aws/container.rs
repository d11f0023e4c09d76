//! The image of `deploy/Dockerfile`, as far as it can be without Docker: a folder with just its files, as a root that nothing writes to.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Trial;
use tempfile::TempDir;

use crate::support::{Runner, Servers, Shared, trials};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let mut trials = trials![servers;
        the_program_needs_no_library_that_the_image_lacks,
        the_image_is_built_of_every_member_of_the_workspace,
    ];
    let runs =
        trials![servers; a_job_runs_from_a_read_only_root_without_a_shell_and_without_rights];
    // Where the kernel lets this user have no root of its own, nothing can be installed that would help: it is shown as ignored, and said.
    let is_left_out = !may_unshare();
    if is_left_out {
        warn("the trial from a read-only root is left out: this user may not unshare namespaces");
    }
    trials.extend(runs.into_iter().map(|trial| trial.with_ignored_flag(is_left_out)));
    trials
}

#[expect(clippy::print_stderr, reason = "whoever starts the tests is told what they leave out")]
fn warn(text: &str) {
    eprintln!("warning: {text}");
}

/// Those of C and of GCC that `gcr.io/distroless/cc-debian12` has, and the program may need.
const LIBRARIES: [&str; 5] = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux-", "linux-vdso.so"];

/// Runs `$2…` with the root `$1`, of which only `/tmp` can be written, as the image's user where this user may choose.
const CONTAINER: &str = r#"
set -e
root=$1
shift
mount --bind "$root" "$root"
mount --bind "$root/tmp" "$root/tmp"
mount -o remount,bind,ro "$root"
if [ "$OUTSIDE" = 0 ]; then
    exec chroot --userspec=65532:65532 "$root" "$@"
fi
exec chroot "$root" "$@"
"#;

/// Returns the paths of the libraries that the program loads.
fn libraries() -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(Runner::path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("libc.so"), "{said}");
    said.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

fn the_program_needs_no_library_that_the_image_lacks(_: &Servers) {
    for library in libraries() {
        let name = library.file_name().unwrap().to_string_lossy().into_owned();
        assert!(LIBRARIES.iter().any(|known| name.starts_with(known)), "{name}");
    }
}

/// Cargo reads the manifest of every member, also of those that are not compiled.
fn the_image_is_built_of_every_member_of_the_workspace(_: &Servers) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let manifest = read("Cargo.toml");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
    // A list of texts in one line is the same in TOML and in JSON.
    let members: Vec<String> = serde_json::from_str(members).unwrap();
    assert!(members.len() > 5, "{members:?}");
    let ignored = read(".dockerignore");
    // All is left out but what a line lets through.
    assert!(ignored.lines().any(|line| line == "*"), "{ignored}");
    for member in members {
        assert!(ignored.lines().any(|line| line == format!("!{member}")), "{member}");
    }
}

/// Makes the image's files.
fn image() -> TempDir {
    let root = tempfile::Builder::new()
        .prefix("unglue-image-")
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .unwrap();
    let copy = |from: &Path, to: &Path| {
        let to = root.path().join(to.strip_prefix("/").unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    };
    copy(Runner::path(), Path::new("/runner"));
    for library in libraries() {
        copy(&library, &library);
    }
    let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sql");
    let copied = Command::new("cp").arg("-R").arg(&sql).arg(root.path()).status().unwrap();
    assert!(copied.success());
    let tmp = root.path().join("tmp");
    fs::create_dir(&tmp).unwrap();
    fs::set_permissions(&tmp, Permissions::from_mode(0o1777)).unwrap();
    root
}

/// Tells whether this user is root outside of any namespace that we make.
fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"))
}

/// The namespaces in which this user may mount something.
fn spaces() -> &'static [&'static str] {
    if is_root() { &["--mount"] } else { &["--user", "--map-root-user", "--mount"] }
}

fn may_unshare() -> bool {
    let tried = Command::new("unshare").args(spaces()).arg("true").output();
    tried.is_ok_and(|tried| tried.status.success())
}

/// Runs the entry point with arguments.
fn run(root: &Path, args: &[&str]) -> Output {
    Command::new("unshare")
        .args(spaces())
        .args(["sh", "-c", CONTAINER, "sh"])
        .arg(root)
        .arg("/runner")
        .args(args)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("OUTSIDE", if is_root() { "0" } else { "1" })
        .env("TMPDIR", "/tmp")
        .output()
        .unwrap()
}

fn a_job_runs_from_a_read_only_root_without_a_shell_and_without_rights(_: &Servers) {
    let root = image();
    let load = |target: &str| {
        run(root.path(), &["run", "--jobs", "/sql", "--job", "load_sales", "--target", target])
    };
    let output = load("sqlite:/tmp/load_sales.db");
    let said = format!("{output:?}");
    assert!(output.status.success(), "{said}");
    assert!(root.path().join("tmp/load_sales.db").is_file(), "{said}");
    // Nothing else can be written, and nothing is left behind.
    let refused = load("sqlite:/load_sales.db");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let left: Vec<_> = fs::read_dir(root.path().join("tmp"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("load_sales.db"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
