//! What signing in rests on: what was ended stays ended, and a subject is one person.

use jiff::SignedDuration;
use usher_domain::{
    audit::{Agent, AuditEntry, Means, Outcome},
    id::PersonId,
    ports::{SignIn, StoreError, Window},
    sign_in::{Attempt, Identity, OpenIdProvider, Origin, Session, SignedInBy},
    token::IssuedToken,
    workspace::WorkspaceRole,
};

use super::{Fixture, now};

impl Fixture {
    fn session(&self, id: &str) -> Session {
        Session {
            id: id.to_owned(),
            workspace: self.workspace.clone(),
            name: "Ada".to_owned(),
            role: WorkspaceRole::Admin,
            person: None,
            token: IssuedToken::issue(id, now(), Some(now() + SignedDuration::from_hours(1))),
            seen_at: now(),
            origin: Origin::default(),
            signed_in: SignedInBy::Link,
        }
    }

    fn entry(&self, id: &str) -> AuditEntry {
        AuditEntry {
            id: id.to_owned(),
            workspace: self.workspace.clone(),
            at: now(),
            agent: Agent {
                name: "Ada".to_owned(),
                person: None,
                means: Means::Session { id: id.to_owned() },
                origin: Origin::default(),
            },
            act: "signIn".to_owned(),
            target: format!("/sessions/{id}"),
            integration: None,
            before: None,
            after: None,
            outcome: Outcome::Done,
            correlation_id: "c".to_owned(),
            kept_until: now() + SignedDuration::from_hours(1),
        }
    }

    fn identity(&self, subject: &str, person: &str) -> Identity {
        Identity {
            workspace: self.workspace.clone(),
            issuer: "https://idp.example".to_owned(),
            subject: subject.to_owned(),
            person: person.parse().unwrap(),
            since: now(),
        }
    }
}

#[tokio::test]
async fn a_session_that_was_ended_does_not_come_back() {
    let fixture = Fixture::new().await;
    let (store, workspace) = (&fixture.db.store, &fixture.workspace);
    for id in ["one", "two"] {
        store.begin_session(&fixture.session(id), &fixture.entry(id)).await.unwrap();
    }
    store.use_session(&fixture.session("one")).await.unwrap();
    store.end_session(workspace, "one").await.unwrap();
    let used = store.use_session(&fixture.session("one")).await;
    assert!(matches!(used, Err(StoreError::Missing { .. })), "{used:?}");
    assert_eq!(store.session(workspace, "one").await.unwrap(), None);
    let left: Vec<String> = store.sessions(workspace).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(left, ["two"]);
    assert_eq!(store.sessions(&"other".parse().unwrap()).await.unwrap(), []);
}

#[tokio::test]
async fn a_subject_is_one_person_and_a_person_one_subject() {
    let fixture = Fixture::new().await;
    let (store, workspace) = (&fixture.db.store, &fixture.workspace);
    let ada: PersonId = "ada".parse().unwrap();
    let first = fixture.identity("s1", "ada");
    store.put_identity(&first, None).await.unwrap();
    for other in [fixture.identity("s1", "bob"), fixture.identity("s2", "ada")] {
        let put = store.put_identity(&other, None).await;
        assert!(matches!(put, Err(StoreError::Conflict { .. })), "{put:?}");
    }
    // Where the person is gone, the subject may be somebody else; the old one is nobody any more.
    let second = fixture.identity("s1", "bob");
    store.put_identity(&second, Some(&first)).await.unwrap();
    let late = store.put_identity(&fixture.identity("s1", "eve"), Some(&first)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    assert_eq!(store.identity(workspace, &second.issuer, "s1").await.unwrap(), Some(second.clone()));
    assert_eq!(store.identities_of(workspace, &ada).await.unwrap(), []);
    store.delete_identity(&second).await.unwrap();
    assert_eq!(store.identity(workspace, &second.issuer, "s1").await.unwrap(), None);
    store.put_identity(&first, None).await.unwrap();
    assert_eq!(store.identities_of(workspace, &ada).await.unwrap(), [first]);
}

#[tokio::test]
async fn an_attempt_is_brought_back_once() {
    let fixture = Fixture::new().await;
    let store = &fixture.db.store;
    let attempt = Attempt {
        workspace: fixture.workspace.clone(),
        issuer: "https://idp.example".to_owned(),
        return_to: "/".to_owned(),
        token: IssuedToken::issue("text", now(), None),
    };
    store.put_attempt(&attempt, "a").await.unwrap();
    let (one, two) = tokio::join!(
        store.take_attempt(&fixture.workspace, "a"),
        store.take_attempt(&fixture.workspace, "a")
    );
    let taken: Vec<Attempt> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken, [attempt]);
}

#[tokio::test]
async fn two_admins_do_not_overwrite_each_others_provider() {
    let fixture = Fixture::new().await;
    let store = &fixture.db.store;
    let provider = OpenIdProvider {
        workspace: fixture.workspace.clone(),
        issuer: "https://idp.example".to_owned(),
        client_id: "usher".to_owned(),
        sealed_secret: None,
        email_domains: vec![],
        trusts_email: false,
        version: 0,
        changed_at: now(),
    };
    store.put_openid_provider(&provider).await.unwrap();
    let again = store.put_openid_provider(&provider).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    let stored = store.openid_provider(&fixture.workspace).await.unwrap().unwrap();
    store.put_openid_provider(&stored).await.unwrap();
    let late = store.put_openid_provider(&stored).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
}

#[tokio::test]
async fn sign_ins_are_counted_for_each_address_and_window() {
    let fixture = Fixture::new().await;
    let window = Window { begins: now(), ends: now() + SignedDuration::from_mins(5), most: 2 };
    let count = async |address: &str, window: &Window| {
        fixture.db.store.count_sign_in(&fixture.workspace, address, window).await.unwrap()
    };
    assert_eq!(
        [count("a", &window).await, count("a", &window).await, count("a", &window).await],
        [true, true, false]
    );
    assert!(count("b", &window).await);
    let next = Window { begins: window.ends, ..window };
    assert!(count("a", &next).await);
}
