//! What has an id in the storefront schema.

use super::{Found, SchemaNode};
use crate::directory::ServiceCenter;
use crate::edits::PurchaseEdit;
use crate::holds::Hold;
use crate::ledger::storefront::Transaction;
use crate::members::Contact;
use crate::members::storefront::Member;
use crate::messages::storefront::Message;
use crate::programs::storefront::Program;
use crate::purchases::storefront::Purchase;
use crate::records::Record;
use crate::returns::Return;
use crate::rewards::{Redemption, Reward};
use crate::tiers::{Benefit, Tier};
use async_graphql::{ID, Interface};

/// An object with a global id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The object's id."))]
#[expect(clippy::large_enum_variant, reason = "a request has few, and moves each once")]
pub(crate) enum Node {
    Member(Member),
    Contact(Contact),
    Hold(Hold),
    Purchase(Purchase),
    Return(Return),
    PurchaseEdit(PurchaseEdit),
    Transaction(Transaction),
    Message(Message),
    Record(Record),
    Redemption(Redemption),
    Program(Program),
    Tier(Tier),
    Benefit(Benefit),
    Reward(Reward),
    ServiceCenter(ServiceCenter),
}

impl SchemaNode for Node {
    const IS_PUBLIC: bool = true;

    fn shown(found: Found) -> Option<Self> {
        Some(match found {
            Found::Member(member) => Self::Member(member.into()),
            Found::Contact(contact) => Self::Contact(contact.into()),
            Found::Hold(hold) => Self::Hold(hold.into()),
            Found::Purchase(purchase) => Self::Purchase(purchase.into()),
            Found::Return(one) => Self::Return(one),
            Found::Edit(edit) => Self::PurchaseEdit(edit),
            Found::Transaction(transaction) => Self::Transaction(transaction.into()),
            Found::Message(message) => Self::Message(message.into()),
            Found::Record(record) => Self::Record(record.into()),
            Found::Redemption(redemption) => Self::Redemption(redemption),
            Found::Program(program) => Self::Program(program.into()),
            Found::Tier(tier) => Self::Tier(tier),
            Found::Benefit(benefit) => Self::Benefit(benefit),
            Found::Reward(reward) => Self::Reward(reward),
            Found::ServiceCenter(program, center) => {
                Self::ServiceCenter(ServiceCenter::new(program, center))
            }
            Found::Membership(_)
            | Found::Card(_)
            | Found::Approval(_)
            | Found::Event(_)
            | Found::Token(_)
            | Found::Plugin(_) => return None,
        })
    }
}
