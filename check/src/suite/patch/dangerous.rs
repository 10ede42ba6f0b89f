//! Failures of members that were seen in the wild.

use serde_json::{Value, json};

use super::{Need, check, group, group_of_two};
use crate::core::{Check, Made, Session, Stop};

pub(super) fn checks() -> Vec<Check> {
    group("patch", "Dangerous failures", &[Need::Patch, Need::Groups], all())
}

fn all() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "remove-value-empties",
            "remove members with a value never empties the group",
            "Seen in the wild: `remove members` with a value empties the whole group",
            |s| {
                let (group, people) = group_of_two(s).await?;
                let change = json!([
                    {
                        "op": "Remove",
                        "path": "members",
                        "value": [{"value": people[0].id}],
                    },
                ]);
                let answer = s.patch(&group.path, &change).await?;
                let now = s.read(&group.path).await?;
                let kept = now.list("/members").iter().any(|member| member["value"] == people[1].id.as_str());
                now.expect(kept, "the other member to be there still")?;
                answer.status(&[200, 204, 400])?;
            }
        ),
        check!(
            Interop,
            "remove-empty-value",
            "remove members with an empty list takes nobody",
            "A list of nobody is not everybody: the same failure at its edge",
            |s| {
                let (group, people) = group_of_two(s).await?;
                s.patch(
                    &group.path,
                    &json!([
                        {
                            "op": "remove",
                            "path": "members",
                            "value": [],
                        },
                    ]),
                )
                .await?;
                s.read(&group.path).await?.values("/members", &[&people[0].id, &people[1].id])?;
            }
        ),
        check!(
            Interop,
            "beyond-100",
            "A PATCH with more than 100 members keeps them all",
            "FusionAuth issue 2784: members beyond 100 were lost on PATCH",
            |s| {
                let people = crowd(s, 120).await?;
                let group = s.group(&[]).await?;
                let change = json!([{"op": "add", "path": "members", "value": values(&people)}]);
                s.patch(&group.path, &change).await?.status(&[200, 204])?;
                let ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
                s.read(&group.path).await?.values("/members", &ids)?;
            }
        ),
        check!(
            Interop,
            "large-group-change",
            "One change of a large group keeps the others, within seconds",
            "FusionAuth issue 2784 (members lost); WSO2 issue 178 (5 minutes at 2,000 members)",
            |s| {
                let people = crowd(s, 120).await?;
                let group = s.group(&people.iter().collect::<Vec<_>>()).await?;
                let started = tokio::time::Instant::now();
                let change = json!([
                    {
                        "op": "remove",
                        "path": format!("members[value eq \"{}\"]", people[0].id),
                    },
                ]);
                let answer = s.patch(&group.path, &change).await?;
                answer.status(&[200, 204])?;
                answer.expect(started.elapsed().as_secs() < 5, "an answer within 5 s")?;
                let ids: Vec<_> = people[1..].iter().map(|person| person.id.as_str()).collect();
                s.read(&group.path).await?.values("/members", &ids)?;
            }
        ),
        check!(
            Interop,
            "concurrent",
            "Changes at the same time lose nothing",
            "Identity providers send changes of one group in parallel: a change that reads, then \
                 writes, loses members",
            |s| {
                let people = s.users(8).await?;
                let group = s.group(&[]).await?;
                let changes = people.iter().map(async |person| {
                    let change = json!([
                        {
                            "op": "add",
                            "path": "members",
                            "value": [{"value": person.id}],
                        },
                    ]);
                    // A conflict says honestly that nothing was done; identity providers send it again.
                    for _ in 0..8 {
                        let answer = s.patch(&group.path, &change).await?;
                        if !matches!(answer.code(), 409 | 412 | 503) {
                            return answer.status(&[200, 204]);
                        }
                    }
                    Ok(())
                });
                futures::future::try_join_all(changes).await?;
                let ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
                s.read(&group.path).await?.values("/members", &ids)?;
            }
        ),
        check!(
            Interop,
            "fifty-members",
            "Fifty member operations in one request",
            "IPSIE AL1: PATCH with at least 50 member operations",
            |s| {
                let people = crowd(s, 50).await?;
                let group = s.group(&[]).await?;
                let one = |person: &Made| {
                    json!({
                        "op": "add",
                        "path": "members",
                        "value": [{"value": person.id}],
                    })
                };
                let change: Vec<Value> = people.iter().map(one).collect();
                s.patch(&group.path, &change.into()).await?.status(&[200, 204])?;
                let ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
                s.read(&group.path).await?.values("/members", &ids)?;
            }
        ),
    ]
}

fn values(people: &[Made]) -> Vec<Value> {
    people.iter().map(|person| json!({"value": person.id})).collect()
}

/// So many users, four at a time.
async fn crowd(s: &Session, count: usize) -> Result<Vec<Made>, Stop> {
    let mut people = Vec::with_capacity(count);
    while people.len() < count {
        let some = (people.len()..count).take(4).map(|_| s.user(json!({})));
        people.extend(futures::future::try_join_all(some).await?);
    }
    Ok(people)
}
