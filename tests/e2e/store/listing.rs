//! Pages by `startIndex`, against a list that is kept beside.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use usher_aws::store::{Paging, Store};
use usher_domain::{directory::UserRecord, id::PersonId, ports::Directory};

use super::{Fixture, cause, change};

/// A directory and the naive list of it.
struct Listed {
    f: Fixture,
    store: Store,
    list: Vec<UserRecord>,
    rng: StdRng,
}

impl Listed {
    async fn new(paging: Paging, people: usize, seed: u64) -> Self {
        let f = Fixture::new().await;
        let store = f.db.store.clone().paging(paging);
        let mut this = Self { f, store, list: Vec::new(), rng: StdRng::seed_from_u64(seed) };
        for _ in 0..people {
            this.create().await;
        }
        this
    }

    async fn create(&mut self) {
        let user = self.f.user(&uuid::Uuid::new_v4().to_string());
        self.store.create_user(&user, change(), &cause()).await.unwrap();
        self.list.push(user);
        self.list.sort_by_key(|user| (user.created_at.as_microsecond(), user.id.clone()));
    }

    async fn delete(&mut self) -> PersonId {
        let index = self.rng.random_range(0..self.list.len());
        let user = self.list.remove(index);
        self.store.delete_user(&user, change(), &cause()).await.unwrap();
        user.id
    }

    /// A page of the store, with the size of the list that it tells.
    async fn page(&self, start_index: u64, count: u32) -> (Vec<PersonId>, u64) {
        let page = self.store.list_users(&self.f.connection, start_index, count).await.unwrap();
        (page.items.into_iter().map(|user| user.id).collect(), page.total)
    }

    fn naive(&self, start_index: u64, count: u32) -> Vec<PersonId> {
        let from = usize::try_from(start_index - 1).unwrap();
        self.list.iter().skip(from).take(count as usize).map(|user| user.id.clone()).collect()
    }
}

/// Jumps and walks in any order: what is remembered changes nothing.
#[tokio::test]
async fn pages_of_a_list_that_stands_still_are_the_naive_lists() {
    let mut listed = Listed::new(Paging { counted: 5, remembered: 300 }, 60, 1).await;
    for _ in 0..60 {
        let mut start = listed.rng.random_range(1..70);
        let count = listed.rng.random_range(1..15);
        for _ in 0..listed.rng.random_range(1..5) {
            let (page, total) = listed.page(start, count).await;
            assert_eq!((page, total), (listed.naive(start, count), 60), "from {start}, {count}");
            start += u64::from(count);
        }
    }
}

/// A place that no longer counts is not gone by, whatever happened since.
#[tokio::test]
async fn old_places_are_forgotten() {
    let mut listed = Listed::new(Paging { counted: 0, remembered: 0 }, 40, 2).await;
    for round in 0..60 {
        let (start, count) = (listed.rng.random_range(1..50), listed.rng.random_range(1..12));
        assert_eq!(listed.page(start, count).await.0, listed.naive(start, count), "from {start}, {count}");
        match round % 4 {
            0 => drop(listed.delete().await),
            1 => listed.create().await,
            _ => {}
        }
    }
}

/// While others come and go, a walk shows everybody who is there all the time, and nobody twice.
#[tokio::test]
async fn a_walk_skips_and_repeats_nobody_who_stays() {
    for seed in 0..6 {
        let mut listed = Listed::new(Paging { counted: 0, remembered: 300 }, 50, seed).await;
        let mut staying: Vec<PersonId> = listed.list.iter().map(|user| user.id.clone()).collect();
        let count = listed.rng.random_range(1..9);
        let mut seen = Vec::new();
        let mut start = 1;
        loop {
            let (page, total) = listed.page(start, count).await;
            if page.is_empty() {
                break;
            }
            assert!(total >= start - 1 + page.len() as u64);
            start += page.len() as u64;
            seen.extend(page);
            for _ in 0..listed.rng.random_range(0..3) {
                if listed.rng.random_ratio(2, 3) {
                    let gone = listed.delete().await;
                    staying.retain(|person| *person != gone);
                } else {
                    listed.create().await;
                }
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "seed {seed}: somebody was shown twice");
        let skipped: Vec<_> = staying.iter().filter(|person| !seen.contains(person)).collect();
        assert!(skipped.is_empty(), "seed {seed}: {skipped:?} were skipped");
    }
}

/// The last page of a walk costs what an early one costs.
#[tokio::test]
async fn a_walk_reads_every_row_once() {
    let listed = Listed::new(Paging { counted: 20, remembered: 300 }, 300, 3).await;
    let mut costs = Vec::new();
    for start in (1..300).step_by(10) {
        let before = listed.f.db.calls();
        assert_eq!(listed.page(start, 10).await.0, listed.naive(start, 10));
        costs.push(listed.f.db.calls().since(&before).total());
    }
    let (early, last) = (costs[3], costs[29]);
    assert_eq!(early, last, "calls and units");
    // The counters, the place, the page; the place that it leaves.
    assert_eq!(early.calls, 4);
}
