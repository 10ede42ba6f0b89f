use WorkspaceRole::*;

use super::*;

/// The columns of the permission table.
const COLUMNS: [Standing; 7] = [
    Standing { role: Owner, hub: None },
    Standing { role: SuperAdmin, hub: None },
    Standing { role: Admin, hub: None },
    Standing { role: User, hub: Some(HubRole::Owner) },
    Standing { role: User, hub: Some(HubRole::Manager) },
    Standing { role: User, hub: Some(HubRole::Collaborator) },
    Standing { role: User, hub: None },
];

/// The rows of the permission table, as they are written for people.
#[test]
fn the_table_row_by_row() {
    const WORKSPACE: [bool; 7] = [true, true, false, false, false, false, false];
    const ADMINS: [bool; 7] = [true, true, true, false, false, false, false];
    const HUB_OWNER: [bool; 7] = [true, true, true, true, false, false, false];
    const HUB_MANAGER: [bool; 7] = [true, true, true, true, true, false, false];
    let rows = [
        (Action::ManageWorkspace, WORKSPACE),
        (Action::ManageConnections, WORKSPACE),
        (Action::ManageKeys, WORKSPACE),
        (Action::ManageWebhooks, WORKSPACE),
        (Action::ManageSignIn, WORKSPACE),
        (Action::ManageMembers, WORKSPACE),
        (Action::ReadWorkspace, ADMINS),
        (Action::CreateIntegrations, ADMINS),
        (Action::DisconnectIntegrations, ADMINS),
        (Action::ManageTeams, ADMINS),
        (Action::ManageIntegrations, HUB_OWNER),
        (Action::ReadAutomations, HUB_MANAGER),
        (Action::ReadAudit, HUB_MANAGER),
        (Action::RetryJobs, HUB_MANAGER),
        (Action::DoTasks, HUB_MANAGER),
        (Action::ReadIntegrations, HUB_MANAGER),
        (Action::Share, HUB_MANAGER),
        (Action::ReadDirectory, HUB_MANAGER),
        (Action::ExplainAccess, HUB_MANAGER),
        (Action::Preview, HUB_MANAGER),
    ];
    for (action, expected) in rows {
        assert_eq!(COLUMNS.map(|standing| standing.permits(action)), expected, "{action:?}");
    }
}

#[test]
fn a_guest_may_what_a_user_may() {
    for hub in [None, Some(HubRole::Manager), Some(HubRole::Owner)] {
        for action in [Action::ManageIntegrations, Action::Share, Action::ReadWorkspace] {
            let of = |role| Standing { role, hub }.permits(action);
            assert_eq!(of(Guest), of(User), "{action:?} {hub:?}");
        }
    }
}

#[test]
fn promotions_have_bounds() {
    let roles = [Guest, User, Admin, SuperAdmin, Owner];
    for before in roles {
        for after in roles {
            assert!(may_set_role(Owner, before, after));
            let up_to_admin = before <= Admin && after <= Admin;
            assert_eq!(may_set_role(SuperAdmin, before, after), up_to_admin, "{before:?} {after:?}");
            assert!([Admin, User, Guest].iter().all(|actor| !may_set_role(*actor, before, after)));
        }
    }
}

#[test]
fn a_refusal_says_who_may() {
    let caller = Caller::for_test(Admin);
    let refused = caller.may(Action::ManageConnections).unwrap_err();
    assert_eq!(
        refused.detail,
        "a caller with the role Admin may not see or change SCIM connections and tokens; \
         ask the Owner or a Super Admin"
    );
    assert_eq!(caller.may(Action::ReadAutomations), Ok(()));
}
