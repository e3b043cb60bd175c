//! A purchase is recorded without a plugin that cannot be asked, says so, and is appraised again when
//! the plugin can be.

use crate::memberships::{by_member, group};
use crate::support::programs::sandbox_shop;
use crate::support::{
    Backend, Outcome, Person, TestApp, books, on_both_databases, perennial, plugins,
};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    a_purchase_says_who_was_not_heard_and_earns_it_afterwards,
    what_is_earned_afterwards_comes_back_with_the_goods,
    a_fault_at_one_purchase_is_that_purchases_own,
    who_fails_at_the_purchases_of_too_many_members_is_left_alone,
    the_program_says_whether_purchases_wait,
    what_was_changed_meanwhile_is_left_to_an_operator,
    ceiling_and_caps_count_what_the_purchase_had,
    a_group_gets_its_part_afterwards_too,
    the_erased_get_nothing_and_leave_no_word,
    an_edit_without_a_plugin_is_one_on_both_sides,
    commands_show_what_was_missed_and_ask_again,
);

const PLUGIN: &str = "hostile";
const PAUSE: &str = "mutation($input: PausePluginInput!) { pausePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const RESUME: &str = "mutation($input: ResumePluginInput!) { resumePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const AGAIN: &str = "mutation($input: ReappraisePurchaseInput!) { reappraisePurchase(input: $input) { \
     plugin { key missed } userErrors { code message field } } }";
const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { purchaseId pointsEarned explanation { awards { pluginKey points } \
       missing { pluginKey because } } } userErrors { code message field } } }";
const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
     quote { points explanation { missing { pluginKey because } } } \
     userErrors { code message field } } }";
const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
     receipt { pointsEarned explanation { missing { pluginKey because } } } \
     userErrors { code message field } } }";
const PURCHASE: &str = "query($of: String!) { purchase(reference: $of) { pointsEarned \
     accruals { memberId pointsEarned } lines { sku pointsEarned } \
     missedAppraisals { pluginKey because dueAt outcome points transactionId \
       cuts { cap points } } \
     explanation { missing { pluginKey because } } } }";
const PLUGINS: &str = "{ plugins { status missed fault { kind } missedAppraisals { nodes { \
     purchaseId purchase { reference } fault { kind message } \
     appraisal { because dueAt outcome points } } } } }";

async fn a_purchase_says_who_was_not_heard_and_earns_it_afterwards(backend: Backend) {
    let app = shop(backend, "behave").await;
    let ada = app.joins("shop", "ada").await;
    pause(&app).await;
    let missing = json!([{ "pluginKey": PLUGIN, "because": "PAUSED" }]);
    let quote = app.admin("shop", QUOTE, json!({ "input": cart(&ada, "TEA") })).await;
    let quote: Value = Outcome::of(quote).done();
    assert_eq!(quote, json!({ "points": 10, "explanation": { "missing": missing } }));
    let receipt = buys(&ada, "ada-1", "TEA").await.done();
    assert_eq!(receipt["pointsEarned"], 10);
    assert_eq!(receipt["explanation"]["missing"], missing);
    settle(&app, 2).await;
    assert_eq!(plugin(&app).await["missed"], 1, "nobody asks who is paused");
    assert_eq!(buys(&ada, "ada-1", "TEA").await.done(), receipt, "a repeat says the same");

    resume(&app).await;
    settle(&app, 3).await;
    let bought = purchase(&app, "ada-1").await;
    assert_eq!(bought["pointsEarned"], 11);
    assert_eq!(bought["lines"], json!([{ "sku": "TEA", "pointsEarned": 11 }]));
    assert_eq!(bought["explanation"]["missing"], missing, "the receipt stays what it was");
    let missed = &bought["missedAppraisals"][0];
    assert_eq!(
        (&missed["outcome"], &missed["points"], &missed["dueAt"]),
        (&json!("BOOKED"), &json!(1), &Value::Null)
    );
    const WHY: &str = "query($id: ID!) { node(id: $id) { ... on Transaction { kind points purchaseId \
         cause { __typename ... on ReappraisalCause { purchaseId purchaseReference pluginKey digest \
         explanation { points awards { pluginKey points } } } } } } }";
    let why = app.admin("shop", WHY, json!({ "id": missed["transactionId"] })).await;
    let why = &why["node"];
    assert_eq!((&why["kind"], &why["points"]), (&json!("EARN"), &json!(1)));
    assert_eq!(why["cause"]["__typename"], "ReappraisalCause");
    assert_eq!(why["cause"]["purchaseId"], receipt["purchaseId"]);
    assert_eq!(why["cause"]["purchaseReference"], "ada-1");
    let gave = json!({ "points": 1, "awards": [{ "pluginKey": PLUGIN, "points": 1 }] });
    assert_eq!(why["cause"]["explanation"], gave);
    assert_eq!(why["cause"]["digest"].as_str().unwrap().len(), 64);

    // Once is once, whatever is tried.
    let again = json!({ "pluginKey": PLUGIN, "purchaseId": receipt["purchaseId"] });
    let refused = app.does::<Value>("shop", AGAIN, again).await.refused();
    assert_eq!(refused.code, "APPRAISAL_NOT_MISSED");
    pause(&app).await;
    resume(&app).await;
    settle(&app, 4).await;
    // An event of each purchase gives one more: that is not what is looked at here.
    assert_eq!(ada.points().await, 11 + 1);
    books::assert_sound(&app, "shop").await;
}

