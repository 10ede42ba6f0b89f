use serde_json::json;
use usher_domain::directory::Profile;

use super::*;

fn config(settings: serde_json::Value) -> Config {
    let mut config = json!({"base_url": "https://app.example"});
    config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    Config::read(&config).unwrap()
}

fn seated_with(roles: &[&str]) -> Desired {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Desired {
        presence: Presence::Seated(Seat { roles, ..Seat::default() }),
        profile: Profile { user_name: "ada".into(), ..Profile::default() },
        version: 1,
        reasons: vec![],
        not_before: None,
        urgent: false,
    }
}

#[test]
fn what_the_settings_have_no_place_for_is_refused() {
    let nobody = Observation::default();
    let none = plan(&config(json!({})), &seated_with(&["editor"]), &nobody).unwrap_err();
    assert!(none.message().contains("`roles`"), "{none}");
    let single = config(json!({"roles": {"as": "attribute", "path": "userType"}}));
    assert!(plan(&single, &seated_with(&["a", "b"]), &nobody).is_err());
    assert_eq!(plan(&single, &seated_with(&["a"]), &nobody).unwrap().len(), 1);
    let mut assets = seated_with(&[]);
    assets.presence = Presence::Seated(Seat {
        assets: [("page".to_string(), ["edit".to_string()].into())].into(),
        ..Seat::default()
    });
    assert!(plan(&config(json!({})), &assets, &nobody).is_err());
    let by_email = config(json!({"user_name_from": "email"}));
    assert!(plan(&by_email, &seated_with(&[]), &nobody).is_err(), "there is no e-mail address");
}

#[test]
fn a_move_between_groups_joins_before_it_leaves() {
    let config = config(json!({"roles": {"as": "groups"}}));
    let detail = json!({"user": {"id": "u", "userName": "ada"}, "groups": [
        {"id": "g1", "name": "viewer", "carries": "Role"},
        {"id": "g2", "name": "Everyone", "carries": null}]});
    let user = json!({"id": "u", "userName": "ada"});
    let observation = Observation {
        observed: Observed { account: crate::observe::account(&user), ..Observed::default() },
        detail,
    };
    let steps = plan(&config, &seated_with(&["editor"]), &observation).unwrap();
    let sentences: Vec<&str> = steps.iter().map(|step| step.sentence.as_str()).collect();
    assert_eq!(sentences, ["Added to the group editor", "Removed from the group viewer"]);

    let mut gone = seated_with(&[]);
    gone.presence = Presence::Absent;
    let steps = plan(&config, &gone, &observation).unwrap();
    let sentences: Vec<&str> = steps.iter().map(|step| step.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        ["Removed from the group viewer", "Removed from the group Everyone", "Removed the account"]
    );
}

#[test]
fn a_role_that_every_account_has_goes_with_the_account() {
    let user = json!({"id": "u", "userName": "ada", "active": true, "userType": "Full"});
    let observation = Observation {
        observed: Observed {
            account: crate::observe::account(&user),
            seat: Seat { roles: ["Full".to_owned()].into(), ..Seat::default() },
            ..Observed::default()
        },
        detail: json!({"user": user, "groups": []}),
    };
    let mut gone = seated_with(&[]);
    gone.presence = Presence::Absent;
    let sentences = |more: serde_json::Value| {
        let mut settings = json!({"roles": {"as": "attribute", "path": "userType"}, "removal": "deactivate"});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let config = config(settings);
        let [left, none] =
            [&gone, &seated_with(&[])].map(|desired| plan(&config, desired, &observation).unwrap());
        (left.len(), none.len())
    };
    assert_eq!(sentences(json!({})), (2, 1), "the role, then the account; the role");
    assert_eq!(sentences(json!({"always_a_role": true})), (1, 0), "the account; nothing");
}
