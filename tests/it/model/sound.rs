//! Nothing is wrong: the books balance, what is derived is what it is derived from, and what was
//! sealed is as it was.

use super::world::World;
use crate::changes::as_recorded;
use crate::support::{TestApp, books};
use perennial_core::verify::{Request, Verified, compare_derived, verify};
use perennial_core::{Checked, KnownKeys, Signature, worker};
use serde_json::{Value, json};

/// No process of a test has a key to sign with.
#[derive(Debug)]
struct NoKeys;

impl KnownKeys for NoKeys {
    fn check(&self, _: &[u8], _: &Signature) -> Checked {
        Checked::UnknownKey
    }
}

pub(super) async fn verified(app: &TestApp) -> Verified {
    let request = Request { program: None, kept: None, keys: &NoKeys, watch: &|_| {} };
    verify(&app.loyalty, &request).await.unwrap()
}

/// Seals everything and verifies it.
pub(super) async fn assert_sound(app: &TestApp, worlds: &[&World<'_>]) {
    let points = worlds.iter().map(|world| world.points()).sum();
    books::assert_balanced(app, points).await;
    for world in worlds {
        let program = app.loyalty.programs().by_slug(&world.program).await.unwrap().id;
        worker::seal(&app.loyalty, program).await.unwrap();
    }
    for found in [verified(app).await, compare_derived(&app.loyalty, None).await.unwrap()] {
        let checks = found.programs.iter().flat_map(|program| &program.checks);
        let faults: Vec<_> = checks.flat_map(|check| &check.faults).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

/// The ids of everything that follows from a program, in the order in which others see it.
pub(super) async fn followed(app: &TestApp, program: &str) -> Vec<String> {
    const CHANGES: &str = "query($after: String) { changes(first: 100, after: $after) { \
         nodes { ... on Event { id } ... on Transaction { id } ... on Message { id } } \
         pageInfo { endCursor hasNextPage } } }";
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = app.admin(program, CHANGES, json!({ "after": after })).await;
        let nodes = page["changes"]["nodes"].as_array().unwrap();
        ids.extend(nodes.iter().map(|node| as_recorded(node["id"].as_str().unwrap())));
        let info = &page["changes"]["pageInfo"];
        if info["hasNextPage"] == false {
            return ids;
        }
        after = info["endCursor"].clone();
    }
}
