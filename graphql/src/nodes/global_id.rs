//! Global ids. Most are the core's own: a prefix and a UUID, looked up in the program of the token.
//! What a program file defines has no UUID, and what is public is read without a token: their ids
//! name the program as well. An id says nothing but what it identifies, so it is the same in every
//! revision, in both schemas and for every reader.

use data_encoding::BASE64URL_NOPAD;
use perennial_core::{
    ApprovalId, CardId, Code, ContactId, EditId, Error, EventId, HoldId, Id, MemberId,
    MembershipId, MessageId, ProgramId, PurchaseId, RecordId, RedemptionId, Result, ReturnId,
    ServiceCenterId, TokenId, TransactionId,
};
use std::fmt::{self, Display};
use std::str::FromStr;

const TIER: &str = "tir";
const BENEFIT: &str = "ben";
const REWARD: &str = "rwd";
const PLUGIN: &str = "plg";

/// What a global id identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GlobalId {
    Member(MemberId),
    Membership(MembershipId),
    Card(CardId),
    Contact(ContactId),
    Hold(HoldId),
    Approval(ApprovalId),
    Purchase(PurchaseId),
    Return(ReturnId),
    Edit(EditId),
    Transaction(TransactionId),
    Message(MessageId),
    Record(RecordId),
    Redemption(RedemptionId),
    Token(TokenId),
    Program(ProgramId),
    ServiceCenter(ProgramId, ServiceCenterId),
    /// Events are kept by member.
    Event(MemberId, EventId),
    /// By its key, like all that a program file defines.
    Tier(ProgramId, String),
    /// By the keys of its tier and its own: two tiers can have benefits of one key, which differ.
    Benefit(ProgramId, String, String),
    Reward(ProgramId, String),
    Plugin(ProgramId, String),
}

impl Display for GlobalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::Membership(id) => id.fmt(f),
            Self::Card(id) => id.fmt(f),
            Self::Contact(id) => id.fmt(f),
            Self::Hold(id) => id.fmt(f),
            Self::Approval(id) => id.fmt(f),
            Self::Purchase(id) => id.fmt(f),
            Self::Transaction(id) => id.fmt(f),
            Self::Message(id) => id.fmt(f),
            Self::Record(id) => id.fmt(f),
            Self::Redemption(id) => id.fmt(f),
            Self::Token(id) => id.fmt(f),
            Self::Program(id) => id.fmt(f),
            Self::ServiceCenter(program, id) => composed(f, ServiceCenterId::PREFIX, [program, id]),
            Self::Return(id) => id.fmt(f),
            Self::Edit(id) => id.fmt(f),
            Self::Event(member, id) => composed(f, EventId::PREFIX, [member, id]),
            Self::Tier(program, key) => composed(f, TIER, [program, key]),
            Self::Benefit(program, tier, key) => composed(f, BENEFIT, [program, tier, key]),
            Self::Reward(program, key) => composed(f, REWARD, [program, key]),
            Self::Plugin(program, key) => composed(f, PLUGIN, [program, key]),
        }
    }
}

impl FromStr for GlobalId {
    type Err = Error;

    /// Fails with `INVALID_ID`.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::new(Code::InvalidId, format!("`{text}` is not an id of this API"));
        let (prefix, body) = text.split_once('_').ok_or_else(wrong)?;
        let parts = || parts(body).ok_or_else(wrong);
        let keyed = || parts().and_then(|[program, key]| Ok((program.parse::<ProgramId>()?, key)));
        let id = match prefix {
            MemberId::PREFIX => Self::Member(text.parse()?),
            MembershipId::PREFIX => Self::Membership(text.parse()?),
            CardId::PREFIX => Self::Card(text.parse()?),
            ContactId::PREFIX => Self::Contact(text.parse()?),
            HoldId::PREFIX => Self::Hold(text.parse()?),
            ApprovalId::PREFIX => Self::Approval(text.parse()?),
            PurchaseId::PREFIX => Self::Purchase(text.parse()?),
            TransactionId::PREFIX => Self::Transaction(text.parse()?),
            MessageId::PREFIX => Self::Message(text.parse()?),
            RecordId::PREFIX => Self::Record(text.parse()?),
            RedemptionId::PREFIX => Self::Redemption(text.parse()?),
            TokenId::PREFIX => Self::Token(text.parse()?),
            ProgramId::PREFIX => Self::Program(text.parse()?),
            ServiceCenterId::PREFIX => {
                let [program, id] = parts()?;
                Self::ServiceCenter(program.parse()?, id.parse()?)
            }
            ReturnId::PREFIX => Self::Return(text.parse()?),
            EditId::PREFIX => Self::Edit(text.parse()?),
            EventId::PREFIX => {
                let [member, id] = parts()?;
                Self::Event(member.parse()?, id.parse()?)
            }
            TIER => keyed().map(|(program, key)| Self::Tier(program, key))?,
            BENEFIT => {
                let [program, tier, key] = self::parts(body).ok_or_else(wrong)?;
                Self::Benefit(program.parse()?, tier, key)
            }
            REWARD => keyed().map(|(program, key)| Self::Reward(program, key))?,
            PLUGIN => keyed().map(|(program, key)| Self::Plugin(program, key))?,
            _ => return Err(wrong()),
        };
        Ok(id)
    }
}

