//! Databases that refuse what they should take.

use super::execute;
use crate::support::{Backend, TestApp};

/// Takes more from wallets than they hold.
pub(crate) async fn overdraw(app: &TestApp) -> Result<(), String> {
    execute(app, "UPDATE wallets SET balance = -1 - owed").await
}

/// The tables whose rows nothing can change any more after [`refuse_writes`].
const REFUSED: [&str; 2] = ["accounts", "programs"];

/// Makes the database refuse what every commit and every probe writes, as if its disk were full.
pub(crate) async fn refuse_writes(app: &TestApp, backend: Backend) {
    for table in REFUSED {
        let what = match backend {
            Backend::Postgres => "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            Backend::Sqlite => "BEGIN SELECT RAISE(ABORT, 'refused'); END",
        };
        let refuse = format!("CREATE TRIGGER refused_{table} BEFORE UPDATE ON {table} {what}");
        execute(app, &refuse).await.unwrap();
    }
}

/// Makes the database refuse any return of an order.
pub(crate) async fn break_returns(app: &TestApp, backend: Backend, order: &str) {
    let id = format!("(SELECT id FROM purchases WHERE reference = '{order}')");
    match backend {
        Backend::Sqlite => {
            let refuse = format!(
                "CREATE TRIGGER broken BEFORE INSERT ON returns WHEN NEW.purchase_id = {id} \
                 BEGIN SELECT RAISE(ABORT, 'broken'); END"
            );
            execute(app, &refuse).await.unwrap();
        }
        Backend::Postgres => {
            let refuse = format!(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF NEW.purchase_id = {id} THEN RAISE 'broken'; END IF; RETURN NEW; END $$"
            );
            execute(app, &refuse).await.unwrap();
            let when = "CREATE TRIGGER broken BEFORE INSERT ON returns \
                        FOR EACH ROW EXECUTE FUNCTION broken()";
            execute(app, when).await.unwrap();
        }
    }
}

/// Takes back what [`refuse_writes`] did.
pub(crate) async fn take_writes(app: &TestApp, backend: Backend) {
    for table in REFUSED {
        let of = if backend == Backend::Postgres { format!(" ON {table}") } else { String::new() };
        execute(app, &format!("DROP TRIGGER refused_{table}{of}")).await.unwrap();
    }
}

/// Fills the disk of PostgreSQL, for purchases.
pub(crate) async fn fill_disk(app: &TestApp) {
    let full = "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$";
    execute(app, full).await.unwrap();
    let when = "CREATE TRIGGER full_disk BEFORE INSERT ON purchases \
                FOR EACH ROW EXECUTE FUNCTION full_disk()";
    execute(app, when).await.unwrap();
}

/// Makes room again.
pub(crate) async fn free_disk(app: &TestApp) {
    execute(app, "DROP TRIGGER full_disk ON purchases").await.unwrap();
}
