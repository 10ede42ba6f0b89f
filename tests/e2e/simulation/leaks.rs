//! What must never leave: credentials in anything that is written, sent or logged, and people's names in the log.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::subscriber::DefaultGuard;

/// The app's credentials.
pub(super) const CREDENTIALS: &str = "credentials-of-the-app";
/// What every person's name begins with.
pub(super) const PERSONAL: &str = "named-";

/// Looks at everything that comes by, and keeps what should not be there.
#[derive(Clone, Default)]
pub(super) struct Leaks {
    found: Arc<Mutex<Vec<String>>>,
}

impl Leaks {
    /// Looks at the log of this thread until the guard is dropped.
    pub(super) fn listen(&self) -> DefaultGuard {
        let leaks = self.clone();
        let log = tracing_subscriber::fmt().json().with_writer(move || Log(leaks.clone()));
        tracing::subscriber::set_default(log.finish())
    }

    /// Looks at something that was written to the table.
    pub(super) fn written(&self, text: &str) {
        self.look("a row", text, &[CREDENTIALS]);
    }

    fn look(&self, place: &str, text: &str, secrets: &[&str]) {
        if secrets.iter().any(|secret| text.contains(secret)) {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(format!("{place} tells what must not leave: {text}"));
        }
    }

    /// The first leak that was found.
    pub(super) fn verdict(&self) -> Result<(), String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.first().map_or(Ok(()), |leak| Err(leak.clone()))
    }
}

/// A writer of the log; each line comes as one piece.
struct Log(Leaks);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.look("the log", &String::from_utf8_lossy(line), &[CREDENTIALS, PERSONAL]);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
