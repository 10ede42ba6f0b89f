//! The suite: all functions' handlers over one embedded database, in this process or as the deployed programs.

use std::{collections::BTreeMap, future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, response::Redirect, routing::get};
use jiff::SignedDuration;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use usher_aws::{
    events::chain,
    queue::DELIVERIES,
    seal::{LocalKey, LocalSealer},
    store::Store,
    stream::StreamReader,
    system::{SystemClock, SystemIds},
};
use usher_connector::{Executor, HttpKeys, HttpWeb, Reach, Settings, Together, Transport};
use usher_domain::{
    ports::{Clock, Ids, Sealer},
    workspace::WorkspaceRole,
};
use usher_fn_planner::Planner;
use usher_fn_reconciler::Reconciler;
use usher_fn_webhooks::Courier;
use usher_tests::apps::{
    scim::{self, ScimApp},
    showcase,
};

use crate::{
    connectors,
    data::{Access, DataFolder},
    embedded::Embedded,
    function::{Connector, Deliveries, Function, Functions, Planning},
    processes::{Door, Processes, Programs},
    pump::{Pump, Redrive},
    queue::{Queue, Queues, poll},
    seed,
    template::{Place, QueueMapping, Template},
};

/// How often upkeep runs in this process, where nobody pays for a round; a deployment's schedule is in template.yaml.
const SCHEDULE: Duration = Duration::from_secs(30);
/// How long a sign-in link is good for.
const SIGN_IN_HOURS: i64 = 1;

/// Why the suite does not start or had to end. The text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SuiteError(String);

impl SuiteError {
    fn new(error: impl std::error::Error) -> Self {
        Self(chain(&error))
    }
}

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The data folder.
    pub data: PathBuf,
    /// Whether a first start makes the demo workspace with its simulated apps.
    pub demo: bool,
    /// Where the functions' handlers run.
    pub lane: Lane,
}

/// Where the functions' handlers run.
#[derive(Debug, Clone)]
pub enum Lane {
    /// In this process.
    InProcess,
    /// As the deployed programs, behind the Lambda Runtime API.
    Processes(Programs),
}

/// A suite that is ready to serve.
pub struct Suite {
    /// Where it is reached.
    pub origin: String,
    /// Its workspace, connection and tokens.
    pub access: Access,
    /// A link that signs in once.
    pub sign_in: String,
    /// The functions' processes, where there are any.
    pub processes: Option<Arc<Processes>>,
    /// The SCIM endpoints of this process, which count requests.
    scim: Option<Arc<usher_fn_scim::App>>,
    listener: TcpListener,
    router: Router,
    tasks: JoinSet<()>,
    _data: DataFolder,
}

/// What every part of the suite uses.
struct Adapters {
    store: Arc<Store>,
    stream: StreamReader,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    sealer: Arc<dyn Sealer>,
}

