//! PATCH (RFC 7644 §3.5.2): tables of operations with what they must make of a user or a group, and code for the rest.

mod dangerous;
mod entra;
mod groups;
mod others;
mod removals;
mod rfc;
mod rules;

use serde_json::{Value, json};

use crate::Verdict;
use crate::core::{Check, Level, Made, Need, Session, Stop, check, group, urn};

/// Operations, and what they make of a resource. In its texts `<m1>`, `<m2>` (members) and `<m3>` (none yet) stand for
/// people's ids, `<id>` for the resource's own, `<new>` for a new name, `<user>` and `<ent>` for the schemas' URNs.
#[derive(Clone, Copy)]
struct Row {
    level: Level,
    group: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    on: On,
    operations: &'static str,
    want: Want,
}

#[derive(Clone, Copy, PartialEq)]
enum On {
    User,
    Group,
}

#[derive(Clone, Copy)]
enum Want {
    /// Success, and then these facts.
    Facts(&'static [Fact]),
    /// 400 with one of these `scimType`s; with any where none is named.
    Refused(&'static [&'static str]),
}

#[derive(Clone, Copy)]
enum Fact {
    /// A value at a JSON pointer, as JSON.
    Is(&'static str, &'static str),
    /// No value at a JSON pointer.
    No(&'static str),
    /// Exactly these values, separated by spaces, in a multi-valued attribute.
    Values(&'static str, &'static str),
}

use Fact::{Is, No, Values};
use Want::{Facts, Refused};

pub(super) fn checks() -> Vec<Check> {
    let tables = [rfc::ROWS, removals::ROWS, groups::ROWS, entra::ROWS, others::ROWS];
    let mut all: Vec<Check> = tables.into_iter().flatten().map(of_row).collect();
    all.extend(rules::checks());
    all.extend(dangerous::checks());
    all
}

fn of_row(row: &'static Row) -> Check {
    let mut needs = vec![Need::Patch];
    if row.on == On::Group {
        needs.push(Need::Groups);
    }
    if row.operations.contains("<ent>") {
        needs.push(Need::Enterprise);
    }
    let optional = ["title", "nickName", "displayName", "emails", "roles", "phoneNumbers", "active", "name"];
    let named = |name: &&str| row.on == On::User && row.operations.contains(&format!("\"{name}"));
    needs.extend(optional.into_iter().filter(named).map(Need::User));
    let judged =
        Check::new(row.level, row.id, row.title, move |s| Box::pin(judge(row, s))).source(row.source);
    group("patch", row.group, &needs, vec![judged]).remove(0)
}

async fn judge(row: &Row, s: &Session) -> Verdict {
    let (made, people) = match row.on {
        On::User => (rich_user(s).await?, Vec::new()),
        On::Group => group_of_two(s).await?,
    };
    let filled = |text: &str| {
        let mut text =
            text.replace("<id>", &made.id).replace("<user>", urn::USER).replace("<ent>", urn::ENTERPRISE);
        for (at, person) in people.iter().enumerate() {
            text = text.replace(&format!("<m{}>", at + 1), &person.id);
        }
        text.replace("<new>", &format!("{} New", made.name()))
    };
    let operations = parsed(&filled(row.operations))?;
    match row.want {
        Refused(types) => {
            let answer = s.patch(&made.path, &operations).await?;
            answer.status(&[400])?;
            let told = types.is_empty() || types.contains(&answer.str("/scimType"));
            answer.expect(told, format!("scimType {}", types.join(" or ")))
        }
        Facts(facts) => {
            let now = s.patched(&made.path, &operations).await?;
            for fact in facts {
                match fact {
                    Is(pointer, value) => now.is(&filled(pointer), &parsed(&filled(value))?)?,
                    No(pointer) => now.lacks(&filled(pointer))?,
                    Values(pointer, values) => {
                        let values = filled(values);
                        now.values(pointer, &values.split_whitespace().collect::<Vec<_>>())?;
                    }
                }
            }
            Ok(())
        }
    }
}

fn parsed(text: &str) -> Result<Value, Stop> {
    serde_json::from_str(text)
        .map_err(|error| Stop::skipped(format!("this check's own JSON is wrong: {error}")))
}

/// A user with something of everything that the server knows.
async fn rich_user(s: &Session) -> Result<Made, Stop> {
    let mut user = json!({
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "displayName": "Ada L",
        "nickName": "Countess",
        "title": "Captain",
        "active": true,
        "emails": [
            {"value": "w@check.example", "type": "work", "primary": true},
            {"value": "h@check.example", "type": "home"},
        ],
        urn::ENTERPRISE: {"employeeNumber": "7", "department": "Engines"},
        "schemas": [urn::USER, urn::ENTERPRISE],
    });
    if let Value::Object(attributes) = &mut user {
        if s.support().meets(Need::Enterprise).is_err() {
            attributes.remove(urn::ENTERPRISE);
            attributes.remove("schemas");
        }
        for name in ["name", "displayName", "nickName", "title", "active", "emails"] {
            if s.support().meets(Need::User(name)).is_err() {
                attributes.remove(name);
            }
        }
    }
    s.user(user).await
}

/// A group of the first two of three people.
async fn group_of_two(s: &Session) -> Result<(Made, Vec<Made>), Stop> {
    let people = s.users(3).await?;
    let group = s.group(&[&people[0], &people[1]]).await?;
    Ok((group, people))
}
