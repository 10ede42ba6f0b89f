//! Groups (RFC 7643 §4.2) and what users tell of them.

use serde_json::json;

use crate::core::{Check, Need, check, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("groups", "RFC 7643 §4.2", &[Need::Groups], resources());
    all.extend(group("groups", "RFC 7643 §4.1", &[Need::Groups], memberships()));
    all
}

fn resources() -> Vec<Check> {
    vec![
        check!(
            Must,
            "create",
            "A new group is answered with 201 and its location",
            "RFC 7644 §3.3: \"HTTP status code 201 (Created)\" and the \"Location\" header",
            |s| {
                let group = s.group(&[]).await?.answer;
                group.status(&[201])?;
                group.expect(group.header("location").is_some(), "a Location header")?;
                group.is("/meta/resourceType", &"Group".into())?;
            }
        ),
        check!(
            Must,
            "create-name",
            "displayName is kept",
            "RFC 7643 §4.2: displayName: \"A human-readable name for the Group. REQUIRED\"",
            |s| {
                let group = s.group(&[]).await?;
                s.read(&group.path).await?.is("/displayName", &group.name().into())?;
            }
        ),
        check!(
            Must,
            "create-without-name",
            "A group without displayName is refused",
            "RFC 7643 §4.2 and erratum 5368: displayName is REQUIRED",
            |s| {
                s.post("/Groups", &json!({"schemas": [urn::GROUP], "externalId": s.unique()}))
                    .await?
                    .status(&[400])?;
            }
        ),
        check!(
            Must,
            "create-members",
            "Members are kept",
            "RFC 7643 §4.2: members: \"A list of members of the Group\"",
            |s| {
                let users = s.users(2).await?;
                let group = s.group(&[&users[0], &users[1]]).await?;
                s.read(&group.path).await?.values("/members", &[&users[0].id, &users[1].id])?;
            }
        ),
        check!(
            Must,
            "create-external-id",
            "externalId is kept",
            "RFC 7643 §3.1: externalId is a common attribute",
            |s| {
                let external = s.unique();
                let group =
                    s.make("/Groups", merged(s.group_body(&[]), json!({"externalId": external}))).await?;
                s.read(&group.path).await?.is("/externalId", &external.into())?;
            }
        ),
        check!(
            Must,
            "members-once",
            "The same member is there once",
            "RFC 7643 §2.4: \"SHOULD NOT return the same ... combination more than once\"; a \
                 member twice is a seat twice",
            |s| {
                let user = s.user(json!({})).await?;
                let group = s.group(&[&user, &user]).await?;
                s.read(&group.path).await?.values("/members", &[&user.id])?;
            }
        ),
        check!(
            Should,
            "members-ref",
            "Members have a $ref to the user",
            "RFC 7643 §4.2: \"the \"$ref\" sub-attribute must be the URI of a SCIM resource such \
                 as a \"User\", or a \"Group\"\"",
            |s| {
                let user = s.user(json!({})).await?;
                let read = s.read(&s.group(&[&user]).await?.path).await?;
                let reference = read.str("/members/0/$ref");
                read.expect(
                    reference.ends_with(&format!("/Users/{}", user.id)),
                    "members.$ref to end in /Users/ and the id",
                )?;
            }
        ),
        check!(
            Should,
            "members-type",
            "Members have their type",
            "RFC 7643 §4.2 and §8.7.1: type: \"A label indicating the type of resource, e.g., \
                 'User' or 'Group'\"",
            |s| {
                let user = s.user(json!({})).await?;
                s.read(&s.group(&[&user]).await?.path).await?.is("/members/0/type", &"User".into())?;
            }
        ),
        check!(Must, "delete", "A group is deleted, its people stay", "RFC 7644 §3.6: 204, then 404", |s| {
            let user = s.user(json!({})).await?;
            let group = s.group(&[&user]).await?;
            s.delete(&group.path).await?.status(&[204])?;
            s.get(&group.path).await?.status(&[404])?;
            s.read(&user.path).await?;
        }),
        check!(Must, "list", "Groups are listed", "RFC 7644 §3.4.2: a ListResponse", |s| {
            let list = s.query("/Groups", &[("count", "3")]).await?;
            list.status(&[200])?;
            super::discovery::is_list(&list)?;
        }),
        check!(
            Must,
            "nested",
            "A group that is a member is kept or refused, never lost",
            "RFC 7643 §4.2: \"The intention of the \"Group\" type is to allow the service \
                 provider to support nested groups\"; some support users only",
            |s| {
                let inner = s.group(&[]).await?;
                let body = merged(
                    s.group_body(&[]),
                    json!({
                        "members": [{"value": inner.id, "type": "Group"}],
                    }),
                );
                let answer = s.post("/Groups", &body).await?;
                answer.status(&[201, 400])?;
                if answer.code() == 201 {
                    let read = s.read(&format!("/Groups/{}", answer.str("/id"))).await?;
                    read.values("/members", &[&inner.id])?;
                }
            }
        ),
        check!(
            Must,
            "unknown-member",
            "A member that does not exist never ends in a server error",
            "RFC 7644 §3.12: a client's mistake is a 4xx",
            |s| {
                let body = merged(
                    s.group_body(&[]),
                    json!({"members": [{"value": "6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0ab"}]}),
                );
                let answer = s.post("/Groups", &body).await?;
                answer.expect(answer.code() < 500, "a status below 500")?;
            }
        ),
    ]
}

