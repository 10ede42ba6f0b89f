//! The programs as they are deployed: built, and as large as their archives are.

use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::DeflateEncoder};
use usher_local::template::Template;

use crate::rivals::{installed_python, workspace};

/// The most that an archive may have: a larger one is fetched noticeably later.
pub(crate) const BUDGET: u64 = 6_000_000;

/// A program that was built.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// In its archive.
    pub(crate) zipped: u64,
}

impl Program {
    pub(crate) fn fits(&self) -> bool {
        self.zipped <= BUDGET
    }
}

/// The names of the programs in template.yaml.
fn names() -> BTreeSet<String> {
    Template::load().unwrap().functions.into_values().map(|function| function.binary).collect()
}

/// The programs in a folder.
pub(crate) fn found(folder: &Path) -> Vec<Program> {
    // Cargo runs this in the folder of the tests.
    let folder = workspace().join(folder);
    names().into_iter().map(|name| program(&folder.join(&name), name)).collect()
}

/// Builds the programs: for this machine, or for Lambda's processor.
pub(crate) fn build(arm64: bool) -> Vec<Program> {
    let mut command = match arm64 {
        false => Command::new("cargo"),
        true => cargo_lambda(),
    };
    command.args(["build", "--release", "--locked", "--bins", "--all-features"]);
    if arm64 {
        command.arg("--arm64");
    }
    for name in &names() {
        let package = match name.strip_prefix("connector-") {
            Some(app) => format!("usher-connector-{app}"),
            None => format!("usher-fn-{name}"),
        };
        command.args(["--package", &package]);
    }
    let built = command.current_dir(workspace()).status();
    assert!(built.is_ok_and(|status| status.success()), "the programs cannot be built");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    if !arm64 {
        return found(&target.join("release"));
    }
    let bootstrap = |name: &String| target.join("lambda").join(name).join("bootstrap");
    names().into_iter().map(|name| program(&bootstrap(&name), name)).collect()
}

/// Cargo-lambda, which SAM builds by too, where it finds the compiler for C that is installed beside it.
fn cargo_lambda() -> Command {
    let tools = installed_python("lambda").join("bin");
    let mut command = Command::new(tools.join("cargo-lambda"));
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools].into_iter().chain(env::split_paths(&path))).unwrap();
    command.env("PATH", path).arg("lambda");
    command
}

fn program(path: &Path, name: String) -> Program {
    let content = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut archive = DeflateEncoder::new(Vec::new(), Compression::default());
    archive.write_all(&content).unwrap();
    let zipped = archive.finish().unwrap().len() as u64;
    Program { name, path: path.to_owned(), bytes: content.len() as u64, zipped }
}
