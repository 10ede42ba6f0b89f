//! A function in Node.js and one in Python, that make the two calls of the database that a SCIM read makes; installed where they
//! are missing, at the versions of their lock files.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{measure::Subject, stand::Stand};

const FUNCTION: &str = "ScimFunction";

/// Both of them.
pub(crate) fn subjects(stand: &Stand) -> Vec<Subject> {
    let sources = workspace().join("tests/benches/functions/rivals");
    let node = format!(
        "'{}' '{}'",
        program("node").display(),
        installed_node(&sources.join("node")).join("function.mjs").display()
    );
    let python = format!(
        "'{}' '{}'",
        installed_python("boto3").join("bin/python").display(),
        sources.join("python/function.py").display()
    );
    [("Node.js, its SDK", node), ("Python, boto3", python)]
        .map(|(name, command)| stand.subject(name, FUNCTION, &command, "scim", true))
        .into()
}

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A virtual environment with what tests/python/requirements-<name>.txt lists.
pub(crate) fn installed_python(name: &str) -> PathBuf {
    let folder = workspace().join(".tools").join(name);
    let requirements = workspace().join(format!("tests/python/requirements-{name}.txt"));
    let wanted = fs::read_to_string(&requirements).unwrap();
    if is_installed(&folder, &wanted) {
        return folder;
    }
    run(Command::new(program("python3")).args(["-m", "venv"]).arg(&folder));
    let pip = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement"];
    run(Command::new(folder.join("bin/pip")).args(pip).arg(&requirements));
    fs::write(folder.join("installed"), wanted).unwrap();
    folder
}

/// A folder with the function and its packages.
fn installed_node(source: &Path) -> PathBuf {
    let folder = workspace().join(".tools/aws-sdk-js");
    fs::create_dir_all(&folder).unwrap();
    for name in ["package.json", "package-lock.json", "function.mjs"] {
        fs::copy(source.join(name), folder.join(name)).unwrap();
    }
    let wanted = fs::read_to_string(source.join("package-lock.json")).unwrap();
    if !is_installed(&folder, &wanted) {
        let npm = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        run(Command::new("npm").args(npm).current_dir(&folder));
        fs::write(folder.join("installed"), wanted).unwrap();
    }
    folder
}

/// What was installed is what was wanted then.
fn is_installed(folder: &Path, wanted: &str) -> bool {
    fs::read_to_string(folder.join("installed")).is_ok_and(|installed| installed == wanted)
}

fn run(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).status();
    assert!(ended.is_ok_and(|status| status.success()), "{command:?} failed");
}

/// Where a program is: the measured ones find nothing by name.
fn program(name: &str) -> PathBuf {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is needed"))
}