fn memberships() -> Vec<Check> {
    let source = "RFC 7643 §4.1.2: groups: \"A list of groups to which the user belongs\"";
    vec![
        check!(Must, "user-groups", "A user tells its groups", source, |s| {
            let user = s.user(json!({})).await?;
            let group = s.group(&[&user]).await?;
            s.read(&user.path).await?.values("/groups", &[&group.id])?;
        }),
        check!(
            Should,
            "user-groups-display",
            "With their names",
            "RFC 7643 §4.1.2: groups.display: \"A human-readable name, primarily used for \
                 display purposes\"",
            |s| {
                let user = s.user(json!({})).await?;
                let group = s.group(&[&user]).await?;
                s.read(&user.path).await?.is("/groups/0/display", &group.name().into())?;
            }
        ),
        check!(
            Should,
            "user-groups-ref",
            "With a $ref to the group",
            "RFC 7643 §8.7.1 and erratum 8471: groups.$ref refers to Group",
            |s| {
                let user = s.user(json!({})).await?;
                let group = s.group(&[&user]).await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.str("/groups/0/$ref").ends_with(&format!("/Groups/{}", group.id)),
                    "groups.$ref to end in /Groups/ and the id",
                )?;
            }
        ),
        check!(
            Should,
            "user-groups-direct",
            "As direct memberships",
            "RFC 7643 §4.1.2: groups.type: canonical values \"direct\" and \"indirect\"",
            |s| {
                let user = s.user(json!({})).await?;
                s.group(&[&user]).await?;
                s.read(&user.path).await?.is("/groups/0/type", &"direct".into())?;
            }
        ),
        check!(Must, "user-groups-after-delete", "A deleted group is nobody's", source, |s| {
            let user = s.user(json!({})).await?;
            let group = s.group(&[&user]).await?;
            s.delete(&group.path).await?.success()?;
            s.read(&user.path).await?.lacks("/groups")?;
        }),
        check!(
            Must,
            "deleted-user-leaves",
            "A deleted user is no member",
            "RFC 7644 §3.6: a deleted resource is gone from all results",
            |s| {
                let users = s.users(2).await?;
                let group = s.group(&[&users[0], &users[1]]).await?;
                s.delete(&users[0].path).await?.success()?;
                s.read(&group.path).await?.values("/members", &[&users[1].id])?;
            }
        ),
    ]
}
