//! Who is asked about, at which change, and who is told.

use super::{all_told, applies, file, listener, listener_called, puts, subscribed, told, works};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases, perennial, plugins};
use perennial_core::programs::Applying;
use serde_json::{Value, json};

on_both_databases!(
    an_enabling_reaches_every_member_and_record,
    a_plugin_that_comes_back_is_asked_about_everybody_again,
    another_configuration_reaches_those_whom_the_plugin_knows,
    another_version_is_told_up_and_down,
    a_version_that_fails_is_left_and_the_one_before_is_told,
    whoever_is_nobody_is_not_asked_about,
    nobody_else_is_told,
);

async fn an_enabling_reaches_every_member_and_record(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[])).await;
    for member in ["ada", "bob"] {
        app.joins("sandbox", member).await;
    }
    let company = json!({ "externalId": "acme", "kind": "ORGANIZATION", "name": "Acme" });
    app.creates("sandbox", company).await.done();
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    works(&app).await;
    for member in ["ada", "bob", "acme"] {
        assert_eq!(told(&app, "sandbox", member).await, ["enabled 1.0.0"], "{member}");
    }
    let plugin =
        "{ plugins { handled waiting } member(externalId: \"ada\") { balance { points } } }";
    let plugin = app.admin("sandbox", plugin, Value::Null).await;
    assert_eq!(plugin["plugins"], json!([{ "handled": 3, "waiting": 0 }]));
    assert_eq!(plugin["member"]["balance"]["points"], 1, "and gives what it asks for");

    // Who joins later was there from the start.
    app.joins("sandbox", "cleo").await;
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "cleo").await, [""; 0]);
}

async fn a_plugin_that_comes_back_is_asked_about_everybody_again(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    let (with, without) = (file(&[("listener", "mode = \"behave\"")]), file(&[]));
    applies(&app, &with).await;
    app.joins("sandbox", "ada").await;
    puts(&app, "ada", "toy-1").await;
    puts(&app, "ada", "toy-2").await;
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "ada").await, [""; 0], "nobody was there before it");

    applies(&app, &without).await;
    app.joins("sandbox", "bob").await;
    applies(&app, &with).await;
    works(&app).await;
    let back = "enabled 1.0.0 after 1.0.0";
    let of_ada = [format!("{back} about toy-1"), format!("{back} about toy-2"), back.to_owned()];
    assert_eq!(told(&app, "sandbox", "ada").await, of_ada);
    assert_eq!(told(&app, "sandbox", "bob").await, [back]);

    // What it kept is gone then, and the records are there.
    applies(&app, &without).await;
    perennial(&app.db, &["plugin", "purge", "listener", "--program", "sandbox", "--yes"])
        .succeeds();
    applies(&app, &with).await;
    works(&app).await;
    let anew = ["enabled 1.0.0 about toy-1", "enabled 1.0.0 about toy-2", "enabled 1.0.0"];
    assert_eq!(told(&app, "sandbox", "ada").await[3..], anew);
}

async fn another_configuration_reaches_those_whom_the_plugin_knows(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[("listener", "mode = \"remember-buyers\"")])).await;
    let ada = app.joins("sandbox", "ada").await;
    let bob = app.joins("sandbox", "bob").await;
    app.joins("sandbox", "cleo").await;
    ada.buys("ada-1", "5.00").await.done();
    works(&app).await;
    applies(&app, &file(&[("listener", "mode = \"wake-for-buyers\"")])).await;
    works(&app).await;
    let configured = "configured 1.0.0 after 1.0.0";
    assert_eq!(told(&app, "sandbox", "ada").await, [configured], "it keeps something of her");
    assert_eq!(all_told(&app).await, 1);

    bob.buys("bob-1", "5.00").await.done();
    puts(&app, "cleo", "toy-1").await;
    works(&app).await;
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    // A file that changes nothing of it.
    let other = file(&[("listener", "mode = \"behave\"")]).replace("points = 10", "points = 11");
    applies(&app, &other).await;
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "ada").await, [configured; 2]);
    assert_eq!(told(&app, "sandbox", "bob").await, [configured], "it has a timer for him");
    let about = format!("{configured} about toy-1");
    assert_eq!(told(&app, "sandbox", "cleo").await, [about], "it knows her record, and not her");
}

async fn another_version_is_told_up_and_down(backend: Backend) {
    const UPGRADE: &str = "mutation($input: UpgradePluginInput!) { upgradePlugin(input: $input) { \
         plugin { version } userErrors { code message field } } }";
    const ROLLBACK: &str = "mutation($input: RollbackPluginInput!) { rollbackPlugin(input: $input) { \
         plugin { version } userErrors { code message field } } }";
    let app = TestApp::idle(backend).await;
    for version in ["1.0.0", "1.1.0"] {
        app.offers(&listener(version)).await;
    }
    let mode = "mode = \"remember-buyers\"";
    let named = |version: &str| file(&[("listener", &format!("{mode}\nversion = \"{version}\""))]);
    applies(&app, &named("1.0.0")).await;
    app.joins("sandbox", "ada").await.buys("ada-1", "5.00").await.done();
    applies(&app, &file(&[("listener", mode)])).await;
    works(&app).await;
    let key = json!({ "pluginKey": "listener" });
    app.does::<Value>("sandbox", UPGRADE, key.clone()).await.done();
    works(&app).await;
    app.does::<Value>("sandbox", ROLLBACK, key).await.done();
    works(&app).await;
    // By a file, with another configuration at the same time.
    applies(&app, &named("1.1.0").replace("remember", "forget")).await;
    works(&app).await;
    let back = vec!["listener".to_owned()];
    let programs = app.loyalty.programs();
    programs
        .apply_so(Applying {
            source: &named("1.0.0"),
            actor: "test",
            back: &back,
            ..Applying::default()
        })
        .await
        .unwrap();
    works(&app).await;
    let (up, down) = ("upgraded 1.1.0 after 1.0.0", "rolled-back 1.0.0 after 1.1.0");
    assert_eq!(told(&app, "sandbox", "ada").await, [up, down, up, down]);
}

