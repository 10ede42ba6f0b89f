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
    /// All resource types together (RFC 7644 §3.4.2.1).
    Root,
    /// `/.search`, or that of one resource type (RFC 7644 §3.4.3). The name is that of its endpoint.
    Search(Option<String>),
    /// `/Bulk` (RFC 7644 §3.7).
    Bulk,
    /// `/Me` (RFC 7644 §3.11).
    Me,
    /// The resources at an endpoint, if the connection has one of this name.
    Collection(String),
    /// One of them.
    Resource(String, String),
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
        let endpoint = match (segments.next(), segments.next(), segments.next()) {
            (None, ..) => Endpoint::Root,
            (Some(name), below, None) => Endpoint::of(name, below),
            _ => Endpoint::Unknown,
        };
        Some(Self { connection, endpoint })
    }
}

impl Endpoint {
    fn of(name: String, below: Option<String>) -> Self {
        match (name.as_str(), below) {
            ("ServiceProviderConfig", None) => Self::ServiceProviderConfig,
            ("Schemas", None) => Self::Schemas,
            ("Schemas", Some(id)) => Self::Schema(id),
            ("ResourceTypes", None) => Self::ResourceTypes,
            ("ResourceTypes", Some(id)) => Self::ResourceType(id),
            (".search", None) => Self::Search(None),
            ("Bulk", None) => Self::Bulk,
            ("Me", None) => Self::Me,
            ("ServiceProviderConfig" | ".search" | "Bulk" | "Me", Some(_)) => Self::Unknown,
            (_, None) => Self::Collection(name),
            (_, Some(search)) if search == ".search" => Self::Search(Some(name)),
            (_, Some(id)) => Self::Resource(name, id),
        }
    }

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

    /// The name of the resource type's endpoint that the path goes through: whether there is one depends on the connection.
    pub(crate) fn collection(&self) -> Option<&str> {
        match self {
            Self::Collection(name) | Self::Resource(name, _) | Self::Search(Some(name)) => Some(name),
            _ => None,
        }
    }

    fn methods(&self) -> Option<&'static str> {
        match self {
            Self::Collection(_) => Some("GET, POST"),
            Self::Resource(..) => Some("GET, PUT, PATCH, DELETE"),
            Self::Search(_) | Self::Bulk => Some("POST"),
            // Nobody is behind it, whatever the method.
            Self::Me | Self::Unknown => None,
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
        Some(Endpoint::Root) => "root",
        Some(Endpoint::Search(_)) => "search",
        Some(Endpoint::Bulk) => "Bulk",
        Some(Endpoint::Me) => "Me",
        Some(Endpoint::Collection(name)) => match name.as_str() {
            "Users" => "Users",
            "Groups" => "Groups",
            _ => "collection",
        },
        Some(Endpoint::Resource(name, _)) => match name.as_str() {
            "Users" => "User",
            "Groups" => "Group",
            _ => "resource",
        },
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
        let users = || Endpoint::Collection("Users".into());
        assert_eq!(endpoint("/scim/v2/main.okta/Users"), Some(users()));
        assert_eq!(endpoint("/scim/v2/main.okta/Users/"), Some(users()));
        let user = Endpoint::Resource("Users".into(), "a b".into());
        assert_eq!(endpoint("/scim/v2//main.okta//Users/a%20b"), Some(user));
        assert_eq!(endpoint("/scim/v2/c/Schemas/urn%3Ax:y"), Some(Endpoint::Schema("urn:x:y".into())));
        assert_eq!(endpoint("/scim/v2/c/Users/.search"), Some(Endpoint::Search(Some("Users".into()))));
        assert_eq!(endpoint("/scim/v2/c/.search"), Some(Endpoint::Search(None)));
        assert_eq!(endpoint("/scim/v2/c/Users/1/2"), Some(Endpoint::Unknown));
        assert_eq!(endpoint("/scim/v2/c/Bulk/1"), Some(Endpoint::Unknown));
        assert_eq!(endpoint("/scim/v2/c/"), Some(Endpoint::Root));
        for path in ["/scim/v2", "/scim/v2/", "/scim/v1/c/Users", "/scim/v2/%ff/Users"] {
            assert_eq!(endpoint(path), None, "{path}");
        }
    }

    #[test]
    fn wrong_methods_are_told_the_right_ones() {
        let users = Endpoint::Collection("Users".into());
        assert!(wrong_method(&users, &Method::POST).is_none());
        assert_eq!(wrong_method(&users, &Method::PUT).unwrap().status(), 405);
        assert!(wrong_method(&Endpoint::Schemas, &Method::POST).is_some());
        assert!(wrong_method(&Endpoint::Search(None), &Method::GET).is_some());
        assert!(wrong_method(&Endpoint::Unknown, &Method::POST).is_none(), "404 says more");
    }

    #[test]
    fn the_log_names_no_id() {
        assert_eq!(name_of("/scim/v2/c/Users/secret"), "User");
        assert_eq!(name_of("/scim/v2/c/secret/secret"), "resource");
    }
}
