//! What must be true of syncs: nothing is done about a list that cannot be true, and after a whole one the app agrees.

use std::collections::BTreeSet;

use usher_domain::{
    access::Presence,
    change::Trigger,
    job::Task,
    ports::{Admin, Facts, JobFilter, Runs},
    sync::RunState,
};

use super::{
    app::{App, STRANGER, Seated},
    run::{Run, SCHEDULE},
    workload::Clients,
};

/// A sync is over after this time, in milliseconds.
const QUIET: i64 = 3 * SCHEDULE;

/// Changes much by hand and sees that a sync halts; then has a sync repair it.
pub(super) async fn check(run: &mut Run) -> Result<(), String> {
    let all = run.clients.clone();
    for clients in &all {
        let app = clients.app.clone();
        let people = settled(clients, &app).await;
        // The app still lists somebody.
        app.let_in(STRANGER);
        if people.len() > 1 {
            // More than a fifth.
            people.iter().skip(1).for_each(|name| app.edit(name, None));
            let before = app.seats();
            clients.sync(20).await.map_err(|error| error.to_string())?;
            run.work(false, QUIET)?;
            ended_as(clients, RunState::Halted).await?;
            if app.seats() != before {
                return Err("a sync that halted had an effect".to_owned());
            }
        }
        clients.sync(100).await.map_err(|error| error.to_string())?;
        run.work(false, QUIET)?;
        run.approve().await?;
        ended_as(clients, RunState::Finished).await?;
        only_the_edited_were_repaired(clients, &app).await?;
    }
    Ok(())
}

/// Who is in the app as was decided, as far as anybody knows.
async fn settled(clients: &Clients, app: &App) -> Vec<String> {
    let known = clients.known.lock().await.people.clone();
    let accesses = clients.store.accesses(&clients.workspace, &clients.hub, &known).await.unwrap();
    let seated = accesses.values().filter(|access| {
        let settled = access.settled.as_ref().map(|settled| &settled.presence);
        access.job.is_none() && matches!(settled, Some(Presence::Seated(_)))
    });
    let names: BTreeSet<_> =
        seated.filter_map(|access| Some(access.desired.as_ref()?.profile.user_name.clone())).collect();
    let shown = app.seats().into_iter().filter(Seated::is_live).map(|seat| seat.user_name);
    shown.filter(|name| names.contains(name)).collect()
}

async fn ended_as(clients: &Clients, expected: RunState) -> Result<(), String> {
    let run = clients.store.last_run(&clients.workspace, &clients.hub).await.unwrap().unwrap();
    if run.state == expected { Ok(()) } else { Err(format!("a sync should be {expected:?}: {run:?}")) }
}

/// A sync has nobody repaired in whom nobody else had a hand: a list that was cut short would.
async fn only_the_edited_were_repaired(clients: &Clients, app: &App) -> Result<(), String> {
    // An invitation that is over is seen to differ too, and one that became an account of another id.
    let edited = &(&app.edited() | &app.unanswered()) | &app.renumbered();
    let automations = clients.store.automations(&clients.workspace, None, 1_000).await.unwrap().items;
    // Nothing else has this trigger. A decision that goes back on one whose job began has the same task.
    for automation in automations.into_iter().filter(|it| it.cause.trigger == Trigger::Schedule) {
        let filter = JobFilter::Automation(automation.id);
        for job in clients.store.jobs(&clients.workspace, &filter, None, 1_000).await.unwrap().items {
            if job.task == Task::SyncingUsers && !edited.contains(&job.target) {
                return Err(format!("a sync had somebody repaired who was right: {job:?}"));
            }
        }
    }
    Ok(())
}