impl Suite {
    /// Opens the data, starts everything that works in the background, and listens.
    ///
    /// # Errors
    /// When the folder, the port or the data cannot be used.
    pub async fn start(options: &Options) -> Result<Self, SuiteError> {
        let data = DataFolder::open(&options.data).map_err(SuiteError::new)?;
        let embedded = Embedded::open(&data.file("usher.db")).await.map_err(SuiteError::new)?;
        let listener = listen(options.port).await?;
        let address = listener.local_addr().map_err(SuiteError::new)?;
        let origin = format!("http://{address}");
        let lane = match &options.lane {
            Lane::InProcess => None,
            Lane::Processes(programs) => Some((programs, Door::open().await.map_err(SuiteError::new)?)),
        };
        let template = deployed(&origin, lane.as_ref())?;
        let key = data.sealing_key().map_err(SuiteError::new)?;
        let adapters = Adapters {
            store: Arc::new(embedded.store),
            stream: embedded.stream_reader,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            sealer: Arc::new(LocalSealer::new(key)),
        };

        let console = Arc::new(adapters.console(&origin)?);
        let access = reach(&console, &data, options.demo, &origin).await?;
        let mut tasks = JoinSet::new();
        let queues = Queues::new(&template.queues, &data.dead_letters());
        let (functions, processes, scim) = match lane {
            None => {
                let scim = adapters.scim(&origin)?;
                (adapters.functions(&template, &queues, &scim, &console)?, None, Some(scim))
            }
            Some((programs, door)) => {
                let (table, key) = (embedded.endpoint, LocalKey::new(key));
                let started = Processes::start(
                    &programs.folder,
                    &template,
                    door,
                    table,
                    queues.clone(),
                    key,
                    &mut tasks,
                );
                let processes = Arc::new(started.map_err(SuiteError::new)?);
                (processes.functions(&template, &origin), Some(processes), None)
            }
        };
        let named = |name: &str| {
            let function = functions.by_name.get(name).cloned();
            function.ok_or_else(|| SuiteError(format!("template.yaml names the unknown function `{name}`")))
        };
        let mut router = functions.api.clone();
        if let Some(token) = &access.app_token {
            let to_page = || async { Redirect::permanent(seed::DEMO_APP_PATH) };
            router = router
                .nest(seed::DEMO_APP_PATH, demo_app(&data, token)?)
                .route(&format!("{}/", seed::DEMO_APP_PATH), get(to_page))
                .nest(
                    seed::APPS_PATH,
                    showcase::serve(&format!("{origin}{}", seed::APPS_PATH), connectors::label),
                );
        }

        for (_, queue) in queues.iter() {
            tasks.spawn(poll(queue.clone(), named(&queue.mapping().function)?));
        }
        let planner = named(&template.stream.function)?;
        let stream = embedded.stream.clone();
        let failures = Arc::new(Queue::new(template.failures, data.dead_letters()));
        let redrive = Redrive { planner: planner.clone(), stream: stream.clone() };
        tasks.spawn(poll(failures.clone(), Arc::new(redrive)));
        let mapping = template.stream;
        tasks.spawn(Pump { stream: embedded.stream, mapping, planner, failures }.run());
        let reconciler = Reconciler::new(adapters.store.clone(), adapters.clock.clone());
        // The queues died with the last process; the jobs' rows did not.
        reconciler.recover().await.map_err(SuiteError::new)?;
        for schedule in &template.schedules {
            let every = if processes.is_some() { schedule.every } else { SCHEDULE };
            tasks.spawn(repeat(named(&schedule.function)?, every));
        }
        tasks.spawn(async move {
            loop {
                tokio::time::sleep(SCHEDULE).await;
                if let Err(error) = stream.sweep_expired().await {
                    tracing::error!(error, "expired rows could not be dropped");
                }
            }
        });

        let workspace = access.workspace.parse().map_err(SuiteError::new)?;
        let valid_for = SignedDuration::from_hours(SIGN_IN_HOURS);
        let owner = WorkspaceRole::Owner;
        let sign_in = usher_fn_console::provisioning::create_sign_in_link(
            &console, &workspace, "Owner", owner, valid_for,
        );
        let sign_in = sign_in.await.map_err(SuiteError::new)?;
        Ok(Self { origin, access, sign_in, processes, scim, listener, router, tasks, _data: data })
    }

    /// Serves until `ending` comes, then lets requests under way end.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        mut self,
        ending: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), SuiteError> {
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, service).with_graceful_shutdown(ending).await;
        if let Some(processes) = &self.processes {
            processes.shut_down().await;
        }
        if let Some(scim) = &self.scim
            && let Err(error) = scim.record_requests().await
        {
            tracing::error!(error = chain(&error), "the last SCIM requests are not counted");
        }
        self.tasks.shutdown().await;
        served.map_err(SuiteError::new)
    }
}

/// The template as it would be deployed here. The laptop's apps are on the laptop.
fn deployed(origin: &str, lane: Option<&(&Programs, Door)>) -> Result<Template, SuiteError> {
    let place = Place {
        origin: origin.to_owned(),
        services: lane.map(|(_, door)| door.url.clone()).unwrap_or_default(),
        parameters: [("AppReach".to_owned(), "anywhere".to_owned())].into(),
    };
    let mut template = Template::deployed(&place).map_err(SuiteError::new)?;
    if let Some((programs, _)) = lane {
        (programs.adjust)(&mut template);
    }
    Ok(template)
}

/// Invokes a function on its schedule for ever.
async fn repeat(function: Arc<dyn Function>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let time = jiff::Timestamp::now().to_string();
        let event =
            serde_json::json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "time": time });
        if let Err(error) = function.invoke(&event).await {
            tracing::error!(error = chain(&error), "the schedule's run was cut short");
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, SuiteError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let failed =
        |error| SuiteError(format!("{address} cannot be listened on: {error}; choose another --port"));
    TcpListener::bind(address).await.map_err(failed)
}

/// How the suite is reached: as before, or as a first start makes it.
async fn reach(
    console: &usher_fn_console::App,
    data: &DataFolder,
    demo: bool,
    origin: &str,
) -> Result<Access, SuiteError> {
    let access = match data.access().map_err(SuiteError::new)? {
        None => seed::seed(console, demo).await.map_err(SuiteError::new)?,
        Some(access) if access.origin == origin => return Ok(access),
        Some(access) => {
            if access.app_token.is_some() {
                seed::move_demo_hub(console, &access).await.map_err(SuiteError::new)?;
            }
            Access { origin: origin.to_owned(), ..access }
        }
    };
    data.keep_access(&access).map_err(SuiteError::new)?;
    Ok(access)
}

