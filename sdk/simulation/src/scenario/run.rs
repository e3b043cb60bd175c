//! Running a scenario.

use super::differences::{Before, differences};
use super::step::{Step, What};
use super::{Scenario, Value};
use crate::{Answer, Engine, Purchase, Simulation};
use perennial_contract::{Fault, Manifest};

/// What a step brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) answers: Vec<Answer>,
    pub(super) view: Option<Value>,
}

impl Scenario {
    /// Lives it with a plugin: what differs from what is expected, each with file and step, and nothing
    /// if all is as expected. It ends at the first step that is refused without being expected to be,
    /// for what comes after stands on it.
    pub fn run<E: Engine>(&self, engine: E, manifest: &Manifest) -> Vec<String> {
        let mut all = Vec::new();
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
            Err(why) => return vec![format!("{}, [config]: {why}", self.file)],
        };
        for step in &self.steps {
            if !self.step(&mut simulation, step, &mut all) {
                break;
            }
        }
        all
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
        What::Advance(day) => Ok(Brought { answers: simulation.advance(*day)?, view: None }),
        What::Change(change) => {
            Ok(Brought { answers: simulation.change(change.clone())?, view: None })
        }
        What::View => Ok(Brought { answers: Vec::new(), view: Some(simulation.view()?) }),
    }
}

fn logged(fault: &Fault) -> String {
    fault.log.iter().flat_map(|line| ["\n    ", line]).collect()
}
