//! What every check has.

use std::collections::BTreeSet;

use usher_check::list;

#[test]
fn there_are_enough_checks_and_each_says_what_it_is_traced_to() {
    let checks = list(&[]);
    assert!(checks.len() >= 250, "{}", checks.len());
    let ids: BTreeSet<_> = checks.iter().map(|check| &check.id).collect();
    assert_eq!(ids.len(), checks.len(), "ids are unique");
    for check in &checks {
        let texts = [check.group, check.title.as_str(), check.source];
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{check:?}");
    }
    // What is quoted from an RFC names its section.
    let vague = checks.iter().find(|check| check.source.starts_with("RFC") && !check.source.contains('§'));
    assert_eq!(vague.map(|check| check.source).filter(|source| !source.contains("erratum")), None);
}

#[test]
fn groups_are_sections_and_identity_providers() {
    let groups: BTreeSet<_> = list(&[]).into_iter().map(|check| check.group).collect();
    let providers = ["Okta", "Entra ID", "OneLogin", "Ping", "JumpCloud", "Rippling", "Google", "Salesforce"];
    for provider in providers.into_iter().chain(["authentik/Keycloak", "SailPoint", "IPSIE", "RFC 9865 §2"])
    {
        assert!(groups.contains(provider), "{provider}");
    }
}

#[test]
fn some_can_be_chosen() {
    let only = |wanted: &str| list(&[wanted.to_owned()]);
    assert!(only("okta").iter().all(|check| check.group == "Okta" || check.id.starts_with("okta")));
    assert!(only("RFC 7644 §3.5.2").len() > only("RFC 7644 §3.5.2.1").len());
    assert_eq!(only("users.create").first().map(|check| check.id.clone()), Some("users.create".to_owned()));
    assert!(only("unicorn").is_empty());
}
