//! Every key of the table, built here and nowhere else. Each starts with the workspace, so that no query can
//! cross it; the one exception is the register of workspaces, which holds nothing but their ids.

pub mod custom;
pub mod oauth;
pub mod sign_in;
pub mod sync;
pub mod tasks;
pub mod usage;
pub mod webhooks;

use std::fmt;

use sha2::{Digest, Sha256};
use usher_domain::{
    Timestamp,
    directory::IndexedValue,
    id::{
        ApiKeyId, AutomationId, ChangeId, ConnectionId, IntegrationId, JobId, PersonId, ShareId, TeamId,
        WorkspaceId,
    },
    share::Principal,
};

/// Longest value that is part of a key as it is; DynamoDB allows 2,048 bytes for a partition key.
const LONGEST_PLAIN_VALUE: usize = 512;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// Users, groups, or the resources of a type: their values are indexed, listed and counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Resources of the type with this name, which a connection registered; a name has no `#`.
    Custom(&'a str),
}

/// Their part of a key.
impl fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("U"),
            Self::Group => f.write_str("G"),
            Self::Custom(name) => write!(f, "R#{name}"),
        }
    }
}

// The workspace and what belongs to it as a whole.

/// The partition of a workspace's own rows.
pub fn workspace_partition(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}")
}

/// The workspace row.
pub fn workspace(id: &WorkspaceId) -> Key {
    key(workspace_partition(id), "WORKSPACE")
}

/// What the operator decided about a workspace. A row of its own, because the tenant writes the workspace row.
pub fn tenancy(workspace: &WorkspaceId) -> Key {
    key(workspace_partition(workspace), "TENANCY")
}

/// The register of workspaces: partition.
pub const REGISTER: &str = "WORKSPACES";

/// A workspace's entry in the register.
pub fn register(id: &WorkspaceId) -> Key {
    key(REGISTER.to_owned(), id.as_str())
}

/// Begins the sort keys of API keys in the workspace's partition.
pub const API_KEY_PREFIX: &str = "APIKEY#";

/// An API key.
pub fn api_key(workspace: &WorkspaceId, id: &ApiKeyId) -> Key {
    key(workspace_partition(workspace), format!("{API_KEY_PREFIX}{id}"))
}

/// Begins the sort keys of members in the workspace's partition.
pub const WORKSPACE_MEMBER_PREFIX: &str = "MEMBER#";

/// A person's role in the workspace.
pub fn workspace_member(workspace: &WorkspaceId, person: &PersonId) -> Key {
    key(workspace_partition(workspace), format!("{WORKSPACE_MEMBER_PREFIX}{person}"))
}

/// Who the Owner is: one row, so that there is one at most.
pub fn owner(workspace: &WorkspaceId) -> Key {
    key(workspace_partition(workspace), "OWNER")
}

/// Begins the sort keys of connections in the workspace's partition.
pub const CONNECTION_PREFIX: &str = "C#";

/// A SCIM connection.
pub fn connection(id: &ConnectionId) -> Key {
    key(workspace_partition(id.workspace()), format!("{CONNECTION_PREFIX}{id}"))
}

/// Begins the sort keys of integrations in the workspace's partition.
pub const INTEGRATION_PREFIX: &str = "I#";

/// An integration's entry in the workspace's list.
pub fn integration_entry(workspace: &WorkspaceId, id: &IntegrationId) -> Key {
    key(workspace_partition(workspace), format!("{INTEGRATION_PREFIX}{id}"))
}

/// Begins the sort keys of integrations that were disconnected: next to the others, so that one query reads what all of them
/// used.
pub const RETIRED_PREFIX: &str = "IR#";

/// What a disconnected integration used.
pub fn retired(workspace: &WorkspaceId, id: &IntegrationId) -> Key {
    key(workspace_partition(workspace), format!("{RETIRED_PREFIX}{id}"))
}

// Directories.

/// The partition of a person: the user row, access rows, memberships, shares.
pub fn person_partition(workspace: &WorkspaceId, person: &PersonId) -> String {
    format!("W#{workspace}#U#{person}")
}

/// The user row.
pub fn user(workspace: &WorkspaceId, person: &PersonId) -> Key {
    key(person_partition(workspace, person), "USER")
}

/// Begins the sort keys of a person's memberships; they and the user row are next to each other, after the
/// access rows, so that one query reads a person for SCIM.
pub const MEMBERSHIP_PREFIX: &str = "G#";

/// A membership, as seen from the person.
pub fn membership(workspace: &WorkspaceId, person: &PersonId, team: &TeamId) -> Key {
    key(person_partition(workspace, person), format!("{MEMBERSHIP_PREFIX}{team}"))
}

