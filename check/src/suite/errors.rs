//! Errors (RFC 7644 §3.12).

use reqwest::Method;
use serde_json::json;

use crate::core::{Check, Exchange, Need, Request, Session, Stop, check, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("errors", "RFC 7644 §3.12", &[], bodies());
    all.extend(group("errors", "RFC 7644 §3.12", &[], syntax()));
    all.extend(group("errors", "RFC 7644 §3.2", &[], methods()));
    all
}

async fn missing(s: &Session) -> Result<Exchange, Stop> {
    s.get("/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b3").await
}

fn bodies() -> Vec<Check> {
    vec![
        check!(
            Must,
            "schemas",
            "An error names its schema",
            "RFC 7644 §3.12: \"Error responses are identified using the following \"schema\" \
                 URI: \"urn:ietf:params:scim:api:messages:2.0:Error\"\"",
            |s| {
                let answer = missing(s).await?;
                answer.expect(
                    answer.list("/schemas").contains(&urn::ERROR.into()),
                    "schemas to hold the Error URN",
                )?;
            }
        ),
        check!(
            Must,
            "status-string",
            "status is a string",
            "RFC 7644 §3.12: status: \"The HTTP status code ... expressed as a JSON string. \
                 REQUIRED\"",
            |s| {
                missing(s).await?.is("/status", &"404".into())?;
            }
        ),
        check!(
            Should,
            "detail",
            "An error says in words what is wrong",
            "RFC 7644 §3.12: detail: \"A detailed human-readable message\"",
            |s| {
                let answer = missing(s).await?;
                answer.expect(!answer.str("/detail").is_empty(), "a detail")?;
            }
        ),
        check!(
            Must,
            "status-400",
            "status is the answer's own",
            "RFC 7644 §3.12: status is the HTTP status code",
            |s| {
                let answer = s.filter("/Users", "userName eq").await?;
                answer.is("/status", &answer.code().to_string().into())?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Must,
            "conflict",
            "A conflict is a SCIM error with uniqueness",
            "RFC 7644 §3.12: uniqueness; Okta: 409 must carry the Error schema",
            |s| {
                let user = s.user(json!({})).await?;
                let answer = s.post("/Users", &user.body).await?;
                answer.error(409, "uniqueness")?;
                answer.expect(
                    answer.list("/schemas").contains(&urn::ERROR.into()),
                    "schemas to hold the Error URN",
                )?;
            }
        ),
        check!(
            Must,
            "unknown-endpoint",
            "An unknown endpoint is a SCIM error too",
            "RFC 7644 §3.12: 404 \"Specified resource (e.g., User) or endpoint does not exist\"",
            |s| {
                let answer = s.get("/Unicorns").await?;
                answer.status(&[404])?;
                answer.expect(
                    answer.list("/schemas").contains(&urn::ERROR.into()),
                    "schemas to hold the Error URN",
                )?;
            }
        ),
        check!(Must, "unknown-root-id", "So is an id at the root", "RFC 7644 §3.12: 404", |s| {
            let answer = s.get("/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b4").await?;
            answer.status(&[404])?;
            answer.expect(
                answer.list("/schemas").contains(&urn::ERROR.into()),
                "schemas to hold the Error URN",
            )?;
        }),
        check!(
            Interop,
            "no-insides",
            "An error tells nothing of the server's insides",
            "RFC 7644 §7: security; a stack trace in an answer helps nobody but an intruder",
            |s| {
                for answer in [missing(s).await?, s.filter("/Users", "((((").await?] {
                    let text = answer.text().to_lowercase();
                    let telling =
                        ["stack trace", "traceback (most recent", "at java.", "panicked at", "sqlexception"];
                    answer.expect(!telling.iter().any(|word| text.contains(word)), "no stack trace")?;
                }
            }
        ),
        check!(
            Must,
            "odd-ids",
            "Odd ids are not found, never a server error",
            "RFC 7644 §3.12: 404; ids are opaque strings of the server",
            |s| {
                for id in ["%20", "a%2Fb", "%F0%9F%99%82", "%ff", "0", &"x".repeat(500)] {
                    let answer = s.get(format!("/Users/{id}")).await?;
                    answer.expect((400..500).contains(&answer.code()), "a 4xx")?;
                }
            }
        ),
        check!(
            Must,
            "control-characters",
            "Control characters in an id are answered properly",
            "RFC 9110 §5.5: no header may carry what came in by a URL's %00 or %0A unchecked",
            |s| {
                for id in ["%00", "a%0D%0AX-Injected:%20yes", "%7F"] {
                    let answer = s.get(format!("/Users/{id}")).await?;
                    answer.expect((400..500).contains(&answer.code()), "a 4xx")?;
                    answer
                        .expect(answer.header("x-injected").is_none(), "no header that came from the URL")?;
                }
            }
        ),
    ]
}

fn syntax() -> Vec<Check> {
    let wrong = [
        ("broken", "A broken object", "{\"userName\": "),
        ("empty", "An empty body", ""),
        ("array", "An array", "[]"),
        ("text", "A bare text", "\"user\""),
        ("null", "null", "null"),
        ("two", "Two objects", "{} {}"),
    ];
    let checks = wrong.into_iter().map(|(id, title, body)| {
        check!(
            Must,
            format!("syntax-{id}"),
            format!("{title} is refused with 400"),
            "RFC 7644 §3.12: invalidSyntax \"The request body message structure was invalid or \
                 did not conform to the request schema\"",
            [body],
            |s| {
                s.send(Request::new(Method::POST, "/Users").text(body)).await?.status(&[400])?;
            }
        )
    });
    let mut all: Vec<Check> = checks.collect();
    all.push(check!(
        Should,
        "syntax-type",
        "The refusal says invalidSyntax",
        "RFC 7644 §3.12, table 9: invalidSyntax",
        |s| {
            s.send(Request::new(Method::POST, "/Users").text("{\"userName\": "))
                .await?
                .error(400, "invalidSyntax")?;
        }
    ));
    all.push(check!(
        Must,
        "deep",
        "A very deep body is refused, never a server error",
        "RFC 7644 §7: a server has to bound what a request may cost",
        |s| {
            let body = format!("{{\"userName\": {}1{}}}", "[".repeat(20_000), "]".repeat(20_000));
            let answer = s.send(Request::new(Method::POST, "/Users").text(body)).await?;
            answer.expect((400..500).contains(&answer.code()), "a 4xx")?;
        }
    ));
    all
}

fn methods() -> Vec<Check> {
    let cases = [
        ("users-delete", Method::DELETE, "/Users", "The list of users cannot be deleted"),
        ("users-put", Method::PUT, "/Users", "The list of users cannot be replaced"),
        ("users-patch", Method::PATCH, "/Users", "The list of users cannot be patched"),
        ("user-post", Method::POST, "/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b5", "A user takes no POST"),
    ];
    let checks = cases.into_iter().map(|(id, method, path, title)| {
        check!(
            Should,
            id,
            title,
            "RFC 7644 §3.2, table 2: methods by endpoint; RFC 9110 §15.5.6: 405 (Method Not \
                 Allowed)",
            [method, path],
            |s| {
                let answer = s.send(Request::new(method, path).text("{}")).await?;
                answer.status(&[405, 404, 501])?;
            }
        )
    });
    checks.collect()
}
