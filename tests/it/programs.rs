//! Applying program files to a program with members.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, TestDb, on_both_databases, perennial};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_live_program_keeps_its_currency,
    a_repeat_is_not_checked_against_todays_program,
    a_purchase_of_zero_counts_as_the_program_says,
    a_diff_says_in_words_what_follows,
    names_are_in_the_programs_own_language,
    all_that_is_wrong_with_a_file_is_said_at_once,
    a_diff_counts_who_would_move,
    revisions_are_kept_and_an_old_one_can_be_in_force_again,
);

async fn a_live_program_keeps_its_currency(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let dollars = SHOP.replace("EUR", "USD");
    let error = app.loyalty.programs().apply(&dollars, "test").await.unwrap_err();
    assert_snapshot!(
        error.to_string(),
        @"currency: this program has counted in EUR so far, and cannot go over to USD; use another program"
    );
    assert_eq!(app.loyalty.programs().by_slug("shop").await.unwrap().revision, 1);
}

async fn a_repeat_is_not_checked_against_todays_program(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    let purchase = json!({ "reference": "order", "total": "5.00", "currency": "EUR" });
    let first = ada.reports(purchase.clone()).await.done();
    let app = app.with_program(&sandbox_shop().replace("EUR", "USD")).await;
    let ada = app.joins("sandbox", "ada").await;
    assert_eq!(ada.reports(purchase).await.done(), first);
    let other = json!({ "reference": "other", "total": "5.00", "currency": "EUR" });
    assert_snapshot!(
        ada.reports(other).await.refused(),
        @"CURRENCY_MISMATCH currency: the program counts in USD, not EUR"
    );
}

async fn a_purchase_of_zero_counts_as_the_program_says(backend: Backend) {
    let fixed = SHOP.replace("points = 1\nper = \"1.00\"", "points = 7");
    let ignoring = fixed.replace("currency", "count_free_purchases = false\ncurrency");
    let ignoring = ignoring.replace("program = \"shop\"", "program = \"strict\"");
    let app = TestApp::start(backend).await.with_program(&fixed).await;
    let app = app.with_program(&ignoring).await;
    for (program, points, tier) in [("shop", 7, Some("bronze")), ("strict", 0, None)] {
        let ada = app.joins(program, "ada").await;
        assert_eq!(ada.quote("0.00").await.points, points, "{program}");
        let receipt = ada.buys("free", "0.00").await.done();
        assert_eq!(receipt.points_earned, points, "{program}");
        assert_eq!(receipt.tier.as_ref().map(|tier| tier.key.as_str()), tier, "{program}");
        let paid = ada.buys("paid", "1.00").await.done();
        assert_eq!((paid.points_earned, paid.tier.is_some()), (7, true), "{program}");
    }
}

async fn a_diff_says_in_words_what_follows(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let path = app.db.folder.path().join("program.toml");
    let mut said = Vec::new();
    for (from, to) in [
        ("Europe/Berlin", "Europe/Lisbon"),
        ("\"shop\"", "\"store\""),
        ("EUR", "USD"),
        ("[referral]", "[plugins.nowhere]\n[referral]"),
    ] {
        std::fs::write(&path, SHOP.replace(from, to)).unwrap();
        let diff = ["program", "diff", path.to_str().unwrap(), "--json"];
        let diffed = perennial(&app.db, &diff);
        let code = diffed.code;
        let diff: Value = diffed.printed();
        assert_eq!(code, Some(i32::from(diff["refused"].is_object())), "{diff}");
        let notes = diff["notes"].as_array().unwrap().iter();
        said.extend(notes.map(|note| note.as_str().unwrap().to_owned()));
        if let Some(refused) = diff["refused"]["message"].as_str() {
            said.push(format!("refused: {refused}"));
        }
    }
    assert_snapshot!(said.join("\n"), @r"
    time_zone: from Europe/Berlin to Europe/Lisbon: from now on days begin, and points expire, by the new one; what is recorded keeps its instants, and its points their expiry
    program: there is no `store` yet, so it is created, without members; a program keeps its slug, and shop stay as they are
    currency: from EUR to USD: amounts so far are not converted
    refused: currency: this program has counted in EUR so far, and cannot go over to USD; use another program
    refused: plugins.nowhere: the plugin `nowhere` is not installed
    ");
    std::fs::write(&path, SHOP.replace("EUR", "USD")).unwrap();
    let shown = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).exits(1).stdout;
    assert!(shown.contains("applying this is refused: currency: "), "{shown}");
}

