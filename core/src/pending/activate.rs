//! Letting pending points be spent: those of one transaction, or of a purchase to which something
//! has happened.

use super::PendingPoints;
use super::read::{Pending, PendingRow};
use crate::accounts::policy::pending::days_after;
use crate::accounts::{Lots, ask_late, ask_states};
use crate::context::Program;
use crate::db::{TryError, row};
use crate::operation::{Operation, decide};
use crate::purchases::PurchaseRef;
use crate::{Actor, Code, Error, PurchaseId, Result, Scope, Timestamp, TransactionId, text};

/// What lets pending points be spent.
#[derive(Clone, Debug)]
pub enum Activate {
    /// Somebody who does not wait any longer: for those of one transaction.
    Transaction(TransactionId),
    /// Something that happened to a purchase.
    Event {
        purchase: PurchaseRef,
        /// As the program file names it.
        event: String,
        /// The program's now when absent.
        happened_at: Option<Timestamp>,
    },
}

/// What came of it. A repeat answers the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activated {
    /// The transactions by which points can be spent now.
    pub earned: Vec<TransactionId>,
    /// What goes on to be pending for some days more.
    pub scheduled: Vec<Pending>,
}

row! {
    /// What is named: by one of the three.
    struct ActivateKey {
        transaction_id: Option<TransactionId>,
        purchase_id: Option<PurchaseId>,
        reference: Option<String>,
        event: Option<String>,
    }
}

row! {
    struct PurchaseRow {
        id: PurchaseId,
        event: String,
    }
}

const PURCHASES: &str = "
    SELECT b.id, k.event
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id AND b.accrual_of IS NULL
    UNION
    SELECT b.id, k.event
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.reference = k.reference";
const NAMED: &str = "
    SELECT a.transaction_id, a.account_id, a.lot_id, a.point_type, a.purchase_id, a.awaits, a.days,
        a.expiry, a.reason, a.outcome, a.earn_id
    FROM {rows} AS k EACH pendings AS a
    WHERE a.program_id = $1 AND a.transaction_id = k.transaction_id
    UNION ALL
    SELECT a.transaction_id, a.account_id, a.lot_id, a.point_type, a.purchase_id, a.awaits, a.days,
        a.expiry, a.reason, a.outcome, a.earn_id
    FROM named_purchase AS k EACH pendings AS a
    WHERE a.program_id = $1 AND a.purchase_id = k.id AND a.awaits = k.event";
const PENDINGS: &str = "
    SELECT k.transaction_id, k.account_id, k.lot_id, k.point_type, k.purchase_id, k.awaits, k.days,
        k.expiry, k.reason, k.outcome, k.earn_id, l.pending_until, l.remaining
    FROM named_pending AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id";

impl PendingPoints<'_> {
    /// Fails with `TRANSACTION_NOT_FOUND`, `PURCHASE_NOT_FOUND`, `PENDING_ENDED`, `FUTURE_INSTANT` or
    /// `INVALID_INPUT`; nothing changes then. A purchase of which nothing waits for the event is no
    /// mistake.
    pub async fn activate(self, actor: &Actor, request: &Activate) -> Result<Activated> {
        request.check(actor)?;
        decide(self.context, actor.program(), "activating points", |program| {
            self.attempt(program, actor, request)
        })
        .await
    }

    async fn attempt(
        self,
        program: Program,
        actor: &Actor,
        request: &Activate,
    ) -> Result<Activated, TryError> {
        let key = request.key();
        let mut look = self.context.look(program.id);
        look.table_over("named_purchase", PURCHASES, std::slice::from_ref(&key));
        look.table_over("named_pending", NAMED, std::slice::from_ref(&key));
        look.table("who", "SELECT DISTINCT account_id AS id FROM named_pending");
        let states = ask_states(&mut look, Lots::All);
        let purchase = look.ask::<PurchaseRow>("SELECT id, event FROM named_purchase");
        let pendings = look.ask::<PendingRow>(PENDINGS);
        // What is told late may be over already, or keep what has ended since.
        let since = program.definition.late_since(request.happened_at().into_iter());
        let late = since.map(|since| ask_late(&mut look, since, false));
        let (found, program) = self.context.ask(&program, look).await?;
        let (purchase, rows) = (found.rows(purchase)?.pop(), found.rows(pendings)?);
        request.check_found(purchase.is_some(), &rows)?;
        let at = request.instant(&program)?;
        let mut states = states.read(&found)?;
        late.map_or(Ok(()), |late| late.read(&found, &mut states))?;
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let mut activated = Activated::default();
        let mut changes = false;
        // What waits at one who was erased is nobody's; the others' goes on.
        let is_passed_over =
            |row: &PendingRow| request.is_event() && operation.is_erased(row.account_id.into());
        let rows: Vec<_> = rows.into_iter().filter(|row| !is_passed_over(row)).collect();
        for row in rows {
            changes |= let_go(&mut operation, row, at, &mut activated)?;
        }
        if changes {
            operation.commit().await?;
        }
        Ok(activated)
    }
}