/// No part contains the separator: ids are base 32, keys are lowercase letters, digits and hyphens.
const SEPARATOR: char = '/';

/// Encoded so that clients do not take it apart.
fn composed<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    prefix: &str,
    parts: [&dyn Display; N],
) -> fmt::Result {
    let joined = parts.map(ToString::to_string).join(&SEPARATOR.to_string());
    write!(f, "{prefix}_{}", BASE64URL_NOPAD.encode(joined.as_bytes()))
}

fn parts<const N: usize>(body: &str) -> Option<[String; N]> {
    let joined = String::from_utf8(BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()?;
    let parts: Vec<_> = joined.split(SEPARATOR).map(str::to_owned).collect();
    parts.try_into().ok()
}

/// An event's id as the API names it: events are kept by member.
pub fn event_name(member: MemberId, event: EventId) -> String {
    GlobalId::Event(member, event).to_string()
}

/// The member and the event that an id of the API names. `None` if it is no event's.
pub fn event_id(text: &str) -> Option<(MemberId, EventId)> {
    match text.parse() {
        Ok(GlobalId::Event(member, event)) => Some((member, event)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_what_it_identifies() {
        let (program, member) = (ProgramId::new(), MemberId::new());
        let key = || "silver-2".to_owned();
        for id in [
            GlobalId::Member(member),
            GlobalId::Membership(MembershipId::new()),
            GlobalId::Card(CardId::new()),
            GlobalId::Contact(ContactId::new()),
            GlobalId::Hold(HoldId::new()),
            GlobalId::Approval(ApprovalId::new()),
            GlobalId::Return(ReturnId::new()),
            GlobalId::Edit(EditId::new()),
            GlobalId::Purchase(PurchaseId::new()),
            GlobalId::Transaction(TransactionId::new()),
            GlobalId::Message(MessageId::new()),
            GlobalId::Record(RecordId::new()),
            GlobalId::Redemption(RedemptionId::new()),
            GlobalId::Token(TokenId::new()),
            GlobalId::Program(program),
            GlobalId::ServiceCenter(program, ServiceCenterId::new()),
            GlobalId::Event(member, EventId::new()),
            GlobalId::Tier(program, key()),
            GlobalId::Benefit(program, "gold".to_owned(), key()),
            GlobalId::Reward(program, key()),
            GlobalId::Plugin(program, key()),
        ] {
            let text = id.to_string();
            assert!(!text.contains("silver"), "{text} shows what it is made of");
            assert_eq!(text.parse::<GlobalId>().unwrap(), id, "{text}");
        }
    }

    #[test]
    fn one_key_is_another_id_in_another_program_and_of_another_kind() {
        let (one, other) = (ProgramId::new(), ProgramId::new());
        let key = || "gold".to_owned();
        let ids = [
            GlobalId::Tier(one, key()),
            GlobalId::Tier(other, key()),
            GlobalId::Reward(one, key()),
            GlobalId::Benefit(one, key(), key()),
        ];
        let texts: std::collections::HashSet<_> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), ids.len());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for wrong in
            ["", "gold", "tir_", "tir_Z29sZA", "tir_=", "mem_1", "abc_1", "ben_Z29sZC9hL2I"]
        {
            let error = wrong.parse::<GlobalId>().unwrap_err();
            assert_eq!(error.code(), Code::InvalidId, "{wrong}");
        }
    }
}
