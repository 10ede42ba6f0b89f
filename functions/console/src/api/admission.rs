//! How a SCIM connection lets callers in, beside its tokens.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    activity::Event,
    admission::{Admission, EntraTrust, LEAST_REQUESTS_PER_SECOND},
    id::ConnectionId,
};
use utoipa::ToSchema;

use super::{
    change::change,
    connections::read,
    extract::{Json, Path},
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// How a connection lets callers in, beside its tokens.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Admission)]
pub(crate) struct AdmissionBody {
    /// Requests a second that pass; null for the default, which no identity provider reaches. What is over it is answered
    /// 429.
    #[schema(minimum = 25)]
    requests_per_second: Option<u32>,
    /// The Entra ID tenant whose own tokens open the connection, for a secret that is left blank there; null for none.
    entra: Option<EntraBody>,
}

/// An Entra ID tenant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EntraTrust)]
pub(crate) struct EntraBody {
    /// The tenant's id.
    #[schema(example = "11111111-2222-3333-4444-555555555555")]
    tenant: String,
    /// The tokens' `aud`; that of Entra ID's provisioning service where it is left out.
    #[schema(example = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621")]
    audience: Option<String>,
    /// The tokens' `iss`; the tenant's in the public cloud where it is left out.
    #[schema(example = "https://sts.windows.net/11111111-2222-3333-4444-555555555555/")]
    issuer: Option<String>,
    /// Where the keys are that sign the tokens, by https; the tenant's in the public cloud where it is left out.
    jwks_url: Option<String>,
    /// The id of the application that the tokens must be issued to, their `appid` or `azp`; null for any of the tenant.
    #[schema(example = "66666666-7777-8888-9999-000000000000")]
    application: Option<String>,
}

/// How a connection lets callers in
#[utoipa::path(get, path = "/connections/{connection}/admission", tag = "Connections", operation_id = "getAdmission",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 200, description = "What is asked of callers beside a token.", body = AdmissionBody)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Reply<AdmissionBody>, Problem> {
    caller.may(Action::ManageConnections)?;
    Ok(Reply(view(read(&app, &caller, &id).await?.admission)))
}

/// Change how a connection lets callers in
///
/// Replaces all of it: what is left out goes back to its default.
#[utoipa::path(put, path = "/connections/{connection}/admission", tag = "Connections", operation_id = "putAdmission",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = AdmissionBody,
    responses((status = 200, description = "What is asked of callers beside a token.", body = AdmissionBody)))]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<AdmissionBody>,
) -> Result<Reply<AdmissionBody>, Problem> {
    caller.may(Action::ManageConnections)?;
    let admission = check(body)?;
    let connection = change(&app, &caller, &id, Event::ConnectionUpdated, |connection| {
        connection.admission = admission.clone();
        Ok(())
    });
    Ok(Reply(view(connection.await?.admission)))
}

fn check(body: AdmissionBody) -> Result<Admission, Problem> {
    if body.requests_per_second.is_some_and(|rate| rate < LEAST_REQUESTS_PER_SECOND) {
        let detail = format!("use at least {LEAST_REQUESTS_PER_SECOND}: identity providers send as many");
        return Err(Problem::invalid("/requests_per_second", detail));
    }
    Ok(Admission { requests_per_second: body.requests_per_second, entra: body.entra.map(trust).transpose()? })
}

