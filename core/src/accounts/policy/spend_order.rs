//! Out of which wallets is paid what costs points of a type.

use super::section::PointTypes;
use super::{MayOwe, PointType, PointsPolicy};
use crate::definition::Check;
use crate::{Error, Result};
use toml::Spanned;

/// `spend_order` in the program file.
pub(super) type SpendOrderFile = Spanned<Vec<Spanned<String>>>;

impl PointTypes {
    /// Says out of which wallets is paid what costs each type, in the order of the types.
    pub(super) fn ordered(
        mut self,
        check: &Check<'_>,
        orders: Vec<Option<SpendOrderFile>>,
    ) -> Self {
        for (index, order) in orders.into_iter().enumerate() {
            let Some(order) = order else { continue };
            if let Ok(types) = self.checked_order(check, index, &order) {
                self.policy_mut(index).spend_order = types;
            }
        }
        self
    }

    fn checked_order(
        &self,
        check: &Check<'_>,
        index: usize,
        order: &SpendOrderFile,
    ) -> Result<Vec<PointType>> {
        let types = order.get_ref().iter().map(|id| self.spendable(check, Some(id)));
        let types: Vec<Result<_>> = types.collect();
        let types: Vec<_> = types.into_iter().collect::<Result<_>>()?;
        let policy = self.policies().nth(index).ok_or_else(|| Error::internal("a type"))?;
        self.check_order(check, policy, order, &types)?;
        Ok(types)
    }

    fn check_order(
        &self,
        check: &Check<'_>,
        policy: &PointsPolicy,
        order: &SpendOrderFile,
        types: &[PointType],
    ) -> Result<()> {
        if !types.contains(&policy.point_type) {
            let why = format!("spend_order: name `{}`, too", policy.point_type.id());
            return Err(check.at(order.span(), &why));
        }
        for (index, (id, point_type)) in order.get_ref().iter().zip(types).enumerate() {
            if types[..index].contains(point_type) {
                return Err(check.wrong(id, "are named twice"));
            }
            let named = self.policies().find(|policy| policy.point_type == *point_type);
            let Some(other) = named else { continue };
            if other.scale != policy.scale {
                return Err(check.wrong(id, "have another `scale`: they are worth another number"));
            }
            if policy.payment.is_some() && other.may_owe != MayOwe::Anything {
                let why =
                    "pay for purchases, too, so their negative_balance has to be \"unlimited\"";
                return Err(check.wrong(id, why));
            }
        }
        Ok(())
    }

    pub(super) fn policies(&self) -> impl Iterator<Item = &PointsPolicy> {
        std::iter::once(&self.main).chain(&self.others)
    }

    fn policy_mut(&mut self, index: usize) -> &mut PointsPolicy {
        match index.checked_sub(1) {
            None => &mut self.main,
            Some(other) => &mut self.others[other],
        }
    }
}
