//! Where a request came from.

use std::{convert::Infallible, net::SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{Extensions, HeaderMap, header, request::Parts};
use usher_domain::sign_in::Origin;

/// Longest text that is kept of what a program calls itself.
const LONGEST_AGENT: usize = 200;

/// Where a request came from, for handlers.
pub(crate) struct CameFrom(pub(crate) Origin);

impl<S: Send + Sync> FromRequestParts<S> for CameFrom {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(of(parts)))
    }
}

/// Where a request came from, as far as it is known.
pub(crate) fn of(parts: &Parts) -> Origin {
    Origin { address: address(&parts.headers, &parts.extensions), agent: agent(&parts.headers) }
}

/// The network address: of the connection itself, or where an API gateway stands in front, the one that the gateway added.
/// What stands before that in the header was written by whoever called.
fn address(headers: &HeaderMap, extensions: &Extensions) -> String {
    if let Some(ConnectInfo(address)) = extensions.get::<ConnectInfo<SocketAddr>>() {
        return address.ip().to_string();
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let last = forwarded.rsplit(',').next().unwrap_or_default().trim();
    last.parse().map_or_else(|_| "unknown".to_owned(), |address: std::net::IpAddr| address.to_string())
}

fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(LONGEST_AGENT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(forwarded: &str, connected: Option<&str>) -> Parts {
        let request = http::Request::builder().header("x-forwarded-for", forwarded).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        if let Some(address) = connected {
            parts.extensions.insert(ConnectInfo::<SocketAddr>(address.parse().unwrap()));
        }
        parts
    }

    #[test]
    fn what_the_caller_writes_is_no_address() {
        assert_eq!(of(&parts("10.0.0.1, 203.0.113.7", None)).address, "203.0.113.7");
        assert_eq!(of(&parts("<script>", None)).address, "unknown");
        assert_eq!(of(&parts("10.0.0.1", Some("127.0.0.1:5000"))).address, "127.0.0.1");
    }
}
