//! Bulk (RFC 7644 §3.7), for servers that announce it.

mod references;

use serde_json::{Value, json};

use crate::core::{Check, Exchange, Need, Request, Session, Stop, check, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("bulk", "RFC 7644 §3.7", &[Need::Bulk], operations());
    all.extend(group("bulk", "RFC 7644 §3.7.1", &[Need::Bulk, Need::Groups], references::checks()));
    all.extend(group("bulk", "RFC 7644 §3.7.3", &[Need::Bulk], errors()));
    all.extend(group("bulk", "RFC 7644 §3.7.4", &[Need::Bulk], limits()));
    all
}

async fn bulk(s: &Session, operations: Value) -> Result<Exchange, Stop> {
    s.post("/Bulk", &json!({"schemas": [urn::BULK], "Operations": operations})).await
}

/// An operation that makes a user.
fn post_user(s: &Session, bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": s.user_body(json!({}))})
}

/// An operation that cannot succeed.
fn wrong_user(bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"schemas": [urn::USER]}})
}

/// Status codes are strings in RFC 7644.
fn status(answer: &Exchange, at: usize) -> &str {
    answer.str(&format!("/Operations/{at}/status"))
}

/// The path of what an operation made or changed.
fn location(s: &Session, answer: &Exchange, at: usize) -> Result<String, Stop> {
    let location = answer.str(&format!("/Operations/{at}/location"));
    let path = crate::suite::body::path_of(location, s.base_url());
    path.ok_or_else(|| answer.fail(format!("a location below the base URL in operation {at}")))
}

fn operations() -> Vec<Check> {
    let response = "RFC 7644 §3.7: the response is identified by \
                 \"urn:ietf:params:scim:api:messages:2.0:BulkResponse\"; location is \"REQUIRED in a \
                 response, except in the event of a POST failure\"; status \"REQUIRED\"";
    vec![
        check!(Must, "post", "A user is made", response, |s| {
            let answer = bulk(s, json!([post_user(s, "one")])).await?;
            answer.status(&[200])?;
            answer.expect(
                answer.list("/schemas").contains(&urn::BULK_RESPONSE.into()),
                "schemas to hold the BulkResponse URN",
            )?;
            answer.expect(status(&answer, 0) == "201", "status \"201\", as a string")?;
            s.read(&location(s, &answer, 0)?).await?;
        }),
        check!(
            Must,
            "echo",
            "method and bulkId come back",
            "RFC 7644 §3.7: bulkId \"REQUIRED when \"method\" is \"POST\"\"; the response \
                 repeats method and bulkId",
            |s| {
                let answer = bulk(s, json!([post_user(s, "one")])).await?;
                answer.is("/Operations/0/method", &"POST".into())?;
                answer.is("/Operations/0/bulkId", &"one".into())?;
            }
        ),
        check!(
            Must,
            "several",
            "Every operation has its answer, in order",
            "RFC 7644 §3.7: \"Operations\" of the response; RFC 7644 §3.7.3 shows them in order",
            |s| {
                let answer =
                    bulk(s, json!([post_user(s, "one"), post_user(s, "two"), post_user(s, "three"),]))
                        .await?;
                let ids: Vec<_> = answer
                    .list("/Operations")
                    .iter()
                    .map(|one| one["bulkId"].as_str().unwrap_or_default())
                    .collect();
                answer.expect(
                    ids == ["one", "two", "three"],
                    "three answers, in the order of the operations",
                )?;
            }
        ),
        check!(
            Must,
            "put",
            "A user is replaced",
            "RFC 7644 §3.7: method \"POST\", \"PUT\", \"PATCH\", or \"DELETE\"",
            |s| {
                let user = s.user(json!({"displayName": "First"})).await?;
                let data = crate::core::merged(user.body.clone(), json!({"displayName": "Second"}));
                let answer = bulk(
                    s,
                    json!([
                        {
                            "method": "PUT",
                            "path": user.path,
                            "data": data,
                        },
                    ]),
                )
                .await?;
                answer.expect(status(&answer, 0) == "200", "status \"200\"")?;
                s.read(&user.path).await?.is("/displayName", &"Second".into())?;
            }
        ),
        check!(Must, "patch", "A user is patched", "RFC 7644 §3.7", |s| {
            let user = s.user(json!({"displayName": "First"})).await?;
            let change = json!([{"op": "replace", "path": "displayName", "value": "Second"}]);
            let data = json!({"schemas": [urn::PATCH], "Operations": change});
            let answer = bulk(
                s,
                json!([
                    {
                        "method": "PATCH",
                        "path": user.path,
                        "data": data,
                    },
                ]),
            )
            .await?;
            answer.expect(matches!(status(&answer, 0), "200" | "204"), "status \"200\" or \"204\"")?;
            s.read(&user.path).await?.is("/displayName", &"Second".into())?;
        })
        .needs(&[Need::Patch]),
        check!(Must, "delete", "A user is deleted", "RFC 7644 §3.7", |s| {
            let user = s.user(json!({})).await?;
            let answer = bulk(s, json!([{"method": "DELETE", "path": user.path}])).await?;
            answer.expect(status(&answer, 0) == "204", "status \"204\"")?;
            s.get(&user.path).await?.status(&[404])?;
        }),
        check!(
            Must,
            "case",
            "Methods in capitals only are required; the mixture works in one request",
            "RFC 7644 §3.7.3: the example with POST, PUT, PATCH and DELETE",
            |s| {
                let users = s.users(2).await?;
                let answer = bulk(
                    s,
                    json!([
                        post_user(s, "one"),
                        {"method": "PUT", "path": users[0].path, "data": users[0].body},
                        {"method": "DELETE", "path": users[1].path},
                    ]),
                )
                .await?;
                let all: Vec<_> = (0..3).map(|at| status(&answer, at)).collect();
                answer.expect(all == ["201", "200", "204"], "201, 200, 204")?;
            }
        ),
        check!(Must, "group", "A group of people who exist is made", "RFC 7644 §3.7", |s| {
            let user = s.user(json!({})).await?;
            let data = s.group_body(&[&user]);
            let answer = bulk(
                s,
                json!([
                    {
                        "method": "POST",
                        "path": "/Groups",
                        "bulkId": "g",
                        "data": data,
                    },
                ]),
            )
            .await?;
            s.read(&location(s, &answer, 0)?).await?.values("/members", &[&user.id])?;
        })
        .needs(&[Need::Groups]),
    ]
}

