//! What the benchmarks of the ledger ask of the core, as the routes would.

use super::{Order, Platform};
use perennial_core::members::MemberRef;
use perennial_core::purchases::PurchaseRef;
use perennial_core::returns::{NewReturn, Returned};
use perennial_core::rewards::Redeem;
use perennial_core::verify::{Request, verify};
use perennial_core::{Actor, Checked, Clock, KnownKeys, Loyalty, Signature, worker};
use sea_orm::{ConnectionTrait, Statement};
use std::time::{Duration, Instant};

/// How often it is looked whether everything has its place.
const LOOK: Duration = Duration::from_millis(20);
/// What is committed and not placed, and whether there is more placed than waits to be sealed.
const UNPLACED: &str = "SELECT (SELECT COUNT(*) FROM journal_unplaced), \
     COALESCE((SELECT MAX(position + count - 1) FROM journal), 0) \
     - COALESCE((SELECT MAX(last_position) FROM seals), 0)";
const LOGGED: &str = "SELECT CAST(pg_current_wal_lsn() - pg_lsn '0/0' AS BIGINT)";
const ENTRIES: &str = "SELECT COUNT(*) FROM entries";
/// Fewer wait for others before they are sealed.
const BLOCK: i64 = 1000;

/// Whoever calls the core.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    loyalty: Loyalty,
    actor: Actor,
}

impl Teller {
    /// Records a purchase, which earns.
    pub(crate) async fn earn(&self, order: &Order) {
        let purchase = order.purchase(Clock.now());
        let receipt = self.loyalty.purchases().record(&self.actor, purchase).await;
        assert!(receipt.expect("a receipt").is_new);
    }

    /// Redeems a reward, which spends.
    pub(crate) async fn redeem(&self, member: String, reward: &str) {
        let request = Redeem {
            member: MemberRef::ExternalId(member),
            by: None,
            reward: reward.to_owned(),
            idempotency_key: "1".to_owned(),
        };
        self.loyalty.rewards().redeem(&self.actor, &request).await.expect("a redemption");
    }

    /// Returns all of a purchase.
    pub(crate) async fn give_back(&self, reference: String) {
        let request = NewReturn {
            purchase: PurchaseRef::Reference(reference),
            reference: "1".to_owned(),
            returned_at: None,
            what: Returned::Whole,
        };
        let receipt = self.loyalty.returns().record(&self.actor, request).await;
        assert!(receipt.expect("a receipt").is_whole);
    }
}

impl Platform {
    pub(crate) fn teller(&self) -> Teller {
        Teller { loyalty: self.loyalty.clone(), actor: self.actor.clone() }
    }

    /// Waits until the worker has placed and sealed what was committed, so that what comes next has
    /// the machine for itself.
    pub(crate) async fn settle(&self) {
        loop {
            let [unplaced, unsealed] = self.numbers(UNPLACED).await;
            if unplaced == 0 && unsealed < BLOCK {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn entries(&self) -> usize {
        self.count(ENTRIES).await
    }

    /// Bytes that PostgreSQL's server has written to its log, whoever caused them.
    pub(crate) async fn logged(&self) -> usize {
        self.count(LOGGED).await
    }

    /// Verifies the program, of which everything is sealed first: how many entries, how many rows
    /// its checks have compared, and in which time.
    pub(crate) async fn verify(&self) -> (u64, u64, Duration) {
        worker::seal(&self.loyalty, self.actor.program()).await.expect("seals");
        let request = Request { program: None, kept: None, keys: &NoKeys, watch: &|_| {} };
        let start = Instant::now();
        let verified = verify(&self.loyalty, &request).await.expect("a report");
        let took = start.elapsed();
        assert!(verified.is_sound(), "{verified:#?}");
        let checks = verified.programs.iter().flat_map(|program| &program.checks);
        (verified.entries, checks.map(|check| check.rows).sum(), took)
    }

    /// The one number that a statement answers with.
    pub(super) async fn count(&self, sql: &str) -> usize {
        let [count] = self.numbers(sql).await;
        usize::try_from(count).expect("a count")
    }

    async fn numbers<const N: usize>(&self, sql: &str) -> [i64; N] {
        let db = self.loyalty.db().read();
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.expect("an answer").expect("a row");
        std::array::from_fn(|index| row.try_get_by_index(index).expect("a number"))
    }
}

/// Nobody signs seals here.
#[derive(Debug)]
struct NoKeys;

impl KnownKeys for NoKeys {
    fn check(&self, _: &[u8], _: &Signature) -> Checked {
        Checked::UnknownKey
    }
}
