//! The server under test during one run.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Failure, Made, Request, Session, Stop, Support, Target, encode, urn, wire::Wire};
use crate::Options;

/// One run against one server.
pub(crate) struct Server {
    pub(crate) target: Target,
    pub(crate) wire: Wire,
    pub(crate) support: Support,
    run: String,
    next: AtomicUsize,
    cast: OnceCell<Result<Cast, Box<Failure>>>,
    kept: Mutex<Vec<String>>,
}

/// The people and groups that checks only read.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// Their names' common beginning.
    pub(crate) prefix: String,
    /// Ada, Bob, Cyd, Dee, Eve.
    pub(crate) users: Vec<Made>,
    /// Alpha (Ada, Bob) and Beta (nobody); none where the server has no groups.
    pub(crate) groups: Vec<Made>,
}

impl Server {
    /// Reads what the server says of itself. The error says why no check can run.
    pub(crate) async fn connect(target: Target, options: &Options) -> Result<Arc<Self>, String> {
        let wire = Wire::new(&target, options.timeout, options.max_requests)?;
        let get = async |path: &str| wire.send(&target, &Request::get(path)).await;
        let users = get("/Users?count=1").await.map_err(|reason| {
            format!("{}: {reason}; is it running, and is the URL right?", target.base_url())
        })?;
        match users.code() {
            401 | 403 => {
                let code = users.code();
                return Err(format!(
                    "the server refuses the token ({code}); give one that may read and write"
                ));
            }
            404 => {
                let base = target.base_url();
                return Err(format!("{base} has no /Users; give the base URL of SCIM, often ending in /v2"));
            }
            _ => {}
        }
        let support = Support::of(
            &get("/ServiceProviderConfig").await?,
            &get("/ResourceTypes").await?,
            &get("/Schemas").await?,
        );
        let run = format!("uc{}", &Uuid::new_v4().simple().to_string()[..10]);
        Ok(Arc::new(Self {
            target,
            wire,
            support,
            run,
            next: AtomicUsize::new(1),
            cast: OnceCell::new(),
            kept: Mutex::default(),
        }))
    }

    /// What the names of everything that this run makes begin with.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    pub(crate) fn next(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps what could not be removed, or may only be removed at the end.
    pub(crate) fn keep(&self, paths: impl IntoIterator<Item = String>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
    }

    /// The people and groups that checks only read; made once.
    pub(crate) async fn cast(self: &Arc<Self>) -> Result<Cast, Stop> {
        let made = self.cast.get_or_init(async || {
            let session = Session::new(self);
            let made = make_cast(&session).await;
            self.keep(session.release());
            made.map_err(|stop| match stop {
                Stop::Failed(failure) | Stop::Blocked(failure) => failure,
                Stop::Skipped(reason) => Box::new(Failure::preparing(reason)),
            })
        });
        made.await.clone().map_err(Stop::Blocked)
    }

    /// Removes everything that is left, and returns what could not be removed.
    pub(crate) async fn clean_up(&self) -> Vec<String> {
        let mut paths = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        paths.extend(self.forgotten().await);
        paths.sort();
        paths.dedup();
        // Groups first: some servers keep people who are members.
        paths.sort_by_key(|path| !path.starts_with("/Groups"));
        let mut left = Vec::new();
        for path in paths {
            if !self.remove(&path).await {
                left.push(path);
            }
        }
        left
    }

    /// Deletes; true when it is gone.
    pub(crate) async fn remove(&self, path: &str) -> bool {
        let request = Request::new(reqwest::Method::DELETE, path);
        let answer = self.wire.send(&self.target, &request).await;
        answer.is_ok_and(|answer| answer.is_success() || matches!(answer.code(), 404 | 410))
    }

