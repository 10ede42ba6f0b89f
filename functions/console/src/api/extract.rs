//! What handlers take from a request, strictly, with problems that name the part that is wrong.

use axum::extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;

use crate::error::Problem;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::not_json());
        }
        read_body(request, state).await.and_then(|body| parse(&body)).map(Self)
    }
}

/// A JSON body that may be left out; then it is the default.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let body = read_body(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        if !json {
            return Err(Problem::not_json());
        }
        parse(&body).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
        || media_type.eq_ignore_ascii_case("application/merge-patch+json")
}

async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Vec<u8>, Problem> {
    axum::body::Bytes::from_request(request, state).await.map(|body| body.to_vec()).map_err(
        |rejection: BytesRejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
            _ => Problem::bad_request("the body could not be read to its end; send it again"),
        },
    )
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() { invalid_field(error.path(), inner) } else { malformed(inner) }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not well-formed JSON: {error}"))
}

fn invalid_field(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Problem {
    use serde_path_to_error::Segment;
    let mut field = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => field.push_str(&format!("/{index}")),
            Segment::Map { key } => field.push_str(&format!("/{key}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let said = error.to_string();
    // serde says where in the text; the pointer says it better.
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    Problem::invalid(if field.is_empty() { "/" } else { &field }, said)
}

/// The query, strictly.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|rejection| {
            let said = rejection.body_text();
            let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(&said);
            match said.split_once(": ") {
                Some((field, said)) if !field.contains(' ') => Problem::bad_parameter(field, said),
                _ => Problem::bad_request(format!("the query is not as it should be: {said}")),
            }
        })
    }
}

/// The ids in the path. One that is not of its kind's form names nothing.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| Problem::not_found("what this address names"))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
        grace_seconds: Option<u32>,
        roles: Vec<Role>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Role {
        rank: u32,
    }

    fn refused(body: &str) -> (u16, String, String) {
        let problem = parse::<Body>(body.as_bytes()).unwrap_err();
        let field = problem.errors.first().map(|error| error.field.clone()).unwrap_or_default();
        (problem.status.as_u16(), field, problem.detail)
    }

    #[test]
    fn the_problem_names_the_field() {
        let (status, field, _) = refused(r#"{"name": "x", "grace_seconds": "soon", "roles": []}"#);
        assert_eq!((status, field.as_str()), (422, "/grace_seconds"));
        let (status, field, _) = refused(r#"{"name": "x", "roles": [{"rank": 1}, {"rank": -1}]}"#);
        assert_eq!((status, field.as_str()), (422, "/roles/1/rank"));
        let (_, field, said) = refused(r#"{"name": "x", "roles": [], "nmae": 1}"#);
        assert_eq!(field, "/nmae");
        assert!(said.contains("unknown field `nmae`"), "{said}");
        let (_, _, said) = refused(r#"{"roles": []}"#);
        assert!(said.contains("missing field `name`") && !said.contains("line"), "{said}");
    }

    #[test]
    fn what_is_not_json_is_400() {
        for bad in ["", "{", "nope", r#"{"name": "x", "roles": []} trailing"#] {
            assert_eq!(refused(bad).0, 400, "{bad}");
        }
    }

    #[test]
    fn json_is_announced() {
        let announced =
            |value: &str| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert!(announced("application/json; charset=utf-8"));
        assert!(!announced("text/plain"));
        assert!(!is_json(&HeaderMap::new()));
    }
}
