use usher_domain::directory::IndexedAttribute;

use super::*;

#[test]
fn every_partition_starts_with_its_workspace() {
    let workspace: WorkspaceId = "acme".parse().unwrap();
    let connection_id: ConnectionId = "acme.okta".parse().unwrap();
    let integration_id: IntegrationId = "i".parse().unwrap();
    let (person, team): (PersonId, TeamId) = ("p".parse().unwrap(), "t".parse().unwrap());
    let value = IndexedValue::new(IndexedAttribute::Email, "a#b@x.co");
    let partitions = [
        self::workspace(&workspace).pk,
        tenancy(&workspace).pk,
        api_key(&workspace, &"k".parse().unwrap()).pk,
        connection(&connection_id).pk,
        user(&workspace, &person).pk,
        group(&workspace, &team).pk,
        index_partition(&connection_id, Resource::User, &value),
        counters_partition(&connection_id),
        listing(&connection_id, Resource::Group),
        place(&connection_id, Resource::User, 1).pk,
        integration(&workspace, &integration_id).pk,
        access_listing(&workspace, &integration_id),
        account_owner(&workspace, &integration_id, "a#b").pk,
        name_holder(&workspace, &integration_id, "a#b").pk,
        change(&workspace, &"c".parse().unwrap()).pk,
        job(&workspace, &"j".parse().unwrap()).pk,
        jobs_of(&workspace, &"a".parse().unwrap()),
        open_jobs(&workspace),
        automation(&workspace, &"a".parse().unwrap()).pk,
        automations(&workspace),
        activity_partition(&workspace, &integration_id),
        audit_partition(&workspace),
        keyed_request(&workspace, "a").pk,
    ];
    for partition in partitions {
        assert!(partition == "W#acme" || partition.starts_with("W#acme#"), "{partition}");
    }
}

#[test]
fn a_person_is_read_by_one_range() {
    let workspace: WorkspaceId = "acme".parse().unwrap();
    let person: PersonId = "p".parse().unwrap();
    let access = access(&workspace, &person, &"i".parse().unwrap()).sk;
    let membership = membership(&workspace, &person, &"t".parse().unwrap()).sk;
    let user = user(&workspace, &person).sk;
    assert!(
        access.as_str() < MEMBERSHIP_PREFIX && MEMBERSHIP_PREFIX < membership.as_str() && membership < user
    );
    // From the access rows to the shares: the integrations that may concern the person.
    assert!(
        ACCESS_PREFIX < MEMBERSHIP_PREFIX
            && MEMBERSHIP_PREFIX < SHARED_PREFIX
            && SHARED_PREFIX < user.as_str()
    );
}

#[test]
fn a_group_and_its_members_are_read_by_one_range() {
    let workspace: WorkspaceId = "acme".parse().unwrap();
    let team: TeamId = "t".parse().unwrap();
    let staged = staged(&workspace, &team, &"c".parse().unwrap(), 0).sk;
    let end = format!("{MEMBER_PREFIX}~");
    assert!(GROUP < MEMBER_PREFIX && end.as_str() < SHARED_PREFIX && SHARED_PREFIX < staged.as_str());
}

#[test]
fn long_values_fit_a_key_and_stay_apart() {
    let connection: ConnectionId = "acme.okta".parse().unwrap();
    let long = |end: &str| {
        let value = IndexedValue::new(IndexedAttribute::ExternalId, &("x".repeat(5_000) + end));
        index_partition(&connection, Resource::User, &value)
    };
    assert!(long("a").len() < 2_048);
    assert_ne!(long("a"), long("b"));
}

#[test]
fn text_order_is_time_order() {
    let early: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let late: Timestamp = "2026-01-01T00:00:00.000001Z".parse().unwrap();
    assert!(by_time(early, "z") < by_time(late, "a"));
}