/// The newer version lacks a template that the plugin uses, so it fails over everybody.
async fn a_version_that_fails_is_left_and_the_one_before_is_told(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let template = "[messages.spam.en]\nsubject = \"S\"\nbody = \"S\"\n[messages.greeting.en]";
    let subscribes = "subscribes = [\"plugin-changed\"]";
    let subscribes = ("subscribes = [\"purchase-recorded\"]", subscribes);
    let older = [subscribes, ("[messages.greeting.en]", template)];
    let newer = [subscribes, ("version = \"1.0.0\"", "version = \"1.1.0\"")];
    app.offers(&plugins::hostile_with("listener", &older)).await;
    applies(&app, &file(&[("listener", "mode = \"unknown-template\"")])).await;
    app.offers(&plugins::hostile_with("listener", &newer)).await;
    let members: Vec<_> = (0..6).map(|number| format!("m{number}")).collect();
    for member in &members {
        app.joins("sandbox", member).await;
        puts(&app, member, &format!("toy-of-{member}")).await;
    }
    perennial(&app.db, &["plugin", "upgrade", "listener", "--program", "sandbox"]).succeeds();
    works(&app).await;
    for member in &members {
        let both = ["upgraded 1.1.0 after 1.0.0", "rolled-back 1.0.0 after 1.1.0"];
        let both = both.map(|change| format!("{change} about toy-of-{member}"));
        assert_eq!(told(&app, "sandbox", member).await, both);
    }
    let plugin = app.admin("sandbox", "{ plugins { version handled parked } }", Value::Null).await;
    assert_eq!(plugin["plugins"], json!([{ "version": "1.0.0", "handled": 12, "parked": 0 }]));
}

async fn whoever_is_nobody_is_not_asked_about(backend: Backend) {
    const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
         erasedAt userErrors { code message field } } }";
    const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    const CARD: &str = "mutation($input: IssueGiftCardInput!) { issueGiftCard(input: $input) { \
         card { id } userErrors { code message field } } }";
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    applies(&app, &file(&[])).await;
    app.joins("sandbox", "ada").await;
    let bob = app.joins("sandbox", "bob").await.member.id;
    app.joins("sandbox", "cleo").await;
    app.does::<Value>("sandbox", ERASE, json!({ "memberId": bob })).await.done();
    let merge = json!({
        "from": { "externalId": "cleo" }, "into": { "externalId": "ada" }, "reason": "one person",
        "idempotencyKey": "m-1",
    });
    app.does::<Value>("sandbox", MERGE, merge).await.done();
    let card = json!({ "points": 5, "reason": "a gift", "idempotencyKey": "g-1" });
    app.does::<Value>("sandbox", CARD, card).await.done();
    applies(&app, &file(&[("listener", "mode = \"behave\"")])).await;
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "ada").await, ["enabled 1.0.0"]);
    assert_eq!(all_told(&app).await, 1, "one was erased, one is another, one is a card");
}

/// Neither other plugins, nor those that do not subscribe, nor other programs.
async fn nobody_else_is_told(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&listener("1.0.0")).await;
    app.offers(&listener_called("other", "1.0.0")).await;
    app.offers(&subscribed("silent", "1.0.0", "\"purchase-recorded\"")).await;
    app.offers(&subscribed("silent", "1.1.0", "\"purchase-recorded\"")).await;
    let behave = "mode = \"behave\"";
    let (other, listener) = (("other", behave), ("listener", behave));
    applies(&app, &file(&[other])).await;
    let shop = format!("{SHOP}[plugins.listener]\n{behave}\n");
    applies(&app, &shop).await;
    app.joins("shop", "ada").await;
    app.joins("sandbox", "ada").await;
    applies(&app, &file(&[other, listener, ("silent", "version = \"1.0.0\"\nmode = \"a\"")])).await;
    works(&app).await;
    applies(&app, &file(&[other, listener, ("silent", "version = \"1.1.0\"\nmode = \"b\"")])).await;
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "ada").await, ["enabled 1.0.0"]);
    assert_eq!(told(&app, "shop", "ada").await, [""; 0]);
    let handled = app.admin("sandbox", "{ plugins { key handled } }", Value::Null).await;
    let handled = |key: &str| {
        let mut all = handled["plugins"].as_array().unwrap().iter();
        all.find(|plugin| plugin["key"] == key).unwrap()["handled"].clone()
    };
    assert_eq!([handled("listener"), handled("other"), handled("silent")], [1, 0, 0]);

    // A version that does not subscribe ends what the one before was receiving.
    app.offers(&subscribed("listener", "1.1.0", "\"purchase-recorded\"")).await;
    applies(&app, &file(&[])).await;
    applies(&app, &file(&[listener])).await;
    perennial(&app.db, &["plugin", "upgrade", "listener", "--program", "sandbox"]).succeeds();
    works(&app).await;
    assert_eq!(told(&app, "sandbox", "ada").await, ["enabled 1.0.0"]);
}
