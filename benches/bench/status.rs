//! The query of an app's first screen, beside an axum route that answers constant JSON.

use crate::db::{Backend, TestDb};
use crate::platform::{Platform, listen, post};
use crate::purchases::name;
use crate::report::{Report, paired};
use axum::{Json, Router, routing::post as on_post};
use serde_json::{Value, json};

const ROUNDS: usize = 7;
const QUERIES: u32 = 300;
const STATUS: &str = "{ me { name balance { points expiring { at points } } tier { name } \
     progress { missing nextTier { name } } } }";

pub(crate) async fn measure(report: &mut Report, backend: Backend) {
    let platform = Platform::serve(TestDb::create(backend).await).await;
    let bare = listen(Router::new().route("/graphql", on_post(bare))).await;
    let http = reqwest::Client::new();
    let body = json!({ "query": STATUS });
    let ask = async |address: &str| {
        for _ in 0..QUERIES {
            post(&http, &format!("{address}/graphql"), &platform.member, &body).await;
        }
    };
    let (ours, theirs) =
        paired(ROUNDS, async |_| ask(&platform.address).await, async |_| ask(&bare).await).await;
    report.time(format!("memberStatus.http.{}", name(backend)), ours / QUERIES, theirs / QUERIES);
}

async fn bare(Json(_): Json<Value>) -> Json<Value> {
    Json(json!({ "data": { "me": {
        "name": "0", "balance": { "points": 0, "expiring": [] }, "tier": null,
        "progress": { "missing": 1, "nextTier": { "name": "Bronze" } },
    } } }))
}
