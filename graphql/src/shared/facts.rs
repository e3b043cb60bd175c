//! What both schemas show of a transaction, a record, a message, a contact, a redemption.

use crate::scalars::{DateTime, Json, LanguageTag, Points};
use async_graphql::{Enum, ID, SimpleObject};
use perennial_core::{ledger, members, messages, records, rewards};

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ledger::Kind", name = "TransactionKind")]
pub(crate) enum Kind {
    /// Points were earned.
    Earn,
    /// Points were spent.
    Spend,
    /// Points expired.
    Expire,
}

/// A change of a member's points.
#[derive(Debug, SimpleObject)]
pub(crate) struct TransactionFacts {
    /// The transaction's id.
    pub(crate) id: ID,
    /// What it did.
    kind: Kind,
    /// What the wallet gained, or lost when negative.
    points: Points,
    /// What the wallet held after it.
    balance_after: Points,
    /// When it happened, by the program's clock.
    effective_at: DateTime,
    /// Why: the rule, the program's revision, the plugin with its digest, the purchase.
    explanation: Json,
}

impl From<&ledger::Transaction> for TransactionFacts {
    fn from(transaction: &ledger::Transaction) -> Self {
        Self {
            id: transaction.id.to_string().into(),
            kind: transaction.kind.into(),
            points: transaction.points.into(),
            balance_after: transaction.balance_after.into(),
            effective_at: transaction.effective_at.into(),
            explanation: transaction.explanation.clone().into(),
        }
    }
}

/// An object of a type that a plugin declares – a machine, a subscription, an offer – and that belongs to a member.
#[derive(Debug, SimpleObject)]
#[expect(clippy::struct_field_names, reason = "`type` is a keyword")]
pub(crate) struct Record {
    /// The record's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The type that a plugin declares.
    #[graphql(name = "type")]
    record_type: String,
    /// The operator's own key of the object; unique in the type.
    external_id: String,
    /// Valid against the schema that the plugin declares for the type.
    data: Json,
    /// When it was first put.
    created_at: DateTime,
    /// When its data last changed.
    updated_at: DateTime,
}

impl From<records::Record> for Record {
    fn from(record: records::Record) -> Self {
        Self {
            id: record.id.to_string().into(),
            record_type: record.record_type,
            external_id: record.external_id,
            data: record.data.into(),
            created_at: record.created_at.into(),
            updated_at: record.updated_at.into(),
        }
    }
}

/// Something told to a member or a contact.
#[derive(Debug, SimpleObject)]
pub(crate) struct MessageFacts {
    /// The message's id.
    pub(crate) id: ID,
    /// The template that the text comes from.
    template: String,
    /// The language of the text.
    locale: LanguageTag,
    /// The headline.
    subject: String,
    /// The text.
    body: String,
    /// What the text was filled with, for senders with templates of their own.
    parameters: Json,
    /// When there was reason for it, by the program's clock.
    occurred_at: DateTime,
}

impl From<&messages::Message> for MessageFacts {
    fn from(message: &messages::Message) -> Self {
        Self {
            id: message.id.to_string().into(),
            template: message.template.clone(),
            locale: LanguageTag(message.locale.clone()),
            subject: message.subject.clone(),
            body: message.body.clone(),
            parameters: message.parameters.clone().into(),
            occurred_at: message.occurred_at.into(),
        }
    }
}

/// Somebody who acts for an organization.
#[derive(Debug, SimpleObject)]
pub(crate) struct Contact {
    /// The contact's id.
    id: ID,
    /// What the contact is called.
    name: String,
    /// Where to write to.
    email: Option<String>,
    /// `technical-engineer`, `procurement-director`…
    role: String,
    /// The language to write in.
    locale: LanguageTag,
}

impl From<members::Contact> for Contact {
    fn from(contact: members::Contact) -> Self {
        Self {
            id: contact.id.to_string().into(),
            name: contact.name,
            email: contact.email,
            role: contact.role,
            locale: LanguageTag(contact.locale),
        }
    }
}

/// Points spent on a reward.
#[derive(Debug, SimpleObject)]
pub(crate) struct Redemption {
    /// The redemption's id.
    id: ID,
    /// The reward's id in the program file.
    reward: ID,
    /// What it cost.
    points: Points,
    /// What was left.
    balance: Points,
    /// When, by the program's clock.
    redeemed_at: DateTime,
}

impl From<rewards::Redemption> for Redemption {
    fn from(redemption: rewards::Redemption) -> Self {
        Self {
            id: redemption.id.to_string().into(),
            reward: redemption.reward.into(),
            points: redemption.points.into(),
            balance: redemption.balance.into(),
            redeemed_at: redemption.redeemed_at.into(),
        }
    }
}
