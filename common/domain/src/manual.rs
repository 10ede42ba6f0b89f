//! Manual tasks: what a person does in an app that Usher cannot reach, because it has no API.
//!
//! A task is a job that waits for people: somebody does it in the app and reports it with evidence, and somebody else confirms
//! it. What was confirmed is all that is known of such an app. From the moment a task is handed out until one is confirmed,
//! the person's access counts as unsure ([`Observed::unsure`]): somebody may have done what is not wanted any more, so
//! the next decision asks for a look.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    access::{Access, Account, AccountState, Desired, Observed, Presence},
    directory::Profile,
    job::{Job, JobError, JobState},
};

/// Most characters of the evidence, and of a reason.
pub const LONGEST_WORDS: usize = 2_000;

/// The class of a job's error while it waits for people.
pub const CLASS: &str = "manual";

/// Who did something about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doer {
    /// Tells people apart: a person of the directory, else the key or session that acted.
    pub id: String,
    /// The name to show.
    pub name: String,
}

/// Somebody says that the task is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who.
    pub by: Doer,
    /// When.
    pub at: Timestamp,
    /// A note or a link that shows it.
    pub evidence: String,
}

/// Somebody says that it is not done, though it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBack {
    /// Who.
    pub by: Doer,
    /// When.
    pub at: Timestamp,
    /// What is missing.
    pub reason: String,
}

/// A second person says that it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Who.
    pub by: Doer,
    /// When.
    pub at: Timestamp,
}

/// What people are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Somebody has to do it in the app.
    Do,
    /// Somebody else has to confirm that it was done.
    Confirm,
}

/// What is to be done in an app by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualTask {
    /// By what the app knows the person: the e-mail address, else the user name.
    pub address: String,
    /// What to do, in order. Says nothing of who the person is.
    pub steps: Vec<String>,
    /// Whose task it is: e-mail addresses or user names.
    pub assignees: Vec<String>,
    /// When it was handed out first.
    pub asked_at: Timestamp,
    /// That it is done, as somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// Why the last report was not believed, until there is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<SentBack>,
    /// That it is done, as a second person says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmation>,
}

/// Why something cannot be done about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The job is done by Usher itself, or nobody is waited for any more.
    #[error(
        "it waits for nobody: it was confirmed, called off, or another decision took its place; look at the list again, and \
         take back what you did in the app where no task asks for it"
    )]
    NoTask,
    /// The job is being looked at.
    #[error("it is being looked at at this moment; try again")]
    Busy,
    /// It was reported already.
    #[error("it was reported as done already; confirm it, or send it back")]
    Reported,
    /// Nobody reported it.
    #[error("nobody reported it as done yet; do it in the app and report it first")]
    NotReported,
    /// The same person reported it.
    #[error("whoever reported it cannot confirm it; ask a second person")]
    SamePerson,
}

impl ManualTask {
    /// A task for somebody. What was reported before of the same job's task still counts.
    pub fn asked(
        before: Option<&Self>,
        profile: &Profile,
        steps: Vec<String>,
        assignees: Vec<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            address: address(profile).to_owned(),
            steps,
            assignees,
            asked_at: before.map_or(now, |before| before.asked_at),
            report: before.and_then(|before| before.report.clone()),
            sent_back: before.and_then(|before| before.sent_back.clone()),
            confirmed: None,
        }
    }

    /// What people are waited for.
    pub fn stage(&self) -> Stage {
        if self.report.is_some() { Stage::Confirm } else { Stage::Do }
    }

    /// When it came to this.
    pub fn since(&self) -> Timestamp {
        let report = self.report.as_ref().map(|report| report.at);
        report.or(self.sent_back.as_ref().map(|sent| sent.at)).unwrap_or(self.asked_at)
    }

    /// Whether it is this person's.
    pub fn is_for(&self, profile: &Profile) -> bool {
        self.assignees.iter().any(|assignee| profile.is_called(assignee))
    }

    /// What the log says while it waits.
    pub fn error(&self) -> JobError {
        let message = match (&self.report, &self.sent_back) {
            (Some(_), _) => {
                "waits for a second person: somebody reported it as done in the app; look there, then confirm it or send \
                 it back, under Tasks"
            }
            (None, Some(_)) => {
                "waits for a person: the report was sent back; finish it in the app by hand, then report it under Tasks"
            }
            (None, None) => {
                "waits for a person: this app is changed by hand; follow the steps and report it under Tasks"
            }
        };
        JobError { class: CLASS.to_owned(), message: message.to_owned() }
    }
}

