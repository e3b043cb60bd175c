//! `[[earning_rules]]` of the program file.

use super::{Condition, EarningRule, Formula};
use crate::Result;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
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
}

#[derive(Debug)]
pub(crate) struct EarningRules(Vec<EarningRule>);

impl Definition {
    pub fn earning_rules(&self) -> &[EarningRule] {
        &self.section::<EarningRules>().0
    }
}

pub(crate) fn section(check: &Check<'_>, files: Vec<EarningRuleFile>) -> Result<EarningRules> {
    check.distinct(files.iter().map(|rule| &rule.id))?;
    files.into_iter().map(|file| rule(check, file)).collect::<Result<_>>().map(EarningRules)
}

fn rule(check: &Check<'_>, file: EarningRuleFile) -> Result<EarningRule> {
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
    let condition = file
        .when
        .as_ref()
        .map(|when| Condition::compile(when.get_ref()).map_err(|why| check.at(when.span(), &why)));
    Ok(EarningRule {
        id: check.slug(&file.id)?,
        name: check.named(file.name, &file.id)?,
        condition: condition.transpose()?,
        formula,
    })
}
