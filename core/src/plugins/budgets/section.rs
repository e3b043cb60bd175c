//! `[budgets.…]` of the program file.

use crate::Points;
use crate::definition::{Check, Definition};
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

/// `plugins` are those that the file enables.
pub(crate) fn section(check: &Check<'_>, files: BudgetFiles, plugins: &[&str]) -> Budgets {
    let budget = |(id, file): (Spanned<String>, BudgetFile)| {
        if !plugins.contains(&id.get_ref().as_str()) {
            check.unknown(&id, "has a budget, and the file enables no plugin of that id", plugins);
        }
        let amount = |amount: Option<Spanned<i64>>| match amount {
            Some(amount) if *amount.get_ref() < 0 => {
                check.at(amount.span(), "use a whole number, 0 or more");
                None
            }
            amount => amount.map(Spanned::into_inner),
        };
        let allowance = |points, messages| Allowance {
            points: amount(points).map(Points::new),
            messages: amount(messages),
        };
        let day = allowance(file.points_per_day, file.messages_per_day);
        let month = allowance(file.points_per_month, file.messages_per_month);
        (id.into_inner(), Budget { day, month })
    };
    Budgets(files.into_iter().map(budget).collect())
}
