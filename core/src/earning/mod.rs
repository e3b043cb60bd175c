//! Earning: what a purchase is worth. Pure: the same member, purchase and proposals always give the
//! same appraisal, which is why a quote for a cart and the booking of the purchase agree.

mod appraisal;
mod condition;
mod earned;
mod missing;
mod more;
mod rule;
pub(crate) mod section;

pub use appraisal::{Appraisal, Award, AwardSource, Facts, PluginProposal};
pub(crate) use appraisal::{Judged, judge, judge_proposals};
pub use condition::{NAMES, Name};
pub use earned::{Earned, OfType};
pub use missing::{Missing, MissingBecause};
pub use rule::{EarningRule, Formula};
