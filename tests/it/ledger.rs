//! The books: balanced, append-only, and expiry that does not depend on when anybody looked.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::json;

const REDEEM: &str = "mutation($key: String!) { redeemReward(input: { reward: \"mug\", idempotencyKey: $key }) \
     { redemption { balance } userErrors { code } } }";
const TRANSACTIONS: &str =
    "{ transactions(first: 50) { nodes { kind points balanceAfter effectiveAt } } }";

on_both_databases! {
    async fn the_books_balance_after_a_life_of_everything(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
        app.member("sandbox", "ada").await;
        for order in 0..12 {
            app.advance_clock("sandbox", &format!("2026-{:02}-15T00:00:00Z", order + 1)).await;
            app.buys("sandbox", "ada", &format!("order-{order}"), &format!("{}.50", order * 3)).await;
            if order % 3 == 2 {
                app.storefront("sandbox", "ada", REDEEM, json!({ "key": format!("wish-{order}") })).await;
            }
        }
        app.advance_clock("sandbox", "2027-06-20T00:00:00Z").await;
        let points = app.points("sandbox", "ada").await;
        assert_eq!(number(&app, "SELECT COUNT(*) AS n FROM (SELECT transaction_id FROM entries \
            GROUP BY program_id, transaction_id HAVING SUM(amount) <> 0) AS unbalanced").await, 0);
        assert_eq!(number(&app, "SELECT CAST(SUM(amount) AS BIGINT) AS n FROM entries WHERE account = 'WALLET'").await, points);
        assert_eq!(number(&app, "SELECT CAST(SUM(remaining) AS BIGINT) AS n FROM lots").await, points);
        assert_eq!(number(&app, "SELECT balance AS n FROM wallets").await, points);
        assert_eq!(number(&app, "SELECT version AS n FROM wallets").await, number(&app, "SELECT COUNT(*) AS n FROM transactions").await);
        let used = "SELECT COUNT(*) AS n FROM lots l WHERE l.amount - l.remaining <> COALESCE( \
            (SELECT CAST(SUM(u.amount) AS BIGINT) FROM lot_uses u WHERE u.lot_id = l.id), 0)";
        assert_eq!(number(&app, used).await, 0, "what a lot lost is what its uses took");
    }

    async fn the_first_to_expire_is_spent_first(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
        app.member("sandbox", "ada").await;
        app.buys("sandbox", "ada", "january", "10.00").await;
        app.advance_clock("sandbox", "2026-03-01T00:00:00Z").await;
        app.buys("sandbox", "ada", "march", "10.00").await;
        app.storefront("sandbox", "ada", REDEEM, json!({ "key": "wish" })).await;
        app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
        assert_eq!(app.points("sandbox", "ada").await, 10, "January's points were spent, March's are alive");
    }

    async fn expired_points_cannot_be_spent_before_any_sweep(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
        app.member("sandbox", "ada").await;
        app.buys("sandbox", "ada", "order-1", "10.00").await;
        // The clock alone, as if the sweeper had not run: what has expired must not count.
        execute(&app, "UPDATE programs SET test_clock_at = 1830000000000000").await.unwrap();
        assert_eq!(app.points("sandbox", "ada").await, 0);
        let refused = app.storefront("sandbox", "ada", REDEEM, json!({ "key": "late" })).await;
        assert_eq!(refused["redeemReward"]["userErrors"][0]["code"], json!("INSUFFICIENT_POINTS"));
        app.advance_clock("sandbox", "2028-01-01T00:00:00Z").await;
        let all = app.admin("sandbox", TRANSACTIONS, json!({})).await;
        let expired = &all["transactions"]["nodes"][0];
        assert_eq!((&expired["kind"], &expired["points"]), (&json!("EXPIRE"), &json!(-10)));
        assert_eq!(expired["effectiveAt"], json!("2026-12-31T23:00:00Z"), "when it was due, not when it was swept");
    }

    async fn history_cannot_be_changed_in_the_database(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        app.buys("shop", "ada", "order-1", "10.00").await;
        for table in ["entries", "transactions", "events", "program_revisions"] {
            for statement in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET program_id = program_id")] {
                let error = execute(&app, &statement).await.unwrap_err();
                assert!(error.contains("append-only"), "{statement}: {error}");
            }
        }
        let negative = execute(&app, "UPDATE wallets SET balance = -1").await.unwrap_err();
        assert!(negative.to_lowercase().contains("check"), "{negative}");
    }

    async fn a_repeated_redemption_answers_the_first(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        app.buys("shop", "ada", "order-1", "25.00").await;
        let first = app.storefront("shop", "ada", REDEEM, json!({ "key": "wish" })).await;
        assert_eq!(first["redeemReward"]["redemption"]["balance"], json!(15));
        assert_eq!(app.storefront("shop", "ada", REDEEM, json!({ "key": "wish" })).await, first);
        assert_eq!(app.points("shop", "ada").await, 15);
    }
}

async fn number(app: &TestApp, sql: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Number {
        n: i64,
    }
    let db = app.loyalty.db().read();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Number::find_by_statement(statement).one(db).await.unwrap().unwrap().n
}

async fn execute(app: &TestApp, sql: &str) -> Result<(), String> {
    app.loyalty
        .db()
        .write()
        .execute_unprepared(sql)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}