/// By what an app knows somebody that nobody can ask.
pub fn address(profile: &Profile) -> &str {
    profile.email.as_deref().unwrap_or(&profile.user_name)
}

/// What is recorded of somebody, once a second person confirmed that the app is as was decided.
fn as_decided(desired: &Desired) -> Observed {
    match &desired.presence {
        Presence::Absent => Observed::default(),
        Presence::Seated(seat) => {
            let id = address(&desired.profile).to_lowercase();
            let account = Account { id, state: AccountState::Active, profile: desired.profile.clone() };
            Observed { account: Some(account), seat: seat.clone(), ..Observed::default() }
        }
    }
}

impl Job {
    /// The task that waits for people, if this job is one. What is held is nobody's task until it is approved.
    pub fn open_task(&self) -> Option<&ManualTask> {
        let asks = self.state.is_open() && self.state != JobState::Held;
        self.manual.as_ref().filter(|task| asks && task.confirmed.is_none())
    }

    /// What is known of the person in an app that nobody can read: what people confirmed, now or before.
    pub fn recorded(&self, access: &Access, desired: &Desired) -> Observed {
        let confirmed = self.manual.as_ref().is_some_and(|task| task.confirmed.is_some());
        if confirmed { as_decided(desired) } else { access.observed.clone().unwrap_or_default() }
    }

    fn waiting_task(&self) -> Result<&ManualTask, Refused> {
        let task = self.open_task().ok_or(Refused::NoTask)?;
        if self.state == JobState::Waiting { Ok(task) } else { Err(Refused::Busy) }
    }

    fn with_task(&self, task: ManualTask) -> Self {
        Self { error: Some(task.error()), manual: Some(task), ..self.clone() }
    }

    /// The job once somebody reported its task as done.
    ///
    /// # Errors
    /// When it waits for no report.
    pub fn task_reported(&self, report: Report) -> Result<Self, Refused> {
        let task = self.waiting_task()?;
        if task.report.is_some() {
            return Err(Refused::Reported);
        }
        Ok(self.with_task(ManualTask { report: Some(report), sent_back: None, ..task.clone() }))
    }

    /// The job once its report was sent back.
    ///
    /// # Errors
    /// When nothing was reported.
    pub fn task_sent_back(&self, sent_back: SentBack) -> Result<Self, Refused> {
        let task = self.waiting_task()?;
        if task.report.is_none() {
            return Err(Refused::NotReported);
        }
        Ok(self.with_task(ManualTask { report: None, sent_back: Some(sent_back), ..task.clone() }))
    }

