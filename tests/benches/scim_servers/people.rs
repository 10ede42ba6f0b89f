//! The people that every server holds.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use serde_json::{Value, json};
use uuid::{Builder, Uuid};

/// The id of a person: the same in every run, and spread as random ids are.
pub(crate) fn id(index: usize) -> Uuid {
    let mut state = index as u64;
    let (high, low) = (mix(&mut state), mix(&mut state));
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    Builder::from_random_bytes(bytes).into_uuid()
}

/// A step of splitmix64.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The name of a person.
pub(crate) fn user_name(index: usize) -> String {
    format!("person-{index:06}@example.com")
}

/// A user as identity providers send them.
pub(crate) fn user(user_name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": format!("00u-{user_name}"),
        "userName": user_name,
        "name": {"givenName": "Person", "familyName": user_name},
        "displayName": format!("Person {user_name}"),
        "emails": [{"value": user_name, "type": "work", "primary": true}],
        "title": "Colleague",
        "active": true,
    })
}

/// Writes the people for servers that read them from a file: a user a line, with its id.
pub(crate) fn write(path: &Path, people: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for index in 0..people {
        let mut user = user(&user_name(index));
        user["id"] = id(index).to_string().into();
        writeln!(file, "{user}")?;
    }
    file.flush()
}
