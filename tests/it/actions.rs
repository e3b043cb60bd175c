//! What a plugin does besides giving: it takes points, calls members by tags, raises events for other
//! plugins, and knows the service network.

use crate::corrections::voids;
use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, books, on_both_databases, perennial, plugins};
use insta::assert_snapshot;
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    a_plugin_takes_what_is_there_and_no_more,
    what_is_given_and_taken_in_one_answer_is_done_in_its_order,
    a_budget_counts_what_a_plugin_takes,
    what_a_member_has_no_room_for_is_left_out_and_the_rest_is_done,
    what_a_plugin_raises_reaches_those_who_ask_for_it_and_ends,
    who_listens_to_nobody_is_not_enabled,
    tags_are_put_by_plugins_and_operators_and_known_to_rules,
    a_merged_member_hands_its_tags_over_and_an_erased_one_has_none,
    a_plugin_finds_the_service_centers_that_fit,
    history_lived_again_shows_no_difference,
    what_is_recorded_of_it_is_made_again_to_the_bit,
);

const PLUGIN: &str = "sociable";
const ALL: &str = "[capabilities]\ndirectory = true\ntags = true\ndeducts-per-event-max = 20\n";
const SIGHED: &str = "[events.sighed]\ntype = \"object\"\nrequired = [\"over\"]\n[records.toy";
const TAG: &str = "mutation($input: TagMemberInput!) { tagMember(input: $input) { \
     member { tags } userErrors { code message field } } }";
const RUNS: &str = "{ plugins { key parked parkedQueues { nodes { fault { message } } } \
     runs { nodes { eventName log } } } }";

async fn a_plugin_takes_what_is_there_and_no_more(backend: Backend) {
    let app = sociable(backend, "").await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("rich", "30.00").await.done();
    works(&app).await;
    assert_eq!(ada.points().await, 10);
    ada.buys("poor", "3.00").await.done();
    works(&app).await;
    assert_eq!(ada.points().await, 0, "13 of 20, and nothing is owed");
    ada.buys("nothing", "0.50").await.done();
    works(&app).await;
    assert_eq!(ada.points().await, 0);
    const WHY: &str = "{ me { transactions(first: 10) { nodes { id kind points cause { \
         __typename ... on DeductionCause { pluginKey deductionKey reason pointsAsked revision } \
         } } } } }";
    let mine = ada.asks(WHY, Value::Null).await;
    let mine = mine["me"]["transactions"]["nodes"].as_array().unwrap().clone();
    let taken: Vec<_> = mine.iter().filter(|one| one["kind"] == "ADJUST").collect();
    assert_eq!(taken.len(), 2, "{mine:#?}");
    assert_snapshot!(
        format!("{} {}", taken[0]["points"], taken[0]["cause"]),
        @r#"-13 {"__typename":"DeductionCause","deductionKey":"deduct-points","pluginKey":"sociable","pointsAsked":20,"reason":"A fee","revision":1}"#
    );
    // An operator makes it good like any other.
    let good = voids(&ada, taken[0]["id"].as_str().unwrap()).await.done();
    assert_eq!((good.points, ada.points().await), (13, 13));
    books::assert_sound(&app, "sandbox").await;
    perennial(&app.db, &["verify"]).succeeds();
}

/// A purchase brings five points, or none.
async fn what_is_given_and_taken_in_one_answer_is_done_in_its_order(backend: Backend) {
    for (mode, total, left) in [
        ("award-then-deduct", "0.50", 0),
        ("award-then-deduct", "5.00", 2),
        ("deduct-then-award", "0.50", 3),
        ("deduct-then-award", "5.00", 3),
        ("deduct-twice", "5.00", 0),
        ("deduct-twice", "10.00", 0),
    ] {
        let app = TestApp::idle(backend).await;
        app.offers(&named(PLUGIN, &["purchase-recorded"])).await;
        apply(&app, &format!("[plugins.sociable]\nmode = \"{mode}\"\n")).await.unwrap();
        let ada = app.joins("sandbox", "ada").await;
        ada.buys("order", total).await.done();
        works(&app).await;
        assert_eq!(ada.points().await, left, "{mode} of {total}");
        let backtest = ["plugin", "backtest", PLUGIN, "--program", "sandbox", "--json"];
        let said = perennial(&app.db, &backtest).succeeds().stdout;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["membersDifferent"], 0, "{mode} of {total}: {said:#}");
        books::assert_sound(&app, "sandbox").await;
    }
}

