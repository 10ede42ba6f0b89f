//! What real apps take otherwise than RFC 7644 has it, as their own descriptions say. A client that was not told meets a
//! refusal.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::error::{Answer, ScimError};

/// What an app takes otherwise. Without any it is as the RFCs have it.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// By which attributes users are found; none: by all.
    pub user_filters: &'static [&'static str],
    /// By which attributes groups are found; none: by all.
    pub group_filters: &'static [&'static str],
    /// Query parameters that are refused.
    pub refused_parameters: &'static [&'static str],
    /// How many resources a page has at most.
    pub longest_page: usize,
    /// Whether a larger `count` is refused instead of cut.
    pub refuses_larger_pages: bool,
    /// Whether lists go on by cursors (RFC 9865), and are cut where nobody asks for one.
    pub cursors: bool,
    /// Whether a user tells its groups.
    pub tells_groups: bool,
    /// What a user must have, as JSON pointers.
    pub needs: &'static [&'static str],
    /// The `type` that every role must have, and of which there is one.
    pub role_type: Option<&'static str>,
    /// Whether members who leave are named in the value alone.
    pub leave_by_value: bool,
    /// The status that refuses another user while there is no room; RFC 7644 has none for it. None: there is room.
    pub no_room: Option<StatusCode>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            user_filters: &[],
            group_filters: &[],
            refused_parameters: &[],
            // A client that takes the first page for the whole must fail here.
            longest_page: 100,
            refuses_larger_pages: false,
            cursors: false,
            tells_groups: true,
            needs: &[],
            role_type: None,
            leave_by_value: false,
            no_room: None,
        }
    }
}

impl Habits {
    /// Refuses what the app does not take in a query.
    pub(super) fn check_query(&self, query: &str) -> Answer<()> {
        let names = query.split('&').filter_map(|pair| pair.split('=').next());
        match names.into_iter().find(|name| self.refused_parameters.contains(name)) {
            Some(name) => Err(ScimError::bad("invalidValue", format!("{name} is not supported."))),
            None => Ok(()),
        }
    }

    /// Refuses another user while there is no room.
    pub(super) fn check_room(&self) -> Answer<()> {
        match self.no_room {
            Some(status) => Err(ScimError::status(status, "There is no room for another user.")),
            None => Ok(()),
        }
    }

    /// Refuses what a user of this app cannot be.
    pub(super) fn check_user(&self, user: &Map<String, Value>) -> Answer<()> {
        let whole = Value::Object(user.clone());
        if let Some(missing) = self.needs.iter().find(|pointer| whole.pointer(pointer).is_none()) {
            return Err(ScimError::bad("invalidValue", format!("{missing} is required.")));
        }
        let Some(role_type) = self.role_type else { return Ok(()) };
        let roles = user.get("roles").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if roles.len() > 1 || roles.iter().any(|role| role["type"] != role_type) {
            return Err(ScimError::bad("invalidValue", format!("Roles are one of the type {role_type}.")));
        }
        Ok(())
    }

    /// Refuses what a group's patch cannot be.
    pub(super) fn check_group_patch(&self, body: &Value) -> Answer<()> {
        let operations = body["Operations"].as_array().map_or(&[][..], Vec::as_slice);
        let by_path = |operation: &Value| operation["path"].as_str().is_some_and(|path| path.contains('['));
        if self.leave_by_value && operations.iter().any(by_path) {
            return Err(ScimError::bad("invalidPath", "Name the members in the value.".to_owned()));
        }
        Ok(())
    }
}
