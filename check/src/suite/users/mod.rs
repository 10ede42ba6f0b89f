//! Creating, reading and deleting users (RFC 7644 §3.3, §3.4.1, §3.6).

use serde_json::json;

use crate::core::{Check, Need, check, group, merged, urn};
use crate::suite::{body, discovery};

mod attributes;
mod resource;

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("users", "RFC 7644 §3.3", &[], creating());
    all.extend(group("users", "RFC 7644 §3.4.1", &[], reading()));
    all.extend(group("users", "RFC 7644 §3.6", &[], deleting()));
    all.extend(group("users", "RFC 7643 §3", &[], resource::common()));
    all.extend(group("users", "RFC 7643 §2", &[], resource::values()));
    all.extend(group("users", "RFC 7643 §4", &[], attributes::checks()));
    all
}

fn creating() -> Vec<Check> {
    vec![
        check!(
            Must,
            "create",
            "A new user is answered with 201",
            "RFC 7644 §3.3: \"When the service provider successfully creates the new resource, \
                 an HTTP response SHALL be returned with HTTP status code 201 (Created)\"",
            |s| {
                s.post("/Users", &s.user_body(json!({}))).await?.status(&[201])?;
            }
        ),
        check!(
            Must,
            "create-location",
            "The answer tells where it is",
            "RFC 7644 §3.3: \"The URI of the created resource SHALL include, in the HTTP \
                 \"Location\" header and the HTTP body, ... a \"meta.location\"\"",
            |s| {
                let made = s.user(json!({})).await?.answer;
                made.expect(made.header("location").is_some(), "a Location header")?;
                made.has("/meta/location")?;
                made.expect(
                    made.header("location") == made.at("/meta/location").as_str(),
                    "Location and meta.location to be the same",
                )?;
            }
        ),
        check!(
            Must,
            "create-location-works",
            "The location leads to it",
            "RFC 7644 §3.3: Location is \"the URI of the created resource\"",
            |s| {
                let made = s.user(json!({})).await?;
                let path = body::path_of(made.answer.header("location").unwrap_or_default(), s.base_url());
                made.answer.expect(path.is_some(), "a Location below the base URL")?;
                s.read(&path.unwrap_or_default()).await?.is("/id", &made.id.as_str().into())?;
            }
        ),
        check!(
            Must,
            "create-body",
            "The answer is the user",
            "RFC 7644 §3.3: \"the response body SHOULD contain the service provider's \
                 representation of the newly created resource\"; Okta fails the user on an empty body",
            |s| {
                let made = s
                    .user(json!({
                        "name": {"givenName": "Ada", "familyName": "Lovelace"},
                    }))
                    .await?;
                made.answer.is("/userName", &made.name().into())?;
                made.answer.is("/name/familyName", &"Lovelace".into())?;
                made.answer.expect(
                    made.answer.list("/schemas").contains(&urn::USER.into()),
                    "schemas to hold the User URN",
                )?;
            }
        ),
        check!(
            Must,
            "create-read",
            "What was created can be read at once",
            "RFC 7644 §3.4.1: \"To retrieve a known resource, clients send GET requests to the \
                 resource endpoint\"",
            |s| {
                let user = s
                    .user(json!({
                        "name": {"givenName": "Ada"},
                        "emails": [{"value": "ada@check.example", "type": "work"}],
                    }))
                    .await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.json() == user.answer.json(),
                    "the same representation as the answer to its creation",
                )?;
            }
        ),
        check!(
            Must,
            "create-twice",
            "A taken userName is a conflict",
            "RFC 7644 §3.3: \"the service provider MUST return HTTP status code 409 (Conflict) \
                 with a \"scimType\" error code of \"uniqueness\"\"",
            |s| {
                let user = s.user(json!({})).await?;
                s.post("/Users", &user.body).await?.error(409, "uniqueness")?;
            }
        ),
        check!(
            Must,
            "create-twice-case",
            "A userName in other letters' case is the same",
            "RFC 7643 §4.1.1: userName is unique; RFC 7643 §8.7.1: userName has \"caseExact\": \
                 false",
            |s| {
                let user = s.user(json!({})).await?;
                let upper = merged(user.body.clone(), json!({"userName": user.name().to_uppercase()}));
                s.post("/Users", &upper).await?.status(&[409])?;
            }
        ),
        check!(
            Must,
            "create-without-name",
            "A user without userName is refused",
            "RFC 7643 §4.1.1: userName is \"REQUIRED\"; RFC 7644 §3.12: invalidValue \"A \
                 required value was missing\"",
            |s| {
                s.post("/Users", &json!({"schemas": [urn::USER], "displayName": s.unique()}))
                    .await?
                    .status(&[400])?;
            }
        ),
        check!(
            Should,
            "create-without-name-type",
            "The refusal says invalidValue",
            "RFC 7644 §3.12, table 9: invalidValue \"A required value was missing, or the value \
                 specified was not compatible with the operation or attribute type\"",
            |s| {
                s.post("/Users", &json!({"schemas": [urn::USER], "displayName": s.unique()}))
                    .await?
                    .error(400, "invalidValue")?;
            }
        ),
    ]
}