async fn names_are_in_the_programs_own_language(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let mut refusals = Vec::new();
    for (from, to) in [
        ("currency", "locale = \"de\"\ncurrency"),
        ("currency", "locale = \"Deutsch!\"\ncurrency"),
        ("name.en = \"Gold\"", "name.deutsch_ = \"Gold\""),
        ("name.en = \"Gold\"", "name.en = \" Gold\""),
    ] {
        let refused = app.loyalty.programs().apply(&SHOP.replace(from, to), "test").await;
        refusals.push(refused.unwrap_err().to_string());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    line 2, column 11: `shop` has no name.de, the program's own language (`locale`), but only en
    line 9, column 6: `euro` has no name.de, the program's own language (`locale`), but only en
    line 16, column 6: `bronze` has no name.de, the program's own language (`locale`), but only en
    line 20, column 6: `discount-5` has no name.de, the program's own language (`locale`), but only en
    line 24, column 6: `silver` has no name.de, the program's own language (`locale`), but only en
    line 28, column 6: `gold` has no name.de, the program's own language (`locale`), but only en
    line 32, column 6: `mug` has no name.de, the program's own language (`locale`), but only en
    line 5, column 10: `Deutsch!` is not a BCP 47 tag such as en or pt-BR
    line 27, column 6: `gold` has name.deutsch_, and that is not a BCP 47 tag such as en
    line 27, column 6: `gold` has a name.en that is none: use 1 to 200 printable characters, without space around them
    ");
    // What was applied before there was such a rule goes on.
    let db = perennial_core::db::Database::connect(&app.db.url).await.unwrap();
    for statement in [
        format!(
            "INSERT INTO program_revisions (program_id, revision, source, actor, created_at) \
             SELECT id, 2, '{}', 'before', 0 FROM programs",
            SHOP.replace("currency", "locale = \"de\"\ncurrency")
        ),
        "UPDATE programs SET revision = 2, version = version + 1".to_owned(),
    ] {
        sea_orm::ConnectionTrait::execute_unprepared(db.write(), &statement).await.unwrap();
    }
    let query = "{ program { revision locale } }";
    let program = app.admin("shop", query, Value::Null).await;
    assert_eq!(program["program"], json!({ "revision": 2, "locale": "de" }));
}

async fn all_that_is_wrong_with_a_file_is_said_at_once(backend: Backend) {
    const WRONG: &str = r#"program = "Shop"
name.en = "Shop"
time_zone = "Europe/Berlyn"
curency = "EUR"
currency = "EURO"
required_appraisals = ["machinry"]

[points]
expiry = { after_months = 0 }
grace_days = 4000
scale = 7
colour = "red"

[[point_types]]
id = "stars"
name.en = "Stars"
scale = 9

[[point_types]]
id = "miles"
name.en = "Miles"

[[earning_rules]]
id = "oil"
name.en = "Oil"
points = 0
per = "ten"
when = """
member.tear == "gold" ||
  purchase.lines.exists(line, line.category = "oil")
"""

[[earning_rules]]
id = "gold"
name.en = "Gold"
points = 5
when = 'member.tier == "golden" && purchase.total > 1'
point_type = "mile"

[[earning_rules]]
id = "stars"
name.en = "Stars"
points = 1
point_type = "stars"

[tiers]
metric = "spent"

[[tiers.ladder]]
id = "gold"
name.fr = "Or"
from = 100

[[tiers.ladder]]
id = "platin"
name.en = "Platinum"
from = "200.00"
benefits = [{ id = "d", name.en = "Discount", discount_percent = 0 }]

[[rewards]]
id = "mug"
name.en = "Mug"
point_type = "miles"

[[rewards]]
id = "cup"
name.en = "Cup"
points = "five"

[plugins.machinery]
version = 2

[budgets.machinrey]
points_per_day = -1
"#;
    let db = TestDb::create(backend).await;
    let path = db.folder.path().join("shop.toml");
    std::fs::write(&path, WRONG).unwrap();
    let applied = perennial(&db, &["program", "apply", path.to_str().unwrap()]).exits(1).stderr;
    let shown = applied.replace(path.to_str().unwrap(), "shop.toml");
    assert_snapshot!(shown, @r#"
    error: shop.toml: line 1, column 11: `Shop` is not an id: use lower-case letters, digits and hyphens, at most 64
    shop.toml: line 3, column 13: `Europe/Berlyn` is not an IANA time zone such as Europe/Warsaw
    shop.toml: line 4, column 1: there is no key `curency` here; did you mean `currency`?
    shop.toml: line 5, column 12: `EURO` is not an ISO 4217 currency code
    shop.toml: line 6, column 24: `machinry` is required, and the file enables no plugin of that id; did you mean `machinery`?
    shop.toml: line 9, column 10: expiry: name `after_months`, `inactive_months`, `end_of` or `on`
    shop.toml: line 10, column 14: grace_days: use 0 to 3660
    shop.toml: line 11, column 9: scale: use 0 to 6
    shop.toml: line 12, column 1: there is no key `colour` here; known are `name`, `expire_after_months`, `expiry`, `pending`, `purchase_max`, `grace_days`, `negative_balance`, `scale`, `payment`, `caps`, `spend_order`
    shop.toml: line 17, column 9: scale: use 0 to 6
    shop.toml: line 26, column 10: points must be a whole number above zero
    shop.toml: line 27, column 7: `ten` is not a decimal amount such as 29.33
    shop.toml: line 30, column 45: not a CEL condition: token recognition error at: '= '
    shop.toml: line 30, column 47: not a CEL condition: extraneous input '"oil"' expecting ')'
    shop.toml: line 37, column 21: there is no tier `golden`: there is `platin`
    shop.toml: line 38, column 14: `mile` is no type of points: `points`, or the id of one of [[point_types]]; did you mean `miles`?
    shop.toml: line 50, column 6: `gold` has no name.en, the program's own language (`locale`), but only fr
    shop.toml: line 52, column 8: from: write money as text, such as "1000.00"
    shop.toml: line 58, column 66: discount_percent: use 1 to 100
    shop.toml: line 60, column 1: `points` is missing
    shop.toml: line 68, column 10: points: use a whole number, not the text "five"
    shop.toml: line 70, column 10: version = 2: use a text such as "1.2.0"
    shop.toml: line 73, column 10: `machinrey` has a budget, and the file enables no plugin of that id; did you mean `machinery`?
    shop.toml: line 74, column 18: use a whole number, 0 or more
    hint: Correct the program file at the named places; nothing was changed. [PROGRAM_FILE_INVALID]
    "#);
    let diffed = perennial(&db, &["program", "diff", path.to_str().unwrap()]).exits(1).stderr;
    assert_eq!(diffed, applied);
    let listed = perennial(&db, &["program", "list"]).succeeds().stdout;
    assert_eq!(listed.trim(), "", "nothing was made");
}

async fn a_diff_counts_who_would_move(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    // Bronze from the first purchase, silver from the third, gold from the fifth.
    for (name, purchases) in [("ada", 0), ("ben", 1), ("cleo", 3), ("dan", 2), ("eve", 6)] {
        let member = app.joins("shop", name).await;
        for number in 0..purchases {
            member.buys(&format!("{name}-{number}"), "10.00").await.done();
        }
    }
    let erased = app.joins("shop", "fay").await;
    erased.buys("fay-0", "10.00").await.done();
    erased.is_erased().await;
    let path = app.db.folder.path().join("program.toml");
    let notes = |file: String| {
        std::fs::write(&path, file).unwrap();
        let diff: Value =
            perennial(&app.db, &["program", "diff", path.to_str().unwrap(), "--json"]).printed();
        let notes = diff["notes"].as_array().unwrap().iter();
        notes.map(|note| note.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(notes(SHOP.to_owned()), "");
    assert_snapshot!(notes(SHOP.replace("from = 3", "from = 2")), @"tiers: of 5 members, 1 from bronze to silver");
    assert_snapshot!(notes(SHOP.replace("from = 3", "from = 4")), @"tiers: of 5 members, 1 from silver to bronze");
    assert_snapshot!(notes(SHOP.replace("metric = \"purchases\"", "metric = \"points-earned\"")), @"tiers: of 5 members, 2 from bronze to gold, 1 from silver to gold");
    assert_snapshot!(notes(SHOP.split("[tiers]").next().unwrap().to_owned()), @"tiers: of 5 members, 2 from bronze to no tier, 1 from silver to no tier, 1 from gold to no tier");
}

async fn revisions_are_kept_and_an_old_one_can_be_in_force_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let path = app.db.folder.path().join("program.toml");
    let apply = |file: &str, expect: &str| {
        std::fs::write(&path, file).unwrap();
        let apply = ["program", "apply", path.to_str().unwrap(), "--expect", expect, "--json"];
        perennial(&app.db, &apply)
    };
    let generous = SHOP.replace("points = 1\nper", "points = 3\nper");
    let refused = apply(&generous, "0").exits(1).stderr;
    assert!(
        refused.contains("revision 1 is in force") && refused.contains("[REVISION_MOVED]"),
        "{refused}"
    );
    assert_eq!(apply(&generous, "1").printed::<Value>(), json!({ "revision": 2, "changed": true }));
    assert_eq!(
        apply(&generous, "2").printed::<Value>(),
        json!({ "revision": 2, "changed": false })
    );

    let show = |more: &[&str]| {
        perennial(&app.db, &[&["program", "show", "shop"], more].concat()).succeeds().stdout
    };
    assert_eq!(show(&[]).trim_end(), generous.trim_end());
    assert_eq!(show(&["--revision", "1"]).trim_end(), SHOP.trim_end());
    let unknown = ["program", "show", "shop", "--revision", "4294967295"];
    assert!(perennial(&app.db, &unknown).exits(1).stderr.contains("[REVISION_NOT_FOUND]"));

    let back = |revision: &str| {
        perennial(&app.db, &["program", "rollback", "shop", revision, "--expect", "2"])
    };
    assert!(back("9").exits(1).stderr.contains("`shop` has no revision 9"));
    assert_snapshot!(back("2").succeeds().stdout.trim(), @"shop: what revision 2 says is in force already");
    assert_snapshot!(back("1").succeeds().stdout.trim(), @"shop: revision 1 is in force again, as 3");
    assert!(back("2").exits(1).stderr.contains("[REVISION_MOVED]"));
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.buys("order", "10.00").await.done().points_earned, 10);

    let history: Value = perennial(&app.db, &["program", "history", "shop", "--json"]).printed();
    let said = |row: &Value| {
        let (revision, in_force) = (&row["revision"], &row["inForce"]);
        format!("{revision} by {} {in_force}", row["appliedBy"].as_str().unwrap())
    };
    let said: Vec<_> = history.as_array().unwrap().iter().map(said).collect();
    assert_eq!(said, ["3 by command line true", "2 by command line false", "1 by test false"]);
    let shown = perennial(&app.db, &["program", "history", "shop"]).succeeds().stdout;
    assert!(shown.lines().next().unwrap().ends_with("command line (in force)"), "{shown}");
}
