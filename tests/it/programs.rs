//! Applying program files to a program with members.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases, perennial};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_live_program_keeps_its_currency,
    a_repeat_is_not_checked_against_todays_program,
    a_purchase_of_zero_counts_as_the_program_says,
    a_diff_says_in_words_what_follows,
    names_are_in_the_programs_own_language,
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
    line 2: `shop` has no name.de, the program's own language (`locale`), but only en
    line 5: `Deutsch!` is not a BCP 47 tag such as en or pt-BR
    line 27: `gold` has name.deutsch_, and that is not a BCP 47 tag such as en
    line 27: `gold` has a name.en that is none: use 1 to 200 printable characters, without space around them
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
