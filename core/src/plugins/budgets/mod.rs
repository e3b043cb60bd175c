//! What a plugin may give in a day and in a month, as the program says: an answer beyond that is not
//! carried out, and the plugin waits for the next period or for a larger budget. Nothing is lost, and
//! nothing is given twice.
//!
//! A budget counts what plugins ask for at events, whatever caps leave of it. What they propose for
//! purchases has a ceiling of its own, `purchase_max`.

pub(crate) mod section;
mod spending;

pub(super) use spending::{Spending, ask_spending};

use super::effects::Plan;
use crate::context::{Enabled, FaultReport, Program};
use crate::{Points, Result, Timestamp};
use jiff::civil::Date;
use section::{Allowance, Budget};

/// What an answer gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) points: Points,
    pub(super) messages: i64,
}

impl Given {
    pub(super) const fn is_nothing(self) -> bool {
        !self.points.is_positive() && self.messages == 0
    }

    fn and(self, other: Self) -> Result<Self> {
        let points = self.points.plus(other.points)?;
        Ok(Self { points, messages: self.messages.saturating_add(other.messages) })
    }
}

/// A period of a budget, in the program's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Month,
}

impl Period {
    const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// As it is stored: the day itself, or its month.
    fn key(self, today: Date) -> String {
        match self {
            Self::Day => today.to_string(),
            Self::Month => format!("{:04}-{:02}", today.year(), today.month()),
        }
    }

    const fn of(self, budget: &Budget) -> &Allowance {
        match self {
            Self::Day => &budget.day,
            Self::Month => &budget.month,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// Why an answer that gives so much is never carried out, if it is more than all of a budget.
pub(super) fn never(program: &Program, plugin: &Enabled, plan: &Plan) -> Option<String> {
    let budget = program.definition.budget(&plugin.id)?;
    let given = plan.given();
    Period::ALL.into_iter().find_map(|period| over(period, period.of(budget), given))
}

/// What of an allowance so much exceeds.
fn over(period: Period, allowance: &Allowance, given: Given) -> Option<String> {
    let (of, period) = ((given.points, given.messages), period.as_str());
    match (allowance.points, allowance.messages) {
        (Some(most), _) if of.0 > most => {
            Some(format!("{} points in a {period}, of a budget of {most}", of.0))
        }
        (_, Some(most)) if of.1 > most => {
            Some(format!("{} messages in a {period}, of a budget of {most}", of.1))
        }
        _ => None,
    }
}

/// What operators read of a plugin whose budget does not suffice for an answer.
pub(super) fn report(plugin: &Enabled, why: &str) -> FaultReport {
    let id = &plugin.id;
    FaultReport {
        kind: FaultReport::BUDGET.to_owned(),
        message: format!(
            "plugin `{id}`: its next answer would come to {why}. It goes on when the period is over, or \
             when the program file gives it more"
        ),
        event: None,
        member: None,
        digest: plugin.component.digest.clone(),
        log: Vec::new(),
    }
}

/// When a plugin is tried again whose budget is used up: tomorrow. A sandbox has days of its own.
pub(super) fn tried_again(program: &Program) -> Option<Timestamp> {
    let definition = &program.definition;
    if definition.is_sandbox {
        return None;
    }
    let tomorrow = program.now.date_in(&definition.zone).tomorrow().ok()?;
    Timestamp::start_of(tomorrow, &definition.zone).ok()
}
