//! The data folder: the database, the key that seals credentials, the connection's tokens, dead letters. All
//! for its owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use usher_aws::system::SystemIds;
use usher_domain::ports::Ids;

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file cannot be read or written.
    #[error("{path}: {problem}; check the folder's owner and free space, or choose another with --data")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// Another process uses it.
    #[error("{0} is in use by another `usher serve`; stop it, or choose another folder with --data")]
    InUse(PathBuf),
}

/// The data folder, locked for this process.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Held as long as the process lives, however it ends.
    _lock: File,
}

/// Where the suite listens and how it is reached; kept so that later starts are reached the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The workspace.
    pub workspace: String,
    /// The SCIM connection.
    pub connection: String,
    /// The SCIM connection's token.
    pub scim_token: String,
    /// The admin API's key.
    pub api_token: String,
    /// The token of the simulated app, where there is one.
    #[serde(default)]
    pub app_token: Option<String>,
    /// Where the suite was last reached.
    #[serde(default)]
    pub origin: String,
}

impl DataFolder {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// When it cannot be made, or another process uses it.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let failed = |error: io::Error| DataError::File { path: path.to_owned(), problem: error.to_string() };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = private().open(path.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|_| DataError::InUse(path.to_owned()))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The key that seals credentials; made at the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn sealing_key(&self) -> Result<[u8; 32], DataError> {
        let path = self.file("sealing.key");
        let failed = |problem: String| DataError::File { path: path.clone(), problem };
        if let Ok(key) = fs::read(&path) {
            return key.try_into().map_err(|_| failed("it is not a key of 32 bytes".to_owned()));
        }
        let key = SystemIds.secret();
        write_private(&path, &key).map_err(|error| failed(error.to_string()))?;
        Ok(key)
    }

    /// How the suite is reached, if it was started before.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn access(&self) -> Result<Option<Access>, DataError> {
        read_access(&self.path)
    }

    /// Keeps how the suite is reached.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_access(&self, access: &Access) -> Result<(), DataError> {
        let path = self.file(ACCESS_FILE);
        let failed = |problem: String| DataError::File { path: path.clone(), problem };
        let text = serde_json::to_vec_pretty(access).map_err(|error| failed(error.to_string()))?;
        write_private(&path, &text).map_err(|error| failed(error.to_string()))
    }

    /// Where dead letters go.
    pub fn dead_letters(&self) -> DeadLetters {
        DeadLetters { path: self.file("dead-letters.jsonl") }
    }
}

const ACCESS_FILE: &str = "access.json";

/// How the suite whose data is in this folder is reached.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_access(folder: &Path) -> Result<Option<Access>, DataError> {
    let path = folder.join(ACCESS_FILE);
    let failed = |problem: String| DataError::File { path: path.clone(), problem };
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false).mode(0o600);
    options
}

/// Writes a file whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = private().open(&new)?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// What could not be handled, a JSON line each.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    path: PathBuf,
}

impl DeadLetters {
    /// Keeps something that could not be handled.
    pub fn keep(&self, from: &str, letter: &impl Serialize) {
        let line = serde_json::json!({ "from": from, "letter": letter });
        let kept = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.path)
            .and_then(|mut file| writeln!(file, "{line}"));
        match kept {
            Ok(()) => tracing::error!(from, "something could not be handled and is kept as a dead letter"),
            Err(error) => tracing::error!(from, %error, "a dead letter could not be kept"),
        }
    }
}
