//! The planner: woken by changes, it works out whose access they touch, decides anew, and sends jobs on
//! their way.

mod catalogue;
mod disconnect;
mod dispatch;
mod evaluate;
mod fan_out;
mod tell;

use std::sync::Arc;

use usher_domain::{
    ports::{Clock, Ids, JobQueue, Planning, StoreResult},
    wake::Wake,
    webhook::Event,
};

/// How many people one invocation evaluates before it hands on to the next page.
const PEOPLE_PER_PAGE: u32 = 50;
/// How many people are evaluated, or teams looked at, at the same time.
const AT_ONCE: usize = 8;

/// The planner.
pub struct Planner {
    store: Arc<dyn Planning>,
    queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    endpoints: tell::Endpoints,
}

impl Planner {
    /// A planner over these ports.
    pub fn new(
        store: Arc<dyn Planning>,
        queue: Arc<dyn JobQueue>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { store, queue, clock, ids, endpoints: tell::Endpoints::default() }
    }

    /// Handles one row of the stream. Handling it twice, late or out of order changes nothing but the time
    /// at which the app agrees.
    ///
    /// # Errors
    /// When the store or a queue does not answer; the row is then delivered again.
    pub async fn handle(&self, wake: Wake) -> StoreResult<()> {
        match wake {
            Wake::Change(change) => self.plan(&change).await,
            Wake::Job(job) => {
                self.tell_of_job(&job).await?;
                self.dispatch(&job).await
            }
            Wake::Sync(run) if !run.state.is_open() => self.tell(&run.workspace, Event::of_sync(&run)).await,
            Wake::Sync(run) => self.dispatch_sync(&run).await,
            Wake::Delivery(delivery) => self.dispatch_delivery(&delivery).await,
            Wake::Integration(written) => {
                self.tell(&written.workspace, Event::of_integration(&written)).await
            }
            Wake::Act(entry) => self.tell(&entry.workspace, Event::of_act(&entry)).await,
        }
    }
}