fn errors() -> Vec<Check> {
    let source = "RFC 7644 §3.7: failOnErrors: \"An integer specifying the number of errors that the \
                 service provider will accept before the operation is terminated and an error \
                 response is returned\"";
    vec![
        check!(
            Must,
            "continues",
            "Without failOnErrors, the rest is done",
            "RFC 7644 §3.7.3: \"The service provider MUST continue performing as many changes as \
                 possible and disregard partial failures\"",
            |s| {
                let answer = bulk(s, json!([wrong_user("bad"), post_user(s, "good")])).await?;
                answer.status(&[200])?;
                answer.expect(status(&answer, 0) == "400" && status(&answer, 1) == "201", "400, then 201")?;
            }
        ),
        check!(Must, "stops", "With failOnErrors 1, nothing is done after the first error", source, |s| {
            let good = post_user(s, "good");
            let name = good["data"]["userName"].as_str().unwrap_or_default().to_owned();
            let body = json!({
                "schemas": [urn::BULK],
                "failOnErrors": 1,
                "Operations": [wrong_user("bad"), good],
            });
            let answer = s.post("/Bulk", &body).await?;
            let found = s.filter("/Users", &format!("userName eq \"{name}\"")).await?;
            found.expect(found.resources().is_empty(), "the second user not to be made")?;
            answer.status(&[200, 400])?;
        })
        .needs(&[Need::Filter]),
        check!(Must, "stops-at-two", "With failOnErrors 2, one error does not stop it", source, |s| {
            let operations = [wrong_user("bad"), post_user(s, "good")];
            let body = json!({"schemas": [urn::BULK], "failOnErrors": 2, "Operations": operations});
            let answer = s.post("/Bulk", &body).await?;
            answer.expect(status(&answer, 1) == "201", "the second user to be made")?;
        }),
        check!(
            Must,
            "error-body",
            "A failed operation has its error",
            "RFC 7644 §3.7: response: \"The HTTP response body for the specified request \
                 operation. When indicating a response with an HTTP status other than a 200-series \
                 response, the response body MUST be included\"",
            |s| {
                let answer = bulk(s, json!([wrong_user("bad")])).await?;
                answer.expect(status(&answer, 0) == "400", "status \"400\"")?;
                let schemas = answer.list("/Operations/0/response/schemas");
                answer.expect(schemas.contains(&urn::ERROR.into()), "a response with the Error schema")?;
            }
        ),
        check!(
            Must,
            "conflict",
            "A taken userName is that operation's 409",
            "RFC 7644 §3.7.3 and §3.12",
            |s| {
                let user = s.user(json!({})).await?;
                let answer = bulk(
                    s,
                    json!([
                        {
                            "method": "POST",
                            "path": "/Users",
                            "bulkId": "x",
                            "data": user.body,
                        },
                    ]),
                )
                .await?;
                answer.expect(status(&answer, 0) == "409", "status \"409\"")?;
            }
        ),
        check!(
            Must,
            "unknown-user",
            "An unknown user is that operation's 404",
            "RFC 7644 §3.7.3 and §3.12",
            |s| {
                let path = "/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0af";
                let answer = bulk(s, json!([{"method": "DELETE", "path": path}])).await?;
                answer.expect(status(&answer, 0) == "404", "status \"404\"")?;
            }
        ),
        check!(
            Must,
            "unknown-endpoint",
            "An unknown endpoint is that operation's error",
            "RFC 7644 §3.7.3 and §3.12",
            |s| {
                let answer = bulk(
                    s,
                    json!([
                        {
                            "method": "POST",
                            "path": "/Unicorns",
                            "bulkId": "x",
                            "data": {},
                        },
                    ]),
                )
                .await?;
                let refused = status(&answer, 0).starts_with('4') || answer.code() == 400;
                answer.expect(refused, "a 4xx for the operation")?;
            }
        ),
        check!(
            Must,
            "no-bulk-id",
            "POST without bulkId is refused",
            "RFC 7644 §3.7: bulkId: \"REQUIRED when \"method\" is \"POST\"\"",
            |s| {
                let answer = bulk(
                    s,
                    json!([
                        {
                            "method": "POST",
                            "path": "/Users",
                            "data": s.user_body(json!({})),
                        },
                    ]),
                )
                .await?;
                let refused = status(&answer, 0).starts_with('4') || answer.code() == 400;
                answer.expect(refused, "a 4xx for the operation")?;
            }
        ),
        check!(
            Should,
            "no-schemas",
            "A body without the BulkRequest schema is refused",
            "RFC 7644 §3.7: \"Bulk requests are identified using the following schema URI\"",
            |s| {
                s.post("/Bulk", &json!({"Operations": []})).await?.status(&[400])?;
            }
        ),
        check!(
            Must,
            "get-is-none",
            "GET is no method of an operation",
            "RFC 7644 §3.7: method: \"The possible values are \"POST\", \"PUT\", \"PATCH\", or \
                 \"DELETE\"\"",
            |s| {
                let user = s.user(json!({})).await?;
                let answer = bulk(s, json!([{"method": "GET", "path": user.path}])).await?;
                let refused = status(&answer, 0).starts_with('4') || answer.code() == 400;
                answer.expect(refused, "a 4xx for the operation")?;
            }
        ),
    ]
}

