//! Lists.

use std::{collections::BTreeSet, future::Future};

use usher_connector::{Connector, Result};
use usher_domain::ports::Page;
use usher_tests::apps::{Fault, FaultRule};

use super::{Fixture, drive::Person, drive::seat};

/// Reads a list page by page, and fails where one comes twice.
async fn whole<T, F: Future<Output = Result<Page<T>>>>(
    list: impl Fn(Option<String>) -> F,
    id: impl Fn(&T) -> String,
) -> Result<(Vec<T>, usize)> {
    let (mut items, mut ids, mut cursor, mut pages) = (Vec::new(), BTreeSet::new(), None, 0);
    loop {
        let page = list(cursor).await?;
        pages += 1;
        assert!(page.items.iter().all(|item| ids.insert(id(item))), "somebody came twice");
        items.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok((items, pages));
        }
    }
}

async fn members(connector: &dyn Connector) -> Result<(Vec<usher_connector::Member>, usize)> {
    whole(async |cursor| connector.list_members(cursor.as_deref()).await, |member| member.account.id.clone())
        .await
}

pub(crate) async fn lists_are_whole_and_without_duplicates(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(2).await;
    let can = connector.meta().capabilities;
    let before = members(connector).await.unwrap().0.len();
    let mut added = BTreeSet::new();
    for number in 0..7 {
        added.insert(fixture.add(&format!("colleague{number}@example.org")).await);
    }
    let (listed, pages) = members(connector).await.unwrap();
    assert_eq!(listed.len(), before + 7);
    assert!(pages > 3, "{pages} pages");
    let ids: BTreeSet<String> = listed.iter().map(|member| member.account.id.clone()).collect();
    assert!(ids.is_superset(&added));
    for member in listed.iter().filter(|member| added.contains(&member.account.id)) {
        assert!(member.account.profile.email.is_some() || !member.account.profile.user_name.is_empty());
        // Where the list tells what somebody has, it tells what a look at the person tells.
        let mut person = Person::new(&member.account.profile.user_name);
        person.subject.account = Some(member.account.id.clone());
        let seen = person.look(connector).await.unwrap();
        assert!(member.seat.roles().is_none_or(|roles| *roles == seen.observed.seat.roles));
    }

    if can.list_invitations {
        let mut invited = BTreeSet::new();
        for number in 0..5 {
            let email = format!("invited{number}@example.org");
            let mut person = Person::new(&email);
            person.should_have(seat(fixture.knowledge().roles[0], None));
            person.converge(connector).await.unwrap();
            invited.insert(email);
        }
        let list = async |cursor: Option<String>| connector.list_invitations(cursor.as_deref()).await;
        let (invitations, _) = whole(list, |invitation| invitation.id.clone()).await.unwrap();
        assert_eq!(
            invitations.iter().map(|invitation| invitation.email.clone()).collect::<BTreeSet<_>>(),
            invited
        );
        assert!(invitations.iter().all(|it| it.roles.iter().eq([fixture.knowledge().roles[0]])));
        assert_eq!(members(connector).await.unwrap().0.len(), before + 7, "who is invited is no member");
    }
    if can.list_assets {
        let list = async |cursor: Option<String>| connector.list_assets(cursor.as_deref()).await;
        let (assets, _) = whole(list, |asset| asset.id.clone()).await.unwrap();
        let grant = fixture.knowledge().grant.unwrap();
        let asset = assets.iter().find(|asset| asset.id == grant.asset).expect("the asset is listed");
        for asked in grant.less.asked.iter().chain(grant.more.asked) {
            assert!(asset.permissions.iter().any(|permission| permission.key == *asked), "{asset:?}");
        }
    }
}

pub(crate) async fn a_list_that_is_cut_is_an_error(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(2).await;
    for number in 0..5 {
        fixture.add(&format!("colleague{number}@example.org")).await;
    }
    let mut faults = vec![Fault::HalfAnswer, Fault::CutAfterEffect, Fault::ServerError];
    if fixture.knowledge().tells_totals {
        faults.push(Fault::ShortList);
    }
    for fault in faults {
        // On the first page, and on all that follow.
        for later in [false, true] {
            let rule = FaultRule { fault, times: 1_000, method: Some("GET".to_owned()), path: None };
            let first = connector.list_members(None).await.unwrap();
            fixture.faults().add(rule);
            let mut cursor = first.next.filter(|_| later);
            let ended = loop {
                match connector.list_members(cursor.as_deref()).await {
                    Err(error) => break Err(error),
                    Ok(page) if page.next.is_none() => break Ok(()),
                    Ok(page) => cursor = page.next,
                }
            };
            fixture.faults().clear();
            assert!(ended.is_err(), "{fault:?}, later: {later}");
        }
    }
    assert!(connector.list_members(Some("nonsense")).await.is_err());
}