async fn what_a_member_has_no_room_for_is_left_out_and_the_rest_is_done(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&named(PLUGIN, &["purchase-recorded"])).await;
    apply(&app, "[plugins.sociable]\nmode = \"crowd\"\n").await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    for part in 0..5 {
        let add: Vec<_> = (0..20).map(|number| format!("t{part}-{number}")).collect();
        let input = json!({ "member": { "externalId": "ada" }, "add": add });
        app.does::<Value>("sandbox", TAG, input).await.done();
    }
    ada.buys("order", "1.00").await.done();
    works(&app).await;
    let tags: Vec<String> = serde_json::from_value(tags(&app, "ada").await).unwrap();
    assert_eq!(tags.len(), 100);
    let has = |tag: &str| tags.iter().any(|known| known == tag);
    assert_eq!((has("t0-0"), has("one-more"), has("two-more")), (false, true, false));
}

async fn a_budget_counts_what_a_plugin_takes(backend: Backend) {
    let table = "[plugins.sociable]\nmode = \"sociable\"\n[budgets.sociable]\npoints_per_day";
    let app = TestApp::idle(backend).await;
    app.offers(&named(PLUGIN, &["purchase-recorded"])).await;
    apply(&app, &format!("{table} = 30\n")).await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("one", "50.00").await.done();
    ada.buys("two", "50.00").await.done();
    works(&app).await;
    assert_eq!(ada.points().await, 80, "the second fee waits");
    apply(&app, &format!("{table} = 40\n")).await.unwrap();
    works(&app).await;
    assert_eq!(ada.points().await, 60);
    books::assert_sound(&app, "sandbox").await;
}

