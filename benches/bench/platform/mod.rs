//! A served platform to measure, as the executable serves it: routes, worker and plugins in one
//! process over one database.
//!
//! What the benchmarks of requests, of imports and of what plugins wait for need of the platform's
//! crates is called here and nowhere else.

mod ledger;
mod plugins;

pub(crate) use ledger::Teller;
pub(crate) use plugins::PluginOf;

use crate::db::TestDb;
use futures::StreamExt;
use futures::stream::iter;
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::plugins::PluginStatus;
use perennial_core::purchases::{Cart, Line, NewPurchase};
use perennial_core::tokens::{Holder, Token};
use perennial_core::{Actor, Clock, Loyalty, Scope, Timestamp, db::Database, worker};
use perennial_graphql::{Api, Options, TokenKeys};
use perennial_plugin_host::{Host, build};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// What tokens are signed with; whoever stands beside the platform checks them with the same key.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
pub(crate) const PROGRAM: &str = "bench";
/// The tiers by name, and from how many purchases on.
pub(crate) const LADDER: [(&str, i64); 3] = [("Bronze", 1), ("Silver", 3), ("Gold", 5)];
const SHOP: &str = include_str!("../shop.toml");
const PLUGIN: &str = r"
[plugins.consumer-goods]
silence_days = 180
offer_discount_percent = 10
offer_valid_days = 30
";
/// Members per call; the core takes no more.
const MEMBERS_MAX: usize = 1000;
/// Purchases per call; the core takes no more.
const ORDERS_MAX: usize = 256;
/// Batches at the same time while a platform is filled: PostgreSQL works on one while the next is
/// made.
const CONCURRENT: usize = 2;
/// Between looks at the plugins' backlog: counting it costs something too.
const LOOK: Duration = Duration::from_millis(100);
const HOUR: Duration = Duration::from_hours(1);

pub(crate) struct Platform {
    /// Host and port.
    pub(crate) address: String,
    pub(crate) db: TestDb,
    loyalty: Loyalty,
    keys: TokenKeys,
    actor: Actor,
    /// Works as long as the platform is served.
    worker: Option<JoinHandle<()>>,
}

/// A purchase that is recorded through the core.
pub(crate) struct Order {
    pub(crate) member: usize,
    pub(crate) reference: String,
    /// Whether it says what was bought, in one line, and not only what it came to.
    pub(crate) has_line: bool,
    /// Zero for now.
    pub(crate) days_ago: i64,
    pub(crate) amount_minor: i64,
}

impl Platform {
    /// Without plugins and without a worker.
    pub(crate) async fn bare(db: TestDb, members: usize) -> Self {
        let platform = Self::serve(db, host(), SHOP, &[]).await;
        platform.enroll(0..members).await;
        platform
    }

    /// Serves another program, without plugins, and with the worker.
    pub(crate) async fn of_program(db: TestDb, program: &str, members: usize) -> Self {
        let mut platform = Self::serve(db, host(), program, &[]).await;
        platform.worker = Some(tokio::spawn(worker::run(platform.loyalty.clone())));
        platform.enroll(0..members).await;
        platform
    }

    /// With the plugin that the demo enables, and the worker that delivers to it.
    pub(crate) async fn whole(db: TestDb, members: usize) -> Self {
        let host = host();
        let plugin = PluginOf { wasm: consumer_goods(&host), table: PLUGIN.to_owned() };
        let mut platform = Self::serve(db, host, SHOP, &[plugin]).await;
        platform.worker = Some(tokio::spawn(worker::run(platform.loyalty.clone())));
        platform.enroll(0..members).await;
        platform
    }

    async fn serve(db: TestDb, host: Arc<Host>, program: &str, plugins: &[PluginOf]) -> Self {
        let connected = Database::connect(&db.url).await.expect("a database");
        let loyalty = Loyalty::new(connected, host);
        let mut program = program.to_owned();
        for plugin in plugins {
            let installed = loyalty.plugins().install(&plugin.wasm).await.expect("a sound plugin");
            let approved = loyalty.plugins().approve(&installed.id, &installed.version).await;
            approved.expect("a plugin that can be approved");
            program += &plugin.table;
        }
        let applied = loyalty.programs().apply(&program, "bench").await.expect("a sound program");
        let keys = TokenKeys::from_ed25519_pem(KEY).expect("a key");
        let api = Api::new(loyalty.clone(), keys.clone(), Options::default());
        let watched = api.clone();
        tokio::spawn(async move { watched.watch().await });
        let address = listen(perennial_graphql::router(api)).await;
        let actor = Actor::system(applied.program);
        Self { address, db, loyalty, keys, actor, worker: None }
    }

