//! Usher's data with people in it, written through the store and not over HTTP: 100,000 people take two to three minutes
//! on a quiet machine. What the stream holds of them is dropped: nobody has a seat by it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use futures::{TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use usher_domain::{
    change::{Actor, Cause, Trigger},
    directory::UserRecord,
    id::ConnectionId,
    ports::Directory,
};
use usher_local::{data::read_access, embedded::Embedded};

use super::usher::first_start;
use crate::{arena::Settings, people};

/// Users written at the same time.
const AT_ONCE: usize = 8;
/// Users after which the stream is emptied.
const STRETCH: usize = 2_000;

/// A data folder with so many people. Made once per run, or once for all where it is kept.
pub(crate) async fn seed(settings: &Settings) -> PathBuf {
    let kept = settings.seeds.clone().unwrap_or_else(|| settings.scratch.path().to_owned());
    let (folder, unfinished) = (
        kept.join(format!("people-{}", settings.people)),
        kept.join(format!("unfinished-{}", settings.people)),
    );
    if folder.exists() {
        return folder;
    }
    let began = Instant::now();
    let _ = fs::remove_dir_all(&unfinished);
    fs::create_dir_all(&unfinished).expect("a folder");
    first_start(&unfinished).await;
    fill(&unfinished, settings.people).await;
    fs::rename(&unfinished, &folder).expect("a folder");
    eprintln!("{} people seeded for Usher in {} s", settings.people, began.elapsed().as_secs());
    folder
}

async fn fill(folder: &Path, people: usize) {
    let access = read_access(folder).expect("a readable file").expect("an access");
    let connection: ConnectionId = access.connection.parse().expect("an id");
    let embedded = Embedded::open(&folder.join("usher.db")).await.expect("a database");
    for first in (0..people).step_by(STRETCH) {
        create(&embedded.store, &connection, first..people.min(first + STRETCH)).await;
        while let Some(last) = embedded.stream.read(1_000).await.expect("the stream").last() {
            embedded.stream.drop_through(last.sequence).await.expect("the stream");
        }
    }
}

/// Creates people through the store.
pub(crate) async fn create(
    store: &impl Directory,
    connection: &ConnectionId,
    numbers: std::ops::Range<usize>,
) {
    stream::iter(numbers.map(Ok))
        .try_for_each_concurrent(AT_ONCE, |number| async move {
            // Lists are in order of creation.
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_767_225_600 + number as i64);
            let Value::Object(resource) = people::user(&people::user_name(number)) else { return Ok(()) };
            let user = UserRecord {
                id: people::id(number).into(),
                connection: connection.clone(),
                version: 1,
                created_at: at,
                modified_at: at,
                deleted_at: None,
                resource,
                unique: std::collections::BTreeSet::new(),
            };
            let cause = Cause {
                actor: Actor::Connection { id: connection.clone(), name: "Identity provider".to_owned() },
                trigger: Trigger::Scim,
                correlation_id: format!("seed-{number}"),
                at: Timestamp::now(),
            };
            store.create_user(&user, uuid::Uuid::now_v7().into(), &cause).await
        })
        .await
        .expect("a user");
}
