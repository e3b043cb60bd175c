//! `[points]` and `[[point_types]]` of the program file.

use super::caps::{Caps, CapsFile};
use super::expiry::{Expiry, ExpiryFile, MONTHS_MAX};
use super::payment::PaymentFile;
use super::pending::PendingFile;
use super::spend_order::SpendOrderFile;
use super::{MayOwe, Pending, PointType, PointsPolicy};
use crate::definition::Check;
use crate::localized::Localized;
use crate::{Points, Result};
use serde::Deserialize;
use std::time::Duration;
use toml::Spanned;

/// Points per purchase when the file names no ceiling: large enough for any real purchase, small
/// enough that a wallet cannot overflow within a lifetime of purchases.
const PURCHASE_MAX_DEFAULT: i64 = 1_000_000_000;
/// Days for which points can be spent that come back after they are over, if the file does not say.
const GRACE_DAYS_DEFAULT: u16 = 30;
const GRACE_DAYS_MAX: u16 = 3660;
const SCALE_MAX: u8 = 6;
/// As many types of points as a program has beside the main one.
const TYPES_MAX: usize = 20;

/// The types of points of a program.
#[derive(Debug)]
pub(crate) struct PointTypes {
    pub(super) main: PointsPolicy,
    pub(super) others: Vec<PointsPolicy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsFile {
    name: Option<Localized>,
    expire_after_months: Option<Spanned<u32>>,
    expiry: Option<Spanned<ExpiryFile>>,
    pending: Option<Spanned<PendingFile>>,
    purchase_max: Option<Spanned<i64>>,
    grace_days: Option<Spanned<u16>>,
    negative_balance: Option<Spanned<NegativeBalance>>,
    scale: Option<Spanned<u8>>,
    payment: Option<Spanned<PaymentFile>>,
    caps: Option<Spanned<CapsFile>>,
    spend_order: Option<SpendOrderFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointTypeFile {
    id: Spanned<String>,
    name: Localized,
    #[serde(default = "yes")]
    spendable: bool,
    expire_after_months: Option<Spanned<u32>>,
    expiry: Option<Spanned<ExpiryFile>>,
    pending: Option<Spanned<PendingFile>>,
    purchase_max: Option<Spanned<i64>>,
    grace_days: Option<Spanned<u16>>,
    negative_balance: Option<Spanned<NegativeBalance>>,
    scale: Option<Spanned<u8>>,
    caps: Option<Spanned<CapsFile>>,
    spend_order: Option<SpendOrderFile>,
}

/// `negative_balance`: a word, or the most points.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NegativeBalance {
    Word(String),
    UpTo(i64),
}

const fn yes() -> bool {
    true
}

impl PointTypes {
    /// The type that a key of the file names, the main one if there is none.
    pub(crate) fn named(
        &self,
        check: &Check<'_>,
        id: Option<&Spanned<String>>,
    ) -> Result<PointType> {
        let Some(id) = id else { return Ok(self.main.point_type.clone()) };
        let mut types = std::iter::once(&self.main).chain(&self.others);
        let found = types.find(|policy| policy.point_type.id() == id.get_ref());
        found.map(|policy| policy.point_type.clone()).ok_or_else(|| {
            check.wrong(id, "is no type of points: `points`, or the id of one of [[point_types]]")
        })
    }

    /// The same of points that are to be spent.
    pub(crate) fn spendable(
        &self,
        check: &Check<'_>,
        id: Option<&Spanned<String>>,
    ) -> Result<PointType> {
        let named = self.named(check, id)?;
        let is_named = |policy: &&PointsPolicy| policy.point_type == named;
        match (self.others.iter().find(is_named), id) {
            (Some(policy), Some(id)) if !policy.is_spendable => {
                Err(check.wrong(id, "are points that cannot be spent: `spendable = false`"))
            }
            _ => Ok(named),
        }
    }
}

pub(crate) fn section(
    check: &Check<'_>,
    mut main: PointsFile,
    mut others: Vec<PointTypeFile>,
) -> Result<PointTypes> {
    check.distinct(others.iter().map(|file| &file.id))?;
    if let Some(file) = others.get(TYPES_MAX) {
        let why = format!("is one type too many: {TYPES_MAX} beside the main points");
        return Err(check.wrong(&file.id, &why));
    }
    let of_others = others.iter_mut().map(|file| file.spend_order.take());
    let orders = std::iter::once(main.spend_order.take()).chain(of_others).collect();
    let types = PointTypes {
        main: main.named(check)?.policy(check, PointType::main())?,
        others: others.into_iter().map(|file| file.policy(check)).collect::<Result<_>>()?,
    };
    types.ordered(check, orders)
}

impl PointTypeFile {
    fn policy(self, check: &Check<'_>) -> Result<PointsPolicy> {
        if PointType::of_id(self.id.get_ref()).is_main() {
            return Err(check.wrong(&self.id, "is the main type: it is described by [points]"));
        }
        let id = check.slug(&self.id)?;
        let name = check.named(self.name, &self.id)?;
        let file = PointsFile {
            name: None,
            expire_after_months: self.expire_after_months,
            expiry: self.expiry,
            pending: self.pending,
            purchase_max: self.purchase_max,
            grace_days: self.grace_days,
            negative_balance: self.negative_balance,
            scale: self.scale,
            payment: None,
            caps: self.caps,
            spend_order: None,
        };
        let policy = file.policy(check, PointType::of_id(&id))?;
        Ok(PointsPolicy { name: Some(name), is_spendable: self.spendable, ..policy })
    }
}

impl PointsFile {
    fn named(mut self, check: &Check<'_>) -> Result<Self> {
        let id = Spanned::new(0..0, PointType::main().id().to_owned());
        self.name = self.name.map(|name| check.named(name, &id)).transpose()?;
        Ok(self)
    }

