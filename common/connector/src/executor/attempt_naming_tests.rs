//! Names are held while nobody knows whose account is whose.

use super::*;

/// Names that somebody else holds, or gives back once they are seated.
#[derive(Default)]
struct Names<'a> {
    busy: bool,
    /// Where the other one is seated by the time that the name is free.
    app: Option<&'a App>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Holdings for Names<'_> {
    async fn claim(&self, holding: Holding<'_>) -> StoreResult<Claim> {
        self.asked.lock().unwrap().push(format!("{holding:?}"));
        match holding {
            Holding::Name(_) if self.busy => Ok(Claim::Busy { until: Timestamp::from_second(90).unwrap() }),
            Holding::Name(_) => {
                if let Some(app) = self.app {
                    *app.account.lock().unwrap() =
                        Some((AccountState::Active, "ada".into(), Seat::default()));
                }
                Ok(Claim::Granted)
            }
            Holding::Account(_) => Ok(Claim::Granted),
        }
    }
}

async fn attempt_holding(app: &App, known: Option<&str>, names: &dyn Holdings) -> Attempted {
    let (desired, guard) = (seated(), counted());
    let subject =
        Subject { profile: desired.profile.clone(), account: known.map(str::to_owned), ..Subject::default() };
    Attempt {
        connector: app,
        desired: &desired,
        subject,
        invitation: Recorded::default(),
        safeguard: unguarded(&guard),
        holdings: names,
        operation: "job.1".into(),
        clock: &Ticking::default(),
        until: Timestamp::from_second(50).unwrap(),
        step: Duration::from_secs(5),
    }
    .run()
    .await
}

#[tokio::test]
async fn nobody_is_looked_for_under_a_name_that_is_held() {
    let app = App { observe_faults: vec![Fault::Panic].into(), ..App::default() };
    let names = Names { busy: true, ..Names::default() };
    let attempted = attempt_holding(&app, None, &names).await;
    assert!(matches!(action_of(&attempted).1, Action::Retry { after: Some(_) }));
    assert_eq!(
        (app.observe_faults.lock().unwrap().len(), writes(&app).len()),
        (1, 0),
        "the app was not asked"
    );
}

#[tokio::test]
async fn whoever_was_known_and_is_gone_is_looked_for_once_more_before_they_are_seated_anew() {
    let app = App::default();
    let names = Names { app: Some(&app), ..Names::default() };
    let attempted = attempt_holding(&app, Some("a1"), &names).await;
    assert_eq!(attempted.ending, Ending::Reached);
    assert_eq!(writes(&app), ["Set the roles to editor"], "somebody made the account meanwhile");
    let asked = names.asked.lock().unwrap();
    assert_eq!(asked[0], r#"Name("ada")"#);
}

#[tokio::test]
async fn a_name_is_held_where_an_account_is_found_by_it() {
    let account = || Mutex::new(Some((AccountState::Active, "ada".to_owned(), Seat::default())));
    let app = App { account: account(), ..App::default() };
    let names = Names::default();
    attempt_holding(&app, Some("a0"), &names).await;
    assert_eq!(names.asked.lock().unwrap()[..2], [r#"Name("ada")"#, r#"Account("a1")"#]);

    // Asked for by its own id it is nobody else's, whatever they are called.
    let (app, names) = (App { account: account(), ..App::default() }, Names::default());
    attempt_holding(&app, Some("a1"), &names).await;
    assert!(names.asked.lock().unwrap().iter().all(|asked| asked == r#"Account("a1")"#));
}

/// The account's owner takes it away while it is being claimed.
struct Leaving<'a>(&'a App);

#[async_trait]
impl Holdings for Leaving<'_> {
    async fn claim(&self, holding: Holding<'_>) -> StoreResult<Claim> {
        if matches!(holding, Holding::Account(_)) && self.0.writes.lock().unwrap().is_empty() {
            *self.0.account.lock().unwrap() = None;
        }
        Ok(Claim::Granted)
    }
}

#[tokio::test]
async fn an_account_that_went_before_it_was_the_persons_is_made_anew() {
    let app = App::default();
    *app.account.lock().unwrap() = Some((
        AccountState::Active,
        "ada".into(),
        Seat { roles: ["editor".into()].into(), ..Seat::default() },
    ));
    let attempted = attempt_holding(&app, None, &Leaving(&app)).await;
    assert_eq!(attempted.ending, Ending::Reached);
    assert_eq!(writes(&app).first().map(String::as_str), Some("Created the account"));
    assert!(app.account.lock().unwrap().is_some());
}
