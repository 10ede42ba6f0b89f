//! Every operation of the admin API. Where each is and by which method it is asked for says its `#[utoipa::path]`.

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodFilter, MethodRouter},
};
use utoipa::{Path, openapi::path::HttpMethod};

use super::*;
use crate::App;

/// Hands all operations to a macro: the router is made of them, and in tests the OpenAPI document.
macro_rules! operations {
    ($with:ident) => {
        $with! {
            me::get,
            workspace::get,
            workspace::patch,
            usage::get,
            audit::list,
            members::list,
            members::put,
            members::delete,
            members::sign_in_link,
            sessions::delete_all,
            sessions::forget_identity,
            sessions::list,
            sessions::delete,
            sign_in::get,
            sign_in::put,
            sign_in::delete,
            keys::list,
            keys::create,
            keys::delete,
            webhooks::list,
            webhooks::create,
            webhooks::get,
            webhooks::patch,
            webhooks::delete,
            webhooks::rotate,
            webhooks::test,
            webhooks::deliveries,
            webhooks::resend,
            connections::list,
            connections::create,
            connections::get,
            connections::patch,
            schemas::get,
            schemas::put,
            schemas::delete,
            tokens::rotate,
            tokens::revoke_all,
            tokens::delete,
            clients::list,
            clients::create,
            clients::delete,
            admission::get,
            admission::put,
            directory::people,
            directory::teams,
            teams::list,
            teams::create,
            teams::get,
            teams::patch,
            teams::delete,
            teams::members,
            integrations::list,
            integrations::create,
            integrations::get,
            integrations::patch,
            disconnect::delete,
            integrations::pause,
            integrations::resume,
            shares::list,
            shares::put_team,
            shares::delete_team,
            shares::put_person,
            shares::delete_person,
            access::list,
            explain::get,
            marks::put,
            marks::delete,
            preview::in_integration,
            preview::everywhere,
            activity::list,
            sync::get,
            sync::start,
            sync::check_health,
            sync::drift,
            sync::resend_invitation,
            automations::list,
            automations::get,
            automations::jobs,
            jobs::get,
            jobs::retry,
            tasks::list,
            tasks::get,
            tasks::complete,
            tasks::confirm,
            tasks::send_back,
            work::cancel,
            work::retry_all,
            work::cancel_all,
            holding::approve,
            holding::reject,
            holding::approve_all,
            holding::reject_all,
            holding::approve_held,
            holding::reject_held,
        }
    };
}

macro_rules! routed {
    ($($resource:ident::$operation:ident,)+) => {
        pastey::paste! {
            Router::new()
                $(.route(
                    &$resource::[<__path_ $operation>]::path(),
                    $resource::[<__path_ $operation>]::methods()
                        .into_iter()
                        .fold(MethodRouter::new(), |router, method| router.on(filter(method), $resource::$operation)),
                ))+
        }
    };
}

/// The operations where they are served, below `/api/v1`.
///
/// What describes them is not asked for here, and so not part of the deployed program: the document was made before.
pub(super) fn router() -> Router<Arc<App>> {
    operations!(routed)
}

#[cfg(test)]
macro_rules! documented {
    ($($resource:ident::$operation:ident,)+) => {
        utoipa_axum::router::OpenApiRouter::<Arc<App>>::new()
            $(.routes(utoipa_axum::routes!($resource::$operation)))+
    };
}

/// What describes the operations.
#[cfg(test)]
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    operations!(documented).into_openapi()
}

const fn filter(method: HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
