//! The story: a colleague comes to Marketing, moves to Brand, and leaves.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use usher_domain::job::Task;
use usher_local::seed::DEMO_HUB;
use usher_tests::client::Member;

use super::{
    PAUSE, Suite,
    app::{self, App},
    idp::{Colleague, Group, Idp, Sent},
    log::{Done, Log},
    narrator::{self, Narrator},
};
use crate::commands::{Api, Failure, arguments::Paging};

/// The groups, and what each gets in the app.
const MARKETING: (&str, &str) = ("Marketing", "editor");
const BRAND: (&str, &str) = ("Brand", "admin");

/// The demo, as it is told.
pub(super) struct Story {
    suite: Suite,
    idp: Idp,
    app: App,
    log: Log,
    narrator: Narrator,
    colleague: Colleague,
    /// The ids of all requests about the colleague. Usher decides on what is true when it looks, so a request
    /// may take effect in the name of one before it that was not looked at yet.
    correlation_ids: Vec<String>,
    deadline: Duration,
}

impl Story {
    /// A story that is new in every run.
    pub(super) fn new(suite: Suite, deadline: Duration, json: bool) -> Self {
        Self {
            idp: Idp::new(&suite.scim_url(), &suite.access.scim_token),
            app: App::new(&suite.app_url(), &suite.app_token),
            log: Log::new(suite.api.clone()),
            narrator: Narrator::new(json),
            colleague: Colleague::new(uuid::Uuid::new_v4()),
            correlation_ids: Vec::new(),
            suite,
            deadline,
        }
    }

    /// Tells it from beginning to end.
    pub(super) async fn tell(mut self) -> Result<(), Failure> {
        let pages = [
            ("Automation Log", self.suite.log_page()),
            ("Activity", self.suite.activity_page()),
            ("The app", format!("{}/", self.suite.app_url())),
        ];
        match self.chapters().await {
            Ok(()) => self.narrator.summary(&pages, "The seat came, changed its role once, and went."),
            Err(failure) => {
                self.narrator.failed(&pages, &failure)?;
                Err(Failure::told())
            }
        }
    }

    async fn chapters(&mut self) -> Result<(), Failure> {
        let Colleague { given_name, display_name, user_name } = self.colleague.clone();
        let app = self.suite.app_url();
        self.narrator.preface(&format!(
            "{display_name} ({user_name}) joins, moves and leaves.\n\
             The identity provider pushes to {}; the app's own listing at {app}/ is watched.",
            self.suite.scim_url(),
        ))?;
        self.narrator.begin("prepare", "Marketing and Brand get the hub, each with its role")?;
        let marketing = self.prepare(MARKETING).await?;
        let brand = self.prepare(BRAND).await?;
        self.check_hub().await?;
        self.narrator.done()?;

        self.narrator.begin("hire", &format!("{given_name} is hired, and is in no group yet"))?;
        let user = self.hire().await?;
        self.narrator.begin("join", &format!("{given_name} joins Marketing"))?;
        let account = self.join(&marketing, &user).await?;
        self.narrator
            .begin("move", &format!("{given_name} moves to Brand: first out of Marketing, then in"))?;
        self.move_over(&marketing, &brand, &user, &account).await?;
        self.narrator.begin("leave", &format!("{given_name} leaves the company"))?;
        self.leave(&user).await
    }

