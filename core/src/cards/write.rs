//! The rows of cards.

use super::code::CardCode;
use super::model::{Card, CardKind, CardStatus, Issued};
use crate::accounts::MemberState;
use crate::db::row;
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::operation::Operation;
use crate::{CardId, MemberId, Points, Result, Timestamp};

row! {
    struct NewRow in "cards" {
        id: CardId,
        account_id: MemberId,
        kind: CardKind,
        code_hash: Vec<u8>,
        last_four: String,
        status: CardStatus,
        issued_at: Timestamp,
        reason: Option<String>,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
    }
}

row! {
    /// What becomes of a card.
    struct ChangedRow {
        id: CardId,
        status: CardStatus,
        replaced_by: Option<CardId>,
        ended_at: Option<Timestamp>,
        ended_points: Option<Points>,
        reason: Option<String>,
    }
}

const CHANGE: &str = "
    UPDATE cards
    SET status = r.status, replaced_by = r.replaced_by, ended_at = r.ended_at,
        ended_points = r.ended_points, reason = r.reason
    FROM {rows} AS r
    WHERE cards.program_id = $1 AND cards.id = r.id";

/// A card that is to be.
pub(super) struct NewCard<'a> {
    pub(super) account: MemberId,
    pub(super) kind: CardKind,
    /// Made where none is brought.
    pub(super) code: Option<&'a CardCode>,
    pub(super) reason: Option<&'a str>,
    pub(super) key: &'a IdempotencyKey,
}

impl NewCard<'_> {
    /// Adds the card, and has decided again whatever is being decided about its account. Fails with
    /// `MEMBER_ERASED`.
    pub(super) fn write(&self, operation: &mut Operation<'_>) -> Result<Issued> {
        operation.change(self.account).map(MemberState::touch)?;
        let code = self.code.cloned().unwrap_or_else(CardCode::made);
        let card = Card {
            id: CardId::new(),
            account_id: self.account,
            kind: self.kind,
            last_four: code.last_four().to_owned(),
            status: CardStatus::Active,
            replaced_by: None,
            issued_at: operation.program().now,
            ended_at: None,
            ended_points: None,
            reason: self.reason.map(str::to_owned),
        };
        operation.insert(&NewRow {
            id: card.id,
            account_id: card.account_id,
            kind: card.kind,
            code_hash: code.hash(operation.program().id),
            last_four: card.last_four.clone(),
            status: card.status,
            issued_at: card.issued_at,
            reason: card.reason.clone(),
            idempotency_key: self.key.key.clone(),
            arguments_hash: self.key.arguments_hash.clone(),
        });
        Ok(Issued { card, code: Some(code) })
    }
}

/// Writes what becomes of a card. The caller moves the version of its account.
pub(super) fn change(operation: &mut Operation<'_>, card: &Card) {
    operation.run(
        CHANGE,
        &ChangedRow {
            id: card.id,
            status: card.status,
            replaced_by: card.replaced_by,
            ended_at: card.ended_at,
            ended_points: card.ended_points,
            reason: card.reason.clone(),
        },
    );
}