fn trust(body: EntraBody) -> Result<EntraTrust, Problem> {
    // It becomes part of URLs, and a tenant's domain name would never be the `tid` of a token.
    if !is_uuid(&body.tenant) {
        return Err(Problem::invalid(
            "/entra/tenant",
            "give the tenant's id, a UUID; Entra ID's overview page has it",
        ));
    }
    if body.application.as_deref().is_some_and(|id| !is_uuid(id)) {
        let detail =
            "give the application (client) id, a UUID, or leave it out to take tokens of any application";
        return Err(Problem::invalid("/entra/application", detail));
    }
    let usual = EntraTrust::of_tenant(&body.tenant.to_ascii_lowercase());
    let short = |field: &str, given: Option<String>, usual: String| match given {
        Some(text) if text.is_empty() || text.len() > 500 => {
            Err(Problem::invalid(field, "give 1 to 500 characters, or leave it out"))
        }
        given => Ok(given.unwrap_or(usual)),
    };
    let jwks_url = short("/entra/jwks_url", body.jwks_url, usual.jwks_url)?;
    check_url("/entra/jwks_url", &jwks_url)?;
    Ok(EntraTrust {
        tenant: usual.tenant,
        audience: short("/entra/audience", body.audience, usual.audience)?,
        issuer: short("/entra/issuer", body.issuer, usual.issuer)?,
        jwks_url,
        application: body.application.map(|id| id.to_ascii_lowercase()),
    })
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Refuses a URL that keys must not come from. Whoever could change them on their way could let anybody in. On a laptop
/// they may come from the laptop itself; elsewhere the fetch refuses what this lets through.
pub(super) fn check_url(field: &str, url: &str) -> Result<(), Problem> {
    let parsed: Option<http::Uri> = url.parse().ok();
    let fits = parsed.is_some_and(|uri| {
        let host = uri.host().unwrap_or_default();
        let plain =
            !host.is_empty() && uri.query().is_none() && !url.contains(['@', '#']) && url.len() <= 500;
        plain
            && match uri.scheme_str() {
                Some("https") => true,
                Some("http") => matches!(host, "127.0.0.1" | "localhost" | "[::1]"),
                _ => false,
            }
    });
    let detail = "give an https:// URL without `?`, `#` and password";
    if fits { Ok(()) } else { Err(Problem::invalid(field, detail)) }
}

fn view(admission: Admission) -> AdmissionBody {
    AdmissionBody {
        requests_per_second: admission.requests_per_second,
        entra: admission.entra.map(|trust| EntraBody {
            tenant: trust.tenant,
            audience: Some(trust.audience),
            issuer: Some(trust.issuer),
            jwks_url: Some(trust.jwks_url),
            application: trust.application,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(body: Value) -> Result<Admission, String> {
        check(serde_json::from_value(body).unwrap()).map_err(|problem| problem.errors[0].field.clone())
    }

    #[test]
    fn a_tenant_is_enough_to_trust_it() {
        let tenant = "11111111-2222-3333-4444-55555555aaaa";
        let admission = checked(json!({"entra": {"tenant": tenant.to_uppercase()}})).unwrap();
        assert_eq!(admission.entra, Some(EntraTrust::of_tenant(tenant)));
        assert_eq!(checked(json!({})), Ok(Admission::default()));
        assert_eq!(checked(json!({"requests_per_second": 25})).unwrap().rate(), 25);
    }

    #[test]
    fn what_would_lock_out_or_let_in_is_refused() {
        let tenant = "11111111-2222-3333-4444-555555555555";
        for (body, field) in [
            (json!({"requests_per_second": 24}), "/requests_per_second"),
            (json!({"entra": {"tenant": "contoso.com"}}), "/entra/tenant"),
            (json!({"entra": {"tenant": "../../../-----"}}), "/entra/tenant"),
            (json!({"entra": {"tenant": tenant, "application": "provisioning"}}), "/entra/application"),
            (json!({"entra": {"tenant": tenant, "application": ""}}), "/entra/application"),
            (json!({"entra": {"tenant": tenant, "audience": ""}}), "/entra/audience"),
            (json!({"entra": {"tenant": tenant, "issuer": ""}}), "/entra/issuer"),
            (json!({"entra": {"tenant": tenant, "jwks_url": "http://example.com/keys"}}), "/entra/jwks_url"),
            (
                json!({"entra": {"tenant": tenant, "jwks_url": "https://a@example.com/keys"}}),
                "/entra/jwks_url",
            ),
            (json!({"entra": {"tenant": tenant, "jwks_url": "file:///etc/keys"}}), "/entra/jwks_url"),
        ] {
            assert_eq!(checked(body.clone()), Err(field.to_owned()), "{body}");
        }
        assert!(check_url("/x", "http://127.0.0.1:8080/keys").is_ok());
    }
}