async fn what_is_earned_afterwards_comes_back_with_the_goods(backend: Backend) {
    let app = shop(backend, "behave").await;
    let ada = app.joins("shop", "ada").await;
    pause(&app).await;
    let lines = json!([
        { "sku": "TEA", "quantity": 1, "amount": "5.00" },
        { "sku": "MUG", "quantity": 1, "amount": "5.00" },
    ]);
    let order = json!({ "reference": "ada-1", "total": "10.00", "lines": lines });
    ada.reports(order).await.done();
    resume(&app).await;
    settle(&app, 2).await;
    let first = json!({ "lines": [{ "line": { "position": 1 }, "quantity": 1 }] });
    let came_back = ada.gives_back("ada-1", "r-1", first).await;
    let whole = ada.gives_back("ada-1", "r-2", json!({ "everything": true })).await;
    let taken = |receipt: &Value| receipt["pointsTaken"].as_i64().unwrap();
    assert_eq!(taken(&came_back) + taken(&whole), 11);
    assert_eq!(ada.points().await, 1, "what the event gave");
    books::assert_sound(&app, "shop").await;
}

async fn a_fault_at_one_purchase_is_that_purchases_own(backend: Backend) {
    let app = shop(backend, "appraise-no-bad").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let failed = buys(&ada, "ada-1", "BAD").await.done();
    let missing = json!([{ "pluginKey": PLUGIN, "because": "FAILED" }]);
    assert_eq!(failed["explanation"]["missing"], missing);
    assert_eq!(buys(&bob, "bob-1", "TEA").await.done()["pointsEarned"], 11, "it goes on");
    settle(&app, 2).await;
    let stands = plugin(&app).await;
    assert_eq!((&stands["status"], &stands["missed"]), (&json!("ACTIVE"), &json!(1)));
    let missed = &stands["missedAppraisals"]["nodes"][0];
    assert_eq!(missed["purchase"]["reference"], "ada-1");
    assert_eq!(missed["fault"]["kind"], "REFUSED");
    assert!(missed["fault"]["message"].as_str().unwrap().contains("I know no BAD"), "{missed}");
    let open = json!({ "because": "FAILED", "dueAt": null, "outcome": null, "points": 0 });
    assert_eq!(missed["appraisal"], open, "it takes somebody's word");

    // The same again is the same again.
    let again = json!({ "pluginKey": PLUGIN, "purchaseId": missed["purchaseId"] });
    app.does::<Value>("shop", AGAIN, again.clone()).await.done();
    settle(&app, 3).await;
    assert_eq!(plugin(&app).await["missedAppraisals"]["nodes"][0]["appraisal"], open);

    // Other settings try it by themselves.
    let app = app.with_program(&file("behave")).await;
    settle(&app, 4).await;
    let mended = plugin(&app).await;
    assert_eq!(mended["missed"], 0);
    assert_eq!(mended["missedAppraisals"]["nodes"][0]["appraisal"]["outcome"], "BOOKED");
    assert_eq!(purchase(&app, "ada-1").await["pointsEarned"], 11);
}

