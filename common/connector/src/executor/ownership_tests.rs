use usher_domain::{access::Seat, directory::Profile, ports::StoreError};

use super::*;

/// Every account and name is whoever's asks.
pub(in crate::executor) struct Everybodys;

#[async_trait]
impl Holdings for Everybodys {
    async fn claim(&self, _: Holding<'_>) -> StoreResult<Claim> {
        Ok(Claim::Granted)
    }
}

/// Always the same answer; none where the store does not answer.
struct Answering(Option<Claim>);

#[async_trait]
impl Holdings for Answering {
    async fn claim(&self, holding: Holding<'_>) -> StoreResult<Claim> {
        assert_eq!(holding, Holding::Account("a1"));
        self.0.ok_or(StoreError::Conflict { what: "the account's owner" })
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

async fn owned(answer: Option<Claim>, presence: Presence) -> Owned {
    let profile = Profile::default();
    let desired = Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false };
    own(&Answering(answer), &desired, Holding::Account("a1"), at(0)).await
}

fn ending(owned: Owned) -> (Class, Action) {
    match owned {
        Owned::No(Ending::Failed { error, action }) => (error.class(), action),
        _ => panic!("it can be touched"),
    }
}

#[tokio::test]
async fn a_late_removal_spares_the_account_of_who_came_back() {
    assert!(matches!(owned(Some(Claim::Taken), Presence::Absent).await, Owned::Spared));
    assert!(matches!(owned(Some(Claim::Granted), Presence::Absent).await, Owned::Yes));
}

#[tokio::test]
async fn nobody_is_seated_on_another_persons_account() {
    let seated = || Presence::Seated(Seat::default());
    let (class, action) = ending(owned(Some(Claim::Taken), seated()).await);
    assert_eq!((class, action), (Class::Conflict, Action::Retry { after: None }));
    let busy = owned(Some(Claim::Busy { until: at(90) }), seated()).await;
    assert_eq!(ending(busy).1, Action::Retry { after: Some(Duration::from_secs(90)) });
    assert!(matches!(ending(owned(None, seated()).await).1, Action::Retry { after: None }));
}
