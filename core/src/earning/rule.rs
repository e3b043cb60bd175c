//! Earning rules: an optional condition in CEL and a formula.

use super::Facts;
use super::names::unknown_name;
use crate::localized::Localized;
use crate::{Error, Points, Result};
use cel::{Context, Program, Value};
use serde::Serialize;
use std::fmt;

/// The names that a condition may use.
const VARIABLES: [&str; 2] = ["member", "purchase"];

/// A rule of the program file.
#[derive(Debug)]
pub struct EarningRule {
    pub id: String,
    pub name: Localized,
    pub(crate) condition: Option<Condition>,
    pub(crate) formula: Formula,
}

/// How many points a purchase earns by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    Fixed(Points),
    /// So many points for each whole step of the purchase's total; what is left of a step earns
    /// nothing.
    PerAmount {
        points: Points,
        step_minor: i64,
    },
}

impl Formula {
    /// Fails with `OVERFLOW` when the product leaves 64 bits.
    pub(crate) fn points(self, total_minor: i64) -> Result<Points> {
        match self {
            Self::Fixed(points) => Ok(points),
            Self::PerAmount { points, step_minor } => {
                let steps = total_minor / step_minor;
                let points = points.get().checked_mul(steps).map(Points::new);
                points.ok_or_else(|| {
                    Error::new(
                        crate::Code::Overflow,
                        "the purchase is too large for its earning rule",
                    )
                    .at("total")
                })
            }
        }
    }
}

/// A compiled condition.
pub(crate) struct Condition {
    source: String,
    program: Program,
}

impl Condition {
    /// Compiles CEL and tries it on a sample. Fails with the reason in words.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        let program =
            Program::compile(source).map_err(|errors| format!("not a CEL condition: {errors}"))?;
        if let Some(name) = unknown_name(program.expression(), &VARIABLES) {
            return Err(format!("a condition knows `member` and `purchase`, not `{name}`"));
        }
        let condition = Self { source: source.to_owned(), program };
        condition.holds(&Facts::sample())?;
        Ok(condition)
    }

    /// Whether the condition holds. Fails with the reason in words when it cannot be evaluated: an
    /// unknown field, a comparison of text with a number, an answer that is neither yes nor no.
    pub(crate) fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let mut context = Context::default();
        let failed =
            |error: &dyn fmt::Display| format!("`{}` cannot be evaluated: {error}", self.source);
        context.add_variable("member", &facts.member).map_err(|error| failed(&error))?;
        context.add_variable("purchase", &facts.purchase).map_err(|error| failed(&error))?;
        match self.program.execute(&context).map_err(|error| failed(&error))? {
            Value::Bool(holds) => Ok(holds),
            other => Err(failed(&format!("it gives {other:?}, not true or false"))),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}

/// What a condition sees of the member.
#[derive(Debug, Serialize)]
pub(super) struct MemberFacts<'a> {
    pub(super) kind: &'a str,
    /// Empty below the first tier.
    pub(super) tier: &'a str,
    pub(super) purchases: i64,
    pub(super) spent: i64,
    pub(super) points_earned: i64,
    pub(super) country: &'a str,
    pub(super) locale: &'a str,
}

/// What a condition sees of the purchase; amounts in minor units.
#[derive(Debug, Serialize)]
pub(super) struct PurchaseFacts<'a> {
    pub(super) total: i64,
    pub(super) currency: &'a str,
    pub(super) lines: Vec<LineFacts<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct LineFacts<'a> {
    pub(super) sku: &'a str,
    pub(super) category: &'a str,
    pub(super) quantity: u32,
    pub(super) amount: i64,
}
