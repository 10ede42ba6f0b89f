//! A sync makes the catalogue's assets those of the app, and a new one reaches whoever has all of them.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Value, json};
use usher_connector::{
    Capabilities, Class, Connect, Connector, Error, Executor, Factory, Health, IdentityKey, Member, Meta,
    Observation, Outcome, Result, Settings, Step, StepContext, Subject,
};
use usher_domain::{
    Timestamp,
    access::{Account, AccountState, Desired, Observed, Presence, Seat, Told},
    integration::{AppAsset, AppRole},
    job::Message,
    ports::{Clock, Page},
};

use crate::access_patterns::world::World;

const PER_PAGE: usize = 2;

/// An app with assets, which lists them on pages of two.
#[derive(Clone, Default)]
struct Shop(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    assets: Vec<String>,
    /// What people were given, by user name.
    given: std::collections::BTreeMap<String, Seat>,
    /// How the second page of assets is answered.
    second_page: Option<Class>,
    pages_read: usize,
}

impl Shop {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, assets: &[&str]) {
        self.shelf().assets = assets.iter().map(ToString::to_string).collect();
    }

    fn granted(&self, person: &str) -> Vec<String> {
        let shelf = self.shelf();
        shelf.given.get(person).map(|seat| seat.assets.keys().cloned().collect()).unwrap_or_default()
    }
}

#[async_trait]
impl Factory for Shop {
    async fn connector(&self, _: Connect<'_>) -> Result<Box<dyn Connector>> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Connector for Shop {
    fn meta(&self) -> Meta {
        let capabilities = Capabilities { list_members: true, list_assets: true, ..Capabilities::NONE };
        Meta { key: "shop", name: "A shop", identity: IdentityKey::Email, capabilities }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, _: Option<&str>) -> Result<Page<Member>> {
        let shelf = self.shelf();
        let member = |(name, seat): (&String, &Seat)| Member {
            account: account(name),
            seat: Told::Whole(seat.clone()),
        };
        Ok(Page { items: shelf.given.iter().map(member).collect(), next: None })
    }

    async fn list_assets(&self, cursor: Option<&str>) -> Result<Page<AppAsset>> {
        let mut shelf = self.shelf();
        shelf.pages_read += 1;
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        if let Some(class) = shelf.second_page.filter(|_| from > 0) {
            return Err(Error::new(class, "the list was cut short"));
        }
        let permission =
            |key: &str| AppRole { key: key.into(), name: key.into(), exclusion_group: None, rank: 0 };
        let asset = |id: &String| AppAsset {
            id: id.clone(),
            name: id.clone(),
            permissions: vec![permission("read")],
        };
        let items = shelf.assets.iter().skip(from).take(PER_PAGE).map(asset).collect();
        let next = (from + PER_PAGE < shelf.assets.len()).then(|| (from + PER_PAGE).to_string());
        Ok(Page { items, next })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        let name = &subject.profile.user_name;
        let seat = self.shelf().given.get(name).cloned();
        let observed = Observed {
            account: seat.as_ref().map(|_| account(name)),
            seat: seat.unwrap_or_default(),
            ..Observed::default()
        };
        Ok(Observation { observed, detail: Value::Null })
    }

    fn plan(&self, desired: &Desired, _: &Observation) -> Result<Vec<Step>> {
        // The app does at once as it is told.
        let mut shelf = self.shelf();
        match &desired.presence {
            Presence::Seated(seat) => shelf.given.insert(desired.profile.user_name.clone(), seat.clone()),
            Presence::Absent => shelf.given.remove(&desired.profile.user_name),
        };
        Ok(Vec::new())
    }

    async fn apply(&self, _: &Step, _: StepContext<'_>) -> Result<Outcome> {
        Ok(Outcome::NoChange)
    }
}

fn account(name: &str) -> Account {
    let profile = usher_domain::directory::Profile {
        user_name: name.to_owned(),
        ..usher_domain::directory::Profile::default()
    };
    Account { id: format!("account-{name}"), state: AccountState::Active, profile }
}

/// A clock by which every look takes a second.
struct Ticking(Mutex<Timestamp>);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += Duration::from_secs(1);
        *now
    }
}

/// A hub in the shop; Ada has all of its assets, and Bob has one.
struct Store {
    world: World,
    shop: Shop,
    executor: Executor,
    hub: String,
}

impl Store {
    async fn new(assets: &[&str]) -> Self {
        let world = World::new().await;
        let shop = Shop::default();
        shop.has(assets);
        // A page or two in one invocation.
        let clock = Arc::new(Ticking(Mutex::new(world.now())));
        let settings = Settings { budget: Duration::from_secs(5), ..Settings::default() };
        let executor =
            Executor { factory: Arc::new(shop.clone()), clock, settings, ..world.executor.clone() };
        let hub = format!("/integrations/{}", world.hub);
        let store = Self { world, shop, executor, hub };
        for (name, asset) in [("ada", "*"), ("bob", "a1")] {
            let person =
                store.world.scim("POST", "/Users", json!({"userName": name, "active": true})).await.id();
            let access = json!({"kind": "invite", "roles": ["viewer"], "assets": {asset: ["read"]}});
            store.api("PUT", &format!("/shares/people/{person}"), json!({ "app_access": access })).await;
        }
        store.settle().await;
        store
    }

