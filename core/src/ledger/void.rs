//! Voiding: making a wrong transaction good by another one, once.

use super::{Ledger, Transaction, statement};
use crate::accounts::{Lots, ask_states, ask_trace};
use crate::context::Program;
use crate::db::{TryError, row};
use crate::operation::{Operation, decide};
use crate::{Actor, Code, Error, Result, Scope, TransactionId, text};

row! {
    struct KnownRow {
        transaction_id: TransactionId,
    }
}

row! {
    struct ReturnedRow {
        reference: String,
    }
}

const KNOWN: &str = "
    SELECT v.transaction_id
    FROM traced AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.id";

/// What came back of the purchase that the transaction is about.
const RETURNED: &str = "
    SELECT r.reference
    FROM traced AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.purchase_id";

impl Ledger<'_> {
    /// Makes a transaction good: what it gave is taken back, as far as the balance goes; what it
    /// took is given back. A repeat returns the first. Fails with `TRANSACTION_NOT_FOUND`,
    /// `CANNOT_BE_VOIDED` or `INSUFFICIENT_POINTS`; nothing changes then.
    pub async fn void(
        self,
        actor: &Actor,
        transaction: TransactionId,
        reason: &str,
    ) -> Result<Transaction> {
        actor.require(Scope::PointsAdjust)?;
        text::name("reason", reason)?;
        let id = decide(self.context, actor.program(), "voiding a transaction", |program| {
            self.try_void(program, actor, transaction, reason)
        })
        .await?;
        statement::known(&self.context.db, actor.program(), id).await
    }

    async fn try_void(
        self,
        program: Program,
        actor: &Actor,
        transaction: TransactionId,
        reason: &str,
    ) -> Result<TransactionId, TryError> {
        let mut look = self.context.look(program.id);
        let trace = ask_trace(&mut look, transaction);
        let states = ask_states(&mut look, Lots::All);
        let known = look.ask::<KnownRow>(KNOWN);
        let returned = look.ask::<ReturnedRow>(RETURNED);
        let (found, program) = self.context.ask(&program, look).await?;
        match found.rows(known)?.pop() {
            Some(known) if known.transaction_id == transaction => {
                return Err(made_good_by_nothing().into());
            }
            Some(known) => return Ok(known.transaction_id),
            None => {}
        }
        let states = states.read(&found)?;
        let trace = trace.read(&found, program.now, &states)?.ok_or_else(not_found)?;
        if let Some(ReturnedRow { reference }) = found.rows(returned)?.pop() {
            let why = format!(
                "its purchase came back, all or part, as `{reference}`: return what is left of it"
            );
            return Err(Error::new(Code::CannotBeVoided, why).at("transactionId").into());
        }
        let mut operation = Operation::begin(self.context, program, states)?;
        operation.act_as(actor.subject());
        let id = operation.void(&trace, reason)?;
        operation.commit().await?;
        Ok(id)
    }
}

/// Of what a referral paid, when it was made good and nothing was left to be taken.
fn made_good_by_nothing() -> Error {
    let why = "it was made good when nothing was left of it to be taken";
    Error::new(Code::CannotBeVoided, why).at("transactionId")
}

fn not_found() -> Error {
    let why = "there is no such transaction in this program";
    Error::new(Code::TransactionNotFound, why).at("transactionId")
}
