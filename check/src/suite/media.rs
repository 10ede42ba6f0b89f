//! Media types (RFC 7644 §3.1, §3.8, §8.1).

use serde_json::json;

use crate::core::{Check, Exchange, Request, check, group};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("media", "RFC 7644 §3.8", &[], answers());
    all.extend(group("media", "RFC 7644 §3.1", &[], requests()));
    all.extend(group("media", "Okta", &[], okta()));
    all.extend(group("media", "OneLogin", &[], one_login()));
    all
}

fn media_type(answer: &Exchange) -> &str {
    answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

fn is_scim(answer: &Exchange) -> crate::Verdict {
    answer.expect(media_type(answer) == "application/scim+json", "Content-Type application/scim+json")
}

fn answers() -> Vec<Check> {
    let source = "RFC 7644 §3.8: servers MUST support Accept: application/scim+json, and answer with \
                 it where no format is asked for";
    vec![
        check!(Must, "asked", "application/scim+json is answered where it is asked for", source, |s| {
            is_scim(&s.read("/Users?count=1").await?)?;
        }),
        check!(Must, "not-asked", "and where nothing is asked for", source, |s| {
            let answer = s.send(Request::get("/Users?count=1").without("accept")).await?;
            answer.status(&[200])?;
            is_scim(&answer)?;
        }),
        check!(Must, "any", "and where anything is welcome", source, |s| {
            let answer = s.send(Request::get("/Users?count=1").header("accept", "*/*")).await?;
            answer.status(&[200])?;
            is_scim(&answer)?;
        }),
        check!(Must, "created", "The answer to POST is of that type", source, |s| {
            is_scim(&s.user(json!({})).await?.answer)?;
        }),
        check!(
            Must,
            "errors",
            "Errors are of that type",
            "RFC 7644 §3.12: errors are SCIM messages; RFC 7644 §8.1",
            |s| {
                is_scim(&s.get("/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b2").await?)?;
            }
        ),
        check!(Must, "discovery", "Discovery is of that type", source, |s| {
            is_scim(&s.read("/ServiceProviderConfig").await?)?;
        }),
        check!(
            Interop,
            "no-parameters",
            "The type has no parameters",
            "Public suites compare Content-Type with application/scim+json exactly; RFC 8259: \
                 JSON has no charset parameter",
            |s| {
                let answer = s.read("/Users?count=1").await?;
                let exact = answer.header("content-type") == Some("application/scim+json");
                answer.expect(exact, "exactly application/scim+json")?;
            }
        ),
        check!(
            Should,
            "json",
            "Accept: application/json is served",
            "RFC 7644 §3.8: servers SHOULD support Accept: application/json",
            |s| {
                let answer =
                    s.send(Request::get("/Users?count=1").header("accept", "application/json")).await?;
                answer.status(&[200])?;
                answer.expect(answer.json().is_object(), "a JSON object")?;
            }
        ),
    ]
}

fn requests() -> Vec<Check> {
    let mut all = vec![check!(
        Should,
        "text",
        "A body of another type is refused",
        "RFC 9110 §15.5.16: 415 (Unsupported Media Type); or 400",
        |s| {
            let body = s.user_body(json!({})).to_string();
            let request =
                Request::new(reqwest::Method::POST, "/Users").text(body).header("content-type", "text/plain");
            s.send(request).await?.status(&[415, 400])?;
        }
    )];
    let types = [
        ("scim", "application/scim+json", "RFC 7644 §3.1: \"application/scim+json\""),
        (
            "json",
            "application/json",
            "RFC 7644 §3.1 and §8.1: many clients send application/json; the tolerance list has \
                 it",
        ),
        (
            "scim-charset",
            "application/scim+json; charset=utf-8",
            "Okta and Entra ID send a charset; RFC 7644 §8.1: \"charset\"",
        ),
        ("json-charset", "application/json; charset=UTF-8", "Entra ID and OneLogin send a charset"),
        ("case", "Application/SCIM+JSON", "RFC 9110 §8.3.1: type and subtype are compared in any case"),
    ];
    for (id, media, source) in types {
        all.push(check!(
            Must,
            format!("takes-{id}"),
            format!("A body of {media} is taken"),
            source,
            [media],
            |s| {
                let body = s.user_body(json!({})).to_string();
                let request =
                    Request::new(reqwest::Method::POST, "/Users").text(body).header("content-type", media);
                s.send(request).await?.status(&[201])?;
            }
        ));
    }
    all
}

fn okta() -> Vec<Check> {
    vec![check!(
        Interop,
        "okta-accept",
        "Accept with a charset",
        "Okta sends Accept: application/scim+json; charset=utf-8",
        |s| {
            let accept = "application/scim+json; charset=utf-8";
            let answer = s.send(Request::get("/Users?count=1").header("accept", accept)).await?;
            answer.status(&[200])?;
            is_scim(&answer)?;
        }
    )]
}

fn one_login() -> Vec<Check> {
    vec![check!(
        Interop,
        "onelogin-json",
        "Who asks only for application/json is answered so",
        "OneLogin: responses must be application/json",
        |s| {
            let answer = s.send(Request::get("/Users?count=1").header("accept", "application/json")).await?;
            answer.status(&[200])?;
            answer.expect(media_type(&answer) == "application/json", "Content-Type application/json")?;
        }
    )]
}
