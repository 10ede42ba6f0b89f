//! What template.yaml says about operating Usher: rights, alarms, limits.

mod alarms;
mod privilege;
mod source;
