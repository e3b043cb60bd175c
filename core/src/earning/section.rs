//! `[[earning_rules]]` of the program file.

use super::condition::{Choices, Condition, Flaw};
use super::{EarningRule, Formula};
use crate::accounts::policy::expiry::ExpiryFile;
use crate::accounts::policy::pending::PendingFile;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
use crate::tiers::Ladder;
use crate::{Error, Result};
use serde::Deserialize;
use std::cell::Cell;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EarningRuleFile {
    id: Spanned<String>,
    name: Localized,
    when: Option<Spanned<String>>,
    points: Spanned<i64>,
    per: Option<Spanned<String>>,
    point_type: Option<Spanned<String>>,
    expiry: Option<Spanned<ExpiryFile>>,
    pending: Option<Spanned<PendingFile>>,
}

#[derive(Debug)]
pub(crate) struct EarningRules(Vec<EarningRule>);

impl Definition {
    pub fn earning_rules(&self) -> &[EarningRule] {
        &self.section::<EarningRules>().0
    }
}

/// The most steps that the conditions of a program take together for one purchase.
const STEPS_MAX: u64 = 500_000;

/// Conditions are checked against the tiers that the file defines, and types of points likewise.
pub(crate) fn section(
    check: &Check<'_>,
    files: Vec<EarningRuleFile>,
    ladder: &Ladder,
    types: &PointTypes,
) -> EarningRules {
    let tiers: Vec<_> = ladder.tiers().iter().map(|tier| tier.id.as_str()).collect();
    let choices = Choices { tiers: &tiers, doubtful: &check.doubtful() };
    let steps = Cell::new(0);
    let rule = |file: EarningRuleFile| {
        let id = file.id.clone();
        let rule = rule(check, file, choices, types)?;
        let before = steps.get();
        steps.set(before + rule.condition.as_ref().map_or(0, |condition| condition.steps));
        if before <= STEPS_MAX && steps.get() > STEPS_MAX {
            let why = "is one rule too many: the conditions together may take too many steps";
            return Err(check.wrong(&id, why));
        }
        Ok(rule)
    };
    EarningRules(check.each(files, |file| &file.id, rule))
}

fn rule(
    check: &Check<'_>,
    file: EarningRuleFile,
    choices: Choices<'_>,
    types: &PointTypes,
) -> Result<EarningRule> {
    let (id, name) = (check.slug(&file.id), check.named(file.name, &file.id));
    let condition = file.when.as_ref().map(|when| condition(check, when, choices)).transpose();
    let points = check.positive(&file.points);
    let step_minor = file.per.as_ref().map(|per| check.positive_amount(per)).transpose();
    let point_type = types.named(check, file.point_type.as_ref());
    let expiry = file.expiry.map(|expiry| ExpiryFile::of_some(check, &expiry)).transpose();
    let pending = file.pending.map(|pending| PendingFile::checked(check, &pending)).transpose();
    let points = points?;
    Ok(EarningRule {
        id: id?,
        name: name?,
        condition: condition?,
        formula: match step_minor? {
            None => Formula::Fixed(points),
            Some(step_minor) => Formula::PerAmount { points, step_minor },
        },
        point_type: point_type?,
        expiry: expiry?,
        pending: pending?,
    })
}

fn condition(check: &Check<'_>, when: &Spanned<String>, choices: Choices<'_>) -> Result<Condition> {
    Condition::compile(when.get_ref(), choices).map_err(|flaws| {
        let mut said = flaws.into_iter().map(|Flaw { at, why }| check.inside(when, at, &why));
        let first = said.next().unwrap_or_else(|| Error::internal("a condition without a flaw"));
        said.for_each(drop);
        first
    })
}