/// Three of a kind: the first raises over a purchase, and each answers the others.
async fn what_a_plugin_raises_reaches_those_who_ask_for_it_and_ends(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&named("ann", &["purchase-recorded", "ben/sighed"])).await;
    app.offers(&named("ben", &["ann/sighed"])).await;
    app.offers(&named("eve", &["purchase-returned"])).await;
    let tables: String =
        ["ann", "ben", "eve"].map(|id| format!("[plugins.{id}]\nmode = \"sociable\"\n")).concat();
    apply(&app, &tables).await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order", "1.00").await.done();
    works(&app).await;
    let events = "{ member(externalId: \"ada\") { events(first: 50) { nodes { name data } } } }";
    let events = app.admin("sandbox", events, Value::Null).await;
    let events = events["member"]["events"]["nodes"].as_array().unwrap().clone();
    let raised: Vec<_> = events
        .iter()
        .rev()
        .filter(|event| event["name"] == "plugin-event")
        .map(|event| event["data"].to_string())
        .collect();
    assert_snapshot!(raised.join("\n"), @r#"
    {"data":{"over":"order"},"event":"sighed","plugin":"ann"}
    {"data":{"over":"ann"},"event":"sighed","plugin":"ben"}
    "#);
    let logs = app.admin("sandbox", RUNS, Value::Null).await;
    let of = |id: &str| {
        let plugins = logs["plugins"].as_array().unwrap();
        let plugin = plugins.iter().find(|plugin| plugin["key"] == id).unwrap();
        assert_eq!(plugin["parked"], 0, "{plugin}");
        plugin["runs"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!((of("ann"), of("ben"), of("eve")), (2, 1, 0));
    books::assert_sound(&app, "sandbox").await;
}

async fn who_listens_to_nobody_is_not_enabled(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&named("ann", &["purchase-recorded"])).await;
    app.offers(&named("ben", &["ann/sighed"])).await;
    let ben = "[plugins.ben]\nmode = \"sociable\"\n";
    let alone = apply(&app, ben).await.unwrap_err();
    assert_snapshot!(format!("{} {:?}: {}", alone.code().as_str(), alone.field(), alone.message()), @r#"PLUGIN_EVENT_UNKNOWN Some("plugins.ben"): it is subscribed to the event `sighed` of the plugin `ann`, and the program enables no version of that which declares it"#);
    apply(&app, &format!("[plugins.ann]\nmode = \"sociable\"\n{ben}")).await.unwrap();
    let left_out = apply(&app, ben).await.unwrap_err();
    assert_eq!(left_out.code().as_str(), "PLUGIN_EVENT_UNKNOWN");
}

async fn tags_are_put_by_plugins_and_operators_and_known_to_rules(backend: Backend) {
    let rule = "[[earning_rules]]\nid = \"known\"\nname.en = \"Known\"\npoints = 100\n\
         when = '\"vip\" in member.tags && !member.tags.exists(t, t == \"new\")'\n";
    let app = sociable(backend, rule).await;
    let ada = app.joins("sandbox", "ada").await;
    works(&app).await;
    assert_eq!(tags(&app, "ada").await, json!(["new"]));
    let put =
        json!({ "member": { "externalId": "ada" }, "add": ["vip", "new"], "remove": ["old"] });
    let tagged: Value = app.does("sandbox", TAG, put.clone()).await.done();
    assert_eq!(tagged, json!({ "tags": ["new", "vip"] }));
    assert_eq!(app.does::<Value>("sandbox", TAG, put).await.done(), tagged);
    assert_eq!(ada.buys("first", "1.00").await.done().points_earned, 1);
    works(&app).await;
    assert_eq!(tags(&app, "ada").await, json!(["buyer", "vip"]));
    assert_eq!(log_of(&app, "purchase-recorded").await[0], "info: tags new vip");
    assert_eq!(ada.buys("second", "1.00").await.done().points_earned, 101);
    let told = "{ member(externalId: \"ada\") { events(first: 50) { nodes { name data } } } }";
    let told = app.admin("sandbox", told, Value::Null).await;
    let told = told["member"]["events"]["nodes"].as_array().unwrap().clone();
    let told: Vec<_> = told.iter().rev().filter(|it| it["name"] == "member-tagged").collect();
    let told: Vec<_> = told.iter().map(|it| it["data"].to_string()).collect();
    assert_snapshot!(told.join("\n"), @r#"
    {"added":["new"],"removed":[]}
    {"added":["vip"],"removed":[]}
    {"added":["buyer"],"removed":["new"]}
    "#);
    let mut refusals = Vec::new();
    let many: Vec<_> = (0..21).map(|number| format!("t{number}")).collect();
    for (add, remove) in [
        (json!(["Vip"]), json!([])),
        (json!([]), json!(["x".repeat(65)])),
        (json!(["both"]), json!(["both"])),
        (json!(many), json!([])),
    ] {
        let input = json!({ "member": { "externalId": "ada" }, "add": add, "remove": remove });
        refusals.push(app.does::<Value>("sandbox", TAG, input).await.refused().to_string());
    }
    let nobody = json!({ "member": { "externalId": "bob" }, "add": ["vip"] });
    refusals.push(app.does::<Value>("sandbox", TAG, nobody).await.refused().to_string());
    assert_snapshot!(refusals.join("\n"), @r#"
    INVALID_INPUT add: `Vip`: use lower-case letters, digits and hyphens, at most 64
    INVALID_INPUT remove: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`: use lower-case letters, digits and hyphens, at most 64
    INVALID_INPUT remove: `both` is in `add` as well
    TOO_MANY add: at most 20
    MEMBER_NOT_FOUND member: there is no such member in this program
    "#);
    for part in 0..5 {
        let add: Vec<_> = (0..20).map(|number| format!("t{part}-{number}")).collect();
        let input = json!({ "member": { "externalId": "ada" }, "add": add });
        let outcome = app.does::<Value>("sandbox", TAG, input).await;
        if part == 4 {
            assert_eq!(outcome.refused().code, "TOO_MANY", "a hundred and two");
        } else {
            outcome.done();
        }
    }
}

async fn a_merged_member_hands_its_tags_over_and_an_erased_one_has_none(backend: Backend) {
    const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
         member { tags } userErrors { code message field } } }";
    const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
         member { tags } userErrors { code message field } } }";
    const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
         erasedAt userErrors { code message field } } }";
    let app = TestApp::idle(backend).await;
    apply(&app, "").await.unwrap();
    for (member, tags) in [("ada", ["vip", "tea"]), ("twin", ["tea", "cake"])] {
        app.joins("sandbox", member).await;
        let input = json!({ "member": { "externalId": member }, "add": tags });
        app.does::<Value>("sandbox", TAG, input).await.done();
    }
    let merge = json!({
        "from": { "externalId": "twin" }, "into": { "externalId": "ada" }, "reason": "One person",
        "idempotencyKey": "m",
    });
    let merged: Value = app.does("sandbox", MERGE, merge).await.done();
    assert_eq!(merged, json!({ "tags": ["cake", "tea", "vip"] }));
    let part =
        json!({ "member": { "externalId": "twin" }, "reason": "Two", "idempotencyKey": "u" });
    let parted: Value = app.does("sandbox", UNMERGE, part).await.done();
    assert_eq!(parted, json!({ "tags": ["cake", "tea"] }), "its own");
    let id = app.admin("sandbox", "{ member(externalId: \"ada\") { id } }", Value::Null).await;
    let id = id["member"]["id"].clone();
    let export = ["export", "member", "--program", "sandbox", "--id", id.as_str().unwrap()];
    let exported = perennial(&app.db, &export).succeeds().stdout;
    assert!(exported.contains("\"cake\""), "{exported}");
    app.does::<Value>("sandbox", ERASE, json!({ "memberId": id })).await.done();
    let erased = "query($id: ID!) { member(id: $id) { tags } }";
    let erased = app.admin("sandbox", erased, json!({ "id": id })).await;
    assert_eq!(erased["member"], json!({ "tags": [] }));
    let again = json!({ "member": { "id": id }, "add": ["vip"] });
    let refused = app.does::<Value>("sandbox", TAG, again).await.refused();
    assert_eq!(refused.code, "MEMBER_ERASED");
    books::assert_sound(&app, "sandbox").await;
}

async fn a_plugin_finds_the_service_centers_that_fit(backend: Backend) {
    const CENTER: &str = "mutation($input: PutServiceCenterInput!) { \
         putServiceCenter(input: $input) { serviceCenter { id } \
         userErrors { code message field } } }";
    let app = sociable(backend, "").await;
    for (id, country, at, languages, capabilities) in [
        ("berlin", "DE", (52.52, 13.405), json!(["de", "en"]), json!(["tyres"])),
        ("potsdam", "DE", (52.39, 13.065), json!(["de"]), json!(["engines"])),
        ("warsaw", "PL", (52.23, 21.012), json!(["pl", "en"]), json!(["tyres"])),
        ("gdansk", "PL", (54.35, 18.646), json!(["pl", "en"]), json!(["tyres", "engines"])),
    ] {
        let center = json!({
            "externalId": id, "name": id.to_uppercase(), "country": country, "city": id,
            "latitude": at.0, "longitude": at.1, "languages": languages,
            "capabilities": capabilities,
        });
        app.does::<Value>("sandbox", CENTER, center).await.done();
    }
    app.joins("sandbox", "ada").await.buys("order", "1.00").await.done();
    works(&app).await;
    assert_snapshot!(log_of(&app, "purchase-recorded").await.join("\n"), @r#"
    info: tags new
    info: berlin Some(0)
    info: gdansk Some(402268)
    info: ["GDANSK", "WARSAW"]
    info: handled purchase-recorded
    "#);
}

async fn history_lived_again_shows_no_difference(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&named("ann", &["member-joined", "purchase-recorded", "ben/sighed"])).await;
    app.offers(&named("ben", &["ann/sighed"])).await;
    let tables: String =
        ["ann", "ben"].map(|id| format!("[plugins.{id}]\nmode = \"sociable\"\n")).concat();
    apply(&app, &tables).await.unwrap();
    for member in ["ada", "bob"] {
        let person = app.joins("sandbox", member).await;
        let put = json!({ "member": { "externalId": member }, "add": ["vip"] });
        app.does::<Value>("sandbox", TAG, put).await.done();
        person.buys(&format!("{member}-1"), "30.00").await.done();
        works(&app).await;
        person.buys(&format!("{member}-2"), "5.00").await.done();
        works(&app).await;
    }
    for plugin in ["ann", "ben"] {
        let backtest = ["plugin", "backtest", plugin, "--program", "sandbox", "--json"];
        let said = perennial(&app.db, &backtest).succeeds().stdout;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["membersDifferent"], 0, "{plugin}: {said:#}");
        assert_eq!(said["callsFailed"], 0, "{plugin}: {said:#}");
    }
}

async fn what_is_recorded_of_it_is_made_again_to_the_bit(backend: Backend) {
    const RUNS: &str = "{ plugins { recordedRuns(first: 30) { nodes { run about outcome } } } }";
    let app = sociable(backend, "").await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order", "30.00").await.done();
    works(&app).await;
    let runs = app.admin("sandbox", RUNS, Value::Null).await;
    let runs = runs["plugins"][0]["recordedRuns"]["nodes"].as_array().unwrap().clone();
    assert_eq!(runs.len(), 2, "{runs:?}");
    ada.buys("another", "1.00").await.done();
    works(&app).await;
    for run in &runs {
        let run = run["run"].as_str().unwrap();
        let replay = ["plugin", "replay", run, "--program", "sandbox"];
        let said = perennial(&app.db, &replay).succeeds().stdout;
        assert!(said.ends_with("the same as it was, to the bit\n"), "{said}");
    }
}

/// The plugin with all that it needs in its manifest, in a sandbox with more in its program file.
async fn sociable(backend: Backend, more: &str) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&named(PLUGIN, &["member-joined", "purchase-recorded"])).await;
    apply(&app, &format!("{more}[plugins.sociable]\nmode = \"sociable\"\n")).await.unwrap();
    app
}

fn named(id: &str, events: &[&str]) -> Vec<u8> {
    let subscribes = format!("subscribes = {events:?}");
    plugins::hostile_with(
        id,
        &[
            ("subscribes = [\"purchase-recorded\"]", &subscribes),
            ("hooks = [\"appraise\", \"view\"]", "hooks = []"),
            ("[capabilities]\n", ALL),
            ("[records.toy", SIGHED),
        ],
    )
}

async fn apply(app: &TestApp, more: &str) -> perennial_core::Result<()> {
    let program = format!("{}\n{more}", sandbox_shop());
    app.loyalty.programs().apply(&program, "test").await.map(drop)
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn tags(app: &TestApp, member: &str) -> Value {
    let query = "query($id: String!) { member(externalId: $id) { tags } }";
    app.admin("sandbox", query, json!({ "id": member })).await["member"]["tags"].clone()
}

/// What was logged at the newest event of that name.
async fn log_of(app: &TestApp, event: &str) -> Vec<String> {
    let plugins = app.admin("sandbox", RUNS, Value::Null).await["plugins"].clone();
    let runs = plugins[0]["runs"]["nodes"].as_array().unwrap().clone();
    let run = runs.iter().find(|run| run["eventName"] == event).unwrap();
    serde_json::from_value(run["log"].clone()).unwrap()
}
