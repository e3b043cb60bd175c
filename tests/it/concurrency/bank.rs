//! The bank: two server processes on one PostgreSQL, and many who spend the same points at once.
//! Exactly as many succeed as the balance affords, and in whatever snapshot both sides of the books
//! are the same.

use crate::faults::shop;
use crate::support::random::{self, Random};
use crate::support::{AdminApi, Backend, Outcome, Sent, Served, TestApp, TestDb, books, perennial};
use futures::future::join_all;
use perennial_core::db::Database;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

const MEMBERS: usize = 3;
/// How many spend at once in a race.
const SPENDERS: usize = 20;
/// How often a request is sent.
const TRIES: usize = 10;
/// The price of a mug, which a redemption spends.
const MUG: i64 = 10;

/// How many races there are: `PERENNIAL_RACES` in the long form.
fn races() -> usize {
    random::number("PERENNIAL_RACES").map_or(12, |races| usize::try_from(races).unwrap())
}

#[test]
fn as_many_spends_succeed_as_the_balance_affords_on_postgres() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let token = shop(&db);
        let servers = [Served::start(&db, &token).await, Served::start(&db, &token).await];
        let seed = random::seed();
        let mut bank = Bank {
            seed,
            apis: servers.iter().map(|server| server.api().clone()).collect(),
            balances: vec![0; MEMBERS],
            sent: 0,
        };
        for member in 0..MEMBERS {
            bank.create(member).await;
        }
        let watching = Watching::begin(&db).await;
        let mut random = Random::seeded(seed);
        for _ in 0..races() {
            bank.race(&mut random).await;
        }
        assert!(watching.end().await > 0, "no snapshot was looked at");
        let beside = TestDb::beside(&db);
        let app = TestApp::observed(beside, &Sent::default()).await;
        books::assert_balanced(&app, bank.balances.iter().sum()).await;
        perennial(&db, &["verify"]).succeeds();
    });
}

/// Looks at both sides of the books all the time.
struct Watching {
    is_over: Arc<AtomicBool>,
    task: JoinHandle<usize>,
}

impl Watching {
    async fn begin(db: &TestDb) -> Self {
        let connected = Database::connect(&db.url).await.unwrap();
        let is_over = Arc::<AtomicBool>::default();
        let told = Arc::clone(&is_over);
        let task = tokio::spawn(async move {
            let mut looks = 0;
            while !told.load(Ordering::Relaxed) {
                let (members, program) = books::both_sides(&connected).await;
                assert_eq!(members, program, "after {looks} looks");
                looks += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            looks
        });
        Self { is_over, task }
    }

    /// How many looks there were.
    async fn end(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}

/// Who has what, as far as was answered.
struct Bank {
    seed: u64,
    apis: Vec<AdminApi>,
    balances: Vec<i64>,
    /// Keys and references are numbered.
    sent: usize,
}

/// Ways to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Adjust,
    Hold,
    Redeem,
}

impl Bank {
    async fn create(&self, member: usize) {
        let input = json!({ "externalId": name(member), "name": name(member) });
        self.ask(0, "createMember", "member { id }", input).await.done();
    }

    /// Fills up a member's balance, or those of all, and has many spend from it at once; then ends
    /// the holds, each by two who do not agree. Now and then all that was bought comes back
    /// meanwhile.
    async fn race(&mut self, random: &mut Random) {
        let price = random.within(3..14);
        let ways = match random.within(0..4) {
            0 => [Way::Adjust, Way::Hold, Way::Redeem],
            1 => [Way::Hold, Way::Hold, Way::Hold],
            _ => [Way::Adjust, Way::Hold, Way::Adjust],
        };
        let price = if ways.contains(&Way::Redeem) { MUG } else { price };
        let racing = if random.within(0..2) == 0 { 1 } else { MEMBERS };
        let comes_back = random.within(0..3) == 0;
        let mut races = Vec::new();
        for member in 0..racing {
            let points = random.within(1..8) * price + random.within(0..price);
            races.push((member, self.fill(member, points).await));
        }
        let sent = self.sent;
        self.sent += racing * SPENDERS;
        let bank = &*self;
        let race = async |(member, order): &(usize, String)| {
            let spends = (0..SPENDERS).map(|spender| {
                let number = sent + member * SPENDERS + spender;
                bank.spend(*member, number, ways[spender % ways.len()], price)
            });
            let returned = async || {
                let all = json!({
                    "purchase": { "reference": order }, "reference": "all",
                    "what": { "everything": true },
                });
                let select = "receipt { pointsTaken }";
                bank.ask(0, "recordReturn", select, all).await.done()["pointsTaken"].clone()
            };
            if comes_back {
                let (spends, taken) = tokio::join!(join_all(spends), returned());
                (spends, taken.as_i64().unwrap())
            } else {
                (join_all(spends).await, 0)
            }
        };
        let answers = join_all(races.iter().map(race)).await;
        for ((member, _), (spends, taken)) in races.iter().zip(answers) {
            let had = self.balances[*member];
            let done: Vec<_> = spends.into_iter().flatten().collect();
            let count = i64::try_from(done.len()).unwrap();
            let affordable = (had / price).min(i64::try_from(SPENDERS).unwrap());
            match taken {
                0 => assert_eq!(
                    count, affordable,
                    "of {had} points, {price} each by {ways:?}, PERENNIAL_SEED={}",
                    self.seed
                ),
                _ => assert!(
                    count <= affordable,
                    "{count} of {had} points, {price} each, PERENNIAL_SEED={}",
                    self.seed
                ),
            }
            let holds: Vec<_> = done.into_iter().flatten().collect();
            let released = self.end_holds(&holds, price, *member).await;
            self.balances[*member] = had - taken - count * price + released;
            assert_eq!(self.shown(*member).await, (self.balances[*member], 0), "{}", name(*member));
        }
    }