fn demo_app(data: &DataFolder, token: &str) -> Result<Router, SuiteError> {
    // Usher never takes the last admin out of an app, and a colleague of the demo may be one.
    let admin = json!({"userName": "admin@acme.example", "displayName": "Acme's own admin", "active": true,
        "roles": [{"value": "admin"}]});
    let admin = admin.as_object().cloned().unwrap_or_default();
    let app = ScimApp::open(Some(data.file("app-social.json")), token.to_owned());
    let app = app.and_then(|app| app.set_up_by(admin));
    let app = app.map_err(|error| SuiteError(error.to_string()))?;
    Ok(scim::router(Arc::new(app.named("Acme Social"))))
}

impl Adapters {
    /// The handlers in this process.
    fn functions(
        &self,
        template: &Template,
        queues: &Queues,
        scim: &Arc<usher_fn_scim::App>,
        console: &Arc<usher_fn_console::App>,
    ) -> Result<Functions, SuiteError> {
        let api = usher_fn_scim::router(scim.clone()).merge(usher_fn_console::router(console.clone()));
        let planner = Planning { planner: self.planner(queues.clone()), stream: self.stream.clone() };
        let planner = Arc::new(planner) as Arc<dyn Function>;
        let mut by_name = BTreeMap::from([(template.stream.function.clone(), planner)]);
        for schedule in &template.schedules {
            let reconciler = Reconciler::new(self.store.clone(), self.clock.clone());
            by_name.insert(schedule.function.clone(), Arc::new(reconciler));
        }
        let transport = Transport::new(Reach::Anywhere, self.clock.clone());
        let transport = transport.map_err(|error| SuiteError(error.message().to_owned()))?;
        for (name, queue) in queues.iter() {
            let queue = queue.clone();
            let function = queue.mapping().function.clone();
            let worker: Arc<dyn Function> = match name {
                DELIVERIES => Arc::new(Deliveries { courier: self.courier(console), queue }),
                _ => Arc::new(Connector { executor: self.executor(queue.mapping(), &transport)?, queue }),
            };
            by_name.insert(function, worker);
        }
        Ok(Functions { api, by_name })
    }

    fn console(&self, origin: &str) -> Result<usher_fn_console::App, SuiteError> {
        let web = HttpWeb::new(Reach::Anywhere, self.clock.clone());
        let web = web.map_err(|error| SuiteError(error.message().to_owned()))?;
        Ok(usher_fn_console::App {
            store: self.store.clone(),
            facts: self.store.clone(),
            web: Arc::new(web),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            origin: origin.to_owned(),
            connectors: connectors::ALL
                .iter()
                .map(|it| usher_fn_console::Connector { key: it.key.to_owned(), name: it.name.to_owned() })
                .collect(),
            prices: None,
        })
    }

    fn scim(&self, origin: &str) -> Result<Arc<usher_fn_scim::App>, SuiteError> {
        let app = usher_fn_scim::App::new(self.store.clone(), self.clock.clone(), self.ids.clone(), origin);
        let keys = HttpKeys::new(Reach::Anywhere, self.clock.clone());
        let keys = keys.map_err(|error| SuiteError(error.message().to_owned()))?;
        let app = app.map_err(SuiteError::new)?.with_keys(Arc::new(keys));
        Ok(Arc::new(app))
    }

    /// Who delivers to webhooks, as far as the console goes too.
    fn courier(&self, console: &usher_fn_console::App) -> Courier {
        Courier {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            web: console.web.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn planner(&self, queues: Queues) -> Planner {
        Planner::new(self.store.clone(), Arc::new(queues), self.clock.clone(), self.ids.clone())
    }

    /// The executor of a queue of connectors.
    fn executor(&self, queue: &QueueMapping, transport: &Transport) -> Result<Executor, SuiteError> {
        let factories = queue.connectors.iter().map(|connector| {
            let known = connectors::ALL.iter().find(|it| it.key == connector).ok_or_else(|| {
                SuiteError(format!("template.yaml has a queue for the unknown connector `{connector}`"))
            })?;
            Ok((connector.clone(), (known.factory)(transport.clone())))
        });
        let factories: Together = factories.collect::<Result<_, SuiteError>>()?;
        Ok(Executor {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            factory: Arc::new(factories),
            // Shorter than in Lambda: after a crash the next process waits for the lease to end.
            settings: Settings {
                lease: Duration::from_secs(30),
                budget: Duration::from_secs(20),
                step: Duration::from_secs(10),
                ..Settings::default()
            },
        })
    }
}