async fn who_fails_at_the_purchases_of_too_many_members_is_left_alone(backend: Backend) {
    let app = shop(backend, "appraise-no-bad").await;
    let quoting = app.joins("shop", "quoting").await;
    for _ in 0..10 {
        app.admin("shop", QUOTE, json!({ "input": cart(&quoting, "BAD") })).await;
    }
    for number in 0..20 {
        let sku = if number < 4 { "BAD" } else { "TEA" };
        let member = app.joins("shop", &format!("m{number}")).await;
        buys(&member, &format!("m{number}-1"), sku).await.done();
    }
    assert_eq!(plugin(&app).await["status"], "ACTIVE", "quotes are nobody's loss");
    let fifth = app.joins("shop", "fifth").await;
    buys(&fifth, "fifth-1", "BAD").await.done();
    let stopped = plugin(&app).await;
    assert_eq!((&stopped["status"], &stopped["missed"]), (&json!("QUARANTINED"), &json!(5)));
    assert_eq!(stopped["fault"]["kind"], "REFUSED");
    let sixth = app.joins("shop", "sixth").await;
    let without = buys(&sixth, "sixth-1", "TEA").await.done();
    let missing = json!([{ "pluginKey": PLUGIN, "because": "QUARANTINED" }]);
    assert_eq!(without["explanation"]["missing"], missing);
    resume(&app).await;
    settle(&app, 2).await;
    assert_eq!(purchase(&app, "sixth-1").await["pointsEarned"], 11);
    let after = plugin(&app).await;
    assert_eq!(after["missed"], 5, "and it fails at those again that it failed at");
    assert_eq!(after["status"], "QUARANTINED");
}

async fn the_program_says_whether_purchases_wait(backend: Backend) {
    let app = shop(backend, "behave").await;
    let required = format!("required_appraisals = [\"{PLUGIN}\"]\n");
    let app = app.with_program(&format!("{required}{}", file("behave"))).await;
    let ada = app.joins("shop", "ada").await;
    pause(&app).await;
    let token = app.token("shop", "test", "admin");
    let mut purchase = cart(&ada, "TEA");
    let quoted = json!({ "query": QUOTE, "variables": { "input": purchase.clone() } });
    purchase["reference"] = json!("ada-1");
    let recorded = json!({ "query": RECORD, "variables": { "input": purchase } });
    for body in [recorded, quoted] {
        let (_, answer) = app.send("/admin/graphql", Some(&token), &body).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "nor is it promised: {answer}");
        assert!(error["message"].as_str().unwrap().contains("`hostile`"), "{answer}");
    }
    resume(&app).await;
    let sent_again = buys(&ada, "ada-1", "TEA").await.done();
    assert_eq!(sent_again["pointsEarned"], 11);
    let unknown = format!("required_appraisals = [\"moon\"]\n{}", file("behave"));
    let path = app.db.folder.path().join("unknown.toml");
    std::fs::write(&path, unknown).unwrap();
    let why = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).exits(1).stderr;
    assert!(why.contains("line 1, ") && why.contains("`moon` is required"), "{why}");
}

