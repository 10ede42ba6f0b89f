//! Whose an account of an app is.

use jiff::{SignedDuration, Timestamp};
use usher_domain::{
    access::{Access, Account, AccountState, Desired, Lease, Observed, Presence, Seat},
    directory::Profile,
    id::{IntegrationId, PersonId},
    ports::{Claim, Commit, Decision, Execution, Facts, Holding, Planning, Syncing},
};

use super::{Fixture, now};

impl Fixture {
    fn hub(&self) -> IntegrationId {
        "hub".parse().unwrap()
    }

    /// The stored access of a person, after a change of it.
    async fn access_of(&self, name: &str, change: impl FnOnce(&mut Access)) -> Access {
        let store = &self.db.store;
        let person: PersonId = name.parse().unwrap();
        let stored =
            store.accesses(&self.workspace, &self.hub(), std::slice::from_ref(&person)).await.unwrap();
        let before = stored.into_values().next();
        let before =
            before.unwrap_or_else(|| Access::none(self.workspace.clone(), self.hub(), person.clone(), now()));
        let mut access = before.clone();
        change(&mut access);
        let decision = Decision { access, job: None, supersede: None, activity: None };
        assert_eq!(store.commit(&before, Some(&decision)).await.unwrap(), Commit::Done);
        let stored =
            store.accesses(&self.workspace, &self.hub(), std::slice::from_ref(&person)).await.unwrap();
        stored.into_values().next().unwrap()
    }

    async fn claim(&self, access: &Access, account: &str) -> Claim {
        self.db.store.claim(access, Holding::Account(account), now()).await.unwrap()
    }

    async fn claim_name(&self, access: &Access, name: &str) -> Claim {
        self.db.store.claim(access, Holding::Name(name), now()).await.unwrap()
    }
}

fn should(access: &mut Access, presence: Presence) {
    access.desired = Some(Desired {
        presence,
        profile: Profile::default(),
        version: 1,
        reasons: vec![],
        not_before: None,
        urgent: false,
    });
}

fn seated(access: &mut Access) {
    should(access, Presence::Seated(Seat::default()));
}

fn recorded(access: &mut Access, account: &str) {
    let profile = Profile::default();
    let account = Account { id: account.into(), state: AccountState::Active, profile };
    access.observed = Some(Observed { account: Some(account), ..Observed::default() });
}

#[tokio::test]
async fn an_account_has_one_owner_who_should_have_it() {
    let f = Fixture::new().await;
    let ada = f.access_of("ada", seated).await;
    assert_eq!(f.claim(&ada, "a#1").await, Claim::Granted);
    assert_eq!(f.claim(&ada, "a#1").await, Claim::Granted, "claiming twice is claiming once");
    let ada = f.access_of("ada", |access| recorded(access, "a#1")).await;
    let bob = f.access_of("bob", seated).await;
    assert_eq!(f.claim(&bob, "a#1").await, Claim::Taken);
    assert_eq!(f.claim(&ada, "a#1").await, Claim::Granted);
    let long = "x".repeat(4_000);
    assert_eq!(f.claim(&bob, &long).await, Claim::Granted);
}

#[tokio::test]
async fn who_came_back_under_the_same_name_takes_the_account_over() {
    let f = Fixture::new().await;
    let old = f.access_of("old", |access| {
        seated(access);
        recorded(access, "a1");
    });
    let old = old.await;
    assert_eq!(f.claim(&old, "a1").await, Claim::Granted);
    let new = f.access_of("new", seated).await;
    // The removal of the old one is under way: what it does now would be done to the new one.
    let until = now() + SignedDuration::from_mins(5);
    f.access_of("old", |access| {
        should(access, Presence::Absent);
        access.lease = Some(Lease { fence: 1, until });
    })
    .await;
    assert_eq!(f.claim(&new, "a1").await, Claim::Busy { until });
    let past = Timestamp::from_second(1).unwrap();
    f.access_of("old", |access| access.lease = Some(Lease { fence: 1, until: past })).await;
    assert_eq!(f.claim(&new, "a1").await, Claim::Granted);
    f.access_of("new", |access| recorded(access, "a1")).await;
    let old = f.access_of("old", |access| access.lease = None).await;
    assert_eq!(f.claim(&old, "a1").await, Claim::Taken, "the late removal leaves it alone");
}

