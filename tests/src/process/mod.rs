//! The processes of an end-to-end test: Usher itself, a real identity provider, a real SCIM server.
//!
//! Each belongs to the value that started it and ends with it. What it printed is kept in a file, which is shown when
//! the test fails.

mod canaille;
mod chrome_driver;
mod ghost;
mod group;
mod log;
mod ministack;
mod mlflow;
mod rabbitmq;
mod scim2_server;
mod script;
mod usher;

use std::{
    env,
    path::{Path, PathBuf},
};

pub use canaille::{Canaille, OpenId, Pushed};
pub use chrome_driver::{ChromeDriver, axe};
pub use ghost::Ghost;
pub use ministack::Ministack;
pub use mlflow::Mlflow;
pub use rabbitmq::RabbitMq;
pub use scim2_server::Scim2Server;
pub use script::run_python;
pub use usher::{Access, Ready, Usher, UsherOptions};

use crate::Result;

/// The workspace's folder.
fn workspace() -> Result<PathBuf> {
    let here = env::current_dir()?;
    let root =
        here.ancestors().find(|folder| folder.join("Cargo.lock").exists() && folder.join("test").exists());
    Ok(root.ok_or_else(|| format!("{} is not inside the workspace", here.display()))?.to_owned())
}

/// A program that `./test --tools` installs.
fn tool(path: &str) -> Result<PathBuf> {
    let program = workspace()?.join(".tools").join(path);
    existing(program, "run `./test --tools` once, which installs the tools of the tests")
}

fn existing(path: PathBuf, advice: &str) -> Result<PathBuf> {
    if path.exists() { Ok(path) } else { Err(format!("{} is missing: {advice}", path.display()).into()) }
}

/// The folder into which cargo put this test: `target/debug/deps` is where tests are, its parent has the programs.
///
/// # Errors
/// When the test is somewhere else.
pub fn target_folder() -> Result<PathBuf> {
    let test = env::current_exe()?;
    let folder = test.ancestors().nth(2).map(Path::to_owned);
    Ok(folder.ok_or("the test is not inside a target folder")?)
}

/// The deployed programs that tests run: those beside the test, or those of the folder in `USHER_PROGRAMS`, as
/// `./test --full` has it for release builds.
///
/// # Errors
/// When the test is not inside a target folder.
pub fn programs_folder() -> Result<PathBuf> {
    match env::var_os("USHER_PROGRAMS") {
        Some(folder) => Ok(workspace()?.join(folder)),
        None => target_folder(),
    }
}

/// A port that was free a moment ago. For programs that cannot choose one and say so.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