async fn what_was_changed_meanwhile_is_left_to_an_operator(backend: Backend) {
    let app = shop(backend, "behave").await;
    let ada = app.joins("shop", "ada").await;
    pause(&app).await;
    let lines = json!([{ "sku": "TEA", "quantity": 2, "amount": "10.00" }]);
    let order = json!({ "reference": "ada-1", "total": "10.00", "lines": lines });
    ada.reports(order).await.done();
    let one = json!({ "lines": [{ "line": { "position": 1 }, "quantity": 1 }] });
    ada.gives_back("ada-1", "r-1", one).await;
    resume(&app).await;
    settle(&app, 2).await;
    let missed = purchase(&app, "ada-1").await["missedAppraisals"][0].clone();
    assert_eq!((&missed["outcome"], &missed["points"]), (&json!("CHANGED"), &json!(0)));
    assert_eq!(plugin(&app).await["missed"], 0);
    books::assert_sound(&app, "shop").await;
}

async fn ceiling_and_caps_count_what_the_purchase_had(backend: Backend) {
    let app = shop(backend, "behave").await;
    let (expiry, most) = (
        "points.expire_after_months = 12\n",
        "points.expire_after_months = 12\npoints.purchase_max = 10\n",
    );
    let app = app.with_program(&file("behave").replace(expiry, most)).await;
    let ada = app.joins("shop", "ada").await;
    pause(&app).await;
    buys(&ada, "ada-1", "TEA").await.done();
    resume(&app).await;
    settle(&app, 2).await;
    let missed = purchase(&app, "ada-1").await["missedAppraisals"][0].clone();
    assert_eq!((&missed["outcome"], &missed["points"]), (&json!("NOTHING"), &json!(0)));
    let cut = json!([{ "cap": "PURCHASE", "points": 1 }]);
    assert_eq!(missed["cuts"], cut, "what would have been cut then is not given now");
    assert_eq!(purchase(&app, "ada-1").await["pointsEarned"], 10);
}

async fn a_group_gets_its_part_afterwards_too(backend: Backend) {
    let app = shop(backend, "behave").await;
    let ada = app.joins("shop", "ada").await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    ada.belongs_to(&home, "BOTH", true).await.done();
    pause(&app).await;
    buys(&ada, "ada-1", "TEA").await.done();
    resume(&app).await;
    settle(&app, 2).await;
    let bought = purchase(&app, "ada-1").await;
    let each = [&ada, &home].map(|one| (one.member.id.clone(), 11));
    assert_eq!(by_member(&bought, "pointsEarned"), each);
    assert_eq!(home.points().await, 11);
    ada.gives_back("ada-1", "r-1", json!({ "everything": true })).await;
    assert_eq!(home.points().await, 0);
    books::assert_sound(&app, "shop").await;
}

async fn the_erased_get_nothing_and_leave_no_word(backend: Backend) {
    let app = shop(backend, "appraise-no-bad").await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, "ada-1", "BAD").await.done();
    const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
         erasedAt userErrors { code message field } } }";
    app.does::<Value>("shop", ERASE, json!({ "memberId": ada.member.id })).await.done();
    let app = app.with_program(&file("behave")).await;
    settle(&app, 2).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let missed = plugin(&app).await["missedAppraisals"]["nodes"][0].clone();
    assert_eq!(missed["appraisal"]["outcome"], "ERASED");
    assert_eq!(missed["fault"], Value::Null);
    books::assert_sound(&app, "shop").await;
}

/// The plugin fails at the order as it becomes, and not at what it was: its points stay, and are not
/// taken for a loss.
async fn an_edit_without_a_plugin_is_one_on_both_sides(backend: Backend) {
    let app = shop(backend, "appraise-no-bad").await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(buys(&ada, "ada-1", "TEA").await.done()["pointsEarned"], 11);
    let lines = json!([
        { "sku": "TEA", "quantity": 1, "amount": "10.00" },
        { "sku": "BAD", "quantity": 1, "amount": "10.00" },
    ]);
    let edit = json!({ "purchase": { "reference": "ada-1" }, "reference": "e-1", "lines": lines });
    let edited: Value = app.does("shop", EDIT, edit).await.done();
    let missing = json!([{ "pluginKey": PLUGIN, "because": "FAILED" }]);
    // What the rules give for all of it is 20, of which the order has 11.
    assert_eq!(edited, json!({ "pointsEarned": 9, "explanation": { "missing": missing } }));
    assert_eq!(purchase(&app, "ada-1").await["pointsEarned"], 20);
}

