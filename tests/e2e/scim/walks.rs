//! A directory of more users than a question may look at.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use usher_domain::{
    directory::UserRecord,
    ports::{Clock, Directory},
};

use super::{Service, filtered};
use crate::store::{cause, change};

/// One more than the limit.
const USERS: usize = 10_001;

async fn crowded() -> Service {
    let service = Service::new().await;
    let now = service.clock.now();
    let user = |n: usize| {
        UserRecord {
        id: format!("person-{n:05}").parse().unwrap(),
        connection: "main.okta".parse().unwrap(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
        resource: json!({"userName": format!("user-{n:05}"), "title": if n % 1_000 == 7 { "seven" } else { "other" }})
            .as_object()
            .unwrap()
            .clone(),
        unique: Default::default(),
    }
    };
    let store = &service.db.store;
    stream::iter((0..USERS).map(user))
        .map(async |user| store.create_user(&user, change(), &cause()).await)
        .buffer_unordered(50)
        .try_collect::<()>()
        .await
        .unwrap();
    service
}

fn total(list: &Value) -> u64 {
    list["totalResults"].as_u64().unwrap()
}

/// What cannot be answered within bounds is refused, and never cut short; what an index or a walk answers is answered.
#[tokio::test]
async fn a_question_about_too_many_is_refused_and_a_walk_answers_it() {
    let service = crowded().await;
    let before = service.db.calls();
    for path in [
        filtered("/Users", "title eq \"seven\""),
        filtered("/Users", "not (userName eq \"x\")"),
        "/Users?sortBy=userName".to_owned(),
        "/Users?sortBy=userName&cursor=".to_owned(),
        filtered("", "title eq \"seven\""),
    ] {
        assert_eq!(service.get(&path).await.error(), (400, "tooMany"), "{path}");
    }
    let refusals = service.db.calls().since(&before);
    assert!(refusals.of("Query").calls <= 6, "a refusal costs a look at the counters: {refusals:?}");

    let found =
        service.get(&filtered("/Users", "userName eq \"user-04007\" and title eq \"seven\"")).await.ok(200);
    assert_eq!(total(&found), 1);
    let either = filtered("/Users", "userName eq \"user-00007\" or userName eq \"user-10000\"");
    assert_eq!(total(&service.get(&either).await.ok(200)), 2);
    assert_eq!(total(&service.get("/Users?count=0").await.ok(200)), USERS as u64);

    // By cursor the same filter is answered page by page, and each page looks at a bounded part.
    let filter = filtered("/Users", "title eq \"seven\"");
    let mut cursor = String::new();
    let mut found = Vec::new();
    loop {
        let before = service.db.calls();
        let page = service.get(&format!("{filter}&count=3&cursor={cursor}")).await.ok(200);
        let read = service.db.calls().since(&before);
        assert!(read.of("Query").calls <= 22, "{read:?}");
        let resources = page["Resources"].as_array().unwrap();
        assert!(resources.len() <= 3);
        found.extend(resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let wanted: Vec<String> = (0..10).map(|n| format!("user-{n:02}007")).collect();
    assert_eq!(found, wanted);
}