    async fn api(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.world.api(method, &format!("{}{path}", self.hub), body).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.body);
        answer.body
    }

    /// Works off what is there to do. Answers how many messages it took.
    async fn settle(&self) -> usize {
        let mut count = 0;
        loop {
            self.world.plan().await;
            let messages = self.world.messages();
            if messages.is_empty() {
                return count;
            }
            for message in messages {
                count += usize::from(matches!(message, Message::Sync(_)));
                while self.executor.run(&message).await.unwrap().again_after().is_some() {}
            }
        }
    }

    async fn sync(&self, body: Value) -> Value {
        self.api("POST", "/sync", body).await;
        self.settle().await;
        self.api("GET", "/sync", Value::Null).await
    }

    async fn catalogue(&self) -> BTreeSet<String> {
        let shown = self.api("GET", "", Value::Null).await;
        let assets = shown["catalogue"]["assets"].as_array().unwrap();
        assets.iter().map(|asset| asset["id"].as_str().unwrap().to_owned()).collect()
    }
}

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_the_app_lists_becomes_the_catalogue_and_reaches_whoever_has_everything() {
    let store = Store::new(&["a1", "a2", "a3", "a4", "a5", "a6"]).await;
    assert_eq!((store.shop.granted("ada"), store.shop.granted("bob")), (vec![], vec!["a1".to_owned()]));
    store.api("POST", "/sync", Value::Null).await;
    let messages = store.settle().await;
    assert!(messages > 2, "read in {messages} invocations, and went on where the one before ended");
    assert_eq!(store.shop.shelf().pages_read, 3, "each page once");
    let run = store.api("GET", "/sync", Value::Null).await;
    assert_eq!((&run["state"], &run["assets_put"]), (&json!("finished"), &json!(6)), "{run}");
    let all = ["a1", "a2", "a3", "a4", "a5", "a6"];
    assert_eq!(store.catalogue().await, ids(&all));
    assert_eq!(
        (store.shop.granted("ada"), store.shop.granted("bob")),
        (all.map(String::from).to_vec(), vec!["a1".to_owned()])
    );

    // One goes, one comes.
    store.shop.has(&["a1", "a2", "a3", "a4", "a5", "b1"]);
    let run = store.sync(Value::Null).await;
    assert_eq!((&run["assets_put"], &run["assets_gone"]), (&json!(1), &json!(1)), "{run}");
    let all = ["a1", "a2", "a3", "a4", "a5", "b1"];
    assert_eq!(
        (store.catalogue().await, store.shop.granted("ada")),
        (ids(&all), all.map(String::from).to_vec())
    );

    // Nothing differs: the catalogue is not written.
    let version = store.api("GET", "", Value::Null).await["version"].clone();
    store.sync(Value::Null).await;
    assert_eq!(store.api("GET", "", Value::Null).await["version"], version);
}

#[tokio::test]
async fn a_list_that_is_cut_short_takes_nothing_out_of_the_catalogue() {
    let all = ["a1", "a2", "a3", "a4"];
    let store = Store::new(&all).await;
    store.sync(Value::Null).await;
    store.shop.shelf().second_page = Some(Class::Invalid);
    let run = store.sync(Value::Null).await;
    assert_eq!((&run["state"], &run["assets_gone"]), (&json!("halted"), &json!(0)), "{run}");
    assert_eq!(
        (store.catalogue().await, store.shop.granted("ada")),
        (ids(&all), all.map(String::from).to_vec())
    );
}

#[tokio::test]
async fn more_than_the_safeguard_lets_is_not_taken_out_unless_an_admin_says_so() {
    let all = ["a1", "a2", "a3", "a4"];
    let store = Store::new(&all).await;
    store.sync(Value::Null).await;
    store.shop.has(&["a1", "a2"]);
    let run = store.sync(Value::Null).await;
    assert_eq!(run["state"], "halted");
    assert!(run["reason"].as_str().unwrap().contains("2 of the catalogue's 4 assets"), "{run}");
    assert_eq!(store.catalogue().await, ids(&all));
    let run = store.sync(json!({"safeguard_percent": 50})).await;
    assert_eq!((&run["state"], &run["assets_gone"]), (&json!("finished"), &json!(2)), "{run}");
    assert_eq!(
        (store.catalogue().await, store.shop.granted("ada")),
        (ids(&["a1", "a2"]), vec!["a1".to_owned(), "a2".to_owned()])
    );
}

#[tokio::test]
async fn a_new_asset_reaches_everybody_whom_the_hub_is_shared_with_page_by_page() {
    /// What one invocation may ask of the store: two pages of people, and what they have in common.
    const MOST_CALLS: u64 = 100 * 4 + 20;
    let store = Store::new(&["a1"]).await;
    let access = json!({"kind": "invite", "roles": ["viewer"], "assets": {"*": ["read"]}});
    let access = json!({ "app_access": access });
    let mut members = Vec::new();
    for number in 0..130 {
        let user = json!({"userName": format!("p{number}"), "active": true});
        let person = store.world.scim("POST", "/Users", user).await.id();
        // More shares than a page looks at, and a team with more people than a page has.
        if number < 60 {
            store.api("PUT", &format!("/shares/people/{person}"), access.clone()).await;
        } else {
            members.push(json!({ "value": person }));
        }
    }
    let group = json!({"displayName": "Many", "members": members});
    let team = store.world.scim("POST", "/Groups", group).await.id();
    store.api("PUT", &format!("/shares/teams/{team}"), access).await;
    store.settle().await;
    store.world.largest_wake();
    store.sync(Value::Null).await;
    let largest = store.world.largest_wake();
    assert!(largest <= MOST_CALLS, "{largest} calls in one invocation");
    for number in 0..130 {
        assert_eq!(store.shop.granted(&format!("p{number}")), ["a1"], "p{number}");
    }
    assert_eq!(store.shop.granted("bob"), ["a1"]);
}
