//! `[[earning_rules]]` of the program file.

use super::condition::{Choices, Condition};
use super::{EarningRule, Formula};
use crate::Result;
use crate::accounts::policy::expiry::ExpiryFile;
use crate::accounts::policy::pending::PendingFile;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
use crate::tiers::Ladder;
use serde::Deserialize;
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
) -> Result<EarningRules> {
    check.distinct(files.iter().map(|rule| &rule.id))?;
    let tiers: Vec<_> = ladder.tiers().iter().map(|tier| tier.id.as_str()).collect();
    let choices = Choices { tiers: &tiers };
    let mut steps = 0;
    let mut rules = Vec::with_capacity(files.len());
    for file in files {
        let id = file.id.clone();
        let rule = rule(check, file, choices, types)?;
        steps += rule.condition.as_ref().map_or(0, |condition| condition.steps);
        if steps > STEPS_MAX {
            let why = "is one rule too many: the conditions together may take too many steps";
            return Err(check.wrong(&id, why));
        }
        rules.push(rule);
    }
    Ok(EarningRules(rules))
}

fn rule(
    check: &Check<'_>,
    file: EarningRuleFile,
    choices: Choices<'_>,
    types: &PointTypes,
) -> Result<EarningRule> {
    let points = check.positive(&file.points)?;
    let formula = match &file.per {
        None => Formula::Fixed(points),
        Some(per) => {
            let step = check.currency.minor_units(per.get_ref());
            let step = step.map_err(|error| check.at(per.span(), error.message()))?;
            if step <= 0 {
                return Err(check.wrong(per, "is not an amount above zero"));
            }
            Formula::PerAmount { points, step_minor: step }
        }
    };
    let compile = |when: &Spanned<String>| {
        Condition::compile(when.get_ref(), choices).map_err(|why| check.at(when.span(), &why))
    };
    let condition = file.when.as_ref().map(compile);
    Ok(EarningRule {
        id: check.slug(&file.id)?,
        name: check.named(file.name, &file.id)?,
        condition: condition.transpose()?,
        formula,
        point_type: types.named(check, file.point_type.as_ref())?,
        expiry: file.expiry.map(|expiry| ExpiryFile::of_some(check, &expiry)).transpose()?,
        pending: file.pending.map(|pending| PendingFile::checked(check, &pending)).transpose()?,
    })
}
