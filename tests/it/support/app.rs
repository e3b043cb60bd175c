//! A served platform: the core over a database of its own, the real plugin host, the real routes on
//! a real port.

use super::{
    Backend, KEY, Member, Message, Outcome, Person, Receipt, Sent, TestDb, Transaction, plugins,
};
use perennial_core::tokens::{Holder, Token};
use perennial_core::{Actor, Clock, Loyalty, Scope, db::Database, worker};
use perennial_graphql::{Api, Options, TokenKeys};
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const DAY: Duration = Duration::from_secs(86_400);

/// What an answer is: status and body.
pub(crate) type Answer = (StatusCode, Value);

#[derive(Debug)]
pub(crate) struct TestApp {
    pub(crate) loyalty: Loyalty,
    pub(crate) db: TestDb,
    keys: TokenKeys,
    /// An app sends the same token with each request.
    tokens: Mutex<HashMap<String, String>>,
    address: String,
    http: reqwest::Client,
    api: Api,
    tasks: Vec<JoinHandle<()>>,
}

impl TestApp {
    /// Serves an empty platform.
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::over(TestDb::create(backend).await).await
    }

    /// A second server over the database of another, as on two machines.
    pub(crate) async fn beside(other: &Self) -> Self {
        Self::over(TestDb::beside(&other.db)).await
    }

    /// Serves what a database holds.
    pub(crate) async fn over(db: TestDb) -> Self {
        // A failing test shows what the platform logged.
        drop(tracing_subscriber::fmt().with_env_filter("warn").with_test_writer().try_init());
        let connected = Database::connect(&db.url).await.unwrap();
        let mut app = Self::serve(connected, db).await;
        app.tasks.push(tokio::spawn(worker::run(app.loyalty.clone())));
        let api = app.api.clone();
        app.tasks.push(tokio::spawn(async move { api.watch().await }));
        app
    }

    /// Serves an empty platform without a worker: what is due is done when a test says so.
    pub(crate) async fn idle(backend: Backend) -> Self {
        let db = TestDb::create(backend).await;
        let connected = Database::connect(&db.url).await.unwrap();
        Self::serve(connected, db).await
    }

    /// The same over the database of another.
    pub(crate) async fn beside_idle(other: &Self) -> Self {
        let connected = Database::connect(&other.db.url).await.unwrap();
        Self::serve(connected, TestDb::beside(&other.db)).await
    }

    /// Serves a database and notes what is sent to it. No worker runs and no watch, so that only
    /// what a test
    /// asks for is noted.
    pub(crate) async fn observed(db: TestDb, sent: &Sent) -> Self {
        let connected = Database::connect_observed(&db.url, Some(sent.observer())).await.unwrap();
        Self::serve(connected, db).await
    }

    async fn serve(connected: Database, db: TestDb) -> Self {
        let loyalty = Loyalty::new(connected, Arc::clone(&*plugins::HOST) as _);
        let keys = TokenKeys::from_ed25519_pem(KEY).unwrap();
        let api = Api::new(loyalty.clone(), keys.clone(), Options::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = perennial_graphql::router(api.clone());
        let serving =
            tokio::spawn(perennial_graphql::serve(listener, router, std::future::pending()));
        let http = reqwest::Client::new();
        let tokens = Mutex::default();
        Self { loyalty, db, keys, tokens, address, http, api, tasks: vec![serving] }
    }

    /// Applies a program file after installing the plugins that it names.
    pub(crate) async fn with_program(self, source: &str) -> Self {
        for plugin in plugins::BUNDLED_IDS {
            if source.contains(&format!("[plugins.{plugin}")) {
                self.offers(plugins::bundled(plugin)).await;
            }
        }
        self.loyalty.programs().apply(source, "test").await.unwrap();
        self
    }

    /// Installs a component and approves it.
    pub(crate) async fn offers(&self, wasm: &[u8]) {
        let installed = self.loyalty.plugins().install(wasm).await.unwrap();
        self.loyalty.plugins().approve(&installed.id, &installed.version).await.unwrap();
    }

    /// A token that this test has used before, if it has used one.
    pub(crate) fn token(&self, program: &str, subject: &str, scopes: &str) -> String {
        let named = format!("{program} {subject} {scopes}");
        let new = || self.new_token(program, subject, scopes);
        self.tokens.lock().unwrap().entry(named).or_insert_with(new).clone()
    }

    /// A token that no request has carried, and that is recorded nowhere.
    pub(crate) fn new_token(&self, program: &str, subject: &str, scopes: &str) -> String {
        let scopes: Vec<Scope> = scopes.split(' ').map(|scope| scope.parse().unwrap()).collect();
        let holder = match scopes.contains(&Scope::Member) {
            true => Holder::Member(subject.to_owned()),
            false => Holder::Operator(subject.to_owned()),
        };
        let token = Token::new(holder, scopes, Clock.now(), DAY).unwrap();
        self.keys.sign(program, &token).unwrap()
    }

    /// A reading token that the platform has issued to an operator: its id and its text.
    pub(crate) async fn issues(&self, program: &str, operator: String) -> (String, String) {
        let actor = Actor::system(self.loyalty.programs().by_slug(program).await.unwrap().id);
        let (holder, scopes) = (Holder::Operator(operator), vec![Scope::Read]);
        let token = self.loyalty.tokens().issue(&actor, holder, scopes, DAY).await.unwrap();
        (token.id.to_string(), self.keys.sign(program, &token).unwrap())
    }

    /// Where the server listens, as `http://…`.
    pub(crate) fn address(&self) -> &str {
        &self.address
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

    /// Asks the admin API of a program; returns the data, and fails the test on a top-level error.
    pub(crate) async fn admin(&self, program: &str, query: &str, variables: Value) -> Value {
        self.admin_as(program, "test", query, variables).await
    }

    /// The same as an operator of that name.
    pub(crate) async fn admin_as(
        &self,
        program: &str,
        operator: &str,
        query: &str,
        variables: Value,
    ) -> Value {
        let token = self.token(program, operator, "admin");
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

    /// Asks the storefront API with a token.
    pub(crate) async fn storefront_with(&self, token: &str, query: &str) -> Value {
        data(self.send("/graphql", Some(token), &json!({ "query": query })).await, query)
    }

    /// Sends one mutation to the admin API.
    pub(crate) async fn does<T: DeserializeOwned>(
        &self,
        program: &str,
        mutation: &str,
        input: Value,
    ) -> Outcome<T> {
        Outcome::of(self.admin(program, mutation, json!({ "input": input })).await)
    }

    /// Creates a member.
    pub(crate) async fn creates(&self, program: &str, input: Value) -> Outcome<Member> {
        self.does(program, CREATE, input).await
    }

    /// Creates a person by an external id, which is the name too.
    pub(crate) async fn joins<'a>(&'a self, program: &'a str, external_id: &str) -> Person<'a> {
        let input = json!({ "externalId": external_id, "kind": "PERSON", "name": external_id });
        Person { app: self, program, member: self.creates(program, input).await.done() }
    }

    /// Records a purchase.
    pub(crate) async fn records(&self, program: &str, purchase: Value) -> Outcome<Receipt> {
        self.does(program, RECORD, purchase).await
    }

    /// Moves a sandbox's clock; returns the new now.
    pub(crate) async fn moves_clock(&self, program: &str, to: &str) -> Outcome<String> {
        self.does(program, ADVANCE, json!({ "to": to })).await
    }

    /// Moves a sandbox's clock where it can go.
    pub(crate) async fn advance_clock(&self, program: &str, to: &str) {
        self.moves_clock(program, to).await.done();
    }

    /// The external ids of a program's members, newest first.
    pub(crate) async fn external_ids(&self, program: &str) -> Vec<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Node {
            external_id: String,
        }
        const MEMBERS: &str = "{ members(first: 100) { nodes { externalId } } }";
        let nodes: Vec<Node> = self.nodes(program, MEMBERS).await;
        nodes.into_iter().map(|node| node.external_id).collect()
    }

    /// A program's transactions, newest first.
    pub(crate) async fn transactions(&self, program: &str) -> Vec<Transaction> {
        const TRANSACTIONS: &str =
            "{ transactions(first: 50) { nodes { id kind points effectiveAt } } }";
        self.nodes(program, TRANSACTIONS).await
    }

    /// What members and contacts of a program were sent, newest first.
    pub(crate) async fn messages(&self, program: &str) -> Vec<Message> {
        const MESSAGES: &str = "{ messages(first: 100) { nodes { \
             template locale occurredAt body contact { name role locale } } } }";
        self.nodes(program, MESSAGES).await
    }

    /// The nodes of the one connection that a query asks for.
    async fn nodes<T: DeserializeOwned>(&self, program: &str, query: &str) -> Vec<T> {
        let data = self.admin(program, query, Value::Null).await;
        let mut connections = data.as_object().unwrap().values();
        serde_json::from_value(connections.next().unwrap()["nodes"].clone()).unwrap()
    }
}

pub(crate) const RECORD: &str = "mutation($input: RecordPurchaseInput!) { \
     recordPurchase(input: $input) { \
     receipt { purchaseId pointsEarned referralPoints balance tier { key } \
       progress { metric value missing nextTier { key } } } \
     userErrors { code message field } } }";
const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
     member { id externalId kind name locale referralCode contacts { name role locale } } \
     userErrors { code message field } } }";
const ADVANCE: &str = "mutation($input: AdvanceTestClockInput!) { advanceTestClock(input: $input) \
     { now userErrors { code message field } } }";

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