    /// The group and its share, made where they are missing.
    async fn prepare(&mut self, (name, role): (&'static str, &str)) -> Result<Group, Failure> {
        let id = match self.idp.group(name).await? {
            Some(id) => {
                self.narrator.says("IdP", &format!("the group {name} is there"))?;
                id
            }
            None => {
                let sent = self.idp.make_group(name).await?;
                self.narrator.sent(&sent)?;
                sent.id
            }
        };
        self.narrator.seen(name, role);
        let api = &self.suite.api;
        if has_share(api, &id, role).await? {
            self.narrator.says("Admin", &format!("the hub is shared with {name} as {role}"))?;
        } else {
            let access = json!({ "kind": "invite", "roles": [role] });
            let body = json!({ "hub_role": "collaborator", "app_access": access });
            api.put(&["integrations", DEMO_HUB, "shares", "teams", &id], &body).await?;
            self.narrator.says("Admin", &format!("shares the hub with {name} as {role}"))?;
        }
        Ok(Group { id, name })
    }

    /// The story needs a hub that works, and a window in which a move can happen.
    async fn check_hub(&self) -> Result<(), Failure> {
        let hub = self.suite.api.get(&["integrations", DEMO_HUB]).await?;
        if let Some(reason) = hub["paused_reason"].as_str() {
            return Err(format!(
                "the hub is paused ({reason}); mend it, then `usher integration resume {DEMO_HUB}`"
            )
            .into());
        }
        if hub["grace_seconds"] == 0 {
            return Err(format!(
                "the hub has no removal grace window, so a move would take the seat away; \
                 give it one with `usher integration set {DEMO_HUB} --grace 5s`"
            )
            .into());
        }
        Ok(())
    }

    async fn hire(&mut self) -> Result<String, Failure> {
        let sent = self.idp.hire(&self.colleague).await?;
        self.sent(&sent)?;
        let seat = self.app.seat(&self.colleague.user_name).await?;
        if seat.is_some() {
            return Err(
                format!("there should be no seat yet, but there is: {}", app::words(seat.as_ref())).into()
            );
        }
        self.narrator.says("App", "no seat: nothing is shared with a person without a group")?;
        self.narrator.seen("account", Value::Null);
        self.narrator.done()?;
        Ok(sent.id)
    }

    async fn join(&mut self, marketing: &Group, user: &str) -> Result<String, Failure> {
        let begun = Instant::now();
        let sent = self.idp.join(marketing, user).await?;
        self.sent(&sent)?;
        let seat = self
            .until_or_why(user, &format!("the app lists a seat as {}", MARKETING.1), async |story| {
                let seat = story.app.seat(&story.colleague.user_name).await?;
                Ok(seat.filter(|seat| has_role(seat, MARKETING.1)))
            })
            .await?;
        let (account, after) = (seat.id.clone(), begun.elapsed());
        self.app_lists(&seat, after)?;
        self.narrator.seen("account", account.clone());
        self.narrator.seen("roles", json!([MARKETING.1]));
        self.narrator.seen("after_seconds", narrator::seconds(after));
        self.until_logged(user, Task::AddingUsers, "invited").await?;
        Ok(account)
    }

    async fn move_over(
        &mut self,
        marketing: &Group,
        brand: &Group,
        user: &str,
        account: &str,
    ) -> Result<(), Failure> {
        let before = self.app.writes_to(account).await?.len();
        let mut looks = 0_u32;
        let removed = self.idp.leave(marketing, user).await?;
        self.sent(&removed)?;
        // Not before Usher has decided on the removal: only then has the second half of the move to undo it.
        self.until("Usher has seen the first half of the move", async |story| {
            story.same_seat(account, &mut looks).await?;
            Ok((story.log.access(user).await?.0 == "awaiting_removal").then_some(()))
        })
        .await?;
        self.narrator.says("Usher", "awaiting removal: the seat stays for the grace window")?;

        let begun = Instant::now();
        let added = self.idp.join(brand, user).await?;
        self.sent(&added)?;
        let seat = self
            .until_or_why(user, &format!("the app lists the seat as {}", BRAND.1), async |story| {
                let seat = story.same_seat(account, &mut looks).await?;
                Ok(has_role(&seat, BRAND.1).then_some(seat))
            })
            .await?;
        let after = begun.elapsed();
        self.app_lists(&seat, after)?;
        self.until_or_why(user, "Usher has called the removal off", async |story| {
            story.same_seat(account, &mut looks).await?;
            let settled = story.log.access(user).await? == ("onboarded".to_owned(), false);
            Ok((settled && story.log.is_called_off(user, &story.correlation_ids).await?).then_some(()))
        })
        .await?;
        self.narrator.says("Usher", "the removal is called off, and no work is left")?;

        let writes: Vec<_> = self.app.writes_to(account).await?.into_iter().skip(before).collect();
        if writes.len() != 1 {
            return Err(format!(
                "the move should be one write in the app, and was {}: {}",
                writes.len(),
                writes.join(", ")
            )
            .into());
        }
        let same = format!("the same account in all {looks} looks, and one write: {}", writes[0]);
        self.narrator.says("App", &same)?;
        self.narrator.seen("account", account);
        self.narrator.seen("roles", json!([BRAND.1]));
        self.narrator.seen("looks", looks);
        self.narrator.seen("writes", writes);
        self.narrator.seen("after_seconds", narrator::seconds(after));
        self.until_logged(user, Task::UpdatingUserRoles, "updated").await
    }

    async fn leave(&mut self, user: &str) -> Result<(), Failure> {
        let begun = Instant::now();
        let sent = self.idp.deactivate(user).await?;
        self.sent(&sent)?;
        self.until_or_why(user, "the app lists no seat", async |story| {
            Ok(story.app.seat(&story.colleague.user_name).await?.is_none().then_some(()))
        })
        .await?;
        let after = begun.elapsed();
        let gone = format!("no seat, after {}: a deactivation waits for nothing", narrator::words(after));
        self.narrator.says("App", &gone)?;
        self.narrator.seen("account", Value::Null);
        self.narrator.seen("after_seconds", narrator::seconds(after));
        let deleted = self.idp.delete(user).await?;
        self.sent(&deleted)?;
        if let Some(seat) = self.app.seat(&self.colleague.user_name).await? {
            return Err(format!("the seat came back: {}", app::words(Some(&seat))).into());
        }
        self.until_logged(user, Task::RemovingUsers, "removed").await
    }

    /// The seat, which must be there and be the same account as ever.
    async fn same_seat(&self, account: &str, looks: &mut u32) -> Result<Member, Failure> {
        let seat = self.app.seat(&self.colleague.user_name).await?;
        *looks += 1;
        match seat {
            Some(seat) if seat.id == account && seat.active => Ok(seat),
            seat => Err(format!(
                "the seat should be account {account} all the time, and was: {}",
                app::words(seat.as_ref())
            )
            .into()),
        }
    }

    /// A request about the colleague.
    fn sent(&mut self, sent: &Sent) -> Result<(), Failure> {
        self.correlation_ids.push(sent.correlation_id.clone());
        self.narrator.sent(sent)
    }

    fn app_lists(&self, seat: &Member, after: Duration) -> Result<(), Failure> {
        self.narrator.says("App", &format!("{}, after {}", app::words(Some(seat)), narrator::words(after)))
    }

    /// Waits until both pages show the work, points at them, and ends the step.
    async fn until_logged(&mut self, user: &str, task: Task, event: &str) -> Result<(), Failure> {
        let Done { automation, task, status } = self
            .until_or_why(user, "the Automation Log and the Activity tab show it", async |story| {
                story.log.done(user, &story.correlation_ids, task, event).await
            })
            .await?;
        let page = format!("{}/{automation}", self.suite.log_page());
        self.narrator.says("Log", &format!("{task}: {status}, {page}"))?;
        self.narrator.says("", &format!("Activity: {}", self.suite.activity_page()))?;
        self.narrator.seen("automation", json!({ "task": task, "status": status, "page": page }));
        self.narrator.seen("activity_page", self.suite.activity_page());
        self.narrator.done()
    }

    /// Waits, and tells what Usher knows of the work when it does not come.
    async fn until_or_why<T>(
        &self,
        user: &str,
        what: &str,
        question: impl AsyncFnMut(&Self) -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let missed = match self.until(what, question).await {
            Ok(answer) => return Ok(answer),
            Err(missed) => missed,
        };
        Err(format!("{missed}; {}", self.log.why_not(user, &self.correlation_ids).await).into())
    }

    /// Asks until there is an answer.
    async fn until<T>(
        &self,
        what: &str,
        mut question: impl AsyncFnMut(&Self) -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let end = Instant::now() + self.deadline;
        loop {
            if let Some(answer) = question(self).await? {
                return Ok(answer);
            }
            if Instant::now() >= end {
                return Err(format!("not within {} s: {what}", self.deadline.as_secs()).into());
            }
            sleep(PAUSE).await;
        }
    }
}

fn has_role(seat: &Member, role: &str) -> bool {
    seat.active && seat.roles.len() == 1 && seat.roles.contains(role)
}

/// Whether the hub is shared with this team as this and nothing else.
async fn has_share(api: &Api, team: &str, role: &str) -> Result<bool, Failure> {
    let shares = api.list(&["integrations", DEMO_HUB, "shares"], &[], &Paging::all()).await?;
    let mut shares = shares["items"].as_array().into_iter().flatten();
    let access = json!({ "kind": "invite", "roles": [role], "assets": {}, "entitlements": [] });
    Ok(shares.any(|share| share["principal_id"] == team && share["app_access"] == access))
}
