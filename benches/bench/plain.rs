//! The baseline of writing: the same rows that a purchase leaves, by plain prepared statements in a
//! transaction, with nothing decided and nothing checked.

use crate::db::TestDb;
use perennial_core::db::Database;
use perennial_core::{EventId, Id, LotId, MemberId, ProgramId, PurchaseId, TransactionId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait, Value};
use serde_json::json;

pub(crate) const MEMBERS: usize = 1000;
const PURCHASE: &str = "INSERT INTO purchases (program_id, id, member_id, reference, \
     arguments_hash, currency, total_minor, purchased_at, recorded_at, revision, points, \
     referral_points, balance_after, appraisal, standing) \
     VALUES ($1, $2, $3, $4, $6, 'EUR', 1000, 0, 0, 1, 10, 0, 10, $5, $5)";
const TRANSACTION: &str = "INSERT INTO transactions (program_id, id, account_id, kind, \
     effective_at, recorded_at, actor, purchase_id) VALUES ($1, $2, $3, 'EARN', 0, 0, 'bench', $4)";
const WALLET_ENTRY: &str = "INSERT INTO entries (program_id, transaction_id, seq, account_id, \
     point_type, amount, balance_after) VALUES ($1, $2, 1, $3, 'POINTS', 10, 10)";
const SYSTEM_ENTRY: &str = "INSERT INTO entries (program_id, transaction_id, seq, system_account, \
     point_type, amount) VALUES ($1, $2, 2, 'ISSUED', 'POINTS', -10)";
const LOT: &str = "INSERT INTO lots (program_id, account_id, id, point_type, transaction_id, \
     earned_at, amount, remaining) VALUES ($1, $2, $3, 'POINTS', $4, 0, 10, 10)";
const WALLET: &str = "UPDATE wallets SET balance = balance + 10, earned = earned + 10 \
     WHERE program_id = $1 AND account_id = $2";
const ACCOUNT: &str =
    "UPDATE accounts SET purchases = purchases + 1 WHERE program_id = $1 AND id = $2";
const EVENT: &str = "INSERT INTO events VALUES ($1, $2, $3, $4, $5, $6, 0, 0)";

/// A migrated database with the same number of members.
pub(crate) struct Plain {
    db: Database,
    program: ProgramId,
    members: Vec<MemberId>,
    _folder: TestDb,
}

impl Plain {
    pub(crate) async fn open(folder: TestDb) -> Self {
        let db = Database::connect(&folder.url).await.expect("a database");
        let program = ProgramId::new();
        let members: Vec<_> = (0..MEMBERS).map(|_| MemberId::new()).collect();
        let plain = Self { db, program, members, _folder: folder };
        let tx = plain.db.write().begin().await.expect("a transaction");
        for member in &plain.members {
            let ids = || [id(plain.program), id(*member)];
            run(&tx, "INSERT INTO accounts (program_id, id, kind, version, event_seq, purchases, spent_minor) VALUES ($1, $2, 'MEMBER', 1, 0, 0, 0)", ids()).await;
            run(&tx, "INSERT INTO wallets (program_id, account_id, point_type, balance, pending, held) VALUES ($1, $2, 'POINTS', 0, 0, 0)", ids()).await;
        }
        tx.commit().await.expect("a commit");
        plain
    }

    /// Writes the rows of purchases `from..to`, in one transaction.
    pub(crate) async fn write(&self, from: usize, to: usize) {
        let tx = self.db.write().begin().await.expect("a transaction");
        for number in from..to {
            self.purchase(&tx, number).await;
        }
        tx.commit().await.expect("a commit");
    }

    async fn purchase(&self, tx: &DatabaseTransaction, number: usize) {
        let member = self.members[number % self.members.len()];
        let program = || id(self.program);
        let (purchase, transaction) = (PurchaseId::new(), TransactionId::new());
        let answer = json!({ "points": 10, "balance": 10, "reference": number.to_string() });
        let reference = Value::from(format!("order-{number}"));
        let hash = Value::from(vec![0_u8; 32]);
        let values = [program(), id(purchase), id(member), reference, answer.clone().into(), hash];
        run(tx, PURCHASE, values).await;
        run(tx, TRANSACTION, [program(), id(transaction), id(member), id(purchase)]).await;
        run(tx, WALLET_ENTRY, [program(), id(transaction), id(member)]).await;
        run(tx, SYSTEM_ENTRY, [program(), id(transaction)]).await;
        run(tx, LOT, [program(), id(member), id(LotId::new()), id(transaction)]).await;
        run(tx, WALLET, [program(), id(member)]).await;
        run(tx, ACCOUNT, [program(), id(member)]).await;
        for (name, seq) in [("purchase-recorded", 2 * number), ("points-earned", 2 * number + 1)] {
            let seq = i64::try_from(seq).expect("a small number");
            let event = [
                program(),
                id(EventId::new()),
                id(member),
                seq.into(),
                name.into(),
                answer.clone().into(),
            ];
            run(tx, EVENT, event).await;
        }
    }
}

async fn run(tx: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.expect("a row");
}

fn id(id: impl Id) -> Value {
    Value::from(id.uuid())
}
