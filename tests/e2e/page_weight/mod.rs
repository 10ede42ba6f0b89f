//! What a first visit loads: at most 100 kB, whichever page it is, and nothing from elsewhere; and that a page answers at once,
//! however many people there are.

mod growth;
pub(crate) mod office;
pub(crate) mod parts;
pub(crate) mod weight;

use crate::access_patterns::world::World;
use office::Office;
use weight::first_load;

/// Most bytes of a first visit, files included.
const MOST: usize = 100 * 1024;

#[tokio::test]
async fn a_first_visit_of_any_page_with_a_full_list_is_light() {
    // Full pages: what a list shows is bounded, so more people would change nothing.
    let office = Office::new(60, 55).await;
    let mut wrong = Vec::new();
    for (name, path) in office.pages().await {
        let load = first_load(&office.world, &path).await;
        if load.bytes > MOST || !load.foreign.is_empty() {
            wrong.push(format!("{name} ({path}): {} bytes, {:?}", load.bytes, load.foreign));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
