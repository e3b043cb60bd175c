//! Watching a call.

use super::Recorded;
use crate::context::Enabled;
use crate::plugins::look_ups::OfMember;
use crate::runtime::{Fault, Found, LookUps, Question, Run};
use perennial_contract::recording::{Answer, Call, Ended, LookUp, Recording};
use std::sync::{Mutex, PoisonError};

/// Answers what a plugin looks up, and remembers it if the program keeps recordings.
pub(in crate::plugins) struct Recorder<'a> {
    look_ups: OfMember<'a>,
    seen: Option<Mutex<Vec<LookUp>>>,
}

impl<'a> Recorder<'a> {
    pub(in crate::plugins) fn of(look_ups: OfMember<'a>) -> Self {
        let keeps = look_ups.program.definition.keeps_recordings();
        Self { look_ups, seen: keeps.then(Mutex::default) }
    }

    /// Ends the recording of a call. There is none of a program that keeps none, and none of what failed
    /// through no fault of the plugin: made again it would not fail so.
    pub(in crate::plugins) fn end<T: Clone>(
        self,
        call: impl FnOnce() -> Call,
        ended: &Result<Run<T>, Fault>,
        answer: impl FnOnce(T) -> Answer,
    ) -> Option<Recorded> {
        let look_ups = self.seen?.into_inner().unwrap_or_else(PoisonError::into_inner);
        if ended.as_ref().is_err_and(|fault| fault.kind.is_of_host()) {
            return None;
        }
        let Enabled { component, .. } = self.look_ups.plugin;
        Some(Recorded::of(Recording {
            platform: env!("CARGO_PKG_VERSION").to_owned(),
            plugin: component.manifest.id.clone(),
            version: component.manifest.version.clone(),
            digest: component.digest.clone(),
            call: call(),
            look_ups,
            ended: Ended::of(ended.clone(), answer),
            refused: None,
        }))
    }
}

#[async_trait::async_trait]
impl LookUps for Recorder<'_> {
    async fn look_up(&self, question: &Question) -> Result<Found, Fault> {
        let found = self.look_ups.look_up(question).await?;
        if let Some(seen) = &self.seen {
            let look_up = LookUp { question: question.clone(), found: found.clone() };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(look_up);
        }
        Ok(found)
    }
}
