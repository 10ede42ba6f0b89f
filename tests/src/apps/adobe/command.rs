//! Commands: steps about one user each, of which a part may fail inside a success.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::business::{Organisation, Person, Refused};

/// Why a step was not done.
type Refusal = &'static str;

/// The admin rights that the API gives and takes.
const ROLES: [&str; 2] = ["_deployment_admin", "_support_admin"];

/// The admin rights of somebody.
pub(super) fn roles(person: &Person) -> BTreeSet<String> {
    person.role.split_whitespace().map(str::to_owned).collect()
}

/// Does every command; answers what came of them.
pub(super) fn run(organisation: &mut Organisation, commands: &[Value], test: bool) -> Value {
    let (mut done, mut errors) = (0, Vec::new());
    for (index, command) in commands.iter().enumerate() {
        let mut trial = organisation.clone();
        let failed = steps(if test { &mut trial } else { &mut *organisation }, command, test);
        match failed {
            None => done += 1,
            Some((step, code)) => errors.push(json!({"index": index, "step": step, "errorCode": code,
                "message": format!("It did not work: {}", command["user"]), "user": command["user"],
                "requestID": command["requestID"]})),
        }
    }
    let result = match (done, errors.is_empty()) {
        (_, true) => "success",
        (0, false) => "error",
        (_, false) => "partial",
    };
    let mut answer = json!({"result": result, "completed": if test { 0 } else { done },
        "notCompleted": errors.len(), "completedInTestMode": if test { done } else { 0 }});
    if !errors.is_empty() {
        answer["errors"] = errors.into();
    }
    answer
}

/// The first step that failed, and why; those before it were done.
fn steps(organisation: &mut Organisation, command: &Value, test: bool) -> Option<(usize, Refusal)> {
    let Some(email) = command["user"].as_str().filter(|user| user.contains('@')) else {
        return Some((0, "error.command.user.missing"));
    };
    let Some(steps) = command["do"].as_array().filter(|steps| !steps.is_empty()) else {
        return Some((0, "error.command.steps.malformed"));
    };
    let memberships = |step: &Value| {
        ["add", "remove"].iter().filter_map(|it| step[it]["group"].as_array()).map(Vec::len).sum::<usize>()
    };
    if steps.iter().map(memberships).sum::<usize>() > 10 {
        return Some((0, "error.command.add_remove.list_too_long"));
    }
    steps
        .iter()
        .enumerate()
        .find_map(|(index, step)| one(organisation, email, step, test).err().map(|code| (index, code)))
}

fn one(organisation: &mut Organisation, email: &str, step: &Value, test: bool) -> Result<(), Refusal> {
    let Some((verb, body)) =
        step.as_object().filter(|step| step.len() == 1).and_then(|step| step.iter().next())
    else {
        return Err("error.command.step.unknown");
    };
    match verb.as_str() {
        "createFederatedID" | "createEnterpriseID" | "addAdobeID" => create(organisation, email, verb, body),
        "add" | "remove" => {
            let person =
                organisation.people().iter().find(|it| it.email.eq_ignore_ascii_case(email)).cloned();
            match person {
                Some(person) => member(organisation, &person, body, verb == "add"),
                // In test mode nobody is missed: a command before could have made them.
                None if test => Ok(()),
                None => Err("error.user.nonexistent"),
            }
        }
        // Says that it was done also where nobody is.
        "removeFromOrg" => {
            let person = organisation.people().iter().find(|it| it.email.eq_ignore_ascii_case(email));
            let id = person.map(|person| person.id.clone());
            id.map_or(Ok(()), |id| organisation.remove(&id)).map_err(|_| "error.internal.removefromorg")
        }
        _ => Err("error.command.step.unknown"),
    }
}

fn create(organisation: &mut Organisation, email: &str, verb: &str, body: &Value) -> Result<(), Refusal> {
    if body["email"] != json!(email) {
        return Err("error.user.must_match_email");
    }
    for (field, code) in
        [("firstname", "error.user.firstname_missing"), ("lastname", "error.user.lastname_missing")]
    {
        if verb != "addAdobeID" && body[field].as_str().is_none_or(str::is_empty) {
            return Err(code);
        }
    }
    if verb == "createFederatedID" && body["country"].as_str().is_none_or(|country| country.len() != 2) {
        return Err("error.country.invalid");
    }
    let there = organisation.people().iter().any(|it| it.email.eq_ignore_ascii_case(email));
    if there && body["option"].is_string() {
        return Ok(());
    }
    organisation.invite(email, "").map_err(|refused| match refused {
        Refused::AlreadyMember => "error.user.already_in_org",
        Refused::AlreadyInvited => "error.user.already_invited",
        // An organisation has no limit: the simulator then forbids it.
        _ => "error.user.domain_enforcement",
    })?;
    organisation.accept(email);
    Ok(())
}

fn member(organisation: &mut Organisation, person: &Person, body: &Value, add: bool) -> Result<(), Refusal> {
    let groups: Vec<&str> =
        body["group"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if groups.is_empty() {
        return Err("error.group.invalid_list");
    }
    let mut roles = roles(person);
    for group in groups {
        if ROLES.contains(&group) {
            if add {
                roles.insert(group.to_owned())
            } else {
                roles.remove(group)
            };
        } else {
            let held = if add { ["member".to_owned()].into() } else { BTreeSet::new() };
            organisation.grant(&person.id, group, held).map_err(|_| "error.group.not_found")?;
        }
    }
    let role = roles.into_iter().collect::<Vec<_>>().join(" ");
    organisation.set_role(&person.id, &role).map_err(|_| "error.internal.update_failed")
}