    fn policy(self, check: &Check<'_>, point_type: PointType) -> Result<PointsPolicy> {
        let purchase_max = match &self.purchase_max {
            Some(maximum) => check.positive(maximum)?,
            None => Points::new(PURCHASE_MAX_DEFAULT),
        };
        let days = within(check, self.grace_days.as_ref(), "grace_days", GRACE_DAYS_MAX)?;
        let grace_days = days.unwrap_or(GRACE_DAYS_DEFAULT);
        let may_owe = self.negative_balance.as_ref();
        if let (Some(payment), Some(may_owe)) = (&self.payment, may_owe)
            && checked(check, may_owe)? != MayOwe::Anything
        {
            let why = "payment: points pay only where negative_balance is \"unlimited\": what a \
                       return forgives would come back with the return of what it paid for";
            return Err(check.at(payment.span(), why));
        }
        let caps = self.caps.clone().map(|file| CapsFile::checked(check, file));
        let pending = self.pending.as_ref().map(|file| PendingFile::checked(check, file));
        Ok(PointsPolicy {
            spend_order: vec![point_type.clone()],
            point_type,
            expiry: self.expiry(check)?,
            name: self.name,
            scale: within(check, self.scale.as_ref(), "scale", SCALE_MAX)?.unwrap_or_default(),
            is_spendable: true,
            pending: pending.transpose()?.unwrap_or(Pending::No),
            purchase_max,
            caps: caps.transpose()?.unwrap_or_else(Caps::default),
            may_owe: may_owe.map_or(Ok(MayOwe::Anything), |value| checked(check, value))?,
            payment: self.payment.map(|payment| payment.into_inner().checked(check)).transpose()?,
            grace: Duration::from_hours(24 * u64::from(grace_days)),
        })
    }

    fn expiry(&self, check: &Check<'_>) -> Result<Expiry> {
        match (&self.expire_after_months, &self.expiry) {
            (None, None) => Ok(Expiry::Never),
            (None, Some(expiry)) => ExpiryFile::checked(check, expiry),
            (Some(months), None) if (1..=MONTHS_MAX).contains(months.get_ref()) => {
                Ok(Expiry::After { months: *months.get_ref(), end_of: None })
            }
            (Some(months), None) => {
                let why = format!("expire_after_months: use 1 to {MONTHS_MAX}");
                Err(check.at(months.span(), &why))
            }
            (Some(months), Some(_)) => {
                Err(check.at(months.span(), "expire_after_months: `expiry` says it already"))
            }
        }
    }
}

/// A number from zero to `most`, if there is one.
fn within<N>(check: &Check<'_>, value: Option<&Spanned<N>>, key: &str, most: N) -> Result<Option<N>>
where
    N: Copy + PartialOrd + std::fmt::Display,
{
    match value {
        Some(value) if *value.get_ref() > most => {
            Err(check.at(value.span(), &format!("{key}: use 0 to {most}")))
        }
        value => Ok(value.map(|value| *value.get_ref())),
    }
}

fn checked(check: &Check<'_>, value: &Spanned<NegativeBalance>) -> Result<MayOwe> {
    match value.get_ref() {
        NegativeBalance::Word(word) if word == "never" => Ok(MayOwe::Nothing),
        NegativeBalance::Word(word) if word == "unlimited" => Ok(MayOwe::Anything),
        NegativeBalance::UpTo(most) if (1..=Points::MAX.get()).contains(most) => {
            Ok(MayOwe::UpTo(Points::new(*most)))
        }
        _ => {
            let why =
                "negative_balance: use \"never\", \"unlimited\" or the most points above zero";
            Err(check.at(value.span(), why))
        }
    }
}
