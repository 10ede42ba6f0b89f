//! A share of a processor, as Lambda gives it: a quota of each short period, by a control group of its own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

/// How long the period is: what measurements of Lambda from outside find.
const PERIOD_US: f64 = 20_000.0;

/// What a program may use.
pub(crate) struct Share {
    group: Option<PathBuf>,
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            // Where it cannot be removed a program still runs, and nothing is left to do about it here.
            let _ = fs::remove_dir(group);
        }
    }
}

impl Share {
    /// A whole processor and more.
    pub(crate) fn whole() -> Result<Self, String> {
        Ok(Self { group: None })
    }

    /// This part of one processor.
    pub(crate) fn of(part: f64) -> Result<Self, String> {
        let (period, quota) = (format!("{PERIOD_US:.0}"), format!("{:.0}", part * PERIOD_US));
        let (root, unified) = match Path::new("/sys/fs/cgroup/cpu").is_dir() {
            true => (PathBuf::from("/sys/fs/cgroup/cpu"), false),
            false => (PathBuf::from("/sys/fs/cgroup"), true),
        };
        let group = root.join(format!("usher-bench-{}", process::id()));
        let made = || -> io::Result<()> {
            fs::create_dir(&group)?;
            if unified {
                fs::write(group.join("cpu.max"), format!("{quota} {period}"))
            } else {
                fs::write(group.join("cpu.cfs_period_us"), &period)?;
                fs::write(group.join("cpu.cfs_quota_us"), &quota)
            }
        };
        let share = Self { group: Some(group.clone()) };
        made().map_err(|error| format!("{}: {error}; it takes root and control groups", group.display()))?;
        Ok(share)
    }

    /// What a shell does before it becomes the program.
    pub(crate) fn entered(&self) -> String {
        self.group.as_ref().map_or_else(String::new, |group| {
            format!("echo $$ >'{}'\n", group.join("cgroup.procs").display())
        })
    }
}