    /// Brings a member's balance to so many points by a purchase; its reference.
    async fn fill(&mut self, member: usize, points: i64) -> String {
        let order = format!("order-{}", self.sent);
        self.sent += 1;
        let missing = (points - self.balances[member]).max(1);
        let purchase = json!({
            "member": { "externalId": name(member) }, "reference": order,
            "total": format!("{missing}.00"),
        });
        let receipt = self.ask(0, "recordPurchase", "receipt { balance }", purchase).await.done();
        self.balances[member] += missing;
        assert_eq!(receipt["balance"], self.balances[member]);
        order
    }

    /// Nothing if there are too few points; else the hold that it made, if it made one.
    async fn spend(
        &self,
        member: usize,
        number: usize,
        way: Way,
        price: i64,
    ) -> Option<Option<Value>> {
        let member = json!({ "externalId": name(member) });
        let key = format!("spend-{number}");
        let (field, select, input) = match way {
            Way::Adjust => (
                "adjustPoints",
                "transaction { id }",
                json!({
                    "member": member, "points": -price, "reason": "race", "idempotencyKey": key,
                }),
            ),
            Way::Hold => (
                "holdPoints",
                "hold { id }",
                json!({
                    "member": member, "points": price, "reason": "race", "idempotencyKey": key,
                }),
            ),
            Way::Redeem => (
                "redeemReward",
                "redemption { id }",
                json!({
                    "member": member, "rewardKey": "mug", "idempotencyKey": key,
                }),
            ),
        };
        match self.ask(number, field, select, input).await {
            Outcome::Done(done) => Some((way == Way::Hold).then(|| done["id"].clone())),
            Outcome::Refused(error) => {
                assert_eq!(error.code, "INSUFFICIENT_POINTS", "{error}");
                None
            }
        }
    }

    /// Captures and releases each hold at once; what was free again.
    async fn end_holds(&self, holds: &[Value], price: i64, member: usize) -> i64 {
        let end = async |(index, hold): (usize, &Value)| {
            let part = price - i64::try_from(index % 2).unwrap();
            let (captured, released) = tokio::join!(
                self.ask(
                    0,
                    "captureHold",
                    "hold { state }",
                    json!({ "holdId": hold, "points": part })
                ),
                self.ask(1, "releaseHold", "hold { state }", json!({ "holdId": hold })),
            );
            match (captured, released) {
                (Outcome::Done(_), Outcome::Refused(_)) => price - part,
                (Outcome::Refused(_), Outcome::Done(_)) => price,
                both => panic!("a hold of {} ended twice, or never: {both:?}", name(member)),
            }
        };
        join_all(holds.iter().enumerate().map(end)).await.into_iter().sum()
    }

    /// What a member can spend, and what is held.
    async fn shown(&self, member: usize) -> (i64, i64) {
        const BALANCE: &str = "query($id: String!) { member(externalId: $id) { \
             balance { points held } } }";
        let found =
            self.apis[member % 2].ask(BALANCE, json!({ "id": name(member) })).await.unwrap();
        let balance = &found["member"]["balance"];
        (balance["points"].as_i64().unwrap(), balance["held"].as_i64().unwrap())
    }

    /// One mutation, by one of the servers: sent again with its key, as any client should, while a busy
    /// machine answers that it took too long.
    async fn ask(&self, server: usize, field: &str, select: &str, input: Value) -> Outcome<Value> {
        let of = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {of}!) {{ {field}(input: $input) {{ {select} \
             userErrors {{ code message field }} }} }}"
        );
        let api = &self.apis[server % self.apis.len()];
        for _ in 0..TRIES {
            if let Some(data) = api.try_ask(&query, json!({ "input": input })).await {
                return Outcome::of(data);
            }
        }
        panic!("nobody answers `{field}`, PERENNIAL_SEED={}", self.seed);
    }
}

fn name(member: usize) -> String {
    format!("m{member}")
}
