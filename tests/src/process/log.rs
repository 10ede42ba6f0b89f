//! What a process printed.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

/// The file that collects a process's output, over all its restarts; shown when the test fails.
#[derive(Debug)]
pub(super) struct Log {
    of: &'static str,
    path: PathBuf,
}

impl Log {
    pub(super) fn new(of: &'static str, folder: &Path) -> Self {
        Self { of, path: folder.join(format!("{of}.log")) }
    }

    pub(super) fn stdio(&self) -> io::Result<Stdio> {
        Ok(self.file()?.into())
    }

    fn file(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.path)
    }

    pub(super) fn text(&self) -> String {
        std::fs::read(&self.path).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    /// The last lines, for an error message.
    pub(super) fn tail(&self) -> String {
        const LINES: usize = 200;
        let text = self.text();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

impl Drop for Log {
    #[expect(clippy::print_stderr, reason = "the runner shows a failed test's standard error")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- {} said last:\n{}\n---", self.of, self.tail());
        }
    }
}
