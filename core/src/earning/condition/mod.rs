//! Conditions: CEL about the member and the purchase, checked as a whole when a program file is
//! read, so that an evaluation can neither meet an unknown name nor take long.

mod check;
mod flaw;
mod names;
mod part;
#[cfg(test)]
mod tests;

pub(crate) use check::Choices;
pub(crate) use flaw::Flaw;
use flaw::GAVE_UP;
pub(super) use names::{LineFacts, MemberFacts, PurchaseFacts};
pub use names::{NAMES, Name};

use super::Facts;
use cel::{Context, Program, Value};
use std::fmt;

/// The most characters of a condition.
const CHARACTERS_MAX: usize = 2_000;
/// Enough for the parser to descend once for each character.
const STACK_BYTES: usize = 256 << 20;

/// A checked condition.
pub(crate) struct Condition {
    source: String,
    program: Program,
    /// The most steps of an evaluation.
    pub(super) steps: u64,
}

/// The facts as conditions read them: made once for all conditions of an appraisal.
pub(super) struct Known(Context<'static, 'static>);

impl Condition {
    /// Fails with what is wrong: all of it where the text is no expression, else the first.
    pub(crate) fn compile(source: &str, choices: Choices<'_>) -> Result<Self, Vec<Flaw>> {
        let characters = source.chars().count();
        if characters > CHARACTERS_MAX {
            let why = format!("a condition has at most {CHARACTERS_MAX} characters");
            return Err(Flaw::of_all(why));
        }
        std::thread::scope(|scope| {
            let parse = || Self::parse(source, choices);
            let parser = std::thread::Builder::new().stack_size(STACK_BYTES);
            let parsed = parser.spawn_scoped(scope, parse).map(std::thread::ScopedJoinHandle::join);
            parsed
                .map_err(|error| Flaw::of_all(format!("there is no thread to read it: {error}")))?
                .unwrap_or_else(|_| Err(Flaw::of_all(GAVE_UP)))
        })
    }

    fn parse(source: &str, choices: Choices<'_>) -> Result<Self, Vec<Flaw>> {
        let flawed = |errors| Flaw::of_syntax(source, &errors);
        let program = Program::compile(source).map_err(flawed)?;
        let unfit = |unfit| vec![Flaw::of_part(program.source_info(), unfit)];
        let steps = check::check(program.expression(), choices).map_err(unfit)?;
        Ok(Self { source: source.to_owned(), program, steps })
    }

    /// Whether the condition holds. Fails with the reason in words when it cannot be evaluated: a
    /// division by zero, a line that is not there.
    pub(super) fn holds(&self, known: &Known) -> Result<bool, String> {
        let failed =
            |error: &dyn fmt::Display| format!("`{}` cannot be evaluated: {error}", self.source);
        match self.program.execute(&known.0).map_err(|error| failed(&error))? {
            Value::Bool(holds) => Ok(holds),
            other => Err(failed(&format!("it gives {other:?}, not true or false"))),
        }
    }
}

impl Known {
    /// Fails with the reason in words when the facts cannot be values of CEL, which they can.
    pub(super) fn of(facts: &Facts<'_>) -> Result<Self, String> {
        let mut context = Context::default();
        let failed = |error: &dyn fmt::Display| format!("the facts cannot be read: {error}");
        context.add_variable("member", &facts.member).map_err(|error| failed(&error))?;
        context.add_variable("purchase", &facts.purchase).map_err(|error| failed(&error))?;
        Ok(Self(context))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}
