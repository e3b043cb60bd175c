//! The example in JavaScript, from its component to a member who is welcomed.
//!
//! `make javascript` builds it with Node.js, which `make test` does without; what is the platform's part
//! of it, [`packed`](super::packed) tests always.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, plugins, run};
use perennial_core::worker;
use perennial_plugin_host::pack;
use serde_json::json;
use std::path::Path;

#[test]
#[ignore = "needs Node.js: make javascript"]
fn a_plugin_in_javascript_welcomes_a_member_on_sqlite() {
    run(welcomes_a_member(Backend::Sqlite));
}

#[test]
#[ignore = "needs Node.js: make javascript"]
fn a_plugin_in_javascript_welcomes_a_member_on_postgres() {
    run(welcomes_a_member(Backend::Postgres));
}

async fn welcomes_a_member(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugin-js");
    let component = folder.join("target/component.wasm");
    let component = std::fs::read(component).unwrap();
    let built = pack(&plugins::HOST, &component, &folder, app.db.folder.path()).unwrap();
    app.offers(&std::fs::read(built.path).unwrap()).await;
    let program = format!("{}\n[plugins.hello-js]\nwelcome_points = 50\n", sandbox_shop());
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(ada.points().await, 50);
    let query = "{ messages(first: 10) { nodes { pluginKey subject body } } }";
    let messages = app.admin("sandbox", query, json!({})).await;
    let expected = json!([{
        "pluginKey": "hello-js", "subject": "Welcome!", "body": "50 points are waiting for you.",
    }]);
    assert_eq!(messages["messages"]["nodes"], expected);
}
