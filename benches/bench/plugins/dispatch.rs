//! Events a second through claim, briefing, call, actions and commit, as the worker does it, beside
//! purchases a second that as many as 32 callers of the core record where there is no plugin.
//!
//! An event of `.1`, `.3` and `.10` is a member who joins, for each of so many plugins: it awards
//! points and sends a message. An event of `.noop` is a purchase that a plugin receives and does
//! nothing about. What waits was written before; nobody writes meanwhile.

use super::Sizes;
use super::guests::{self, hello, subscribed};
use crate::client::{Client, Crowd, Until};
use crate::db::{Backend, TestDb};
use crate::platform::{Order, Platform, PluginOf, Teller};
use crate::report::{Report, paired_rounds, rate};
use perennial_plugin_host::Host;
use std::sync::Arc;

const PLUGINS: [usize; 3] = [1, 3, 10];
const CALLERS: usize = 32;
const MEMBERS: usize = 1000;

/// Both sides of a row, over the same kind of database.
struct Stage {
    with: Platform,
    without: Platform,
    sizes: Sizes,
}

pub(super) async fn measure(report: &mut Report, sizes: Sizes, wants: &impl Fn(&str) -> bool) {
    if !["pg", "sqlite"].iter().any(|name| wants(&format!("plugins.{name}.dispatch"))) {
        return;
    }
    let host = Arc::new(guests::host());
    let hello = hello(&host);
    for (backend, name) in [(Backend::Postgres, "pg"), (Backend::Sqlite, "sqlite")] {
        let row = |of: &str| format!("plugins.{name}.dispatch.{of}");
        if wants(&row("noop")) {
            let plugins = [plugin(&hello, "noop", "purchase-recorded")];
            let stage = Stage::open(backend, &host, &plugins, sizes).await;
            let (ours, theirs) = stage.purchases().await;
            report.rate(row("noop"), "events/s", ours, theirs);
        }
        for count in PLUGINS {
            if !wants(&row(&count.to_string())) {
                continue;
            }
            let named = |number| plugin(&hello, &format!("hello-{number}"), "member-joined");
            let plugins: Vec<_> = (0..count).map(named).collect();
            let stage = Stage::open(backend, &host, &plugins, sizes).await;
            let (ours, theirs) = stage.welcomes(count).await;
            report.rate(row(&count.to_string()), "events/s", ours, theirs);
        }
    }
}

fn plugin(hello: &[u8], id: &str, subscribes: &str) -> PluginOf {
    let table = format!("[plugins.{id}]\nwelcome_points = 50\n");
    PluginOf { wasm: subscribed(hello, id, &[subscribes]), table }
}

impl Stage {
    async fn open(backend: Backend, host: &Arc<Host>, plugins: &[PluginOf], sizes: Sizes) -> Self {
        let with = Platform::with_plugins(TestDb::create(backend).await, host, plugins).await;
        let without = Platform::with_plugins(TestDb::create(backend).await, host, &[]).await;
        for platform in [&with, &without] {
            platform.enroll(0..MEMBERS).await;
            // Compiles the plugins.
            platform.dispatch().await;
        }
        Self { with, without, sizes }
    }

    /// Members join and are welcomed.
    async fn welcomes(&self, plugins: usize) -> (f64, f64) {
        let events = self.sizes.events.div_ceil(plugins);
        let join_and_dispatch = async |round: usize| {
            let first = MEMBERS + round * events;
            self.with.enroll(first..first + events).await;
            rate(plugins * events, self.with.dispatch().await)
        };
        paired_rounds(self.sizes.rounds, join_and_dispatch, async |round| {
            self.record(&self.without, round).await
        })
        .await
    }

    /// Members buy, which a plugin receives.
    async fn purchases(&self) -> (f64, f64) {
        let buy_and_dispatch = async |round: usize| {
            self.record(&self.with, round).await;
            rate(self.sizes.events, self.with.dispatch().await)
        };
        paired_rounds(self.sizes.rounds, buy_and_dispatch, async |round| {
            self.record(&self.without, round).await
        })
        .await
    }

    /// Purchases a second.
    async fn record(&self, platform: &Platform, round: usize) -> f64 {
        let buyer = |client| Buyer { teller: platform.teller(), client, round, next: 0 };
        let done = Crowd::new((0..CALLERS).map(buyer)).round(Until::Calls(self.sizes.events)).await;
        done.rate()
    }
}

/// Calls the core.
struct Buyer {
    teller: Teller,
    client: usize,
    round: usize,
    next: usize,
}

impl Client for Buyer {
    async fn call(&mut self) {
        let Self { client, round, next, .. } = self;
        let order = Order {
            member: (*client + CALLERS * *next) % MEMBERS,
            reference: format!("{round}-{client}-{next}"),
            has_line: false,
            days_ago: 0,
            amount_minor: 1000,
        };
        *next += 1;
        self.teller.earn(&order).await;
    }
}
