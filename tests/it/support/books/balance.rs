//! The books balance: what is checked after everything that changes points.

use super::number;
use crate::support::TestApp;
use perennial_core::verify::{Progress, Request, verify};
use perennial_core::{Checked, KnownKeys, Signature, worker};

/// Checks that the books balance, and that members have these points between them.
pub(crate) async fn assert_balanced(app: &TestApp, points: i64) {
    const UNBALANCED: &str = "SELECT COUNT(*) AS n FROM (SELECT transaction_id FROM entries \
         GROUP BY program_id, transaction_id HAVING SUM(amount) <> 0) AS unbalanced";
    const ENTRIES: &str = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS n FROM entries WHERE account_id IS NOT NULL";
    const LOTS: &str = "SELECT CAST(COALESCE(SUM(remaining), 0) - (SELECT COALESCE(SUM(owed) + SUM(pending), 0) FROM wallets) AS BIGINT) AS n FROM lots";
    const HELD: &str = "SELECT CAST(COALESCE(SUM(w.held), 0) - COALESCE((SELECT SUM(h.points) \
         FROM holds h WHERE h.ended_at IS NULL), 0) AS BIGINT) AS n FROM wallets w";
    const OWED: &str = "SELECT COUNT(*) AS n FROM wallets w WHERE w.owed <> COALESCE(( \
         SELECT CAST(SUM(d.amount) AS BIGINT) FROM debts d WHERE d.program_id = w.program_id \
             AND d.account_id = w.account_id AND d.point_type = w.point_type), 0)";
    const BOTH: &str = "SELECT COUNT(*) AS n FROM wallets w WHERE w.owed > 0 AND EXISTS ( \
         SELECT 1 FROM lots l WHERE l.program_id = w.program_id AND l.account_id = w.account_id \
             AND l.point_type = w.point_type AND l.remaining > 0 AND l.pending_until IS NULL)";
    const PENDING: &str = "SELECT COUNT(*) AS n FROM wallets w WHERE w.pending <> COALESCE(( \
         SELECT CAST(SUM(l.remaining) AS BIGINT) FROM lots l WHERE l.program_id = w.program_id \
             AND l.account_id = w.account_id AND l.point_type = w.point_type \
             AND l.pending_until IS NOT NULL), 0)";
    const WALLETS: &str = "SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) AS n FROM wallets";
    const ACCOUNT_ENTRIES: &str = "SELECT COUNT(*) AS n FROM entries WHERE (account_id IS NOT NULL \
         OR system_account = 'PENDING') AND seq = 1";
    const WITHIN: &str = "SELECT COUNT(*) AS n FROM transactions WHERE kind = 'EXTEND'";
    const LAST_BALANCES: &str = "SELECT CAST(COALESCE(SUM(w.balance - ( \
         SELECT e.balance_after FROM entries e JOIN transactions t \
             ON t.program_id = e.program_id AND t.id = e.transaction_id \
         WHERE e.program_id = w.program_id AND e.account_id = w.account_id \
             AND e.point_type = w.point_type ORDER BY t.id DESC LIMIT 1)), 0) AS BIGINT) AS n \
         FROM wallets w";
    const TRANSACTIONS: &str = "SELECT COUNT(*) AS n FROM transactions";
    const LOTS_UNLIKE_THEIR_USES: &str = "SELECT COUNT(*) AS n FROM lots l \
         LEFT JOIN (SELECT lot_id, CAST(SUM(amount) AS BIGINT) AS points FROM lot_uses \
             GROUP BY lot_id) u ON u.lot_id = l.id \
         LEFT JOIN (SELECT lot_id, CAST(SUM(amount) AS BIGINT) AS points FROM lot_returns \
             GROUP BY lot_id) g ON g.lot_id = l.id \
         WHERE l.amount - l.remaining <> COALESCE(u.points, 0) - COALESCE(g.points, 0)";
    let db = app.loyalty.db();
    let transactions = number(db, TRANSACTIONS).await - number(db, WITHIN).await;
    for (check, sql, expected) in [
        ("no transaction's entries sum to other than zero", UNBALANCED, 0),
        ("wallets' entries sum to the points", ENTRIES, points),
        ("what remains of lots, less what is owed or pending, sums to the points", LOTS, points),
        ("wallets know what is pending", PENDING, 0),
        ("nobody owes who has an open lot", BOTH, 0),
        ("a wallet owes its debts", OWED, 0),
        ("wallets know what is held", HELD, 0),
        ("wallets hold the points", WALLETS, points),
        (
            "each transaction has one entry of an account, or of what is pending",
            ACCOUNT_ENTRIES,
            transactions,
        ),
        ("a wallet is what its last entry left", LAST_BALANCES, 0),
        (
            "no lot lost other than what its uses took and nothing gave back",
            LOTS_UNLIKE_THEIR_USES,
            0,
        ),
    ] {
        assert_eq!(number(db, sql).await, expected, "{check}: {sql}");
    }
}

/// No key is known.
#[derive(Debug)]
struct NoKeys;

impl KnownKeys for NoKeys {
    fn check(&self, _: &[u8], _: &Signature) -> Checked {
        Checked::UnknownKey
    }
}

/// Verifies a program as the command does, after all of it was placed and sealed.
pub(crate) async fn assert_sound(app: &TestApp, program: &str) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let id = app.loyalty.programs().by_slug(program).await.unwrap().id;
    worker::seal(&app.loyalty, id).await.unwrap();
    let request =
        Request { program: Some(program), kept: None, keys: &NoKeys, watch: &|_: Progress| () };
    let verified = verify(&app.loyalty, &request).await.unwrap();
    let checks = verified.programs.iter().flat_map(|program| &program.checks);
    let faults: Vec<_> = checks.flat_map(|check| &check.faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
