//! Where connectors may call. A base URL is written by a tenant; it must not lead into the network that
//! Usher itself runs in (the instance's metadata service, the function's runtime interface).

use std::{
    error::Error as StdError,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::error::{Class, Error, Result};

/// Which hosts may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by https: for a deployment that serves others.
    Public,
    /// Any address, also by http: for a laptop, tests, and owners who connect apps of their own network.
    Anywhere,
}

impl FromStr for Reach {
    type Err = Error;

    /// As the deployment's parameter names it.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "public" => Ok(Self::Public),
            "anywhere" => Ok(Self::Anywhere),
            other => Err(Error::invalid(format!("`{other}` is not `public` or `anywhere`"))),
        }
    }
}

impl Reach {
    /// Whether this may be an app's base URL.
    pub(super) fn check(self, url: &Url) -> Result<()> {
        self.allows(url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::invalid("`base_url` must end before `?` and `#`"));
        }
        Ok(())
    }

    /// Whether this URL may be called.
    pub(super) fn allows(self, url: &Url) -> Result<()> {
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Error::invalid("`base_url` must begin with https:// and a host name"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid("`base_url` must not hold a password; store it as credentials"));
        }
        if self == Self::Anywhere {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Error::invalid("`base_url` must begin with https://"));
        }
        // A name is checked when it is resolved; an address never is.
        let host = url.host_str().unwrap_or_default();
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) if !is_public(address) => Err(forbidden_error()),
            _ => Ok(()),
        }
    }
}

/// Resolves names, and refuses those that lead to where connectors may not call.
pub(super) struct Resolver {
    reach: Reach,
}

impl Resolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|address| reach == Reach::Anywhere || is_public(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Marks that a name led to where connectors may not call.
#[derive(Debug)]
struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host is not public")
    }
}

impl StdError for Forbidden {}

/// Whether a failed call was refused by the resolver.
pub(super) fn forbidden(error: &reqwest::Error) -> Option<Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<Forbidden>() {
            return Some(forbidden_error());
        }
        source = cause.source();
    }
    None
}

fn forbidden_error() -> Error {
    Error::new(
        Class::PolicyDenied,
        "`base_url` leads to an address that is not public; give the app's public one",
    )
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 224
        // Shared address space (RFC 6598), IETF protocol assignments, benchmarking (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    match segments {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(joined(high, low)),
        [0x2002, high, low, ..] => is_public_v4(joined(high, low)),
        // Only 2000::/3 is global unicast; 2001:db8::/32 is for documents, 2001::/32 is Teredo.
        [0x2001, 0xdb8 | 0, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "ff02::1",
            "2001:db8::1",
            "192.0.0.1",
        ];
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_base_url_is_checked() {
        let check = |reach: Reach, url: &str| reach.check(&Url::parse(url).unwrap());
        assert!(check(Reach::Public, "https://app.example/scim").is_ok());
        assert!(check(Reach::Anywhere, "http://127.0.0.1:9/scim").is_ok());
        for refused in [
            "http://app.example/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://u:p@app.example/",
            "https://app.example/?a=b",
            "ftp://app.example/",
        ] {
            assert!(check(Reach::Public, refused).is_err(), "{refused}");
        }
        assert!(check(Reach::Anywhere, "https://u:p@app.example/").is_err());
    }
}
