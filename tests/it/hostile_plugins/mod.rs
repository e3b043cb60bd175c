//! What every host of plugins has to show: whatever a guest does, it is told apart and named, the
//! neighbour is served, and nothing of the answer is kept.
//!
//! `tests/plugins/hostile/cases.rs` is the table of what guests do in a hook; each line of it is
//! lived here in a program of its own, beside a plugin that behaves. [`door`] has what is refused
//! before anybody runs it. What takes several events, or several plugins, has a file each.
//! `docs/hostile-plugins.md` is made from both tables.

#[path = "../../plugins/hostile/cases.rs"]
mod cases;
#[path = "../../plugins/hostile/made.rs"]
pub(crate) mod made;

mod chains;
mod crowd;
mod document;
mod door;
mod guests;
mod hooks;
mod mended;
mod on_event;
mod repeated;

use crate::support::{TestApp, programs};
use perennial_core::worker;
use serde::Deserialize;
use serde_json::Value;

/// A plugin's state in the program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    key: String,
    status: String,
    waiting: i64,
    handled: i64,
    parked_queues: Nodes,
    missed_appraisals: Nodes,
}

#[derive(Debug, Deserialize)]
struct Nodes {
    nodes: Vec<Failed>,
}

/// Over a member, or at a purchase.
#[derive(Debug, Deserialize)]
struct Failed {
    /// None of a purchase for which the plugin was not asked.
    fault: Option<Fault>,
}

impl Nodes {
    fn first_fault(&self) -> &Fault {
        self.nodes[0].fault.as_ref().unwrap()
    }
}

#[derive(Debug, Deserialize)]
struct Fault {
    kind: String,
    message: String,
}

async fn state(app: &TestApp, program: &str, key: &str) -> State {
    const PLUGINS: &str = "{ plugins { key status waiting handled \
         parkedQueues { nodes { fault { kind message } } } \
         missedAppraisals { nodes { fault { kind message } } } } }";
    let mut answer = app.admin(program, PLUGINS, Value::Null).await;
    let states: Vec<State> = serde_json::from_value(answer["plugins"].take()).unwrap();
    states.into_iter().find(|state| state.key == key).unwrap()
}

/// Applies a shop of that name with these tables of plugins.
async fn apply(app: &TestApp, program: &str, plugins: &str) {
    let shop = programs::SHOP.replace("\"shop\"", &format!("\"{program}\""));
    app.loyalty.programs().apply(&format!("{shop}{plugins}"), "test").await.unwrap();
}

/// Has the worker do all that waits.
async fn work(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

/// A sandbox of the name `shop`.
fn sandbox() -> String {
    programs::sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"")
}

/// The kind as the API has it.
fn kind(case: &cases::Case) -> String {
    serde_json::to_value(case.fault).unwrap().as_str().unwrap().to_owned()
}