#[tokio::test]
async fn an_account_that_its_owner_no_longer_has_is_free() {
    let f = Fixture::new().await;
    let ada = f.access_of("ada", seated).await;
    assert_eq!(f.claim(&ada, "a1").await, Claim::Granted);
    f.access_of("ada", |access| recorded(access, "a2")).await;
    let bob = f.access_of("bob", seated).await;
    assert_eq!(f.claim(&bob, "a1").await, Claim::Granted);
}

fn called(access: &mut Access, name: &str) {
    seated(access);
    access.desired.as_mut().unwrap().profile.email = Some(name.to_owned());
}

#[tokio::test]
async fn a_name_is_held_by_one_who_is_to_have_it() {
    let f = Fixture::new().await;
    let old = f.access_of("old", |access| called(access, "Ada@Example.com")).await;
    assert_eq!(f.claim_name(&old, "ada@example.com").await, Claim::Granted);
    assert_eq!(
        f.claim_name(&old, "Ada@Example.com").await,
        Claim::Granted,
        "claiming twice is claiming once"
    );
    let new = f.access_of("new", |access| called(access, "ada@example.com")).await;
    assert_eq!(f.claim_name(&new, "ADA@example.com").await, Claim::Taken);
    // The old one is deleted, and what was begun for them is not over.
    let until = now() + SignedDuration::from_mins(5);
    let leased = |access: &mut Access| {
        should(access, Presence::Absent);
        access.lease = Some(Lease { fence: 1, until });
    };
    f.access_of("old", leased).await;
    assert_eq!(f.claim_name(&new, "ada@example.com").await, Claim::Busy { until });
    let old = f.access_of("old", |access| access.lease = None).await;
    assert_eq!(f.claim_name(&new, "ada@example.com").await, Claim::Granted);
    assert_eq!(f.claim_name(&old, "ada@example.com").await, Claim::Taken, "whoever comes late finds it held");
}

#[tokio::test]
async fn a_name_that_somebody_no_longer_has_is_free() {
    let f = Fixture::new().await;
    let ada = f.access_of("ada", |access| called(access, "a@example.com")).await;
    assert_eq!(f.claim_name(&ada, "a@example.com").await, Claim::Granted);
    f.access_of("ada", |access| called(access, "b@example.com")).await;
    let bob = f.access_of("bob", |access| called(access, "a@example.com")).await;
    assert_eq!(f.claim_name(&bob, "a@example.com").await, Claim::Granted);
}

#[tokio::test]
async fn of_many_who_claim_at_the_same_moment_one_is_granted() {
    let f = Fixture::new().await;
    let mut people = Vec::new();
    for name in ["ada", "bob", "eve", "joe"] {
        people.push(f.access_of(name, |access| called(access, "a@example.com")).await);
    }
    let claims = futures::future::join_all(people.iter().map(|access| f.claim_name(access, "a@example.com")));
    let granted = claims.await.into_iter().filter(|claim| *claim == Claim::Granted);
    assert_eq!(granted.count(), 1);
}

#[tokio::test]
async fn whoever_a_sync_takes_in_has_a_seat_that_is_counted() {
    let fixture = Fixture::new().await;
    let store = &fixture.db.store;
    let nobody = Access::none(fixture.workspace.clone(), fixture.hub(), "ada".parse().unwrap(), now());
    let mut taken_in = nobody.clone();
    recorded(&mut taken_in, "a1");
    store.put_synced(&nobody, &taken_in).await.unwrap();
    assert_eq!(store.tally(&fixture.workspace, &fixture.hub()).await.unwrap().seats, 1);
}
