//! The URNs that the RFCs and the identity providers use, and how two of them compare.

/// Core User schema (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Core Group schema (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Enterprise User extension (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema of the service provider configuration (RFC 7643 §5).
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// Schema of resource type documents (RFC 7643 §6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// Schema of schema documents (RFC 7643 §7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Message: list response (RFC 7644 §3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Message: PATCH request (RFC 7644 §3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Message: search by POST (RFC 7644 §3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// Message: bulk request (RFC 7644 §3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// Message: bulk response (RFC 7644 §3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// Message: error (RFC 7644 §3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What SCIM 1.x clients put where 2.0 has the core schemas (OneLogin's core template sends it).
const SCIM_1_CORE: &str = "urn:scim:schemas:core:1.0";
/// What SCIM 1.x clients put where 2.0 has the Enterprise User extension.
const SCIM_1_ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Whether `written` is what SCIM 1.x clients call the schema `id`.
#[must_use]
pub(crate) fn is_scim_1_name(written: &str, id: &str) -> bool {
    (written.eq_ignore_ascii_case(SCIM_1_ENTERPRISE) && id == ENTERPRISE_USER)
        || (written.eq_ignore_ascii_case(SCIM_1_CORE) && (id == USER || id == GROUP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scim_1_names_mean_the_core_schemas() {
        assert!(is_scim_1_name("URN:scim:schemas:core:1.0", GROUP));
        assert!(is_scim_1_name("urn:scim:schemas:extension:enterprise:1.0", ENTERPRISE_USER));
        assert!(!is_scim_1_name("urn:scim:schemas:core:1.0", ENTERPRISE_USER));
    }
}
