//! `[points]` and `[[point_types]]` of the program file.

use super::caps::CapsFile;
use super::expiry::{Expiry, ExpiryFile, MONTHS_MAX};
use super::payment::{Payment, PaymentFile};
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
    name: Option<Spanned<Localized>>,
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
            let why = "is no type of points: `points`, or the id of one of [[point_types]]";
            let all = std::iter::once(&self.main).chain(&self.others);
            check.unknown(id, why, &all.map(|policy| policy.point_type.id()).collect::<Vec<_>>())
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
    others: Vec<PointTypeFile>,
) -> Result<PointTypes> {
    if let Some(file) = others.get(TYPES_MAX) {
        let why = format!("is one type too many: {TYPES_MAX} beside the main points");
        check.wrong(&file.id, &why);
    }
    let order = main.spend_order.take();
    let main = main.policy(check, PointType::main());
    let usual = |_| PointsFile::default().policy(check, PointType::main());
    let main = main.or_else(usual)?;
    let other = |mut file: PointTypeFile| {
        let order = file.spend_order.take();
        Ok((file.policy(check)?, order))
    };
    let others = check.each(others, |file| &file.id, other);
    let (others, of_others): (Vec<_>, Vec<_>) = others.into_iter().unzip();
    let orders = std::iter::once(order).chain(of_others).collect();
    Ok(PointTypes { main, others }.ordered(check, orders))
}

impl PointTypeFile {
    fn policy(self, check: &Check<'_>) -> Result<PointsPolicy> {
        if PointType::of_id(self.id.get_ref()).is_main() {
            return Err(check.wrong(&self.id, "is the main type: it is described by [points]"));
        }
        let (id, name) = (check.slug(&self.id), check.named(self.name, &self.id));
        let point_type = PointType::of_id(self.id.get_ref());
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
        let (policy, _) = (file.policy(check, point_type), id?);
        Ok(PointsPolicy { name: Some(name?), is_spendable: self.spendable, ..policy? })
    }
}

impl PointsFile {
    fn policy(self, check: &Check<'_>, point_type: PointType) -> Result<PointsPolicy> {
        let expiry = self.expiry(check);
        let named = |name: Spanned<Localized>| {
            let id = Spanned::new(name.span(), point_type.id().to_owned());
            check.named(name.into_inner(), &id)
        };
        let name = self.name.map(named).transpose();
        let most = |most| check.positive(most);
        let purchase_max =
            self.purchase_max.as_ref().map_or(Ok(Points::new(PURCHASE_MAX_DEFAULT)), most);
        let days = |days| check.within("grace_days", days, (0, GRACE_DAYS_MAX));
        let grace_days = self.grace_days.as_ref().map_or(Ok(GRACE_DAYS_DEFAULT), days);
        let scale = |scale| check.within("scale", scale, (0, SCALE_MAX));
        let scale = self.scale.as_ref().map_or(Ok(0), scale);
        let caps = self.caps.map(|file| CapsFile::checked(check, file)).transpose();
        let pending = self.pending.map(|file| PendingFile::checked(check, &file)).transpose();
        let may_owe = self.negative_balance.as_ref().map(|value| checked(check, value));
        let may_owe = may_owe.unwrap_or(Ok(MayOwe::Anything));
        let payment = self.payment.map(|file| payment(check, file, may_owe.as_ref().ok()));
        Ok(PointsPolicy {
            spend_order: vec![point_type.clone()],
            point_type,
            expiry: expiry?,
            name: name?,
            scale: scale?,
            is_spendable: true,
            pending: pending?.unwrap_or(Pending::No),
            purchase_max: purchase_max?,
            caps: caps?.unwrap_or_default(),
            may_owe: may_owe?,
            payment: payment.transpose()?,
            grace: Duration::from_hours(24 * u64::from(grace_days?)),
        })
    }

    fn expiry(&self, check: &Check<'_>) -> Result<Expiry> {
        match (&self.expire_after_months, &self.expiry) {
            (None, None) => Ok(Expiry::Never),
            (None, Some(expiry)) => ExpiryFile::checked(check, expiry),
            (Some(months), None) => {
                let months = check.within("expire_after_months", months, (1, MONTHS_MAX))?;
                Ok(Expiry::After { months, end_of: None })
            }
            (Some(months), Some(_)) => {
                Err(check.at(months.span(), "expire_after_months: `expiry` says it already"))
            }
        }
    }
}

fn payment(
    check: &Check<'_>,
    file: Spanned<PaymentFile>,
    may_owe: Option<&MayOwe>,
) -> Result<Payment> {
    let span = file.span();
    let payment = file.into_inner().checked(check);
    if may_owe.is_some_and(|may_owe| *may_owe != MayOwe::Anything) {
        let why = "payment: points pay only where negative_balance is \"unlimited\": what a return \
                   forgives would come back with the return of what it paid for";
        return Err(check.at(span, why));
    }
    payment
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
