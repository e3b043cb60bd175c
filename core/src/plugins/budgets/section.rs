//! `[budgets.…]` of the program file.

use crate::definition::{Check, Definition};
use crate::{Error, Points, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

pub(crate) type BudgetFiles = BTreeMap<Spanned<String>, BudgetFile>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetFile {
    points_per_day: Option<Spanned<i64>>,
    points_per_month: Option<Spanned<i64>>,
    messages_per_day: Option<Spanned<i64>>,
    messages_per_month: Option<Spanned<i64>>,
}

/// By plugin id.
#[derive(Debug)]
pub(crate) struct Budgets(BTreeMap<String, Budget>);

/// What a plugin may give at events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(super) day: Allowance,
    pub(super) month: Allowance,
}

/// What it may give in a period; as much as it likes of what is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) points: Option<Points>,
    pub(super) messages: Option<i64>,
}

impl Definition {
    /// The budget of a plugin, if it has one.
    pub(crate) fn budget(&self, plugin: &str) -> Option<&Budget> {
        self.section::<Budgets>().0.get(plugin)
    }
}

/// `named` says whether the file enables a plugin.
pub(crate) fn section(
    check: &Check<'_>,
    files: BudgetFiles,
    named: impl Fn(&str) -> bool,
) -> Result<Budgets> {
    let mut budgets = BTreeMap::new();
    for (id, file) in files {
        if !named(id.get_ref()) {
            let why = format!("the file enables no plugin `{}`", id.get_ref());
            return Err(check.at(id.span(), &why));
        }
        let amount = |amount: Option<Spanned<i64>>| match amount {
            Some(amount) if *amount.get_ref() < 0 => {
                Err(check.at(amount.span(), "use a whole number, 0 or more"))
            }
            amount => Ok(amount.map(Spanned::into_inner)),
        };
        let allowance = |points, messages| {
            let points = amount(points)?.map(Points::new);
            Ok::<_, Error>(Allowance { points, messages: amount(messages)? })
        };
        let day = allowance(file.points_per_day, file.messages_per_day)?;
        let month = allowance(file.points_per_month, file.messages_per_month)?;
        budgets.insert(id.into_inner(), Budget { day, month });
    }
    Ok(Budgets(budgets))
}
