//! Types of points, and what a member has of each.

use super::balance::ExpiringPoints;
use crate::programs::Audience;
use crate::scalars::{LanguageTag, Points};
use async_graphql::{Object, SimpleObject};
use perennial_core::accounts::{self, PointsPolicy};
use perennial_core::ledger;

#[derive(Clone, Debug)]
pub(crate) struct PointType {
    audience: Audience,
    point_type: accounts::PointType,
}

/// A type of points.
#[Object]
impl PointType {
    /// The type's id in the program file; `points` for the program's main points.
    async fn key(&self) -> &str {
        self.point_type.id()
    }

    /// The name in `locale`. Default: the language of the request. Null if the program file gives
    /// none to its main points.
    async fn name(
        &self,
        #[graphql(desc = "The preferred language.")] locale: Option<LanguageTag>,
    ) -> Option<String> {
        let name = self.policy()?.name.as_ref()?;
        Some(self.audience.text(name, locale.as_ref()))
    }

    /// How many digits of a number of points stand behind the decimal point when it is shown: with
    /// 2, the number 150 is shown as 1.50.
    async fn scale(&self) -> u8 {
        self.policy().map_or(0, |policy| policy.scale)
    }

    /// Whether the points can be spent; if not they only count, as for a tier.
    async fn is_spendable(&self) -> bool {
        self.policy().is_some_and(|policy| policy.is_spendable)
    }

    /// The keys of the types that pay for what costs points of this type: those of the first are
    /// spent before those of the second. Only itself, unless the program file has `spend_order`.
    async fn spend_order(&self) -> Vec<&str> {
        let order = self.policy().map(|policy| &policy.spend_order);
        order.into_iter().flatten().map(accounts::PointType::id).collect()
    }
}

impl PointType {
    pub(crate) fn new(audience: &Audience, point_type: accounts::PointType) -> Self {
        Self { audience: audience.clone(), point_type }
    }

    /// All types of the program, the main points first.
    pub(crate) fn all(audience: &Audience) -> Vec<Self> {
        let types = audience.definition.point_types();
        types.map(|policy| Self::new(audience, policy.point_type.clone())).collect()
    }

    /// None for a type that the current revision no longer has.
    fn policy(&self) -> Option<&PointsPolicy> {
        let mut types = self.audience.definition.point_types();
        types.find(|policy| policy.point_type == self.point_type)
    }
}

/// What a member has of one type of points.
#[derive(Debug, SimpleObject)]
pub(crate) struct Wallet {
    /// The type of the points.
    point_type: PointType,
    /// Points that the member has now, without expired points. Below zero if points were taken back
    /// that had been spent or are held.
    points: Points,
    /// Points that can be spent on what costs points of this type: those of this wallet, and those of
    /// the other types in its `spendOrder`. Never below zero.
    spendable: Points,
    /// Points that open holds have reserved; not part of `points`.
    held: Points,
    /// Points that are earned and cannot be spent yet; not part of `points`.
    pending: Points,
    /// When points expire, earliest first. Points that never expire are not listed.
    expiring: Vec<ExpiringPoints>,
}

impl Wallet {
    pub(crate) fn new(
        audience: &Audience,
        (point_type, balance): &(accounts::PointType, ledger::Balance),
    ) -> Self {
        Self {
            point_type: PointType::new(audience, point_type.clone()),
            points: balance.points.into(),
            spendable: balance.spendable.into(),
            held: balance.held.into(),
            pending: balance.pending.into(),
            expiring: balance.expiring.iter().copied().map(ExpiringPoints::from).collect(),
        }
    }
}
