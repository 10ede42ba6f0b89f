//! Starts a program, lets it serve, and ends it, as often as is asked.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use usher_local::{
    processes::{Ended, Sandbox},
    template::FunctionSettings,
};

use crate::share::Share;

/// How many requests a program serves after its first.
const WARM: usize = 5;

/// What is measured.
pub(crate) struct Subject {
    pub(crate) name: String,
    /// The function whose role it has.
    pub(crate) function: String,
    pub(crate) settings: FunctionSettings,
    /// What a shell runs.
    pub(crate) command: String,
    pub(crate) services: String,
    pub(crate) event: Value,
    /// Whether it is somebody else's.
    pub(crate) rival: bool,
}

/// What was measured of one, sorted.
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) rival: bool,
    /// From the start of the process until it asks for its first event.
    pub(crate) init: Vec<Duration>,
    /// The first event.
    pub(crate) first: Vec<Duration>,
    /// A later event.
    pub(crate) warm: Vec<Duration>,
}

/// Subjects take turns, so that what the machine does meanwhile meets all of them.
pub(crate) async fn all(subjects: &[Subject], share: &Share, rounds: usize) -> Vec<Figures> {
    let folder = TempDir::new().unwrap();
    let programs: Vec<PathBuf> = subjects
        .iter()
        .enumerate()
        .map(|(number, subject)| {
            let path = folder.path().join(number.to_string());
            let script = format!("#!/bin/sh\n{}exec {}\n", share.entered(), subject.command);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            path
        })
        .collect();
    let mut figures: Vec<Figures> = subjects.iter().map(Figures::none).collect();
    for _ in 0..rounds {
        for ((subject, program), figures) in subjects.iter().zip(&programs).zip(&mut figures) {
            figures.add(subject, program).await;
        }
    }
    for figures in &mut figures {
        [&mut figures.init, &mut figures.first, &mut figures.warm].into_iter().for_each(|times| times.sort());
    }
    figures
}

impl Figures {
    fn none(subject: &Subject) -> Self {
        let (name, rival) = (subject.name.clone(), subject.rival);
        Self { name, rival, init: Vec::new(), first: Vec::new(), warm: Vec::new() }
    }

    async fn add(&mut self, subject: &Subject, program: &std::path::Path) {
        let began = Instant::now();
        let sandbox = Sandbox::start(&subject.function, &subject.settings, program, &subject.services).await;
        let mut sandbox = sandbox.unwrap_or_else(|error| panic!("{}: {error}", subject.name));
        self.init.push(began.elapsed());
        self.first.push(invoke(&mut sandbox, subject).await);
        for _ in 0..WARM {
            self.warm.push(invoke(&mut sandbox, subject).await);
        }
        sandbox.shut_down().await;
    }
}

async fn invoke(sandbox: &mut Sandbox, subject: &Subject) -> Duration {
    let event = subject.event.to_string();
    let began = Instant::now();
    let ended = sandbox.invoke(event, &subject.settings).await;
    let took = began.elapsed();
    let answer = match ended {
        Ended::Answered(Ok(answer)) => answer,
        Ended::Answered(Err(failure)) | Ended::Lost(failure) => panic!("{}: {failure}", subject.name),
    };
    let failures = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
    let status = answer["statusCode"].as_u64().unwrap_or(200);
    assert!(status == 200 && failures == 0, "{} answered {answer}", subject.name);
    took
}
