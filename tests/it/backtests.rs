//! What a plugin would have done, beside what it did.

use crate::support::programs::{example, sandbox_shop};
use crate::support::{Backend, TestApp, books, on_both_databases, perennial, plugins};
use serde_json::{Value, json};

on_both_databases!(
    what_runs_shows_no_difference_over_its_own_history,
    another_configuration_shows_what_it_would_change_and_writes_nothing,
    a_plugin_that_nobody_knows_yet_lives_from_the_beginning,
    what_cannot_be_tested_says_why,
);

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { record { data } \
     userErrors { code message field } } }";

async fn what_runs_shows_no_difference_over_its_own_history(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("industries")).await;
    lives(&app).await;
    let mut total = (0, 0);
    for plugin in plugins::BUNDLED_IDS {
        let report = backtest(&app, plugin, &[]);
        assert_eq!(report["membersDifferent"], 0, "{plugin}: {report:#}");
        assert_eq!((&report["callsFailed"], &report["members"]), (&json!(0), &json!(2)));
        assert!(report["calls"].as_i64().unwrap() > 4, "{plugin}: {report:#}");
        let of = &report["total"];
        assert_eq!(of["pointsWere"], of["pointsWouldBe"]);
        total.0 += of["pointsWere"].as_i64().unwrap();
        total.1 += of["messagesWere"].as_i64().unwrap();
    }
    let sent = app.messages("industries").await.len();
    assert!(total.0 > 0 && total.1 > 4, "there is something to compare: {total:?}");
    assert_eq!(total.1, i64::try_from(sent).unwrap(), "each message is some plugin's");
}

async fn another_configuration_shows_what_it_would_change_and_writes_nothing(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("industries")).await;
    lives(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program.toml");
    let other = example("industries").replace("on_time_points = 40", "on_time_points = 50");
    assert_ne!(other, example("industries"));
    std::fs::write(&file, other).unwrap();
    let file = file.to_str().unwrap();
    let before = books::totals(&app).await;
    let report = backtest(&app, "machinery", &["--file", file]);
    assert_eq!(report["membersDifferent"], 1, "{report:#}");
    let (total, of) = (&report["total"], &report["different"][0]);
    assert_eq!((&total["pointsWere"], &total["pointsWouldBe"]), (&json!(40), &json!(50)));
    assert_eq!((of["externalId"].as_str(), &of["pointsWouldBe"]), (Some("baltic"), &json!(50)));
    let changed = of["differences"].as_array().unwrap();
    let points: Vec<_> = changed.iter().map(|one| (&one["points"], &one["isGone"])).collect();
    assert_eq!(points, [(&json!(40), &json!(true)), (&json!(50), &json!(false))]);
    let months = report["months"].as_array().unwrap();
    let month =
        |of: &Value| of["pointsWere"].as_i64().unwrap() != of["pointsWouldBe"].as_i64().unwrap();
    assert_eq!(months.iter().filter(|of| month(of)).count(), 1, "{months:?}");

    // The same, where it does not count, and in words.
    let day = &changed[0]["at"].as_str().unwrap()[..10];
    let none = backtest(&app, "machinery", &["--file", file, "--to", "2026-01-02"]);
    assert_eq!(none["membersDifferent"], 0, "{none:#}");
    let some = backtest(&app, "machinery", &["--file", file, "--from", day, "--to", day]);
    assert_eq!(some["total"]["pointsWouldBe"], 50, "{some:#}");
    let words = ["plugin", "backtest", "machinery", "--program", "industries", "--file", file];
    let words = perennial(&app.db, &words).succeeds().stdout;
    assert!(words.contains("40 → 50"), "{words}");
    assert!(words.contains("1 members would have got something else\n  baltic ("), "{words}");
    assert_eq!(books::totals(&app).await, before, "nothing is written");
}

async fn a_plugin_that_nobody_knows_yet_lives_from_the_beginning(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("first", "10.00").await.done();
    ada.buys("second", "10.00").await.done();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (wasm, file) = (path("curious.wasm"), path("program.toml"));
    std::fs::write(&wasm, plugins::curious()).unwrap();
    for (mode, failed) in [("looks", 0), ("flood", 1)] {
        let source = format!("{}\n[plugins.curious]\nmode = \"{mode}\"\n", sandbox_shop());
        std::fs::write(&file, source).unwrap();
        let arguments = ["--component", wasm.as_str(), "--file", file.as_str()];
        let report = perennial(&app.db, &of("sandbox", "curious", &arguments)).succeeds().stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["callsFailed"], failed, "{report:#}");
        // Of each purchase `appraise` and `on-event`, and of joining.
        assert_eq!(report["calls"], 5);
        if failed > 0 {
            let failure = &report["failures"][0];
            assert_eq!(
                (&failure["kind"], &failure["about"]),
                (&json!("NOT_ALLOWED"), &json!("member-joined"))
            );
        }
    }
}

