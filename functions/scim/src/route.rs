//! Which endpoint a path means, and which methods it has.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::reply::Reply;

/// Where the function lives below the origin.
pub(crate) const PREFIX: &str = "/scim/v2";

/// A path below a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The connection's id as written.
    pub(crate) connection: String,
    /// What is asked for.
    pub(crate) endpoint: Endpoint,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    ServiceProviderConfig,
    Schemas,
    Schema(String),
    ResourceTypes,
    ResourceType(String),
    Users,
    User(String),
    Groups,
    Group(String),
    /// Endpoints of the RFC that are not offered.
    Unsupported,
    Unknown,
}

impl Route {
    /// Reads a path. A slash at the end makes no difference: admins type base URLs with one.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
        let segments: Vec<String> = rest
            .split('/')
            .filter(|s| !s.is_empty())
            .map(|s| percent_decode_str(s).decode_utf8().ok().map(String::from))
            .collect::<Option<_>>()?;
        let mut segments = segments.into_iter();
        let connection = segments.next()?;
        let kind = segments.next();
        let id = segments.next();
        let endpoint = match (kind.as_deref(), id, segments.next()) {
            (_, _, Some(_)) => Endpoint::Unknown,
            (Some("ServiceProviderConfig"), None, _) => Endpoint::ServiceProviderConfig,
            (Some("Schemas"), None, _) => Endpoint::Schemas,
            (Some("Schemas"), Some(id), _) => Endpoint::Schema(id),
            (Some("ResourceTypes"), None, _) => Endpoint::ResourceTypes,
            (Some("ResourceTypes"), Some(id), _) => Endpoint::ResourceType(id),
            (Some("Users" | "Groups"), Some(id), _) if id == ".search" => Endpoint::Unsupported,
            (Some("Users"), None, _) => Endpoint::Users,
            (Some("Users"), Some(id), _) => Endpoint::User(id),
            (Some("Groups"), None, _) => Endpoint::Groups,
            (Some("Groups"), Some(id), _) => Endpoint::Group(id),
            (Some("Me" | "Bulk" | ".search"), None, _) => Endpoint::Unsupported,
            _ => Endpoint::Unknown,
        };
        Some(Self { connection, endpoint })
    }
}

impl Endpoint {
    /// RFC 7643 §5 wants discovery to work before a client has credentials.
    pub(crate) fn is_public(&self) -> bool {
        matches!(
            self,
            Self::ServiceProviderConfig
                | Self::Schemas
                | Self::Schema(_)
                | Self::ResourceTypes
                | Self::ResourceType(_)
        )
    }

    fn methods(&self) -> Option<&'static str> {
        match self {
            Self::Users | Self::Groups => Some("GET, POST"),
            Self::User(_) | Self::Group(_) => Some("GET, PUT, PATCH, DELETE"),
            Self::Unsupported | Self::Unknown => None,
            _ => Some("GET"),
        }
    }
}

/// The refusal of a method that the endpoint does not have.
pub(crate) fn wrong_method(endpoint: &Endpoint, method: &Method) -> Option<Reply> {
    let allowed = endpoint.methods()?;
    if allowed.split(", ").any(|m| m == method.as_str()) {
        return None;
    }
    Some(Reply::method_not_allowed(allowed))
}

/// The kind of endpoint, for the log: a path would hold ids and tokens that were pasted in the wrong place.
pub(crate) fn name_of(path: &str) -> &'static str {
    match Route::of(path).map(|r| r.endpoint) {
        Some(Endpoint::ServiceProviderConfig) => "ServiceProviderConfig",
        Some(Endpoint::Schemas | Endpoint::Schema(_)) => "Schemas",
        Some(Endpoint::ResourceTypes | Endpoint::ResourceType(_)) => "ResourceTypes",
        Some(Endpoint::Users) => "Users",
        Some(Endpoint::User(_)) => "User",
        Some(Endpoint::Groups) => "Groups",
        Some(Endpoint::Group(_)) => "Group",
        Some(Endpoint::Unsupported) => "unsupported",
        Some(Endpoint::Unknown) | None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str) -> Option<Endpoint> {
        Route::of(path).map(|r| r.endpoint)
    }

    #[test]
    fn paths_mean_endpoints() {
        assert_eq!(endpoint("/scim/v2/main.okta/Users"), Some(Endpoint::Users));
        assert_eq!(endpoint("/scim/v2/main.okta/Users/"), Some(Endpoint::Users));
        assert_eq!(endpoint("/scim/v2//main.okta//Users/a%20b"), Some(Endpoint::User("a b".into())));
        assert_eq!(endpoint("/scim/v2/c/Schemas/urn%3Ax:y"), Some(Endpoint::Schema("urn:x:y".into())));
        assert_eq!(endpoint("/scim/v2/c/Users/.search"), Some(Endpoint::Unsupported));
        assert_eq!(endpoint("/scim/v2/c/Users/1/2"), Some(Endpoint::Unknown));
        assert_eq!(endpoint("/scim/v2/c"), Some(Endpoint::Unknown));
        for path in ["/scim/v2", "/scim/v2/", "/scim/v1/c/Users", "/scim/v2/%ff/Users"] {
            assert_eq!(endpoint(path), None, "{path}");
        }
    }

    #[test]
    fn wrong_methods_are_told_the_right_ones() {
        assert!(wrong_method(&Endpoint::Users, &Method::POST).is_none());
        assert_eq!(wrong_method(&Endpoint::Users, &Method::PUT).unwrap().status(), 405);
        assert!(wrong_method(&Endpoint::Schemas, &Method::POST).is_some());
        assert!(wrong_method(&Endpoint::Unknown, &Method::POST).is_none(), "404 says more");
    }
}
