//! A served platform to measure, as the executable serves it.

use crate::db::TestDb;
use perennial_core::members::NewMember;
use perennial_core::{Actor, Loyalty, Scope, db::Database};
use perennial_graphql::{Api, Options, TokenKeys};
use perennial_plugin_host::Host;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
pub(crate) const MEMBERS: usize = 1000;
/// A shop without plugins.
const PROGRAM: &str = r#"
program = "bench"
name.en = "Bench"
time_zone = "UTC"
currency = "EUR"
points.expire_after_months = 24
[[earning_rules]]
id = "euro"
name.en = "A point per euro"
points = 1
per = "1.00"
[tiers]
metric = "purchases"
[[tiers.ladder]]
id = "bronze"
name.en = "Bronze"
from = 1
"#;

pub(crate) struct Platform {
    pub(crate) loyalty: Loyalty,
    pub(crate) actor: Actor,
    pub(crate) address: String,
    pub(crate) admin: String,
    pub(crate) member: String,
    _db: TestDb,
}

impl Platform {
    pub(crate) async fn serve(db: TestDb) -> Self {
        let connected = Database::connect(&db.url).await.expect("a database");
        let loyalty = Loyalty::new(connected, Arc::new(Host::new().expect("a plugin host")));
        let program =
            loyalty.programs().apply(PROGRAM, "bench").await.expect("a sound program").program;
        let actor = Actor::system(program);
        let members = (0..MEMBERS).map(|member| NewMember::unnamed(&member.to_string())).collect();
        loyalty.members().create_many(&actor, members).await.expect("members");
        let keys = TokenKeys::from_ed25519_pem(KEY).expect("a key");
        let hour = Duration::from_secs(3600);
        let admin = keys.issue("bench", "bench", &[Scope::Admin], hour).expect("a token");
        let member = keys.issue("bench", "0", &[Scope::Member], hour).expect("a token");
        let router = perennial_graphql::router(Api::new(loyalty.clone(), keys, Options::default()));
        let address = listen(router).await;
        Self { loyalty, actor, address, admin, member, _db: db }
    }
}

/// Serves routes on a free port.
pub(crate) async fn listen(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Posts a request and reads the whole answer, which must have no errors.
pub(crate) async fn post(http: &reqwest::Client, url: &str, token: &str, body: &Value) {
    let answer = http.post(url).bearer_auth(token).json(body).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    assert!(answer["errors"].is_null(), "{answer:#}");
}
