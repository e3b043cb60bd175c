//! A server that is killed while clients record purchases, and started again.

use crate::support::programs::SHOP;
use crate::support::{
    AdminApi, Backend, Outcome, RECORD, Receipt, Served, TestDb, on_both_databases, perennial,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

const MEMBERS: usize = 4;
const CLIENTS: usize = 8;
/// How many purchases have been answered when the server dies.
const ANSWERED: usize = 120;

on_both_databases!(a_server_killed_under_load_keeps_what_it_answered_and_counts_the_rest_once);

async fn a_server_killed_under_load_keeps_what_it_answered_and_counts_the_rest_once(
    backend: Backend,
) {
    let db = TestDb::create(backend).await;
    let token = shop(&db);
    let mut server = Served::start(&db, &token).await;
    for member in 0..MEMBERS {
        create(server.api(), &format!("m{member}")).await;
    }
    let (answers, mut answered) = mpsc::unbounded_channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            tokio::spawn(buy_until_it_dies(server.api().clone(), client, answers.clone()))
        })
        .collect();
    drop(answers);
    let mut receipts = BTreeMap::new();
    for _ in 0..ANSWERED {
        receipts.extend(answered.recv().await);
    }
    server.kill();
    while let Some(answer) = answered.recv().await {
        receipts.extend([answer]);
    }
    let server = Served::start(&db, &token).await;
    let mut expected: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut references = Vec::new();
    for (client, ended) in clients.into_iter().enumerate() {
        // The last one was sent and not answered: nobody knows whether it counts until it is sent
        // again.
        for purchase in 0..=ended.await.unwrap() {
            let (reference, input) = purchase_of(client, purchase);
            let again = record(server.api(), input).await.unwrap().done();
            if let Some(receipt) = receipts.get(&reference) {
                assert_eq!(&again, receipt, "{reference}");
            }
            references.push(reference);
            let of_member = expected.entry(format!("m{}", client % MEMBERS)).or_default();
            of_member.0 += 1;
            of_member.1 += again.points_earned;
        }
    }
    for (member, (purchases, points)) in expected {
        assert_eq!(standing(server.api(), &member).await, (purchases, points), "{member}");
    }
    references.sort_unstable();
    assert_eq!(followed(server.api(), references.len()).await, references, "each a change once");
}

/// The references of all purchases among a program's changes, sorted, once there are so many.
async fn followed(server: &AdminApi, purchases: usize) -> Vec<String> {
    const CHANGES: &str = "query($after: String) { changes(first: 100, after: $after, \
         kinds: [EVENT]) { nodes { ... on Event { name data } } \
         pageInfo { endCursor hasNextPage } } }";
    let (mut references, mut after) = (Vec::new(), Value::Null);
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
        after = info["endCursor"].clone();
    }
}

/// Applies the shop; answers a token for its admin API.
pub(super) fn shop(db: &TestDb) -> String {
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    perennial(db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let token = ["token", "create", "--program", "shop", "--scope", "admin"];
    perennial(db, &token).succeeds().stdout.trim().to_owned()
}

pub(super) async fn create(server: &AdminApi, member: &str) {
    const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
         member { id } userErrors { code message field } } }";
    let input = json!({ "externalId": member, "kind": "PERSON", "name": member });
    let created = server.ask(CREATE, json!({ "input": input })).await.unwrap();
    Outcome::<Value>::of(created).done();
}

/// Records a purchase; none when the server died before it answered.
pub(super) async fn record(server: &AdminApi, purchase: Value) -> Option<Outcome<Receipt>> {
    server.ask(RECORD, json!({ "input": purchase })).await.map(Outcome::of)
}

/// The n-th purchase of a client: its reference and its input.
pub(super) fn purchase_of(client: usize, n: usize) -> (String, Value) {
    let reference = format!("c{client}-{n}");
    let member = format!("m{}", client % MEMBERS);
    let input = json!({
        "member": { "externalId": member }, "reference": reference,
        "total": format!("{}.00", n % 9 + 1),
    });
    (reference, input)
}

/// Records purchases one after the other until there is no answer; returns the number of the one
/// without.
async fn buy_until_it_dies(
    server: AdminApi,
    client: usize,
    answers: mpsc::UnboundedSender<(String, Receipt)>,
) -> usize {
    for n in 0.. {
        let (reference, input) = purchase_of(client, n);
        let Some(outcome) = record(&server, input).await else {
            return n;
        };
        answers.send((reference, outcome.done())).unwrap();
    }
    unreachable!("a server that is killed stops answering")
}

/// How many purchases a member made and how many points it has.
pub(super) async fn standing(server: &AdminApi, member: &str) -> (i64, i64) {
    const STANDING: &str = "query($id: String!) { member(externalId: $id) { \
         statistics { purchases } balance { points } } }";
    let found = server.ask(STANDING, json!({ "id": member })).await.unwrap();
    let member = &found["member"];
    let number = |value: &Value| value.as_i64().unwrap();
    (number(&member["statistics"]["purchases"]), number(&member["balance"]["points"]))
}