/// The partition of a team: the group row, members, shares, staged changes.
pub fn team_partition(workspace: &WorkspaceId, team: &TeamId) -> String {
    format!("W#{workspace}#G#{team}")
}

/// The sort key of the group row; the members are next to it, so that one query reads both.
pub const GROUP: &str = "GROUP";

/// The group row.
pub fn group(workspace: &WorkspaceId, team: &TeamId) -> Key {
    key(team_partition(workspace, team), GROUP)
}

/// Begins the sort keys of a team's members.
pub const MEMBER_PREFIX: &str = "M#";

/// A membership, as seen from the team.
pub fn member(workspace: &WorkspaceId, team: &TeamId, person: &PersonId) -> Key {
    key(team_partition(workspace, team), format!("{MEMBER_PREFIX}{person}"))
}

/// A page of a staged membership change.
pub fn staged(workspace: &WorkspaceId, team: &TeamId, change: &ChangeId, page: u32) -> Key {
    key(team_partition(workspace, team), format!("{}{page:06}", staged_prefix(change)))
}

/// Begins the sort keys of a staged change's pages, which are in their order.
pub fn staged_prefix(change: &ChangeId) -> String {
    format!("STAGED#{change}#")
}

/// A value as a part of a key. Long ones are hashed to stay within it.
fn fitting(value: &str) -> String {
    if value.len() <= LONGEST_PLAIN_VALUE {
        return format!("={value}");
    }
    let digest = Sha256::digest(value.as_bytes());
    format!("~{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The partition in which a value of a directory is found.
pub fn index_partition(connection: &ConnectionId, resource: Resource<'_>, value: &IndexedValue) -> String {
    let text = fitting(&value.value);
    format!("W#{}#X#{connection}#{resource}#{}{text}", connection.workspace(), value.attribute.name())
}

/// The row that guards a unique value.
pub fn guard(connection: &ConnectionId, resource: Resource<'_>, value: &IndexedValue) -> Key {
    key(index_partition(connection, resource, value), "GUARD")
}

/// The row by which one of many owners of a value is found.
pub fn index_entry(
    connection: &ConnectionId,
    resource: Resource<'_>,
    value: &IndexedValue,
    owner: &str,
) -> Key {
    key(index_partition(connection, resource, value), owner)
}

/// The partition of a directory's counters.
pub fn counters_partition(connection: &ConnectionId) -> String {
    format!("W#{}#N#{connection}", connection.workspace())
}

/// How many shards a directory's counters have: concurrent creates then rarely meet in one row.
pub const COUNTER_SHARDS: u8 = 8;

/// One shard of a directory's counters.
pub fn counter(connection: &ConnectionId, owner: &str) -> Key {
    let sum = owner.bytes().fold(0u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    key(counters_partition(connection), format!("N#{}", sum % COUNTER_SHARDS))
}

/// `gsi1`: a directory's resources of one type in order of creation.
pub fn listing(connection: &ConnectionId, resource: Resource<'_>) -> String {
    format!("W#{}#L#{connection}#{resource}", connection.workspace())
}

/// A place in the listing of a directory: where a page ended after so many rows.
pub fn place(connection: &ConnectionId, resource: Resource<'_>, passed: u64) -> Key {
    let partition = format!("W#{}#P#{connection}#{resource}", connection.workspace());
    // Fixed width, so that text order is the order of numbers.
    key(partition, format!("{passed:020}"))
}

/// `gsi1` sort key: by time, then by id.
pub fn by_time(at: Timestamp, id: &str) -> String {
    // Fixed width, so that text order is time order.
    format!("{:016}#{id}", at.as_microsecond())
}

// Integrations and access.

/// The partition of an integration: its row and its shares.
pub fn integration_partition(workspace: &WorkspaceId, id: &IntegrationId) -> String {
    format!("W#{workspace}#I#{id}")
}

/// The integration row.
pub fn integration(workspace: &WorkspaceId, id: &IntegrationId) -> Key {
    key(integration_partition(workspace, id), "INTEGRATION")
}

/// What is counted in an integration. A partition of its own: it is written far more often than the integration.
pub fn tally(workspace: &WorkspaceId, id: &IntegrationId) -> Key {
    key(format!("W#{workspace}#I#{id}#TALLY"), "TALLY")
}

/// A row of what many add to at the same moment, beside the tally.
pub fn tally_lane(workspace: &WorkspaceId, id: &IntegrationId, lane: u8) -> Key {
    lane_of(tally(workspace, id).pk, lane)
}

/// Begins the sort keys of an integration's shares.
pub const SHARE_PREFIX: &str = "SHARE#";

/// A share, as seen from the integration.
pub fn share(workspace: &WorkspaceId, integration: &IntegrationId, id: &ShareId) -> Key {
    key(integration_partition(workspace, integration), format!("{SHARE_PREFIX}{id}"))
}

/// Begins the sort keys of the shares of a team or a person.
pub const SHARED_PREFIX: &str = "S#";

/// A share, as seen from the team or person.
pub fn shared_with(workspace: &WorkspaceId, principal: &Principal, integration: &IntegrationId) -> Key {
    let partition = match principal {
        Principal::Team(team) => team_partition(workspace, team),
        Principal::Person(person) => person_partition(workspace, person),
    };
    key(partition, format!("{SHARED_PREFIX}{integration}"))
}

/// Begins the sort keys of a person's access rows.
pub const ACCESS_PREFIX: &str = "A#";

/// A person's access in an integration.
pub fn access(workspace: &WorkspaceId, person: &PersonId, integration: &IntegrationId) -> Key {
    key(person_partition(workspace, person), format!("{ACCESS_PREFIX}{integration}"))
}

/// `gsi1`: everybody's access in an integration.
pub fn access_listing(workspace: &WorkspaceId, integration: &IntegrationId) -> String {
    format!("W#{workspace}#I#{integration}#ACCESS")
}

/// Whose an account of the app is.
pub fn account_owner(workspace: &WorkspaceId, integration: &IntegrationId, account: &str) -> Key {
    key(format!("W#{workspace}#I#{integration}#ACCOUNT#{}", fitting(account)), "OWNER")
}

/// Who is looked for, or made, under a name in the app.
pub fn name_holder(workspace: &WorkspaceId, integration: &IntegrationId, name: &str) -> Key {
    let name = name.to_lowercase();
    key(format!("W#{workspace}#I#{integration}#NAME#{}", fitting(&name)), "HOLDER")
}

// Work.

/// A change (the outbox).
pub fn change(workspace: &WorkspaceId, id: &ChangeId) -> Key {
    key(format!("{}{id}", changes_prefix(workspace)), "CHANGE")
}

/// Begins the partitions of a workspace's changes.
pub fn changes_prefix(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#CHANGE#")
}

/// A job.
pub fn job(workspace: &WorkspaceId, id: &JobId) -> Key {
    key(format!("W#{workspace}#J#{id}"), "JOB")
}

/// `gsi1`: the jobs of an automation.
pub fn jobs_of(workspace: &WorkspaceId, automation: &AutomationId) -> String {
    format!("W#{workspace}#Q#{automation}#JOBS")
}

/// `gsi2`: a workspace's open jobs, by the time at which somebody should look at them.
pub fn open_jobs(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#OPEN")
}

/// An automation.
pub fn automation(workspace: &WorkspaceId, id: &AutomationId) -> Key {
    key(format!("W#{workspace}#Q#{id}"), "AUTOMATION")
}

/// One of the other rows of an automation's counts, where many jobs are counted.
pub fn automation_lane(workspace: &WorkspaceId, id: &AutomationId, lane: u8) -> Key {
    lane_of(automation(workspace, id).pk, lane)
}

/// A row of counts in the partition of what is counted.
fn lane_of(partition: String, lane: u8) -> Key {
    key(partition, format!("LANE#{lane}"))
}

/// `gsi1`: a workspace's automations by time.
pub fn automations(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#AUTOMATIONS")
}

/// The partition of an integration's activity.
pub fn activity_partition(workspace: &WorkspaceId, integration: &IntegrationId) -> String {
    format!("W#{workspace}#I#{integration}#ACTIVITY")
}

/// One row of an integration's activity.
pub fn activity(workspace: &WorkspaceId, integration: &IntegrationId, at: Timestamp, id: &str) -> Key {
    key(activity_partition(workspace, integration), by_time(at, id))
}

/// The partition of a workspace's audit log.
pub fn audit_partition(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#AUDIT")
}

/// An entry of the audit log.
pub fn audit_entry(workspace: &WorkspaceId, at: Timestamp, id: &str) -> Key {
    key(audit_partition(workspace), by_time(at, id))
}

/// A request under its idempotency key, by the hash of its sender and key.
pub fn keyed_request(workspace: &WorkspaceId, id: &str) -> Key {
    key(format!("W#{workspace}#KEYED#{id}"), "REQUEST")
}

#[cfg(test)]
mod tests;
