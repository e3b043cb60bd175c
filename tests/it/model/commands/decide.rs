//! An operator approves an adjustment that another has asked for, or declines it.

use super::adjust::book;
use super::{Ask, Command, Ids, Pick};
use crate::model::reference::approvals::{APPROVAL, Decided};
use crate::model::reference::books::{Refusal, bonus_of};
use crate::model::reference::{Answer, Reference};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::model) struct Decide {
    pub(in crate::model) approval: Pick,
    pub(in crate::model) approves: bool,
    /// Whether it is another operator than who has asked.
    pub(in crate::model) is_other: bool,
}

impl Command for Decide {
    fn any() -> BoxedStrategy<Self> {
        (Pick::any(), prop::bool::weighted(0.75), prop::bool::weighted(0.85))
            .prop_map(|(approval, approves, is_other)| Self { approval, approves, is_other })
            .boxed()
    }

    fn settled(mut self, reference: &Reference, _: usize) -> Self {
        self.approval = self.approval.of(reference.approvals.iter().map(|one| one.name.clone()));
        self
    }

    fn changed(self) -> Self {
        Self { approves: !self.approves, ..self }
    }

    fn expect(&self, reference: &mut Reference) -> Answer {
        reference.whole(|reference| self.apply(reference))
    }

    fn ask(&self, ids: &Ids) -> Option<Ask> {
        let (field, input_type) = match self.approves {
            true => ("approveAdjustment", "ApproveAdjustmentInput"),
            false => ("declineAdjustment", "DeclineAdjustmentInput"),
        };
        Some(Ask {
            field,
            input_type,
            select: format!("approval {{ {APPROVAL} }}"),
            input: json!({ "approvalId": ids.of("apv", self.approval.name())? }),
        })
    }
}

impl Decide {
    fn apply(&self, reference: &mut Reference) -> Result<Value, Refusal> {
        let is_named = |name: &str| name == self.approval.name();
        let index = reference.approvals.iter().position(|one| is_named(&one.name));
        let index = index.ok_or("APPROVAL_NOT_FOUND")?;
        let one = reference.approvals[index].clone();
        match (one.decided, self.approves) {
            (Some(Decided::Approved(_)), true) | (Some(Decided::Declined), false) => {
                return Ok(reference.approval(index));
            }
            (None, _) if one.decide_by > reference.now => {}
            _ => return Err("APPROVAL_ENDED"),
        }
        let decided = if self.approves {
            if !self.is_other {
                return Err("SECOND_OPERATOR_NEEDED");
            }
            let of = reference.root(&one.member)?;
            let of = if one.is_bonus { bonus_of(&of) } else { of };
            Decided::Approved(book(reference, &of, one.points, (one.counts, one.expires))?)
        } else {
            Decided::Declined
        };
        reference.approvals[index].decided = Some(decided);
        Ok(reference.approval(index))
    }
}