    /// Creates the members of these numbers.
    pub(crate) async fn enroll(&self, members: Range<usize>) {
        let batches = members.clone().step_by(MEMBERS_MAX);
        let create = async |first: usize| {
            let numbers = first..members.end.min(first + MEMBERS_MAX);
            let new = numbers.map(|number| NewMember::unnamed(&external_id(number))).collect();
            let created = self.loyalty.members().create_many(&self.actor, new).await;
            assert!(created.expect("a batch").iter().all(Result::is_ok));
        };
        iter(batches).for_each_concurrent(CONCURRENT, create).await;
    }

    /// Records purchases through the core, as an import does.
    pub(crate) async fn record(&self, orders: &[Order]) {
        let now = Clock.now();
        let record = async |batch: &[Order]| {
            let purchases = batch.iter().map(|order| order.purchase(now)).collect();
            let answers = self.loyalty.purchases().record_many(&self.actor, purchases).await;
            assert!(answers.expect("a batch").iter().all(Result::is_ok));
        };
        iter(orders.chunks(ORDERS_MAX)).for_each_concurrent(CONCURRENT, record).await;
    }

    pub(crate) fn admin_token(&self) -> String {
        self.token(Holder::Operator("bench".to_owned()), Scope::Admin)
    }

    pub(crate) fn member_token(&self, member: usize) -> String {
        self.token(Holder::Member(external_id(member)), Scope::Member)
    }

    fn token(&self, holder: Holder, scope: Scope) -> String {
        let token = Token::new(holder, vec![scope], Clock.now(), HOUR).expect("a sound token");
        self.keys.sign(PROGRAM, &token).expect("a token")
    }

    /// Waits until plugins have received everything; returns how long that took, or how many events
    /// still wait after `cap`.
    pub(crate) async fn drain(&self, cap: Duration) -> Result<Duration, i64> {
        let start = Instant::now();
        loop {
            let plugins = self.loyalty.plugins().list(&self.actor).await.expect("the plugins");
            let waiting = plugins.iter().map(|plugin: &PluginStatus| plugin.waiting).sum();
            if waiting == 0 {
                return Ok(start.elapsed());
            }
            if start.elapsed() > cap {
                return Err(waiting);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.abort();
        }
    }
}

impl Order {
    fn purchase(&self, now: Timestamp) -> NewPurchase {
        const DAY_MICROSECONDS: i64 = 24 * 3600 * 1_000_000;
        let then = now.microseconds() - self.days_ago * DAY_MICROSECONDS;
        let line = || Line {
            sku: "album-1".to_owned(),
            category: Some("records".to_owned()),
            quantity: 1,
            amount_minor: self.amount_minor,
        };
        NewPurchase {
            member: MemberRef::ExternalId(external_id(self.member)),
            reference: self.reference.clone(),
            purchased_at: (self.days_ago > 0)
                .then(|| Timestamp::from_microseconds(then).expect("an instant of this century")),
            cart: Cart {
                currency: None,
                total_minor: Some(self.amount_minor),
                lines: self.has_line.then(line).into_iter().collect(),
            },
            pay_with: None,
        }
    }
}

/// What the operator calls a member.
pub(crate) fn external_id(member: usize) -> String {
    format!("member-{member}")
}

fn host() -> Arc<Host> {
    Arc::new(Host::new().expect("a plugin host"))
}

/// The bundled plugin, built as `perennial plugin build` builds it.
pub(crate) fn consumer_goods(host: &Host) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (plugin, out) =
        (root.join("plugins/consumer-goods"), root.join("target/plugins-of-benches"));
    let built = build(host, &plugin, &out, None).expect("the plugin compiles");
    std::fs::read(&built.first().expect("one plugin").path).expect("its component")
}

/// Serves routes on a free port of this machine; answers host and port.
pub(crate) async fn listen(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