/// Activates what is pending, or says until when it is; returns whether that changes anything.
fn let_go(
    operation: &mut Operation<'_>,
    row: PendingRow,
    at: Option<Timestamp>,
    activated: &mut Activated,
) -> Result<bool> {
    if let Some(earned) = row.earn_id.or(operation.activated_by(row.transaction_id)) {
        activated.earned.push(earned);
        return Ok(row.earn_id.is_none());
    }
    let (member, now) = (row.account_id.into(), operation.program().now);
    let zone = operation.program().definition.zone.clone();
    let Some(lot) = operation.state(member)?.pending_lot(row.lot_id) else { return Ok(false) };
    let (earned_at, is_known) = (lot.earned_at, lot.pending_until < Some(Timestamp::LAST));
    let until = match at {
        // What happened is reported once; a repeat does not put it off.
        Some(_) if is_known => {
            activated.scheduled.push(row.pending());
            return Ok(false);
        }
        Some(at) => days_after(at.max(earned_at), row.days(), &zone)?,
        None => now,
    };
    let expires_at = row.expiry()?.after(until, &zone)?;
    operation.change(member)?.schedule(row.lot_id, until, expires_at)?;
    if until <= now {
        activated.earned.push(operation.activate_reported(member, row.lot_id, until)?);
        operation.expire_of(member)?;
    } else {
        activated.scheduled.push(row.scheduled(until));
    }
    Ok(true)
}

impl Activate {
    fn check(&self, actor: &Actor) -> Result<()> {
        match self {
            Self::Transaction(_) => actor.require(Scope::PointsAdjust),
            Self::Event { purchase, event, .. } => {
                actor.require(Scope::PurchasesWrite)?;
                purchase.check()?;
                if text::is_slug(event) {
                    return Ok(());
                }
                Err(text::invalid("event", "use an event of the program file, such as delivered"))
            }
        }
    }

    fn key(&self) -> ActivateKey {
        let none =
            ActivateKey { transaction_id: None, purchase_id: None, reference: None, event: None };
        match self.clone() {
            Self::Transaction(id) => ActivateKey { transaction_id: Some(id), ..none },
            Self::Event { purchase: PurchaseRef::Id(id), event, .. } => {
                ActivateKey { purchase_id: Some(id), event: Some(event), ..none }
            }
            Self::Event { purchase: PurchaseRef::Reference(reference), event, .. } => {
                ActivateKey { reference: Some(reference), event: Some(event), ..none }
            }
        }
    }

    fn check_found(&self, has_purchase: bool, rows: &[PendingRow]) -> Result<()> {
        match self {
            Self::Event { .. } if has_purchase => Ok(()),
            Self::Event { .. } => {
                let why = "there is no such purchase in this program";
                Err(Error::new(Code::PurchaseNotFound, why).at("purchase"))
            }
            Self::Transaction(_) => match rows.first().map(|row| row.outcome.as_deref()) {
                Some(Some("CANCELLED")) => {
                    let why = "these points were cancelled: they will not be earned";
                    Err(Error::new(Code::PendingEnded, why).at("transactionId"))
                }
                Some(_) => Ok(()),
                None => {
                    let why = "there is no transaction in this program whose points are pending";
                    Err(Error::new(Code::TransactionNotFound, why).at("transactionId"))
                }
            },
        }
    }

    const fn is_event(&self) -> bool {
        matches!(self, Self::Event { .. })
    }

    /// When it happened, where that is told.
    fn happened_at(&self) -> Option<Timestamp> {
        match self {
            Self::Event { happened_at, .. } => *happened_at,
            Self::Transaction(_) => None,
        }
    }

    /// When it happened, if it is something that happens.
    fn instant(&self, program: &Program) -> Result<Option<Timestamp>> {
        match self {
            Self::Transaction(_) => Ok(None),
            Self::Event { happened_at, .. } => {
                program.instant("happenedAt", *happened_at).map(Some)
            }
        }
    }
}
