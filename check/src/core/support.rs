//! What the server says that it supports.

use serde_json::Value;

use super::{Exchange, Need, urn};

/// What discovery told at the start of the run.
#[derive(Debug, Default)]
pub(crate) struct Support {
    /// The ServiceProviderConfig; null where none could be read.
    pub(crate) config: Value,
    types: Option<Vec<Value>>,
    user_attributes: Option<Vec<String>>,
}

impl Support {
    pub(crate) fn of(config: &Exchange, types: &Exchange, schemas: &Exchange) -> Self {
        let read = |exchange: &Exchange| exchange.is_success().then(|| exchange.json().clone());
        let list = |exchange: &Exchange| {
            let json = read(exchange)?;
            // A bare array instead of a ListResponse is a defect that other checks tell.
            json["Resources"].as_array().or(json.as_array()).cloned()
        };
        let user = list(schemas).and_then(|all| all.into_iter().find(|schema| schema["id"] == urn::USER));
        let names = user.and_then(|schema| {
            let attributes = schema["attributes"].as_array()?.iter();
            Some(attributes.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect())
        });
        Self { config: read(config).unwrap_or_default(), types: list(types), user_attributes: names }
    }

    /// Whether the server says that it has what a check needs; otherwise the reason to skip the check.
    pub(crate) fn meets(&self, need: Need) -> Result<(), String> {
        let says = |met: bool, reason: &str| if met { Ok(()) } else { Err(reason.to_owned()) };
        match need {
            Need::Patch => self.feature("patch", true),
            Need::Filter => self.feature("filter", true),
            Need::Bulk => self.feature("bulk", false),
            Need::Sort => self.feature("sort", false),
            Need::Etag => self.feature("etag", false),
            Need::Cursor => says(
                self.config.pointer("/pagination/cursor") == Some(&Value::Bool(true)),
                "ServiceProviderConfig has no pagination.cursor = true",
            ),
            Need::Index => says(
                self.config.pointer("/pagination/index") != Some(&Value::Bool(false)),
                "ServiceProviderConfig says pagination.index = false",
            ),
            Need::Groups => says(
                self.types.as_ref().is_none_or(|types| types.iter().any(|one| one["endpoint"] == "/Groups")),
                "/ResourceTypes has none with the endpoint /Groups",
            ),
            Need::Enterprise => says(
                self.types.as_ref().is_none_or(|types| types.iter().any(has_enterprise)),
                "/ResourceTypes has no Enterprise User extension",
            ),
            Need::Tolerance => says(
                self.config["interopProfileConformant"] != true,
                "ServiceProviderConfig says interopProfileConformant = true: the profile forbids \
                 this tolerance",
            ),
            Need::User(name) => says(
                self.user_attributes.as_ref().is_none_or(|all| {
                    all.iter().any(|known| known.eq_ignore_ascii_case(name)) || name == "externalId"
                }),
                &format!("the User schema of /Schemas has no attribute `{name}`"),
            ),
        }
    }

    /// A feature that the configuration names; `unsaid` where there is no configuration to read.
    fn feature(&self, name: &str, unsaid: bool) -> Result<(), String> {
        match self.config.get(name).map(|feature| &feature["supported"]) {
            Some(Value::Bool(true)) => Ok(()),
            None if self.config.is_null() && unsaid => Ok(()),
            _ => Err(format!("ServiceProviderConfig does not say {name}.supported = true")),
        }
    }

    /// A number of the configuration.
    pub(crate) fn number(&self, pointer: &str) -> Option<usize> {
        self.config.pointer(pointer)?.as_u64().and_then(|number| usize::try_from(number).ok())
    }
}

fn has_enterprise(resource_type: &Value) -> bool {
    let extensions = resource_type["schemaExtensions"].as_array();
    extensions.is_some_and(|all| all.iter().any(|one| one["schema"] == urn::ENTERPRISE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_announced_is_not_checked() {
        let support = Support {
            config: json!({"patch": {"supported": true}, "bulk": {"supported": "true"}}),
            types: Some(vec![json!({"endpoint": "/Users"})]),
            user_attributes: Some(vec!["userName".to_owned()]),
        };
        assert_eq!(support.meets(Need::Patch), Ok(()));
        for need in
            [Need::Bulk, Need::Etag, Need::Cursor, Need::Groups, Need::Enterprise, Need::User("title")]
        {
            assert!(support.meets(need).is_err(), "{need:?}");
        }
        assert_eq!(support.meets(Need::Index), Ok(()));
        assert_eq!(support.meets(Need::User("USERNAME")), Ok(()));
    }

    #[test]
    fn without_a_configuration_only_what_every_server_has_is_checked() {
        let support = Support::default();
        assert_eq!(support.meets(Need::Patch), Ok(()));
        assert_eq!(support.meets(Need::Groups), Ok(()));
        assert!(support.meets(Need::Bulk).is_err());
    }
}
