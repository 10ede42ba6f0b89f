//! One thing broken at a time: exactly the checks fail that are about it.

use std::collections::BTreeSet;

use usher_tests::process::Scim2Server;

use crate::{
    proxy::{Fault, start},
    run,
};

/// Runs these areas with and without the fault, and returns what passes only without.
async fn broken_by(fault: Fault, areas: &[&str]) -> Vec<String> {
    worse(Fault::None, fault, areas).await
}

/// What passes with the first fault and not with the second.
async fn worse(before: Fault, after: Fault, areas: &[&str]) -> Vec<String> {
    let server = Scim2Server::start().await.unwrap();
    let mut passed = Vec::new();
    for fault in [before, after] {
        let base = start(fault, server.base_url(), server.token()).await;
        let report = run(&base, server.token(), areas).await;
        assert_eq!(report.stopped, None);
        let ids: BTreeSet<String> = report.ids("passed").into_iter().map(str::to_owned).collect();
        assert!(!ids.is_empty());
        passed.push(ids);
    }
    passed[0].difference(&passed[1]).cloned().collect()
}

macro_rules! breaks {
    ($($name:ident: $fault:ident in [$($area:literal),*] => [$($id:literal),* $(,)?];)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let expected: Vec<&str> = vec![$($id),*];
                assert_eq!(broken_by(Fault::$fault, &[$($area),*]).await, expected);
            }
        )*
    };
}

breaks! {
    a_group_that_is_emptied: EmptiesGroup in ["patch.", "groups."] => [
        "patch.remove-empty-value", "patch.remove-value-empties",
    ];
    a_refused_filter_that_finds_nobody: EmptyForRefused in ["filter.", "errors."] => [
        "errors.status-400", "filter.refused-boolean-order", "filter.refused-closed-parenthesis",
        "filter.refused-no-end", "filter.refused-no-operator", "filter.refused-no-start",
        "filter.refused-no-value", "filter.refused-open-bracket", "filter.refused-open-parenthesis",
        "filter.refused-open-quote", "filter.refused-operator", "filter.refused-two-values",
        "filter.unknown-attribute",
    ];
    a_patch_that_is_done_by_halves: NotAtomic in ["patch.", "put."] => [
        "patch.atomic", "patch.atomic-members", "patch.atomic-path",
    ];
    a_password_that_comes_back: EchoesPassword in ["users.", "put.", "tolerance.", "okta."] => [
        "okta.create", "put.password", "tolerance.password", "users.password-never",
    ];
    a_status_that_is_a_number: NumericStatus in ["errors.", "auth.", "users.", "etag."] => [
        "auth.body", "errors.status-400", "errors.status-string", "etag.mismatch-body",
    ];
    resources_without_schemas: NoSchemas in ["users.", "put.", "projection."] => [
        "users.create-read", "users.read-schemas", "users.schemas-of-data",
    ];
    new_resources_without_location: NoLocation in ["users.", "groups.", "bulk."] => [
        "groups.create", "users.create-location", "users.create-location-works",
    ];
    a_put_that_creates: PutCreates in ["put.", "users."] => ["put.creates-nothing", "users.delete-put"];
    a_count_that_is_ignored: IgnoresCount in ["paging.", "users.", "google."] => [
        "google.probe", "paging.count", "paging.count-negative", "paging.count-zero", "paging.okta-probe",
        "paging.start", "paging.start-zero", "paging.walk",
    ];
    versions_that_are_only_announced: IgnoresIfMatch in ["etag.", "put."] => [
        "etag.groups", "etag.mismatch-body", "etag.mismatch-delete", "etag.mismatch-patch",
        "etag.mismatch-put",
    ];
    members_lost_beyond_100: LosesMembers in ["patch.", "groups."] => ["patch.beyond-100"];
    an_add_that_is_ignored: IgnoresAddActive in ["patch."] => ["patch.entra-add-active"];
    plain_json: PlainJson in ["media.", "errors.", "onelogin."] => [
        "media.any", "media.asked", "media.created", "media.discovery", "media.errors",
        "media.no-parameters", "media.not-asked", "media.okta-accept",
    ];
    errors_that_are_pages: HtmlErrors in ["errors.", "media.", "groups."] => [
        "errors.conflict", "errors.detail", "errors.schemas", "errors.status-400", "errors.status-string",
        "errors.syntax-type", "errors.unknown-endpoint", "errors.unknown-root-id", "media.errors",
    ];
    exclusion_that_is_ignored: IgnoresExcluded in ["projection.", "validator.", "entra."] => [
        "projection.excluded", "projection.excluded-case", "projection.excluded-extension",
        "projection.excluded-extension-attribute", "projection.excluded-sub-attribute",
        "projection.excluded-sub-attribute-multi", "projection.excluded-two",
        "projection.group-without-members", "projection.groups-without-members",
        "projection.list-excluded", "projection.put", "validator.group-get",
    ];
    bulk_that_never_stops: IgnoresFailOnErrors in ["bulk."] => ["bulk.stops"];
    a_server_open_to_all: NoAuthentication in ["auth.", "users."] => [
        "auth.basic", "auth.body", "auth.challenge", "auth.empty", "auth.none", "auth.not-in-url",
        "auth.unknown-path", "auth.unknown-scheme", "auth.write", "auth.wrong",
    ];
    a_conflict_with_another_status: ConflictAs400 in ["users.", "put.", "errors.", "okta.", "rippling."] => [
        "errors.conflict", "okta.again", "put.conflict", "rippling.retry", "rippling.retry-parallel",
        "users.create-twice", "users.create-twice-case",
    ];
    a_delete_that_does_nothing: KeepsDeleted in ["users.", "groups.", "jumpcloud."] => [
        "groups.delete", "jumpcloud.activation", "jumpcloud.again", "users.delete-delete",
        "users.delete-find", "users.delete-get", "users.delete-name", "users.delete-patch",
        "users.delete-put",
    ];
    bulk_that_is_not_announced: NoBulk in ["bulk.", "discovery."] => [
        "bulk.case", "bulk.circular", "bulk.conflict", "bulk.continues", "bulk.delete", "bulk.echo",
        "bulk.error-body", "bulk.forward-reference", "bulk.get-is-none", "bulk.group", "bulk.no-bulk-id",
        "bulk.no-schemas", "bulk.patch", "bulk.post", "bulk.put", "bulk.reference",
        "bulk.reference-extension", "bulk.reference-path", "bulk.reference-unknown", "bulk.several",
        "bulk.stops", "bulk.stops-at-two", "bulk.too-large", "bulk.too-many", "bulk.unknown-endpoint",
        "bulk.unknown-user",
    ];
}

