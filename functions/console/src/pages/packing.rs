//! Pages and files go packed over the wire to whoever takes that. What a page says can not be guessed from how long it is then:
//! nobody else's site gets a browser to ask for pages with its session (the cookie is same-site).

use std::io::Write;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Shorter ones would hardly become shorter.
const LEAST: usize = 1_024;

/// Packs what a handler answers.
pub(super) async fn around(request: Request, next: Next) -> Response {
    let takes = takes_gzip(request.headers());
    let answer = next.run(request).await;
    if !takes || !is_text(answer.headers()) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    // All bodies are in memory already.
    let Ok(content) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if content.len() < LEAST {
        return Response::from_parts(parts, Body::from(content));
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packer.write_all(&content).and_then(|()| packer.finish());
    let Ok(packed) = packed else { return Response::from_parts(parts, Body::from(content)) };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(packed))
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/") || kind.starts_with("image/svg")
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_not_sent() {
        let accepting =
            |value: &str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]);
        for (value, takes) in
            [("gzip, br", true), ("br;q=1, gzip;q=0.5", true), ("br, gzip;q=0", false), ("", false)]
        {
            assert_eq!(takes_gzip(&accepting(value)), takes, "{value}");
        }
    }
}