fn limits() -> Vec<Check> {
    vec![
        check!(
            Must,
            "too-many",
            "More operations than announced are refused whole",
            "RFC 7644 §3.7.4: \"If either limit is exceeded, the service provider MUST return \
                 HTTP response code 413 (Payload Too Large)\"",
            |s| {
                let most = s.support().number("/bulk/maxOperations").unwrap_or(0);
                if most == 0 || most > 5_000 {
                    return Err(Stop::skipped(format!(
                        "bulk.maxOperations is {most}; the check sends up to 5,001"
                    )));
                }
                let operation = json!({
                    "method": "DELETE",
                    "path": "/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b0",
                });
                bulk(s, Value::Array(vec![operation; most + 1])).await?.status(&[413])?;
            }
        ),
        check!(
            Must,
            "too-large",
            "A larger body than announced is refused",
            "RFC 7644 §3.7.4: 413; bulk.maxPayloadSize",
            |s| {
                let most = s.support().number("/bulk/maxPayloadSize").unwrap_or(0);
                if most == 0 || most > 8 << 20 {
                    return Err(Stop::skipped(format!(
                        "bulk.maxPayloadSize is {most}; the check sends up to 8 MiB"
                    )));
                }
                let data = s.user_body(json!({"displayName": "x".repeat(most)}));
                let body = json!({
                    "schemas": [urn::BULK],
                    "Operations": [
                        {
                            "method": "POST",
                            "path": "/Users",
                            "bulkId": "x",
                            "data": data,
                        },
                    ],
                });
                let answer = s.send(Request::post("/Bulk", &body)).await?;
                answer.status(&[413])?;
            }
        ),
    ]
}