    /// The job once a second person confirmed its task: it goes on, and finds the app as it was decided.
    ///
    /// # Errors
    /// When nothing was reported, or by the same person.
    pub fn task_confirmed(&self, confirmation: Confirmation) -> Result<Self, Refused> {
        let task = self.waiting_task()?;
        let report = task.report.as_ref().ok_or(Refused::NotReported)?;
        if report.by.id == confirmation.by.id {
            return Err(Refused::SamePerson);
        }
        let task = ManualTask { confirmed: Some(confirmation), ..task.clone() };
        Ok(Self { state: JobState::Queued, error: None, due_at: None, manual: Some(task), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::{PlannedJob, Seat},
        job::{Origin, Task},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn doer(id: &str) -> Doer {
        Doer { id: id.into(), name: id.to_uppercase() }
    }

    fn ada() -> Profile {
        Profile { user_name: "ada".into(), email: Some("Ada@acme.example".into()), ..Profile::default() }
    }

    fn desired(presence: Presence) -> Desired {
        Desired { presence, profile: ada(), version: 1, reasons: vec![], not_before: None, urgent: false }
    }

    fn asked() -> Job {
        let seat = Seat { roles: ["editor".to_owned()].into(), ..Seat::default() };
        let access =
            Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), at(0));
        let access = Access { desired: Some(desired(Presence::Seated(seat))), ..access };
        let origin =
            Origin { id: "j".parse().unwrap(), automation: "a".parse().unwrap(), correlation_id: "c".into() };
        let planned = PlannedJob { task: Task::AddingUsers, state: JobState::Queued, due_at: None };
        let job = Job::decided(origin, &planned, &access, "manual", at(0));
        let task = ManualTask::asked(None, &ada(), vec!["Open it".into()], vec!["BOB".into()], at(1));
        let due_at = Some(at(99));
        Job { state: JobState::Waiting, error: Some(task.error()), due_at, manual: Some(task), ..job }
    }

    fn reported(job: &Job) -> Job {
        let report = Report { by: doer("bob"), at: at(2), evidence: "done".into() };
        job.task_reported(report).unwrap()
    }

    #[test]
    fn a_task_is_reported_by_one_and_confirmed_by_another() {
        let asked = asked();
        let confirmation = |who: &str| Confirmation { by: doer(who), at: at(3) };
        assert_eq!(asked.task_confirmed(confirmation("eve")), Err(Refused::NotReported));
        let reported = reported(&asked);
        assert!(reported.error.as_ref().unwrap().message.contains("second person"));
        assert_eq!(reported.manual.as_ref().unwrap().stage(), Stage::Confirm);
        assert_eq!(reported.task_confirmed(confirmation("bob")), Err(Refused::SamePerson));
        let confirmed = reported.task_confirmed(confirmation("eve")).unwrap();
        assert_eq!((confirmed.state, &confirmed.error, confirmed.due_at), (JobState::Queued, &None, None));
        assert_eq!(confirmed.open_task(), None);
        assert_eq!(confirmed.task_confirmed(confirmation("eve")), Err(Refused::NoTask));
    }

    #[test]
    fn a_report_that_is_sent_back_is_made_anew() {
        let reported = reported(&asked());
        let again = Report { by: doer("bob"), at: at(3), evidence: "again".into() };
        assert_eq!(reported.task_reported(again.clone()), Err(Refused::Reported));
        let sent = SentBack { by: doer("eve"), at: at(4), reason: "no role".into() };
        assert_eq!(asked().task_sent_back(sent.clone()), Err(Refused::NotReported));
        let back = reported.task_sent_back(sent).unwrap();
        let task = back.manual.as_ref().unwrap();
        assert_eq!((task.stage(), task.since(), back.state), (Stage::Do, at(4), JobState::Waiting));
        let task = back.task_reported(again).unwrap().manual.unwrap();
        assert_eq!((task.stage(), task.sent_back), (Stage::Confirm, None));
    }

    #[test]
    fn nobody_reports_what_is_not_wanted_any_more_or_is_being_looked_at() {
        let report = || Report { by: doer("bob"), at: at(2), evidence: "done".into() };
        for state in JobState::ALL {
            let refused = match state {
                JobState::Waiting => None,
                JobState::Queued | JobState::Running | JobState::Retrying => Some(Refused::Busy),
                _ => Some(Refused::NoTask),
            };
            let job = Job { state, ..asked() };
            assert_eq!(job.task_reported(report()).err(), refused, "{state:?}");
        }
        let job = Job { manual: None, ..asked() };
        assert_eq!(job.task_reported(report()), Err(Refused::NoTask));
    }

    #[test]
    fn what_was_reported_outlives_another_look() {
        let before = reported(&asked()).manual.unwrap();
        let after = ManualTask::asked(Some(&before), &ada(), vec!["Open it".into()], vec![], at(50));
        assert_eq!((&after.report, after.asked_at), (&before.report, at(1)));
        assert!(after.assignees.is_empty(), "whose it is follows the settings");
    }

    #[test]
    fn what_is_known_is_what_was_confirmed() {
        let access =
            Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), at(0));
        let seat = Seat { roles: ["editor".to_owned()].into(), ..Seat::default() };
        let wanted = desired(Presence::Seated(seat.clone()));
        let reported = reported(&asked());
        assert_eq!(reported.recorded(&access, &wanted).account, None, "a report alone is nothing");
        let confirmed = reported.task_confirmed(Confirmation { by: doer("eve"), at: at(3) }).unwrap();
        let known = confirmed.recorded(&access, &wanted);
        assert_eq!((known.account.unwrap().id.as_str(), known.seat), ("ada@acme.example", seat));
        assert_eq!(confirmed.recorded(&access, &desired(Presence::Absent)).account, None);
    }

    #[test]
    fn assignees_are_told_by_address_or_name_in_any_case() {
        let task = asked().manual.unwrap();
        let bob = Profile { user_name: "bob".into(), ..Profile::default() };
        assert!(task.is_for(&bob) && !task.is_for(&ada()));
    }
}