    /// What a request made whose answer never came. Only what bears this run's name.
    async fn forgotten(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for (endpoint, attribute) in [("/Users", "userName"), ("/Groups", "displayName")] {
            let filter = encode(&format!("{attribute} sw \"{}\"", self.run));
            let request =
                Request::get(format!("{endpoint}?filter={filter}&count=200&attributes={attribute}"));
            let Ok(answer) = self.wire.send(&self.target, &request).await else { continue };
            let ours = |one: &&Value| one[attribute].as_str().is_some_and(|name| name.starts_with(&self.run));
            let ids = answer.resources().iter().filter(ours).filter_map(|one| one["id"].as_str());
            paths.extend(ids.map(|id| format!("{endpoint}/{}", encode(id))));
        }
        paths
    }
}

async fn make_cast(s: &Session) -> Result<Cast, Stop> {
    let prefix = s.unique();
    let enterprise = s.support().meets(super::Need::Enterprise).is_ok();
    let groups = s.support().meets(super::Need::Groups).is_ok();
    let mut users = Vec::new();
    for mut person in people(&prefix) {
        if !enterprise && let Some(attributes) = person.as_object_mut() {
            attributes.remove(urn::ENTERPRISE);
            attributes.insert("schemas".into(), json!([urn::USER]));
        }
        users.push(s.make("/Users", person).await?);
    }
    let mut made = Vec::new();
    if groups {
        let members = json!([{"value": users[0].id}, {"value": users[1].id}]);
        for (name, members) in [("Alpha", members), ("Beta", json!([]))] {
            let group = json!({
                "schemas": [urn::GROUP],
                "displayName": format!("{prefix} {name}"),
                "members": members,
            });
            made.push(s.make("/Groups", group).await?);
        }
    }
    Ok(Cast { prefix, users, groups: made })
}

fn people(p: &str) -> [Value; 5] {
    [
        json!({
            "schemas": [urn::USER, urn::ENTERPRISE],
            "userName": format!("{p}-ada@check.example"),
            "externalId": format!("{p}-X1"),
            "name": {"givenName": "Ada", "familyName": "Zimmer", "formatted": "Ada Zimmer"},
            "displayName": format!("{p} Ada"), "nickName": "Countess", "title": "Captain",
            "userType": "Employee", "preferredLanguage": "en-GB", "locale": "en-GB", "timezone": "Europe/London",
            "active": true,
            "emails": [
                {"value": format!("{p}-ada@work.example"), "type": "work", "primary": true},
                {"value": format!("{p}-ada@home.example"), "type": "home"},
            ],
            "phoneNumbers": [{"value": "+44 20 7946 0000", "type": "work"}],
            urn::ENTERPRISE: {"employeeNumber": "7", "department": "Engines", "costCenter": "4130"},
        }),
        json!({
            "schemas": [urn::USER], "userName": format!("{p}-bob@check.example"),
            "name": {"givenName": "Bob", "familyName": "Young"},
            "displayName": format!("{p} Bob"), "title": "captain", "active": false,
            "emails": [
                {"value": format!("{p}-bob@work.example"), "type": "home"},
                {"value": format!("{p}-bob@home.example"), "type": "work"},
            ],
        }),
        json!({
            "schemas": [urn::USER], "userName": format!("{p}-cyd@check.example"),
            "externalId": format!("{p}-x1"), "name": {"givenName": "Cyd", "familyName": "Xu"}, "active": true,
        }),
        json!({
            "schemas": [urn::USER], "userName": format!("{p}-dee@check.example"),
            "name": {"givenName": "Dee", "familyName": "O'Brien"},
            "displayName": format!("{p} Dee"), "title": "Says \"hi\" \\ (and) [so]", "active": true,
        }),
        json!({
            "schemas": [urn::USER, urn::ENTERPRISE], "userName": format!("{p}-eve@check.example"),
            "name": {"givenName": "Ève", "familyName": "Ångström 東京"},
            "displayName": format!("{p} Eve"), "active": true,
            "emails": [{"value": format!("{p}-eve@work.example"), "type": "work"}],
            urn::ENTERPRISE: {"employeeNumber": "12", "department": "Gears"},
        }),
    ]
}
