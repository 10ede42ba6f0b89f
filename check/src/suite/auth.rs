//! Who may speak to the server (RFC 7644 §2).

use serde_json::json;

use crate::core::{Check, Need, Request, check, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("auth", "RFC 7644 §2", &[], refusals());
    all.extend(group("auth", "RFC 7643 §5", &[], discovery()));
    all.extend(group("auth", "Okta", &[], okta()));
    all
}

fn refusals() -> Vec<Check> {
    let source = "RFC 7644 §3.12: 401 \"Authorization failure. The authorization header is invalid or \
                 missing\"";
    let mut all = vec![
        check!(
            Must,
            "challenge",
            "The refusal says how to authenticate",
            "RFC 9110 §15.5.2: \"The server generating a 401 response MUST send a \
                 WWW-Authenticate header field\"",
            |s| {
                let answer = s.send(Request::get("/Users?count=1").anonymous()).await?;
                answer.status(&[401])?;
                answer.expect(answer.header("www-authenticate").is_some(), "a WWW-Authenticate header")?;
            }
        ),
        check!(
            Must,
            "body",
            "The refusal is a SCIM error",
            "RFC 7644 §3.12: \"implementers MUST return the errors in the body of the response \
                 in a JSON format\"",
            |s| {
                let answer = s.send(Request::get("/Users?count=1").anonymous()).await?;
                answer.status(&[401])?;
                answer.expect(answer.list("/schemas").contains(&urn::ERROR.into()), "the Error schema")?;
                answer.is("/status", &"401".into())?;
            }
        ),
        check!(Must, "write", "Nothing is written without a token", source, |s| {
            let body = s.user_body(json!({}));
            s.send(Request::post("/Users", &body).anonymous()).await?.status(&[401])?;
            let name = body["userName"].as_str().unwrap_or_default();
            let found = s.filter("/Users", &format!("userName eq \"{name}\"")).await?;
            found.expect(found.resources().is_empty(), "nobody to be made")?;
        })
        .needs(&[Need::Filter]),
        check!(Must, "unknown-path", "Without a token, nothing tells what exists", source, |s| {
            let user = s.user(json!({})).await?;
            for path in [user.path.as_str(), "/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b1"] {
                s.send(Request::get(path).anonymous()).await?.status(&[401])?;
            }
        }),
        check!(
            Must,
            "scheme-case",
            "The scheme is taken in any case",
            "RFC 9110 §11.1: the scheme is \"a case-insensitive token\"",
            |s| {
                let request = Request::get("/Users?count=1").authorization(format!("bearer {}", s.token()));
                s.send(request).await?.status(&[200])?;
            }
        ),
        check!(
            Must,
            "not-in-url",
            "A token in the URL is none",
            "RFC 6750 §5.3: \"Don't pass bearer tokens in page URLs\"; RFC 7644 §7.5.2 on \
                 personal data in URLs",
            |s| {
                let path = format!("/Users?count=1&access_token={}", crate::core::encode("no-token-at-all"));
                s.send(Request::get(path).anonymous()).await?.status(&[401])?;
            }
        ),
    ];
    let wrong = [
        ("none", "Without a token", None),
        ("wrong", "With a wrong token", Some("Bearer 0123456789abcdef0123456789abcdef")),
        ("empty", "With an empty token", Some("Bearer ")),
        ("basic", "With a user and a password nobody has", Some("Basic bm9ib2R5OnNlY3JldA==")),
        ("unknown-scheme", "With an unknown scheme", Some("Unicorn 0123456789")),
    ];
    for (id, title, value) in wrong {
        all.push(check!(Must, id, format!("{title}, the answer is 401"), source, [value], |s| {
            let request = Request::get("/Users?count=1");
            let request = match value {
                Some(value) => request.authorization(value),
                None => request.anonymous(),
            };
            s.send(request).await?.status(&[401])?;
        }));
    }
    all
}

fn discovery() -> Vec<Check> {
    vec![check!(
        Should,
        "anonymous",
        "The configuration is public",
        "RFC 7643 §5: \"the service provider SHOULD ... make the authenticationSchemes \
                 attribute publicly accessible without prior authentication\"",
        |s| {
            let answer = s.send(Request::get("/ServiceProviderConfig").anonymous()).await?;
            answer.status(&[200])?;
            answer.has("/authenticationSchemes")?;
        }
    )]
}

fn okta() -> Vec<Check> {
    vec![check!(
        Interop,
        "raw-token",
        "The token without Bearer",
        "Okta, \"HTTP Header\" mode: the pasted value is sent verbatim, without \"Bearer \" \
                 unless the admin typed it",
        |s| {
            s.send(Request::get("/Users?count=1").raw_token()).await?.status(&[200])?;
        }
    )]
}