async fn commands_show_what_was_missed_and_ask_again(backend: Backend) {
    let app = shop(backend, "appraise-no-bad").await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, "ada-1", "BAD").await.done();
    let show = ["plugin", "show", PLUGIN, "--program", "shop"];
    let shown = perennial(&app.db, &show).succeeds().stdout;
    assert!(shown.contains("(FAILED)") && shown.contains("not heard yet"), "{shown}");
    let of = ["plugin", "reappraise", PLUGIN, "--program", "shop", "--purchase"];
    perennial(&app.db, &[&of[..], &["ada-1"]].concat()).succeeds();
    let none = perennial(&app.db, &[&of[..], &["moon"]].concat()).exits(1).stderr;
    assert!(none.contains("there is no purchase `moon`"), "{none}");
    buys(&ada, "ada-2", "TEA").await.done();
    let heard = perennial(&app.db, &[&of[..], &["ada-2"]].concat()).exits(1).stderr;
    assert!(heard.contains("APPRAISAL_NOT_MISSED"), "{heard}");
    let left = perennial(&app.db, &["plugin", "purge", PLUGIN, "--program", "shop"]).succeeds();
    assert!(left.stdout.contains("1 purchases about which it was not heard"), "{}", left.stdout);
    let app = app.with_program(&base()).await;
    const PURGE: &str = "mutation($input: PurgePluginInput!) { purgePlugin(input: $input) { \
         purged { missed } userErrors { code message field } } }";
    let purged: Value = app.does("shop", PURGE, json!({ "pluginKey": PLUGIN })).await.done();
    assert_eq!(purged, json!({ "missed": 1 }));
    let missed = "SELECT COUNT(*) AS n FROM missed_appraisals";
    assert_eq!(books::counted(&app, missed).await, 0);
}

async fn plugin(app: &TestApp) -> Value {
    app.admin("shop", PLUGINS, Value::Null).await["plugins"][0].clone()
}

async fn purchase(app: &TestApp, reference: &str) -> Value {
    app.admin("shop", PURCHASE, json!({ "of": reference })).await["purchase"].clone()
}

fn cart(member: &Person<'_>, sku: &str) -> Value {
    json!({ "member": member.named(), "lines": [{ "sku": sku, "quantity": 1, "amount": "10.00" }] })
}

async fn buys(member: &Person<'_>, reference: &str, sku: &str) -> Outcome<Value> {
    let mut purchase = cart(member, sku);
    purchase["reference"] = json!(reference);
    member.app.does("shop", RECORD, purchase).await
}

async fn pause(app: &TestApp) {
    app.does::<Value>("shop", PAUSE, json!({ "pluginKey": PLUGIN })).await.done();
}

async fn resume(app: &TestApp) {
    app.does::<Value>("shop", RESUME, json!({ "pluginKey": PLUGIN })).await.done();
}

async fn settle(app: &TestApp, day: u32) {
    app.advance_clock("shop", &format!("2026-01-{day:02}T00:00:00Z")).await;
}

async fn shop(backend: Backend, mode: &str) -> TestApp {
    let app = TestApp::start(backend).await;
    app.offers(&plugins::hostile(PLUGIN)).await;
    app.with_program(&file(mode)).await
}

fn base() -> String {
    sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"")
}

fn file(mode: &str) -> String {
    format!("{}[plugins.{PLUGIN}]\nmode = \"{mode}\"\n", base())
}
