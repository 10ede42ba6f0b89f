//! References between the operations of one request (RFC 7644 §3.7.1, §3.7.2).

use serde_json::json;

use super::{bulk, location, post_user, status};
use crate::core::{Check, Need, Session, check, urn};

pub(super) fn checks() -> Vec<Check> {
    let group_of = |s: &Session, bulk_id: &str, member: &str| {
        let data = crate::core::merged(
            s.group_body(&[]),
            json!({"members": [{"value": format!("bulkId:{member}")}]}),
        );
        json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
    };
    vec![
        check!(
            Must,
            "reference",
            "A group names a user of the same request",
            "RFC 7644 §3.7.2: \"bulkId:qwerty\" is replaced by the id of the resource that was \
                 made",
            [group_of],
            |s| {
                let answer = bulk(s, json!([post_user(s, "u"), group_of(s, "g", "u")])).await?;
                let user = s.read(&location(s, &answer, 0)?).await?;
                s.read(&location(s, &answer, 1)?).await?.values("/members", &[user.str("/id")])?;
            }
        ),
        check!(
            Must,
            "forward-reference",
            "Also a user who comes later",
            "RFC 7644 §3.7.1: \"service provider MUST try to resolve\" references between \
                 resources of one request",
            [group_of],
            |s| {
                let answer = bulk(s, json!([group_of(s, "g", "u"), post_user(s, "u")])).await?;
                let user = s.read(&location(s, &answer, 1)?).await?;
                s.read(&location(s, &answer, 0)?).await?.values("/members", &[user.str("/id")])?;
            }
        ),
        check!(
            Must,
            "reference-extension",
            "A manager of the same request",
            "RFC 7644 §3.7.2: references in any attribute",
            |s| {
                let employee = s.user_body(json!({
                    "schemas": [urn::USER, urn::ENTERPRISE],
                    urn::ENTERPRISE: {"manager": {"value": "bulkId:boss"}},
                }));
                let answer = bulk(
                    s,
                    json!([
                        post_user(s, "boss"),
                        {"method": "POST", "path": "/Users", "bulkId": "e", "data": employee},
                    ]),
                )
                .await?;
                let boss = s.read(&location(s, &answer, 0)?).await?;
                let employee = s.read(&location(s, &answer, 1)?).await?;
                employee.is(&format!("/{}/manager/value", urn::ENTERPRISE), boss.at("/id"))?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Must,
            "circular",
            "Two groups that name each other",
            "RFC 7644 §3.7.1: \"The service provider MUST try to resolve circular \
                 cross-references between resources in a single bulk job but MAY stop after a failed \
                 attempt and instead return HTTP status code 409 (Conflict)\"",
            [group_of],
            |s| {
                let answer = bulk(s, json!([group_of(s, "a", "b"), group_of(s, "b", "a")])).await?;
                let both: Vec<_> = (0..2).map(|at| status(&answer, at)).collect();
                if both == ["201", "201"] {
                    let second = s.read(&location(s, &answer, 1)?).await?;
                    s.read(&location(s, &answer, 0)?).await?.values("/members", &[second.str("/id")])?;
                } else {
                    // Servers without groups in groups refuse the members themselves.
                    let honest = answer.code() == 409 || both.iter().any(|one| matches!(*one, "409" | "400"));
                    answer.expect(honest, "both groups, or 409")?;
                }
            }
        ),
        check!(
            Must,
            "reference-path",
            "A path names a resource of the same request, or is refused",
            "RFC 7644 §3.7: \"path\" of a resource; \"bulkId:…\" takes the place of an id not \
                 known yet",
            |s| {
                let change = json!([{"op": "replace", "path": "displayName", "value": "Second"}]);
                let data = json!({"schemas": [urn::PATCH], "Operations": change});
                let answer = bulk(
                    s,
                    json!([
                        post_user(s, "u"),
                        {
                            "method": "PATCH",
                            "path": "/Users/bulkId:u",
                            "data": data,
                        },
                    ]),
                )
                .await?;
                let user = s.read(&location(s, &answer, 0)?).await?;
                let done = user.str("/displayName") == "Second";
                answer.expect(
                    done || status(&answer, 1).starts_with('4'),
                    "the user to be patched, or a 4xx",
                )?;
            }
        ),
        check!(
            Must,
            "reference-unknown",
            "A reference to nothing is that operation's error",
            "RFC 7644 §3.7.1: 409 where a reference cannot be resolved",
            [group_of],
            |s| {
                let answer = bulk(s, json!([group_of(s, "g", "nobody")])).await?;
                answer.expect(answer.code() < 500, "a status below 500")?;
                let refused = answer.code() >= 400 || status(&answer, 0).starts_with('4');
                answer.expect(refused, "a 4xx for the operation")?;
            }
        ),
    ]
}
