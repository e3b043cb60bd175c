//! Running a scenario.

use super::differences::{Before, differences};
use super::step::{Step, What};
use super::{Scenario, Value};
use crate::{Answer, Engine, Purchase, Simulation};
use perennial_contract::{Fault, Manifest};

/// What came of a scenario, each with file and step.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What differs from what is expected; nothing if all is as expected.
    pub differences: Vec<String>,
    /// What the platform lets pass and was probably not meant. See [`Simulation::warnings`].
    pub warnings: Vec<String>,
}

/// What a step brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) answers: Vec<Answer>,
    pub(super) view: Option<Value>,
}

impl Scenario {
    /// Lives it with a plugin. It ends at the first step that is refused without being expected to be,
    /// for what comes after stands on it.
    pub fn run<E: Engine>(&self, engine: E, manifest: &Manifest) -> Outcome {
        let mut outcome = Outcome::default();
        let begun = Simulation::begin(
            engine,
            manifest.clone(),
            self.program.clone(),
            self.start,
            self.config.clone(),
            self.members.clone(),
        );
        let mut simulation = match begun {
            Ok(simulation) => simulation,
            Err(why) => return self.not_begun("[config]", &why),
        };
        if !self.beside.is_empty()
            && let Err(why) = simulation.put_beside(self.beside.iter().cloned())
        {
            return self.not_begun("[[beside]]", &why);
        }
        self.centers.iter().for_each(|center| simulation.put_center(center.clone()));
        for step in &self.steps {
            let warned = simulation.warnings().len();
            let goes_on = self.step(&mut simulation, step, &mut outcome.differences);
            let new = simulation.warnings()[warned..].iter();
            let place = |warning| format!("{}, {}: {warning}", self.file, step.place());
            outcome.warnings.extend(new.map(place));
            if !goes_on {
                break;
            }
        }
        outcome
    }

    fn not_begun(&self, at: &str, why: &str) -> Outcome {
        let differences = vec![format!("{}, {at}: {why}", self.file)];
        Outcome { differences, warnings: Vec::new() }
    }

    /// Whether it can go on.
    fn step<E: Engine>(
        &self,
        simulation: &mut Simulation<E>,
        step: &Step,
        all: &mut Vec<String>,
    ) -> bool {
        let first = &self.members[0].external_id;
        simulation.try_turn_to(step.member.as_ref().unwrap_or(first));
        let before = Before::of(simulation);
        let mut differ = |what: String| {
            all.push(format!("{}, {}: {what}", self.file, step.place()));
        };
        let brought = match (happen(simulation, &step.what), &step.expected.refused) {
            (Ok(brought), None) => brought,
            (Ok(brought), Some(refusal)) => {
                differ(format!("refused: expected {refusal:?}, and nothing was refused"));
                brought
            }
            (Err(fault), Some(refusal)) if fault.message.contains(refusal.as_str()) => {
                Brought::default()
            }
            (Err(fault), Some(refusal)) => {
                differ(format!("refused: expected {refusal:?}, got {:?}", fault.message));
                Brought::default()
            }
            (Err(fault), None) => {
                differ(format!("it was refused: {}{}", fault.message, logged(&fault)));
                return false;
            }
        };
        for what in differences(&step.expected, simulation, &before, &brought) {
            differ(what);
        }
        true
    }
}

fn happen<E: Engine>(simulation: &mut Simulation<E>, what: &What) -> Result<Brought, Fault> {
    let today = simulation.today();
    let of = |answer: Answer| Brought { answers: vec![answer], view: None };
    match what {
        What::Event { name, data } => simulation.event(name, data.clone()).map(of),
        What::Purchase { on, reference, lines } => {
            simulation.buy(on.unwrap_or(today), reference.clone(), lines.clone()).map(of)
        }
        What::Quote { on, lines } => {
            let cart = Purchase {
                reference: "quote".to_owned(),
                currency: simulation.program().currency.clone(),
                total_minor: lines.iter().map(|line| line.amount_minor).sum(),
                purchased_on: on.unwrap_or(today),
                lines: lines.iter().cloned().map(Into::into).collect(),
            };
            let proposals = simulation.appraise(&cart)?;
            Ok(of(Answer { proposals, ..Answer::default() }))
        }
        What::Record { record_type, id, data } => {
            simulation.put_record(record_type, id, data.clone()).map(of)
        }
        What::Tag { add, remove } => simulation.tag(add, remove).map(of),
        What::Advance(day) => Ok(Brought { answers: simulation.advance(*day)?, view: None }),
        What::Change(change) => {
            Ok(Brought { answers: simulation.change(change.clone())?, view: None })
        }
        What::View => Ok(Brought { answers: Vec::new(), view: Some(simulation.view()?) }),
    }
}

fn logged(fault: &Fault) -> String {
    fault.logged().flat_map(|line| ["\n    ", line]).collect()
}
