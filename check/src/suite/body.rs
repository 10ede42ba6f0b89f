//! Values that several areas send, and what is read from answers.

/// A password that nobody would mistake for anything else in an answer.
pub(super) const PASSWORD: &str = "1mz050nq-Tr0ub4dor&3";

/// A multi-valued attribute of User with a value for it.
pub(super) const MULTI_VALUED: [(&str, &str); 6] = [
    ("emails", "ada@check.example"),
    ("phoneNumbers", "tel:+44-20-7946-0000"),
    ("ims", "ada-im"),
    ("photos", "https://photos.check.example/ada.jpg"),
    ("entitlements", "printing"),
    ("roles", "editor"),
];

/// The path below the base URL that a location names; a location may be a path alone (RFC 9110 §10.2.2).
pub(super) fn path_of(location: &str, base: &str) -> Option<String> {
    if let Some(path) = location.strip_prefix(base) {
        return Some(path.to_owned());
    }
    let at = location.rfind("/Users/").or_else(|| location.rfind("/Groups/"))?;
    Some(location[at..].to_owned())
}

/// Whether this is an xsd:dateTime, near enough: date, `T`, time, and what follows.
pub(super) fn is_date_time(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:dd";
    text.len() >= shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_by_their_shape() {
        assert!(is_date_time("2008-01-23T04:56:22Z") && is_date_time("2008-01-23T04:56:22.123+02:00"));
        assert!(!is_date_time("1201064182") && !is_date_time("2008-01-23 04:56:22"));
    }
}
