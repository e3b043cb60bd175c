//! What has an id in the admin schema.

use super::{Found, SchemaNode};
use crate::cards::admin::Card;
use crate::directory::ServiceCenter;
use crate::edits::PurchaseEdit;
use crate::events::Event;
use crate::holds::Hold;
use crate::ledger::admin::Transaction;
use crate::ledger::approvals::Approval;
use crate::members::Contact;
use crate::members::admin::Member;
use crate::memberships::admin::Membership;
use crate::messages::admin::Message;
use crate::plugins::plugin::Plugin;
use crate::programs::admin::Program;
use crate::purchases::admin::Purchase;
use crate::records::Record;
use crate::returns::Return;
use crate::rewards::{Redemption, Reward};
use crate::tiers::{Benefit, Tier};
use crate::tokens::Token;
use async_graphql::{ID, Interface};

/// An object with a global id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The object's id."))]
pub(crate) enum Node {
    Member(Member),
    Membership(Membership),
    Card(Card),
    Contact(Contact),
    Hold(Hold),
    Approval(Approval),
    Purchase(Purchase),
    Return(Return),
    PurchaseEdit(PurchaseEdit),
    Transaction(Transaction),
    Message(Message),
    Record(Record),
    Redemption(Redemption),
    Event(Event),
    Token(Token),
    Program(Program),
    Tier(Tier),
    Benefit(Benefit),
    Reward(Reward),
    Plugin(Plugin),
    ServiceCenter(ServiceCenter),
}

impl SchemaNode for Node {
    const IS_PUBLIC: bool = false;

    fn shown(found: Found) -> Option<Self> {
        Some(match found {
            Found::Member(member) => Self::Member(member.into()),
            Found::Membership(membership) => Self::Membership(membership.into()),
            Found::Card(card) => Self::Card(card.into()),
            Found::Contact(contact) => Self::Contact(contact.into()),
            Found::Hold(hold) => Self::Hold(hold.into()),
            Found::Approval(approval) => Self::Approval(approval.into()),
            Found::Purchase(purchase) => Self::Purchase(purchase.into()),
            Found::Return(one) => Self::Return(one),
            Found::Edit(edit) => Self::PurchaseEdit(edit),
            Found::Transaction(transaction) => Self::Transaction(transaction.into()),
            Found::Message(message) => Self::Message(message.into()),
            Found::Record(record) => Self::Record(record.into()),
            Found::Redemption(redemption) => Self::Redemption(redemption),
            Found::Event(event) => Self::Event(event.into()),
            Found::Token(token) => Self::Token(token.into()),
            Found::Program(program) => Self::Program(program.into()),
            Found::Tier(tier) => Self::Tier(tier),
            Found::Benefit(benefit) => Self::Benefit(benefit),
            Found::Reward(reward) => Self::Reward(reward),
            Found::Plugin(plugin) => Self::Plugin(plugin),
            Found::ServiceCenter(program, center) => {
                Self::ServiceCenter(ServiceCenter::new(program, center))
            }
        })
    }
}
