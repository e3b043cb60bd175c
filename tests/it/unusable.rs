//! One program's trouble is its own: a server starts, says what it is, and serves all others.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, RECORD, Served, TestDb, on_both_databases, perennial, plugins};
use crate::tokens::soon;
use perennial_core::db::Database;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

on_both_databases!(
    a_program_that_cannot_be_read_stops_no_other,
    a_damaged_component_waits_until_it_is_installed_again,
);

async fn a_program_that_cannot_be_read_stops_no_other(backend: Backend) {
    let db = TestDb::create(backend).await;
    apply(&db, SHOP);
    apply(&db, &sandbox_shop());
    let (shop, sandbox) = (token(&db, "shop"), token(&db, "sandbox"));
    // As a later version left it.
    run(
        &db,
        &[
            "INSERT INTO program_revisions (program_id, revision, source, actor, created_at) \
             SELECT id, 2, 'program = \"shop\"\nhorizon = 5', 'later', 0 FROM programs \
             WHERE slug = 'shop'",
            "UPDATE programs SET revision = 2, version = version + 1 WHERE slug = 'shop'",
        ],
    )
    .await;
    let served = Served::start(&db, &sandbox).await;
    let ready = ready(&served).await;
    assert!(ready.starts_with("ready, but the program `shop` cannot be used: "), "{ready}");
    assert!(ready.contains("horizon"), "{ready}");
    assert!(served.accepts(&sandbox).await);
    let refused = ask(&served, &shop).await;
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], json!("PROGRAM_UNUSABLE"), "{refused:#}");
    assert_eq!(error["message"], json!("the program `shop` cannot be used at present"));

    let listed: Value = perennial(&db, &["program", "list", "--json"]).json();
    assert_eq!(listed[0]["program"], json!("sandbox"));
    assert!(listed[1]["unusable"].as_str().unwrap().contains("horizon"), "{listed:#}");

    apply(&db, SHOP);
    assert_eq!(self::ready(&served).await, "ready");
    assert!(served.accepts(&shop).await);
}

async fn a_damaged_component_waits_until_it_is_installed_again(backend: Backend) {
    let db = TestDb::create(backend).await;
    let component = plugins::bundled_folder().join("consumer-goods.wasm");
    let component = component.to_str().unwrap();
    perennial(&db, &["plugin", "install", "--approve", component]).succeeds();
    apply(&db, &format!("{SHOP}[plugins.consumer-goods]\n"));
    let damage = match backend {
        Backend::Sqlite => "UPDATE plugin_components SET wasm = x'0061736d'",
        Backend::Postgres => "UPDATE plugin_components SET wasm = '\\x0061736d'::bytea",
    };
    run(&db, &[damage]).await;

    let served = Served::start(&db, &token(&db, "shop")).await;
    let create = "mutation { createMember(input: { externalId: \"ada\", kind: PERSON, \
         name: \"Ada\" }) { userErrors { message } } }";
    served.api().ask(create, Value::Null).await.unwrap();
    let purchase = json!({ "member": { "externalId": "ada" }, "reference": "1", "total": "5.00" });
    let bought = served.api().ask(RECORD, json!({ "input": purchase })).await.unwrap();
    assert_eq!(bought["recordPurchase"]["receipt"]["pointsEarned"], json!(5));
    soon(async || plugin(&db)["status"] == json!("QUARANTINED")).await;
    let fault = plugin(&db)["fault"]["message"].as_str().unwrap().to_owned();
    assert!(fault.contains("the component is damaged: install the same file again"), "{fault}");

    perennial(&db, &["plugin", "install", component]).succeeds();
    soon(async || plugin(&db)["waiting"] == json!(0)).await;
    assert_eq!(plugin(&db)["status"], json!("ACTIVE"));
}

fn apply(db: &TestDb, source: &str) {
    let path = db.folder.path().join("program.toml");
    std::fs::write(&path, source).unwrap();
    perennial(db, &["program", "apply", path.to_str().unwrap()]).succeeds();
}

fn token(db: &TestDb, program: &str) -> String {
    let create = ["token", "create", "--program", program, "--scope", "admin"];
    perennial(db, &create).succeeds().stdout.trim().to_owned()
}

async fn run(db: &TestDb, statements: &[&str]) {
    let connected = Database::connect(&db.url).await.unwrap();
    for statement in statements {
        connected.write().execute_unprepared(statement).await.unwrap();
    }
    connected.close().await.unwrap();
}

/// The only plugin of the shop.
fn plugin(db: &TestDb) -> Value {
    let list: Value = perennial(db, &["plugin", "list", "--program", "shop", "--json"]).json();
    list[0].clone()
}

async fn ready(served: &Served) -> String {
    let address = served.api().address().replace("admin/graphql", "readyz");
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

async fn ask(served: &Served, token: &str) -> Value {
    let request = reqwest::Client::new().post(served.api().address()).bearer_auth(token);
    let request = request.json(&json!({ "query": "{ program { slug } }" }));
    request.send().await.unwrap().json().await.unwrap()
}
