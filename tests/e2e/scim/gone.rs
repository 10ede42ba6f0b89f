//! Who is deleted is in no group: at once where that fits the transaction of the deletion, and else once it was planned.

use std::sync::Arc;

use serde_json::json;
use usher_aws::{
    events::StreamEvent,
    system::{SystemClock, SystemIds},
};
use usher_domain::{
    job::Message,
    ports::{JobQueue, StoreResult},
    wake::Wake,
    webhook::DeliveryMessage,
};
use usher_fn_planner::Planner;

use super::{RECORDS, Service, set};

/// Nothing is shared with anybody here: no job is ever sent.
struct NoJobs;

#[async_trait::async_trait]
impl JobQueue for NoJobs {
    async fn send(&self, connector: &str, _: &Message, _: u32) -> StoreResult<()> {
        panic!("a job for {connector}");
    }

    async fn send_delivery(&self, message: &DeliveryMessage, _: u32) -> StoreResult<()> {
        panic!("nobody is told: {message:?}");
    }
}

impl Service {
    /// Plans the changes that were committed since the last time.
    async fn plan(&self) {
        let store = Arc::new(self.db.store.clone());
        let planner = Planner::new(store, Arc::new(NoJobs), Arc::new(SystemClock), Arc::new(SystemIds));
        let records = self.db.stream.read(RECORDS).await.unwrap();
        let Some(last) = records.last().map(|record| record.sequence) else { return };
        let records: Vec<_> = records.into_iter().map(|record| record.event).collect();
        let event: StreamEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = event.handle(async |wake: Wake| planner.handle(wake).await).await;
        assert!(answer.failures.is_empty(), "{answer:?}");
        self.db.stream.drop_through(last).await.unwrap();
    }
}

#[tokio::test]
async fn a_deleted_user_leaves_its_groups_in_the_same_moment() {
    let service = Service::new().await;
    let (a, b) = (service.user("a").await, service.user("b").await);
    let path = format!("/Groups/{}", service.group("G", &[&a, &b]).await);
    service.delete(&format!("/Users/{a}")).await.ok(204);
    assert_eq!(service.get(&path).await.members(), set(&[&b]));
}

#[tokio::test]
async fn a_deleted_user_leaves_more_groups_than_a_transaction_holds() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let mut groups = Vec::new();
    for number in 0..60 {
        groups.push(service.group(&format!("G{number}"), &[&id]).await);
    }
    service.plan().await;
    service.delete(&format!("/Users/{id}")).await.ok(204);
    service.plan().await;
    for group in groups {
        assert_eq!(service.get(&format!("/Groups/{group}")).await.members(), set(&[]), "{group}");
    }
}

/// A member is deleted while it joins, whichever comes first, and while the planner looks at both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_a_member_after_death() {
    let service = Service::new().await;
    let path = format!("/Groups/{}", service.group("G", &[]).await);
    for round in 0..20 {
        let id = service.user(&format!("user-{round}")).await;
        let join = json!({"op": "add", "path": "members", "value": [{"value": id}]});
        let user = format!("/Users/{id}");
        let (joined, deleted, ()) =
            tokio::join!(service.patch(&path, join), service.delete(&user), service.plan());
        assert_eq!(deleted.status, 204);
        assert!([200, 400].contains(&joined.status), "{joined:?}");
    }
    service.plan().await;
    assert_eq!(service.get(&path).await.members(), set(&[]));
}
