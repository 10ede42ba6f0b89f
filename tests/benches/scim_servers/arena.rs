//! All servers with the same people, measured in turn: operation by operation, so that what the machine does meanwhile
//! meets all of them alike.

use std::{path::PathBuf, time::Duration};

use hyper::StatusCode;
use serde::Serialize;
use tempfile::TempDir;

use crate::{
    http::once,
    load::{Figure, Limits, excerpt, run},
    operations::{self, Group},
    people,
    servers::{Kind, Server},
};

/// By how many clients at the same time users are asked for. Groups are changed by one.
const CLIENTS: [usize; 2] = [1, 8];

/// What is measured with one size of directory.
pub(crate) struct Settings {
    pub(crate) people: usize,
    /// Parts of the names of what is measured; all where it is empty.
    pub(crate) operations: Vec<String>,
    pub(crate) limit: Duration,
    pub(crate) requests: usize,
    pub(crate) budget: Duration,
    pub(crate) seeds: Option<PathBuf>,
    pub(crate) scratch: TempDir,
}

impl Settings {
    fn wants(&self, operation: &str) -> bool {
        self.operations.is_empty() || self.operations.iter().any(|wanted| operation.contains(wanted.as_str()))
    }
}

/// A server that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Contestant {
    pub(crate) server: &'static str,
    /// How many users it held at the start.
    pub(crate) holds: usize,
    pub(crate) loaded_seconds: f64,
    /// Before the first request.
    pub(crate) resident_megabytes: f64,
    /// After the last.
    pub(crate) resident_megabytes_after: f64,
    /// Of its database, where that is a process of its own.
    pub(crate) database_megabytes: Option<f64>,
}

/// What was measured with one size of directory.
#[derive(Debug, Serialize)]
pub(crate) struct Size {
    pub(crate) people: usize,
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) figures: Vec<Figure>,
    /// What a server did wrong; a figure of it says nothing then.
    pub(crate) wrong: Vec<String>,
}

/// The servers of one size.
pub(crate) struct Arena {
    pub(crate) servers: Vec<Server>,
}

impl Arena {
    /// Starts and loads the servers, one after the other.
    pub(crate) async fn open(settings: &Settings, kinds: &[Kind]) -> Self {
        let file = settings.scratch.path().join("people.jsonl");
        people::write(&file, settings.people).expect("a file");
        let mut servers = Vec::new();
        for kind in kinds {
            servers.push(Server::start(*kind, settings, &file).await);
        }
        Self { servers }
    }

    /// Measures everything.
    pub(crate) async fn measure(&mut self, settings: &Settings) -> Size {
        let limits = Limits { time: settings.limit, requests: settings.requests };
        let contestants: Vec<_> = self.servers.iter().map(contestant).collect();
        let (mut figures, mut wrong) = (Vec::new(), Vec::new());
        for server in &self.servers {
            wrong.extend(operations::verify(server).await);
        }
        for clients in CLIENTS {
            let asked = |server| {
                let all = operations::of_users(server, clients, settings.requests).into_iter();
                all.filter(|operation| settings.wants(operation.name)).collect()
            };
            let asked: Vec<Vec<_>> = self.servers.iter().map(asked).collect();
            for operation in 0..asked[0].len() {
                for (server, asked) in self.servers.iter().zip(&asked) {
                    let asked = &asked[operation];
                    let (name, repeated) = (asked.name, asked.repeated);
                    figures.push(run(server, name, clients, &asked.requests, repeated, limits).await);
                }
            }
        }
        for group in operations::groups(settings.people).iter().filter(|group| settings.wants(group.name)) {
            for server in &self.servers {
                match make(server, group).await {
                    Ok(id) => {
                        wrong.extend(operations::verify_group(server, group, &id).await);
                        let patches = Group::patches(&server.target, &id);
                        figures.push(run(server, group.name, 1, &patches, true, limits).await);
                    }
                    Err(problem) => {
                        wrong.push(format!("{}: no {}: {problem}", server.kind.name(), group.name))
                    }
                }
            }
        }
        let contestants = contestants.into_iter().zip(&self.servers).map(|(contestant, server)| Contestant {
            resident_megabytes_after: server.process.resident_megabytes(),
            database_megabytes: server.database_megabytes(),
            ..contestant
        });
        Size { people: settings.people, contestants: contestants.collect(), figures, wrong }
    }
}

/// Makes a group, and answers its id.
async fn make(server: &Server, group: &Group) -> Result<String, String> {
    let answer = once(&server.target, group.create(&server.target)).await;
    match (answer.status, answer.json()["id"].as_str()) {
        (StatusCode::CREATED, Some(id)) => Ok(id.to_owned()),
        _ => Err(format!("{}: {}", answer.status, excerpt(&answer.body))),
    }
}

fn contestant(server: &Server) -> Contestant {
    let resident_megabytes = server.process.resident_megabytes();
    Contestant {
        server: server.kind.name(),
        holds: server.holds,
        loaded_seconds: server.loaded_in.as_secs_f64(),
        resident_megabytes,
        resident_megabytes_after: resident_megabytes,
        database_megabytes: None,
    }
}
