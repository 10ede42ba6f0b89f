//! A page answers at once, however many people there are, and what it leaves out comes in parts that add up to what the whole
//! preview says.

use serde_json::{Value, json};

use super::{office::Office, parts::Part};

/// More than one part of a preview, and several times as many.
const FEW: usize = 120;
const MANY: usize = 360;
/// What a page may ask more of the database for so many more people: another page of a bounded list.
const SLACK: u64 = 12;

#[tokio::test]
async fn no_first_answer_asks_more_of_the_database_for_more_people() {
    let (few, many) = (Office::new(FEW, 0).await, Office::new(MANY, 0).await);
    let mut wrong = Vec::new();
    for ((name, less), (_, more)) in few.pages().await.into_iter().zip(many.pages().await) {
        let (_, before) = few.world.costing(few.world.load(&less)).await;
        let (_, after) = many.world.costing(many.world.load(&more)).await;
        let (before, after) = (before.total().calls, after.total().calls);
        if after > before + SLACK {
            wrong.push(format!("{name} ({more}): {before} calls for {FEW} people, {after} for {MANY}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    parts_add_up(&many).await;
}

async fn parts_add_up(office: &Office) {
    let world = &office.world;
    let path = format!("/integrations/{}/disconnect", world.hub);
    let question = json!({"change": {"kind": "disconnect"}, "limit": 1_000});
    let asked = world.api("POST", &format!("/integrations/{}/preview", world.hub), question).await.body;
    let count = |of: &str, kind: &str| asked["items"][0][of][kind].as_u64().unwrap();
    let (removed, held) = (count("totals", "removed"), count("works", "held"));
    assert_eq!(usize::try_from(removed).unwrap(), MANY);
    let expected = format!("Remove everybody, then disconnect: {removed} removed ({held} held)");

    let first = world.page(&path).await;
    let mut page = first.clone();
    let mut parts = 0;
    while let Some(part) = Part::of(&page) {
        assert!(!page.contains("class=\"danger\""), "no destructive button before its numbers:\n{page}");
        assert!(
            page.contains(&format!("of about {MANY} people looked at")),
            "a fact while it goes on:\n{page}"
        );
        page = part.ask(world, true).await;
        parts += 1;
    }
    assert!(parts >= MANY / 100 - 1, "{parts}");
    assert!(page.contains(&expected), "{page}");
    assert!(page.contains(&format!("Disconnect: {MANY} people stay in the app")), "{page}");

    let by_hand = Part::of(&first).unwrap().ask(world, false).await;
    assert!(
        by_hand.contains("console.css") && by_hand.contains(&expected),
        "a whole page without script: {by_hand}"
    );
    let audit = world.api("GET", "/audit?limit=100", Value::Null).await.body;
    assert!(!audit.to_string().contains("review"), "asking is no act: {audit}");
}
