//! Keys of manual tasks.

use usher_domain::{
    Timestamp,
    id::{JobId, WorkspaceId},
};

use super::{Key, by_time, key};

/// The partition of a workspace's manual tasks that wait for people.
pub fn tasks(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#TASKS")
}

/// A manual task that waits for people: removals before all others, then by age.
pub fn task(workspace: &WorkspaceId, removal: bool, created_at: Timestamp, job: &JobId) -> Key {
    let rank = u8::from(!removal);
    key(tasks(workspace), format!("{rank}#{}", by_time(created_at, job.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removals_come_first_then_the_oldest() {
        let workspace: WorkspaceId = "acme".parse().unwrap();
        let job: JobId = "j".parse().unwrap();
        let of = |removal, at: &str| task(&workspace, removal, at.parse().unwrap(), &job);
        let (early, late) = ("2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z");
        let order = [of(true, early), of(true, late), of(false, early), of(false, late)];
        assert!(order.is_sorted_by(|one, next| one.sk < next.sk));
        assert!(order.iter().all(|key| key.pk == "W#acme#TASKS"));
    }
}
