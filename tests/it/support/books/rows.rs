//! The rows of the books, as they are, for tests that add them up themselves.

use crate::support::TestApp;
use crate::support::random::Random;
use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

/// Entries in the order in which their transactions were written.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct EntryRow {
    pub(crate) transaction_id: Uuid,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) amount: i64,
    pub(crate) balance_after: Option<i64>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct WalletRow {
    pub(crate) account_id: Uuid,
    pub(crate) balance: i64,
    pub(crate) owed: i64,
    pub(crate) held: i64,
    pub(crate) pending: i64,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct LotRow {
    pub(crate) id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) amount: i64,
    pub(crate) remaining: i64,
}

/// What a transaction took from a lot.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct UseRow {
    pub(crate) transaction_id: Uuid,
    pub(crate) lot_id: Uuid,
    pub(crate) amount: i64,
}

/// What of a lot's uses was given back.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct GivenBackRow {
    pub(crate) lot_id: Uuid,
    pub(crate) amount: i64,
}

/// An open hold.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct OpenHoldRow {
    pub(crate) account_id: Uuid,
    pub(crate) transaction_id: Uuid,
    pub(crate) points: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) wallets: Vec<WalletRow>,
    pub(crate) lots: Vec<LotRow>,
    pub(crate) uses: Vec<UseRow>,
    pub(crate) given_back: Vec<GivenBackRow>,
    pub(crate) holds: Vec<OpenHoldRow>,
}

pub(crate) async fn rows(app: &TestApp) -> Rows {
    Rows {
        entries: all(
            app,
            "SELECT transaction_id, account_id, amount, balance_after FROM entries \
             ORDER BY transaction_id, seq",
        )
        .await,
        wallets: all(app, "SELECT account_id, balance, owed, held, pending FROM wallets").await,
        lots: all(app, "SELECT id, account_id, amount, remaining FROM lots").await,
        uses: all(app, "SELECT transaction_id, lot_id, amount FROM lot_uses").await,
        given_back: all(app, "SELECT lot_id, amount FROM lot_returns").await,
        holds: all(
            app,
            "SELECT account_id, transaction_id, points FROM holds WHERE ended_at IS NULL",
        )
        .await,
    }
}

async fn all<T: FromQueryResult>(app: &TestApp, sql: &str) -> Vec<T> {
    let reader = app.loyalty.db().read();
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    T::find_by_statement(statement).all(reader).await.unwrap()
}

/// A number of a row, and how the row is found.
#[derive(Clone, Debug)]
pub(crate) struct NumberOf {
    table: String,
    column: String,
    found_by: String,
    pub(crate) id: Uuid,
    pub(crate) value: i64,
}

impl NumberOf {
    /// The statement that makes one number of it another.
    pub(crate) fn becomes(&self, from: i64, to: i64) -> String {
        let Self { table, column, found_by, .. } = self;
        format!("UPDATE {table} SET {column} = {to} WHERE {found_by} AND {column} = {from}")
    }
}

/// Some row's number in a column; none if no row has one. The key is an id that, of the rows that are
/// meant, one alone has.
pub(crate) async fn any_row(
    app: &TestApp,
    table: &str,
    [key, column, which]: [&str; 3],
    random: &mut Random,
) -> Option<NumberOf> {
    #[derive(FromQueryResult)]
    struct Found {
        key: Uuid,
        value: i64,
    }
    let sql = format!(
        "SELECT {key} AS key, CAST(MIN({column}) AS BIGINT) AS value FROM {table} \
         WHERE {column} IS NOT NULL AND {which} GROUP BY {key} HAVING COUNT(*) = 1 ORDER BY {key}"
    );
    let rows: Vec<Found> = all(app, &sql).await;
    let count = i64::try_from(rows.len()).unwrap();
    let Found { key: id, value } = rows.into_iter().nth(match count {
        0 => return None,
        count => usize::try_from(random.within(0..count)).unwrap(),
    })?;
    let literal = match app.db.url.starts_with("sqlite") {
        true => format!("x'{}'", id.simple()),
        false => format!("'{id}'"),
    };
    Some(NumberOf {
        table: table.to_owned(),
        column: column.to_owned(),
        found_by: format!("{key} = {literal} AND {which}"),
        id,
        value,
    })
}

/// What members have and hold, and what the entries of the program's own accounts say that they
/// must have, as one snapshot shows both.
pub(crate) async fn both_sides(db: &Database) -> (i64, i64) {
    #[derive(FromQueryResult)]
    struct Sides {
        members: i64,
        program: i64,
    }
    const SIDES: &str = "SELECT \
         (SELECT CAST(COALESCE(SUM(balance + held), 0) AS BIGINT) FROM wallets) AS members, \
         (SELECT CAST(COALESCE(-SUM(amount), 0) AS BIGINT) FROM entries \
             WHERE system_account <> 'HELD') AS program";
    let reader = db.read();
    let statement = Statement::from_string(reader.get_database_backend(), SIDES);
    let sides = Sides::find_by_statement(statement).one(reader).await.unwrap().unwrap();
    (sides.members, sides.program)
}
