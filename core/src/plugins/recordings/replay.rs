//! Making a recorded call again.

use crate::runtime::{Component, Fault, FaultKind, Found, LookUps, Question, Runtime};
use perennial_contract::recording::{Answer, Call, Ended, LookUp, Recording};
use std::sync::{Mutex, PoisonError};

/// How a call ended that was made again.
#[derive(Clone, Debug)]
pub struct Replayed {
    pub ended: Ended,
    /// What is not as it was, in words; nothing if all is, to the bit.
    pub differences: Vec<String>,
}

/// Makes a recorded call again, by the component that made it or by another: it is told the same, and
/// what it looks up it finds as it was.
pub async fn replay(
    runtime: &dyn Runtime,
    component: &Component,
    recording: &Recording,
) -> Replayed {
    let look_ups = AsRecorded::of(&recording.look_ups);
    let ended = match &recording.call {
        Call::OnEvent { context, member, event } => {
            let run = runtime.on_event(component, context, Some(member), event, &look_ups).await;
            Ended::of(run, Answer::Actions)
        }
        Call::Appraise { context, member, purchase } => {
            let run = runtime.appraise(component, context, member, purchase, &look_ups).await;
            Ended::of(run, Answer::Proposals)
        }
    };
    let differences = recording.ended.differences(&ended);
    Replayed { ended, differences }
}

/// Answers each question as it was answered then.
struct AsRecorded(Mutex<Vec<LookUp>>);

impl AsRecorded {
    fn of(look_ups: &[LookUp]) -> Self {
        Self(Mutex::new(look_ups.to_vec()))
    }
}

#[async_trait::async_trait]
impl LookUps for AsRecorded {
    async fn look_up(&self, question: &Question) -> Result<Found, Fault> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked =
            left.iter().enumerate().filter(|(_, look_up)| look_up.question == *question);
        let (first, again) = (asked.next().map(|(index, _)| index), asked.next().is_some());
        // What was asked twice may have been answered in two ways.
        let look_up =
            first.map(|first| if again { left.remove(first) } else { left[first].clone() });
        look_up.map(|look_up| look_up.found).ok_or_else(|| {
            let why = format!(
                "it looks up {}, which the recorded run did not: nobody knows any more what it would \
                 have found",
                serde_json::to_string(question).unwrap_or_default()
            );
            Fault::new(FaultKind::Host, why)
        })
    }
}
