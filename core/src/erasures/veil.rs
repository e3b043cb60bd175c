//! Transactions: the personal part of each – its explanation, and what its purchase says beside
//! amounts – is hashed with the transaction's salt, and the salt goes. So the digest that was sealed
//! is made from the books and from that hash, and tells nobody anything else.
//!
//! A transaction of before there were salts keeps its books alone; what was sealed of it cannot be
//! compared any more.

use super::given::Given;
use crate::context::Context;
use crate::db::{TryError, Writes, row};
use crate::journal::Item;
use crate::operation::cause::{self, ByItself, Cause};
use crate::operation::decide;
use crate::sealing::{Named, Unveiled};
use crate::{AccountId, MemberId, ProgramId, Result, Timestamp, TransactionId};
use serde_json::{Value, json};

row! {
    /// Where a page begins.
    #[derive(Clone, Copy)]
    struct After {
        account_id: AccountId,
        after_at: Timestamp,
        after_id: TransactionId,
    }
}

row! {
    pub(super) struct Key {
        id: TransactionId,
        effective_at: Timestamp,
    }
}

row! {
    struct Veiled {
        id: TransactionId,
        veil: Option<Vec<u8>>,
        explanation: Option<Value>,
    }
}

/// The limit of `PAGE`. Each comes with a purchase, and up to 500 lines.
const PAGE_MAX: usize = 200;
const PAGE: &str = "
    SELECT t.id, t.effective_at
    FROM {rows} AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.account_id
        AND (t.effective_at, t.id) > (k.after_at, k.after_id)
    ORDER BY t.effective_at, t.id
    LIMIT 200";
const VEIL: &str = "
    UPDATE transactions
    SET veil = r.veil, salt = NULL, explanation = r.explanation
    FROM {rows} AS r
    WHERE transactions.program_id = $1 AND transactions.id {in: SELECT k.id FROM {rows} AS k}
        AND transactions.id = r.id AND transactions.veil IS NULL";

pub(super) async fn all(context: &Context, program: ProgramId, member: MemberId) -> Result<()> {
    let mut after = Some(After {
        account_id: member.into(),
        after_at: Timestamp::FIRST,
        after_id: TransactionId::FIRST,
    });
    while let Some(from) = after {
        after = decide(context, program, "erasing what transactions say", |_| {
            page(context, program, from)
        })
        .await?;
    }
    Ok(())
}

/// Returns where the next page begins.
async fn page(
    context: &Context,
    program: ProgramId,
    after: After,
) -> Result<Option<After>, TryError> {
    let mut look = context.look(program);
    let keys = look.ask_over::<_, Key>(PAGE, &[after]);
    let keys = context.show(look).await?.rows(keys)?;
    let Some(last) = keys.last() else { return Ok(None) };
    let next = After { after_at: last.effective_at, after_id: last.id, ..after };
    let items: Vec<_> = keys.iter().map(|key| Item::Transaction(key.id)).collect();
    let mut look = context.look(program);
    let named = Named::ask(&mut look, &items);
    let given = Given::ask(&mut look, &keys);
    let answers = context.show(look).await?;
    let found = named.read(&answers)?;
    let mut writes = Writes::to(program);
    given.clear(&answers, &mut writes)?;
    for key in &keys {
        if let Some(veiled) = found.unveiled(key.id).and_then(|unveiled| veiled(key.id, &unveiled))
        {
            writes.run(VEIL, &veiled);
        }
    }
    context.db.commit(writes).await?;
    Ok(Some(next).filter(|_| keys.len() == PAGE_MAX))
}

/// What a transaction becomes; none when nothing of it is personal.
fn veiled(id: TransactionId, unveiled: &Unveiled<'_>) -> Option<Veiled> {
    let explanation = unveiled.explanation.map(serde_json::from_str::<Value>);
    let explanation = explanation.map(Result::unwrap_or_default);
    if explanation.clone().and_then(Cause::read)
        == Some(Cause::Itself(cause::Itself { reason: ByItself::Erased }))
    {
        return None;
    }
    let reduced = explanation.as_ref().map(reduced);
    let is_reduced = reduced == explanation;
    if unveiled.veil.is_none() && is_reduced {
        return None;
    }
    Some(Veiled { id, veil: unveiled.veil.map(Vec::from), explanation: reduced })
}

/// What the statistics follow from, and nothing else.
fn reduced(explanation: &Value) -> Value {
    match explanation["countsAsEarned"] == json!(true) {
        true => json!({ "countsAsEarned": true, "erased": true }),
        false => json!({ "erased": true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_keeps_whether_it_counts_and_no_word() {
        let id = TransactionId::new();
        let veil = Some([7; 32]);
        let becomes = |explanation: Option<&str>, veil| {
            veiled(id, &Unveiled { explanation, veil }).map(|veiled| veiled.explanation)
        };
        let erased = json!({ "erased": true });
        assert_eq!(becomes(Some(r#"{"reason":"Sorry, Ada"}"#), veil), Some(Some(erased.clone())));
        let counts = r#"{"countsAsEarned":true,"reason":"Ada"}"#;
        let kept = json!({ "countsAsEarned": true, "erased": true });
        assert_eq!(becomes(Some(counts), None), Some(Some(kept)));
        assert_eq!(becomes(None, veil), Some(None), "what a purchase explains");
        assert_eq!(becomes(Some("no JSON"), None), Some(Some(erased)));
        for done in [None, Some(r#"{"erased":true}"#)] {
            assert_eq!(becomes(done, None), None, "done before, or never with a salt");
        }
        assert_eq!(becomes(Some(r#"{"reason":"erased"}"#), veil), None, "the erasure's own");
    }
}
