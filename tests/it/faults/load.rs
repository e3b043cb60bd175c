//! Clients that write all the time, each one request after the other, and send again what was not
//! answered: the load under which things break.

use crate::support::programs::SHOP;
use crate::support::{AdminApi, Sent, Served, TestApp, TestDb, books, perennial};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CLIENTS: usize = 8;
/// The longest that anything takes to be answered, whatever breaks meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// After how long a request is given up and sent again, as if the connection had broken.
const UNANSWERED: Duration = Duration::from_secs(5);
/// How long a client waits before it sends again.
const PAUSE: Duration = Duration::from_millis(20);
/// What a client does in turn; see [`Request::of`].
const STEPS: usize = 6;
/// The points that are left of one turn to the client's own member.
const POINTS_OF_A_TURN: i64 = 9 - 2 - 2 - 3;

/// A request of a client, which has one effect however often it is sent.
#[derive(Clone, Debug)]
struct Request {
    field: &'static str,
    select: &'static str,
    input: Value,
}

/// A request that was answered.
#[derive(Clone, Debug)]
struct Answered {
    request: Request,
    answer: Value,
}

/// What is written, by clients that go on until they are told to stop.
pub(super) struct Load {
    clients: Vec<JoinHandle<Vec<Answered>>>,
    servers: watch::Sender<Vec<AdminApi>>,
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

/// Applies the shop; answers a token for its admin API.
pub(crate) fn shop(db: &TestDb) -> String {
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    perennial(db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let token = ["token", "create", "--program", "shop", "--scope", "admin"];
    perennial(db, &token).succeeds().stdout.trim().to_owned()
}

impl Load {
    /// Begins on members that are created; each request is sent so many times at once.
    pub(super) async fn begin(servers: &[&Served], copies: usize) -> Self {
        let apis: Vec<_> = servers.iter().map(|server| server.api().clone()).collect();
        for member in (0..CLIENTS).map(own_member).chain(["all".to_owned()]) {
            let input = json!({ "externalId": member, "name": member });
            let request = Request { field: "createMember", select: "member { id }", input };
            send_to(&apis[0], &request).await.unwrap();
        }
        let (servers, listening) = watch::channel(apis);
        let (answered, is_over) = (Arc::default(), Arc::default());
        let client = |client| {
            let (answered, is_over) = (Arc::clone(&answered), Arc::clone(&is_over));
            let listening = listening.clone();
            tokio::spawn(write(client, listening, copies, answered, is_over))
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { clients, servers, answered, is_over }
    }

    /// Waits until so many more requests were answered.
    pub(super) async fn answers(&self, more: usize) {
        let (begun, wanted) = (Instant::now(), self.answered.load(Ordering::Relaxed) + more);
        while self.answered.load(Ordering::Relaxed) < wanted {
            assert!(begun.elapsed() < PATIENCE, "nobody answers any more");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Clients find the servers here from now on.
    pub(super) fn moves_to(&self, servers: &[&Served]) {
        let apis = servers.iter().map(|server| server.api().clone()).collect();
        self.servers.send_replace(apis);
    }

    /// Stops the clients, and looks whether everything is there once and nothing is wrong.
    pub(super) async fn ends_well(self, db: &TestDb) {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for client in self.clients {
            all.push(client.await.unwrap());
        }
        let apis = self.servers.borrow().clone();
        for (client, answered) in all.iter().enumerate() {
            for one in answered {
                let again = send_until_answered(&apis, client, &one.request).await;
                assert_eq!(again, one.answer, "{:?}", one.request);
            }
            assert_eq!(answered.len() % STEPS, 0, "whole turns");
            let turns = i64::try_from(answered.len() / STEPS).unwrap();
            let own = balance(&apis, &own_member(client)).await;
            assert_eq!(own, turns * POINTS_OF_A_TURN, "client {client} after {turns} turns");
        }
        let requests: usize = all.iter().map(Vec::len).sum();
        let turns = i64::try_from(requests / STEPS).unwrap();
        assert_eq!(balance(&apis, "all").await, turns, "one point of each turn");
        let mut references: Vec<_> = all.iter().flatten().filter_map(purchase_of).collect();
        references.sort_unstable();
        let followed = followed(&apis[0], references.len()).await;
        assert_eq!(followed, references, "each purchase is a change once");
        books_are_sound(db, turns * (POINTS_OF_A_TURN + 1)).await;
    }
}

/// Nothing is wrong with the books, nor with what was sealed of them.
async fn books_are_sound(db: &TestDb, points: i64) {
    let beside = TestDb::beside(db);
    let app = TestApp::observed(beside, &Sent::default()).await;
    books::assert_balanced(&app, points).await;
    drop(app);
    perennial(db, &["verify"]).succeeds();
    perennial(db, &["ledger", "rebuild", "--check"]).succeeds();
}

fn own_member(client: usize) -> String {
    format!("client-{client}")
}

impl Request {
    /// The n-th of a client: buys for nine points, loses two, holds three, captures two of them,
    /// sends a third of the purchase back, and buys for somebody who belongs to all.
    fn of(client: usize, n: usize, hold: &Value) -> Self {
        let (key, member) = (format!("{client}-{n}"), json!({ "externalId": own_member(client) }));
        let (field, select, input) = match n % STEPS {
            0 => (
                "recordPurchase",
                RECEIPT,
                json!({
                    "member": member, "reference": key,
                    "lines": [{ "sku": "tea", "quantity": 3, "amount": "9.00" }],
                }),
            ),
            1 => (
                "adjustPoints",
                "transaction { id points balanceAfter }",
                json!({
                    "member": member, "points": -2, "reason": "a mistake", "idempotencyKey": key,
                }),
            ),
            2 => (
                "holdPoints",
                "hold { id }",
                json!({
                    "member": member, "points": 3, "reason": "cart", "idempotencyKey": key,
                }),
            ),
            3 => (
                "captureHold",
                "hold { id state captured transactionId }",
                json!({
                    "holdId": hold, "points": 2,
                }),
            ),
            4 => (
                "recordReturn",
                "receipt { returnId pointsTaken balance }",
                json!({
                    "purchase": { "reference": format!("{client}-{}", n - 4) }, "reference": key,
                    "what": { "lines": [{ "line": { "sku": "tea" }, "quantity": 1 }] },
                }),
            ),
            _ => (
                "recordPurchase",
                RECEIPT,
                json!({
                    "member": { "externalId": "all" }, "reference": key, "total": "1.00",
                }),
            ),
        };
        Self { field, select, input }
    }
}

const RECEIPT: &str = "receipt { purchaseId pointsEarned balance }";

/// Writes turn by turn until it is over.
async fn write(
    client: usize,
    servers: watch::Receiver<Vec<AdminApi>>,
    copies: usize,
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Vec<Answered> {
    let (mut all, mut hold) = (Vec::new(), Value::Null);
    while !is_over.load(Ordering::Relaxed) || all.len() % STEPS > 0 {
        let request = Request::of(client, all.len(), &hold);
        let copy = async |copy: usize| {
            tokio::time::sleep(Duration::from_millis(7) * u32::try_from(copy % 3).unwrap()).await;
            until_answered(&servers, client + copy, &request).await
        };
        let mut answers = join_all((0..copies).map(copy)).await;
        let answer = answers.pop().unwrap();
        assert!(answers.iter().all(|other| *other == answer), "{answers:?} {answer}");
        answered.fetch_add(1, Ordering::Relaxed);
        if request.field == "holdPoints" {
            hold = answer["hold"]["id"].clone();
        }
        all.push(Answered { request, answer });
    }
    all
}

/// Sends it wherever a server is, again and again with the same key.
async fn until_answered(
    servers: &watch::Receiver<Vec<AdminApi>>,
    first: usize,
    request: &Request,
) -> Value {
    let begun = Instant::now();
    for attempt in first.. {
        let apis = servers.borrow().clone();
        let api = &apis[attempt % apis.len()];
        if let Ok(Some(answer)) = tokio::time::timeout(UNANSWERED, send_to(api, request)).await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody answers {request:?}");
        tokio::time::sleep(PAUSE).await;
    }
    unreachable!("there is always another attempt")
}

async fn send_until_answered(apis: &[AdminApi], first: usize, request: &Request) -> Value {
    let (_keep, servers) = watch::channel(apis.to_vec());
    until_answered(&servers, first, request).await
}

/// The payload; none if whether it was done is not known.
async fn send_to(api: &AdminApi, Request { field, select, input }: &Request) -> Option<Value> {
    let of = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query = format!(
        "mutation($input: {of}!) {{ {field}(input: $input) {{ {select} userErrors {{ code }} }} }}"
    );
    let mut data = api.try_ask(&query, json!({ "input": input })).await?;
    let payload = data[*field].take();
    assert_eq!(payload["userErrors"], json!([]), "{field} {input}");
    Some(payload)
}

fn purchase_of(one: &Answered) -> Option<String> {
    let is_purchase = one.request.field == "recordPurchase";
    is_purchase.then(|| one.request.input["reference"].as_str().unwrap().to_owned())
}

async fn balance(apis: &[AdminApi], member: &str) -> i64 {
    const BALANCE: &str = "query($id: String!) { member(externalId: $id) { balance { points } } }";
    let found = apis[0].ask(BALANCE, json!({ "id": member })).await.unwrap();
    found["member"]["balance"]["points"].as_i64().unwrap()
}

/// The references of all purchases among a program's changes, sorted, once there are so many.
async fn followed(server: &AdminApi, purchases: usize) -> Vec<String> {
    const CHANGES: &str = "query($after: String) { changes(first: 100, after: $after, \
         kinds: [EVENT]) { nodes { ... on Event { name data } } \
         pageInfo { endCursor hasNextPage } } }";
    let (mut references, mut after, begun) = (Vec::new(), Value::Null, Instant::now());
    loop {
        let page = server.ask(CHANGES, json!({ "after": after })).await.unwrap();
        for event in page["changes"]["nodes"].as_array().unwrap() {
            if event["name"] == "purchase-recorded" {
                references.push(event["data"]["reference"].as_str().unwrap().to_owned());
            }
        }
        let info = &page["changes"]["pageInfo"];
        if references.len() >= purchases && info["hasNextPage"] == false {
            references.sort_unstable();
            return references;
        }
        assert!(begun.elapsed() < PATIENCE, "{} of {purchases} are placed", references.len());
        after = info["endCursor"].clone();
    }
}