fn reading() -> Vec<Check> {
    vec![
        check!(
            Must,
            "read",
            "A user is read by id",
            "RFC 7644 §3.4.1: \"If the resource exists, the server responds with HTTP status \
                 code 200 (OK) and includes the result in the body of the response\"",
            |s| {
                let user = s.user(json!({})).await?;
                let read = s.read(&user.path).await?;
                read.is("/id", &user.id.as_str().into())?;
                read.is("/userName", &user.name().into())?;
            }
        ),
        check!(
            Must,
            "read-unknown",
            "An unknown id is not found",
            "RFC 7644 §3.12: 404 \"Specified resource (e.g., User) or endpoint does not exist\"",
            |s| {
                s.get("/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0aa").await?.status(&[404])?;
            }
        ),
        check!(
            Should,
            "read-content-location",
            "A read user tells its location in the header",
            "RFC 7643 §3.1, meta.location: \"This value MUST be the same as the \
                 \"Content-Location\" HTTP response header\"",
            |s| {
                let user = s.user(json!({})).await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.header("content-location") == read.at("/meta/location").as_str(),
                    "a Content-Location header equal to meta.location",
                )?;
            }
        ),
        check!(
            Must,
            "read-schemas",
            "A read user names its schema",
            "RFC 7643 §3: \"The \"schemas\" attribute is a REQUIRED attribute\"",
            |s| {
                let user = s.user(json!({})).await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.list("/schemas").contains(&urn::USER.into()),
                    "schemas to hold the User URN",
                )?;
            }
        ),
        check!(
            Must,
            "list",
            "Users are listed",
            "RFC 7644 §3.4.2: \"Responses MUST be identified using the following URI: \
                 \"urn:ietf:params:scim:api:messages:2.0:ListResponse\"\"",
            |s| {
                let list = s.query("/Users", &[("count", "3")]).await?;
                list.status(&[200])?;
                discovery::is_list(&list)?;
            }
        ),
    ]
}

fn deleting() -> Vec<Check> {
    let gone = "RFC 7644 §3.6: \"the service provider ... MUST return a 404 (Not Found) error code \
                 for all operations associated with the previously deleted resource\"";
    vec![
        check!(
            Must,
            "delete",
            "Deleting answers 204 without a body",
            "RFC 7644 §3.6: \"In response to a successful DELETE, the server SHALL return a \
                 successful HTTP status code 204 (No Content)\"",
            |s| {
                let answer = s.delete(&s.user(json!({})).await?.path).await?;
                answer.status(&[204])?;
                answer.expect(answer.text().is_empty(), "no body")?;
            }
        ),
        check!(Must, "delete-get", "The deleted cannot be read", gone, |s| {
            let user = s.user(json!({})).await?;
            s.delete(&user.path).await?.success()?;
            s.get(&user.path).await?.status(&[404])?;
        }),
        check!(Must, "delete-put", "The deleted cannot be replaced", gone, |s| {
            let user = s.user(json!({})).await?;
            s.delete(&user.path).await?.success()?;
            s.put(&user.path, &user.body).await?.status(&[404])?;
        }),
        check!(Must, "delete-patch", "The deleted cannot be patched", gone, |s| {
            let user = s.user(json!({})).await?;
            s.delete(&user.path).await?.success()?;
            s.patch(&user.path, &json!([{"op": "replace", "path": "active", "value": true}]))
                .await?
                .status(&[404])?;
        })
        .needs(&[Need::Patch]),
        check!(Must, "delete-delete", "The deleted cannot be deleted again", gone, |s| {
            let user = s.user(json!({})).await?;
            s.delete(&user.path).await?.success()?;
            s.delete(&user.path).await?.status(&[404])?;
        }),
        check!(
            Must,
            "delete-find",
            "The deleted is in no list",
            "RFC 7644 §3.6: \"Service providers MUST omit the resource from future query \
                 results\"",
            |s| {
                let user = s.user(json!({})).await?;
                s.delete(&user.path).await?.success()?;
                let found = s.filter("/Users", &format!("userName eq \"{}\"", user.name())).await?;
                found.expect(found.code() == 404 || found.at("/totalResults") == 0, "nobody to be found")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Must,
            "delete-name",
            "The name of the deleted is free",
            "RFC 7644 §3.6: \"the service provider SHOULD NOT consider the deleted resource in \
                 conflict calculation\"; Entra ID creates the same user again",
            |s| {
                let user = s.user(json!({})).await?;
                s.delete(&user.path).await?.success()?;
                s.post("/Users", &user.body).await?.status(&[201])?;
            }
        ),
    ]
}
