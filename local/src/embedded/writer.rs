//! Takes the writes of a database in a file: one after the other, each on the disk before it is answered.
//!
//! SQLite writes one transaction at a time, and to wait for the disk takes longer than most transactions. So one thread
//! makes them, in the order in which they came, and another waits for the disk, once for all that were made meanwhile
//! (group commit). The log that it waits for is written from front to back: what a reader saw of a write that the disk
//! did not keep cannot be followed by anything that it did keep.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::mpsc,
    thread,
};

use dynoxide::{Database, errors::DynoxideError};
use tokio::sync::oneshot;

use super::connector::Answer;

/// A write that waits for its turn.
struct Write {
    target: String,
    body: Vec<u8>,
    reply: oneshot::Sender<Answer>,
}

/// A write that waits for the disk.
struct Written {
    answer: Answer,
    reply: oneshot::Sender<Answer>,
}

/// The way to the two threads, which end when nobody has it any more.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Write>);

impl Writer {
    /// Starts the threads for the database in `path`; `make` makes a write on `database`.
    ///
    /// # Errors
    /// When SQLite's log cannot be opened, or no thread is to be had.
    pub(super) fn start(
        path: &Path,
        database: &Database,
        make: impl Fn(&str, &[u8]) -> Answer + Send + 'static,
    ) -> io::Result<Self> {
        let log = log_of(path)?;
        // `synchronous = NORMAL`: SQLite itself waits for the disk where it moves the log into the file, so that the file
        // is never damaged, and no more at each commit (sqlite.org/pragma.html#pragma_synchronous).
        database.disable_bulk_loading().map_err(io::Error::other)?;
        let (writes, waiting) = mpsc::channel::<Write>();
        let (made, written) = mpsc::channel::<Written>();
        thread::Builder::new().name("writes".to_owned()).spawn(move || {
            for Write { target, body, reply } in waiting {
                let answer = make(&target, &body);
                // The other thread ends after this one.
                let _ = made.send(Written { answer, reply });
            }
        })?;
        thread::Builder::new().name("disk".to_owned()).spawn(move || keep(|| log.sync_data(), &written))?;
        Ok(Self(writes))
    }

    /// The answer to a write. `None` when the threads ended.
    pub(super) async fn write(&self, target: String, body: Vec<u8>) -> Option<Answer> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Write { target, body, reply }).ok()?;
        answer.await.ok()
    }
}

/// SQLite's log of the database, which stays the same file as long as somebody has the database open.
fn log_of(path: &Path) -> io::Result<File> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    OpenOptions::new().write(true).open(log)
}

/// Answers writes when `sync` has brought them to the disk.
fn keep(sync: impl Fn() -> io::Result<()>, written: &mpsc::Receiver<Written>) {
    while let Ok(first) = written.recv() {
        let all: Vec<Written> = std::iter::once(first).chain(written.try_iter()).collect();
        let kept = sync();
        if let Err(error) = &kept {
            tracing::error!(%error, "the disk did not keep what was written");
        }
        for Written { answer, reply } in all {
            let answer = match &kept {
                Ok(()) => answer,
                Err(error) => refusal(error),
            };
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        }
    }
}

fn refusal(error: &io::Error) -> Answer {
    let error = DynoxideError::InternalServerError(format!("the disk did not keep the write: {error}"));
    (error.status_code(), error.to_json())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, sync::Mutex};

    use super::*;

    /// Three writes that were made while the disk was busy, with who waits for them.
    fn three() -> (mpsc::Receiver<Written>, Vec<oneshot::Receiver<Answer>>) {
        let (made, written) = mpsc::channel();
        let waiting = (0..3).map(|number| {
            let (reply, answer) = oneshot::channel();
            made.send(Written { answer: (200, number.to_string()), reply }).unwrap();
            answer
        });
        let waiting = waiting.collect();
        (written, waiting)
    }

    #[test]
    fn writes_wait_for_the_disk_once_for_all_and_are_answered_after_it() {
        let (written, waiting) = three();
        let (syncs, waiting) = (Cell::new(0), Mutex::new(waiting));
        keep(
            || {
                syncs.set(syncs.get() + 1);
                for answer in &mut *waiting.lock().unwrap() {
                    assert!(answer.try_recv().is_err(), "nothing is answered before the disk has it");
                }
                Ok(())
            },
            &written,
        );
        assert_eq!(syncs.get(), 1);
        for (number, mut answer) in waiting.into_inner().unwrap().into_iter().enumerate() {
            assert_eq!(answer.try_recv().unwrap(), (200, number.to_string()));
        }
    }

    #[test]
    fn what_the_disk_did_not_keep_is_refused() {
        let (written, waiting) = three();
        keep(|| Err(io::Error::other("it is full")), &written);
        for mut answer in waiting {
            let (status, body) = answer.try_recv().unwrap();
            assert_eq!(status, 500);
            assert!(body.contains("it is full"), "{body}");
        }
    }

    #[tokio::test]
    async fn writes_are_made_one_after_the_other_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usher.db");
        let database = Database::new(path.to_str().unwrap()).unwrap();
        let made = Mutex::new(Vec::new());
        let writer = Writer::start(&path, &database, move |target, body| {
            let mut made = made.lock().unwrap();
            made.push(String::from_utf8(body.to_vec()).unwrap());
            (200, format!("{target} {}", made.join(" ")))
        });
        let writer = writer.unwrap();
        let write = |body: &str| writer.write("PutItem".to_owned(), body.as_bytes().to_vec());
        let answers = tokio::join!(write("a"), write("b"), write("c"));
        let texts = [answers.0, answers.1, answers.2].map(|answer| answer.unwrap().1);
        assert_eq!(texts, ["PutItem a", "PutItem a b", "PutItem a b c"]);
    }
}
