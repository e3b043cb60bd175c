//! Types that mean the same in both schemas, and the parts that both schemas' own types are merged from.

mod appraisal;
mod audience;
mod cart;
mod center;
mod facts;
mod money;
mod node;
mod profile;
mod program;
mod tier;

pub(crate) use appraisal::Explanation;
pub(crate) use audience::Audience;
pub(crate) use cart::{LineInput, Quote, amount, lines};
pub(crate) use center::{GeoPositionInput, ServiceCenter, ServiceCenters};
pub(crate) use facts::{Contact, MessageFacts, Record, Redemption, TransactionFacts};
pub(crate) use money::Money;
pub(crate) use node::{Found, find};
pub(crate) use profile::{MemberKind, Profile};
pub(crate) use program::ProgramFacts;
pub(crate) use tier::{Progress, Tier};
