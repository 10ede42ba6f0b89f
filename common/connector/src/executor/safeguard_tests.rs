use std::{
    sync::{LazyLock, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::{Desired, Presence, Told},
    directory::Profile,
    integration::AppRole,
    ports::{Clock, Page},
};

use super::{super::invitation::Recorded, *};
use crate::{
    action::Action,
    contract::{Capabilities, Connector, Health, IdentityKey, Member, Meta, Observation, StepContext},
    error::Result,
    step::{Op, Outcome, Step},
    subject::Subject,
};

static ROLES: LazyLock<Catalogue> = LazyLock::new(|| {
    let role = |key: &str, rank| AppRole {
        key: key.into(),
        name: key.into(),
        exclusion_group: Some("role".into()),
        rank,
    };
    Catalogue { roles: vec![role("viewer", 1), role("admin", 2)], ..Catalogue::default() }
});

static GUARDS: LazyLock<Guards> = LazyLock::new(Guards::default);

/// What stands in nobody's way who was counted.
pub(in super::super) fn unguarded(guard: &GuardRecord) -> Safeguard<'_> {
    Safeguard { catalogue: &ROLES, guard, guards: &GUARDS, is_protected: false, alone: true }
}

fn counted() -> GuardRecord {
    GuardRecord { passed: Impact { loss: true, promotion: true }, ruling: None }
}

/// An app with the person, an admin, and others on pages of one.
#[derive(Default)]
struct App {
    others: Vec<Member>,
    cannot_list: bool,
    list_fails: bool,
    acts_as: Option<&'static str>,
    removed: Mutex<bool>,
}

fn account(id: &str, state: AccountState) -> Account {
    let profile = Profile { user_name: format!("{id}-name"), ..Profile::default() };
    Account { id: id.into(), state, profile }
}

fn member(id: &str, state: AccountState, role: Option<&str>) -> Member {
    let told = |role: &str| Told::Roles([role.to_owned()].into());
    Member { account: account(id, state), seat: role.map(told).unwrap_or_default() }
}

#[async_trait]
impl Connector for App {
    fn meta(&self) -> Meta {
        let capabilities = Capabilities { list_members: !self.cannot_list, ..Capabilities::NONE };
        Meta { key: "app", name: "App", identity: IdentityKey::UserName, capabilities }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health { acting_account: self.acts_as.map(Into::into), ..Health::default() })
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        if self.list_fails {
            return Err(Error::invalid("the list is cut short"));
        }
        let mut everybody = vec![member("a1", AccountState::Active, Some("admin"))];
        everybody.extend(self.others.iter().cloned());
        let index: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let next = (index + 1 < everybody.len()).then(|| (index + 1).to_string());
        Ok(Page { items: vec![everybody[index].clone()], next })
    }

    async fn observe(&self, _: &Subject) -> Result<Observation> {
        let seen = member("a1", AccountState::Active, Some("admin"));
        let observed = match *self.removed.lock().unwrap() {
            true => Observed::default(),
            false => Observed { account: Some(seen.account), seat: seen.seat.known(), ..Observed::default() },
        };
        Ok(Observation { observed, ..Observation::default() })
    }

    fn plan(&self, _: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        Ok(observation.observed.account.iter().map(|_| Step::from(Op::Remove)).collect())
    }

    async fn apply(&self, _: &Step, _: StepContext<'_>) -> Result<Outcome> {
        *self.removed.lock().unwrap() = true;
        Ok(Outcome::Done { account: None })
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// How the removal of the admin ends, and whether it happened.
async fn remove(app: &App, safeguard: Safeguard<'_>) -> (Ending, bool) {
    let desired = Desired {
        presence: Presence::Absent,
        profile: Profile::default(),
        version: 1,
        reasons: vec![],
        not_before: None,
        urgent: true,
    };
    let attempt = Attempt {
        connector: app,
        desired: &desired,
        subject: Subject { profile: Profile::default(), ..Subject::default() },
        invitation: Recorded::default(),
        safeguard,
        holdings: &super::super::ownership::tests::Everybodys,
        operation: "job.1".into(),
        clock: &Noon,
        until: Timestamp::from_second(60).unwrap(),
        step: Duration::from_secs(5),
    };
    let attempted = attempt.run().await;
    (attempted.ending, *app.removed.lock().unwrap())
}

/// Why it was refused; nothing was done then.
async fn refusal(app: &App, safeguard: Safeguard<'_>) -> String {
    let (ending, removed) = remove(app, safeguard).await;
    assert!(!removed);
    match ending {
        Ending::Failed { error, action: Action::NeedsPerson } => error.message().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn another_admin() -> App {
    App { others: vec![member("a2", AccountState::Active, Some("admin"))], ..App::default() }
}

#[tokio::test]
async fn an_admin_goes_when_the_app_shows_another() {
    let guard = counted();
    assert_eq!(remove(&another_admin(), unguarded(&guard)).await, (Ending::Reached, true));
}

#[tokio::test]
async fn the_last_admin_stays() {
    let guard = counted();
    for other in [
        member("a2", AccountState::Active, Some("viewer")),
        member("a2", AccountState::Suspended, Some("admin")),
        member("a2", AccountState::Invited, Some("admin")),
    ] {
        let app = App { others: vec![other], ..App::default() };
        assert!(refusal(&app, unguarded(&guard)).await.contains("nobody else"), "{:?}", app.others);
    }
}

#[tokio::test]
async fn what_the_app_cannot_tell_counts_as_no_other_admin() {
    let guard = counted();
    let app = App { cannot_list: true, ..another_admin() };
    assert!(refusal(&app, unguarded(&guard)).await.contains("cannot tell"));
    let app = App { others: vec![member("a2", AccountState::Active, None)], ..App::default() };
    assert!(refusal(&app, unguarded(&guard)).await.contains("does not tell"));
    let app = App { list_fails: true, ..another_admin() };
    assert!(refusal(&app, unguarded(&guard)).await.contains("cut short"));
}

#[tokio::test]
async fn two_jobs_never_take_admins_away_at_the_same_time() {
    let guard = counted();
    let together = Safeguard { alone: false, ..unguarded(&guard) };
    assert_eq!(remove(&another_admin(), together).await, (Ending::NeedsToBeAlone, false));
}

#[tokio::test]
async fn protected_accounts_stay() {
    let guard = counted();
    let marked = Safeguard { is_protected: true, ..unguarded(&guard) };
    assert!(refusal(&another_admin(), marked).await.contains("protected here"));
    for listed in ["a1", "A1-NAME"] {
        let guards = Guards { protected_accounts: [listed.to_owned()].into(), ..Guards::default() };
        let safeguard = Safeguard { guards: &guards, ..unguarded(&guard) };
        assert!(refusal(&another_admin(), safeguard).await.contains("protected accounts"));
    }
    let acting = App { acts_as: Some("a1"), ..another_admin() };
    assert!(refusal(&acting, unguarded(&guard)).await.contains("acts as this account"));
}

#[tokio::test]
async fn what_was_not_counted_is_not_done() {
    let nothing = GuardRecord::default();
    let ended = remove(&another_admin(), unguarded(&nothing)).await;
    assert_eq!(ended, (Ending::Unforeseen, false));
}
