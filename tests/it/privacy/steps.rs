//! An erasure takes as many steps as it needs: whoever cuts it off, somebody goes on with it, and
//! whoever is at the member meanwhile is before it or refused.

use super::life::{Life, MARK, PROGRAM, does, life, seals, tries};
use super::places::places;
use super::{ERASE, erase};
use crate::support::programs::sandbox_shop;
use crate::support::tamper::tamper;
use crate::support::{
    Backend, Outcome, Sent, TestApp, TestDb, books, on_both_databases, perennial,
};
use futures::future::join_all;
use perennial_core::worker;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

on_both_databases!(
    what_was_cut_off_is_finished_by_a_repeat_or_by_the_worker,
    purchases_meanwhile_are_before_it_or_refused,
    plugins_meanwhile_leave_nothing_behind,
    a_member_with_much_is_erased_in_bounded_steps,
);

async fn what_was_cut_off_is_finished_by_a_repeat_or_by_the_worker(backend: Backend) {
    for by_worker in [false, true] {
        let Life { app, member, .. } = life(backend).await;
        let (stop, go) = match backend {
            Backend::Postgres => (
                "CREATE TRIGGER cut_off BEFORE DELETE ON records FOR EACH ROW \
                 EXECUTE FUNCTION refuse_change()",
                "DROP TRIGGER cut_off ON records",
            ),
            Backend::Sqlite => (
                "CREATE TRIGGER cut_off BEFORE DELETE ON records \
                 BEGIN SELECT RAISE(ABORT, 'cut off'); END",
                "DROP TRIGGER cut_off",
            ),
        };
        books::execute(&app, stop).await.unwrap();
        let token = app.token(PROGRAM, "test", "admin");
        let query = format!(
            "mutation {{ eraseMember(input: {{ memberId: \"{member}\" }}) {{ erasedAt }} }}"
        );
        let (_, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL", "{body:#}");
        assert!(!places(&app, MARK).await.is_empty(), "it is not through");
        perennial(&app.db, &["verify"]).succeeds();
        let later = json!({ "member": { "id": member }, "reference": "later", "total": "1.00" });
        assert_eq!(app.records(PROGRAM, later).await.refused().code, "MEMBER_ERASED");
        books::execute(&app, go).await.unwrap();
        if by_worker {
            while worker::round(&app.loyalty).await.unwrap() > 0 {}
            assert!(!places(&app, MARK).await.is_empty(), "whoever began may still be at it");
            let long_ago = "UPDATE erasures SET recorded_at = recorded_at - 60000000";
            tamper(&app, backend, "erasures", long_ago).await;
            while worker::round(&app.loyalty).await.unwrap() > 0 {}
        } else {
            erase(&app, &member).await.done();
        }
        assert_eq!(places(&app, MARK).await, BTreeSet::new());
        seals(&app).await;
        perennial(&app.db, &["verify"]).succeeds();
    }
}

async fn purchases_meanwhile_are_before_it_or_refused(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let buys = async |number: usize| {
        let purchase = json!({
            "member": { "id": member }, "reference": format!("{MARK}-late-{number}"),
            "total": "100.00",
        });
        tries(
            &app,
            "recordPurchase",
            "RecordPurchaseInput",
            "receipt { points: pointsEarned }",
            purchase,
        )
        .await
    };
    let mut buying = join_all((0..24).map(buys));
    let both = async { tokio::join!(&mut buying, erase(&app, &member)) };
    let (bought, erased) = both.await;
    erased.done();
    for outcome in bought {
        if let Outcome::Refused(refused) = outcome {
            assert_eq!(refused.code, "MEMBER_ERASED");
        }
    }
    assert_eq!(places(&app, MARK).await, BTreeSet::new());
    seals(&app).await;
    perennial(&app.db, &["verify"]).succeeds();
}

async fn plugins_meanwhile_leave_nothing_behind(backend: Backend) {
    let Life { app, member, .. } = life(backend).await;
    let other = TestApp::beside(&app).await;
    for number in 0..6 {
        let machine = json!({
            "member": { "id": member }, "type": "equipment",
            "externalId": format!("{MARK}-new-{number}"),
            "data": { "model": "HX-200", "serial": MARK, "installedOn": "2025-04-20" },
        });
        does(&app, "putRecord", "PutRecordInput", "record { id }", machine).await;
    }
    erase(&app, &member).await.done();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(places(&app, MARK).await, BTreeSet::new());
    }
    drop(other);
    perennial(&app.db, &["verify"]).succeeds();
}

/// A shop's best customer: more rows than a step takes, of purchases, transactions and events.
async fn a_member_with_much_is_erased_in_bounded_steps(backend: Backend) {
    const BATCH: &str = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) \
         { results { receipt { pointsEarned } } userErrors { code message field } } }";
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    for batch in 0..5 {
        let purchase = |number: i32| {
            json!({
                "member": { "externalId": "ada" }, "reference": format!("ada-{batch}-{number}"),
                "lines": [{ "sku": "ada-mug", "amount": "3.00" }],
            })
        };
        let input = json!({ "purchases": (0..220).map(purchase).collect::<Vec<_>>() });
        app.admin("sandbox", BATCH, json!({ "input": input })).await;
    }
    sent.take();
    let erase = json!({ "memberId": ada.member.id });
    app.does::<String>("sandbox", ERASE, erase).await.done();
    let statements = sent.take().len();
    // 1,100 purchases and as many transactions, 200 at a time; 2,200 events, a thousand at a time.
    assert!((30..60).contains(&statements), "{statements} statements");
    assert_eq!(places(&app, "ada-").await, BTreeSet::new());
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    perennial(&app.db, &["verify"]).succeeds();
}
