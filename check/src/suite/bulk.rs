use crate::core::Check;
pub(super) fn checks() -> Vec<Check> {
    Vec::new()
}