async fn what_cannot_be_tested_says_why(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let folder = tempfile::tempdir().unwrap();
    let wasm = folder.path().join("curious.wasm");
    std::fs::write(&wasm, plugins::curious()).unwrap();
    let wasm = wasm.to_str().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(&path, text).unwrap();
        path
    };
    let shop = sandbox_shop();
    let others = shop.replacen("program = \"sandbox\"", "program = \"other\"", 1);
    assert_ne!(others, shop);
    let table = "\n[plugins.curious]\nmode = \"looks\"\nversion = \"9.9.9\"\n";
    let (other, without) = (&*file("other.toml", &others), &*file("without.toml", &shop));
    let newer = &*file("newer.toml", &(shop + table));
    for (plugin, also, why) in [
        ("nobody", &[][..], "the program enables no plugin `nobody`: name a component"),
        ("nobody", &["--component", wasm], "is the plugin `curious`"),
        ("curious", &["--component", wasm], "mode"),
        ("curious", &["--component", wasm, "--file", "nowhere.toml"], "cannot read nowhere.toml"),
        ("curious", &["--component", wasm, "--file", "/dev/zero"], "is not a file"),
        ("curious", &["--component", wasm, "--file", other], "of the program `other`"),
        ("curious", &["--component", wasm, "--file", without], "the file enables no plugin"),
        ("curious", &["--component", wasm, "--file", newer], "the file names version 9.9.9"),
        ("curious", &["--from", "2026-02-01", "--to", "2026-01-01"], "is after"),
    ] {
        let refused = perennial(&app.db, &of("sandbox", plugin, also));
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
}

/// Two years of a person and of a company with a machine.
async fn lives(app: &TestApp) {
    let ada = app.joins("industries", "ada").await;
    let contacts = json!([
        { "name": "Ewa", "email": "ewa@example.com", "role": "technical-engineer", "locale": "pl" },
        { "name": "Jan", "email": "jan@example.com", "role": "procurement-director" },
    ]);
    let company = json!({
        "externalId": "baltic", "kind": "ORGANIZATION", "name": "Baltic", "contacts": contacts,
    });
    app.creates("industries", company).await.done();
    let machine = json!({ "model": "HX-200", "installedOn": "2026-01-01" });
    put(app, &machine).await;
    for (reference, day) in [("1", "01-05"), ("2", "02-04"), ("3", "03-06"), ("4", "04-05")] {
        app.advance_clock("industries", &format!("2026-{day}T12:00:00+01:00")).await;
        buys(app, "ada", reference, "coffee").await;
        buys(app, "baltic", &format!("B{reference}"), "spare-parts").await;
    }
    ada.returns("4", "back", json!({ "everything": true })).await.done();
    app.advance_clock("industries", "2026-12-20T12:00:00+01:00").await;
    let mut serviced = machine.clone();
    serviced["servicedOn"] = json!({ "hydraulic-filter": "2026-12-20" });
    put(app, &serviced).await;
    buys(app, "ada", "5", "coffee").await;
    app.advance_clock("industries", "2027-12-01T12:00:00+01:00").await;
}

async fn buys(app: &TestApp, member: &str, reference: &str, category: &str) {
    let line = json!({ "sku": "S-1", "category": category, "quantity": 2, "amount": "300.00" });
    let purchase = json!({
        "member": { "externalId": member }, "reference": reference, "lines": [line],
    });
    app.records("industries", purchase).await.done();
}

async fn put(app: &TestApp, machine: &Value) {
    let input = json!({
        "member": { "externalId": "baltic" }, "type": "equipment", "externalId": "m-1",
        "data": machine,
    });
    app.does::<Value>("industries", PUT, input).await.done();
}

fn backtest(app: &TestApp, plugin: &str, also: &[&str]) -> Value {
    let said = perennial(&app.db, &of("industries", plugin, also)).succeeds().stdout;
    serde_json::from_str(&said).unwrap()
}

fn of(program: &str, plugin: &str, also: &[&str]) -> Vec<String> {
    let first = ["plugin", "backtest", plugin, "--program", program, "--json"];
    first.iter().chain(also).map(|part| (*part).to_owned()).collect()
}