#[tokio::test]
async fn sorting_that_is_only_announced() {
    let broken = broken_by(Fault::IgnoresSort, &["sort.", "paging.", "filter."]).await;
    // An order that nobody made may be the right one by chance.
    assert!(broken.len() >= 5 && broken.iter().all(|id| id.starts_with("sort.")), "{broken:?}");
}

#[tokio::test]
async fn cursors_that_are_right() {
    let server = Scim2Server::start().await.unwrap();
    let base = start(Fault::Cursors, server.base_url(), server.token()).await;
    let report = run(&base, server.token(), &["cursor."]).await;
    assert!(report.is_success() && report.total().skipped == 0, "{report}");
}

#[tokio::test]
async fn cursors_that_are_wrong() {
    let walks = ["cursor.walk", "cursor.walk-groups"];
    for (fault, others) in [
        (Fault::CursorIgnored, &["cursor.invalid", "cursor.previous", "cursor.search"][..]),
        (Fault::CursorLost, &["cursor.bare", "cursor.first", "cursor.previous", "cursor.search"]),
        (Fault::CursorEndless, &[]),
        (Fault::CursorReserved, &["cursor.previous", "cursor.search", "cursor.unreserved"]),
    ] {
        let expected: Vec<_> = others.iter().copied().chain(walks).collect();
        assert_eq!(worse(Fault::Cursors, fault, &["cursor.", "paging."]).await, expected, "{fault:?}");
    }
    let forgiven = worse(Fault::Cursors, Fault::CursorForgiven, &["cursor."]).await;
    assert_eq!(forgiven, ["cursor.invalid"]);
}
