//! What a purchase brings the accounts that it accrues to: its member's, a group's, or both. The
//! member's is the purchase's own row; a group's is a row of its own, under a reference that nobody
//! can send and without the products, so that it says nothing of the member. All that follows from a
//! purchase – returns, caps, statistics, tiers, activity – follows from that row for the group.

use super::model::Accrued;
use crate::accounts::PointType;
use crate::earning::Appraisal;
use crate::memberships::{Accrual, Groups};
use crate::operation::Operation;
use crate::tiers::TierStanding;
use crate::{MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};

/// Whose accounts get what a purchase of a member earns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accruing {
    member: MemberId,
    /// The group, and how the member accrues to it.
    group: Option<(MemberId, Accrual)>,
}

/// What one of the accounts got.
pub(super) struct Share {
    /// Of the row that says so.
    pub(super) id: PurchaseId,
    pub(super) account: MemberId,
    pub(super) appraisal: Appraisal,
    /// By transaction.
    pub(super) earned: Vec<EarnedBy>,
}

/// What a purchase earned by one transaction.
pub(crate) struct EarnedBy {
    pub(crate) transaction: TransactionId,
    pub(crate) point_type: PointType,
    pub(crate) points: Points,
}

impl Accruing {
    /// By the membership that held at the instant of the purchase.
    pub(super) fn of(
        operation: &Operation<'_>,
        groups: &Groups,
        member: MemberId,
        at: Timestamp,
    ) -> Self {
        let group = groups.of(member, at);
        Self { member, group: group.filter(|(group, _)| !operation.is_erased(*group)) }
    }

    /// The accounts, the member's first.
    pub(super) fn accounts(self) -> impl Iterator<Item = MemberId> {
        let own = Some(self.member).filter(|_| self.is_own());
        own.into_iter().chain(self.group.map(|(group, _)| group))
    }

    pub(super) fn group(self) -> Option<MemberId> {
        self.group.map(|(group, _)| group)
    }

    /// Whether the member itself gets something.
    pub(super) fn is_own(self) -> bool {
        self.group.is_none_or(|(_, accrual)| accrual.is_own())
    }

    /// As the purchase's row has it: nothing where no group gets something.
    pub(super) fn stored(self) -> Option<&'static str> {
        self.group.map(|(_, accrual)| accrual.as_str())
    }
}

impl Share {
    /// The transaction of the main points, if there is one.
    pub(super) fn transaction(&self) -> Option<TransactionId> {
        let main = self.earned.iter().find(|one| one.point_type.is_main());
        main.map(|one| one.transaction)
    }

    /// As the receipt has it.
    pub(super) fn accrued(&self, operation: &Operation<'_>) -> Result<Accrued> {
        let balance = operation.balance(self.account)?;
        Ok(Accrued::new(self.account, &self.appraisal, balance, self.transaction()))
    }

    /// Where the account stands after all of it.
    pub(super) fn standing(&self, operation: &Operation<'_>) -> Result<TierStanding> {
        let ladder = operation.program().definition.ladder();
        Ok(TierStanding::of(ladder, &operation.state(self.account)?.standing))
    }
}
