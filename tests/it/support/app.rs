//! A served platform: the core over a database of its own, the real plugin host, the real routes on a real port.

use super::{Backend, TestDb, plugins};
use perennial_core::{Loyalty, db::Database, worker};
use perennial_graphql::{Api, Options, TokenKeys};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The key that tests' tokens are signed with.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const DAY: Duration = Duration::from_secs(86_400);

/// What an answer is: status and body.
pub(crate) type Answer = (StatusCode, Value);

#[derive(Debug)]
pub(crate) struct TestApp {
    pub(crate) loyalty: Loyalty,
    pub(crate) db: TestDb,
    keys: TokenKeys,
    address: String,
    http: reqwest::Client,
    tasks: Vec<JoinHandle<()>>,
}

impl TestApp {
    /// Serves an empty platform.
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::over(TestDb::create(backend).await).await
    }

    /// A second server over the database of another, as on two machines.
    pub(crate) async fn beside(other: &Self) -> Self {
        Self::over(TestDb { url: other.db.url.clone(), folder: tempfile::tempdir().unwrap() }).await
    }

    /// Serves what a database holds.
    pub(crate) async fn over(db: TestDb) -> Self {
        // A failing test shows what the platform logged.
        drop(tracing_subscriber::fmt().with_env_filter("warn").with_test_writer().try_init());
        let connected = Database::connect(&db.url).await.unwrap();
        let loyalty = Loyalty::new(connected, Arc::clone(&*plugins::HOST) as _);
        let keys = TokenKeys::from_ed25519_pem(KEY).unwrap();
        let api = Api::new(loyalty.clone(), keys.clone(), Options::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = perennial_graphql::router(api);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let working = tokio::spawn(worker::run(loyalty.clone()));
        let http = reqwest::Client::new();
        Self { loyalty, db, keys, address, http, tasks: vec![serving, working] }
    }

    /// Applies a program file after installing the plugins that it names.
    pub(crate) async fn with_program(self, source: &str) -> Self {
        for plugin in ["consumer-goods", "machinery"] {
            if source.contains(&format!("[plugins.{plugin}]")) {
                self.loyalty.plugins().install(plugins::bundled(plugin)).await.unwrap();
            }
        }
        self.loyalty.programs().apply(source, "test").await.unwrap();
        self
    }

    pub(crate) fn token(&self, program: &str, subject: &str, scopes: &str) -> String {
        let scopes: Vec<_> = scopes.split(' ').map(|scope| scope.parse().unwrap()).collect();
        self.keys.issue(program, subject, &scopes, DAY).unwrap()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.address));
        request = request.header("accept", "application/graphql-response+json").json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Asks the admin API of a program; answers the data, and fails the test on a top-level error.
    pub(crate) async fn admin(&self, program: &str, query: &str, variables: Value) -> Value {
        let token = self.token(program, "test", "admin");
        let body = json!({ "query": query, "variables": variables });
        data(self.send("/admin/graphql", Some(&token), &body).await, query)
    }

    /// Asks the storefront API as a member.
    pub(crate) async fn storefront(
        &self,
        program: &str,
        member: &str,
        query: &str,
        variables: Value,
    ) -> Value {
        let token = self.token(program, member, "member");
        let body = json!({ "query": query, "variables": variables });
        data(self.send("/graphql", Some(&token), &body).await, query)
    }

    /// Creates a person of whom only the external id matters.
    pub(crate) async fn member(&self, program: &str, external_id: &str) -> Value {
        const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) \
             { member { id externalId referralCode } userErrors { code message field } } }";
        let input = json!({ "externalId": external_id, "kind": "PERSON", "name": external_id });
        let created = self.admin(program, CREATE, json!({ "input": input })).await;
        assert_eq!(created["createMember"]["userErrors"], json!([]));
        created["createMember"]["member"].clone()
    }

    /// Records a purchase by a member's external id; answers the payload.
    pub(crate) async fn buys(
        &self,
        program: &str,
        member: &str,
        reference: &str,
        total: &str,
    ) -> Value {
        let input =
            json!({ "member": { "externalId": member }, "reference": reference, "total": total });
        self.admin(program, RECORD, json!({ "input": input })).await["recordPurchase"].take()
    }

    pub(crate) async fn advance_clock(&self, program: &str, to: &str) {
        const ADVANCE: &str = "mutation($to: DateTime!) { advanceTestClock(input: { to: $to }) \
             { now userErrors { code message } } }";
        let advanced = self.admin(program, ADVANCE, json!({ "to": to })).await;
        assert_eq!(advanced["advanceTestClock"]["userErrors"], json!([]), "advancing to {to}");
    }

    /// What a member can spend.
    pub(crate) async fn points(&self, program: &str, member: &str) -> i64 {
        let me = self.storefront(program, member, "{ me { balance { points } } }", json!({})).await;
        me["me"]["balance"]["points"].as_i64().unwrap()
    }
}

pub(crate) const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { purchaseId pointsEarned referralPoints balance tier { id } \
       progress { metric value missing nextTier { id } } } \
     userErrors { code message field } } }";

fn data((status, mut body): Answer, query: &str) -> Value {
    assert!(body["errors"].is_null(), "{query}\n{status} {body:#}");
    body["data"].take()
}

impl Drop for TestApp {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
