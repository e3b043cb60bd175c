//! What is kept of a call of a plugin, so that it can be made again anywhere: what the plugin was told,
//! what it looked up, and how it ended.

mod differences;
pub(crate) mod maybe;
pub(crate) mod whole;

use crate::answer::{Action, Proposal};
use crate::call::{Context, Event, Member, Purchase};
use crate::fault::{Fault, FaultKind, Run};
use crate::look_up::{Found, Question};
use serde::{Deserialize, Serialize};

/// A call, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// The version of the platform that made the call. Another one may charge another number of units
    /// of fuel for the same work.
    pub platform: String,
    pub plugin: String,
    pub version: String,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    pub call: Call,
    /// In the order in which they were asked.
    pub look_ups: Vec<LookUp>,
    pub ended: Ended,
    /// Why the platform refused the answer, if it did: the plugin may not have what it asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What was asked of the plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "hook", rename_all = "kebab-case")]
pub enum Call {
    OnEvent { context: Context, member: Member, event: Event },
    Appraise { context: Context, member: Member, purchase: Purchase },
}

/// A question of the plugin, and what it got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LookUp {
    pub question: Question,
    pub found: Found,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    Answered { answer: Answer, fuel: u64, memory: usize, log: Vec<String> },
    Failed { kind: FaultKind, message: String, log: Vec<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Actions(Vec<Action>),
    Proposals(Vec<Proposal>),
}

impl Call {
    /// As the contract names the hook.
    #[must_use]
    pub const fn hook(&self) -> &'static str {
        match self {
            Self::OnEvent { .. } => "on-event",
            Self::Appraise { .. } => "appraise",
        }
    }

    /// The event's name, or the purchase's reference.
    #[must_use]
    pub fn about(&self) -> &str {
        match self {
            Self::OnEvent { event, .. } => &event.name,
            Self::Appraise { purchase, .. } => &purchase.reference,
        }
    }
}

impl Ended {
    /// How a call ended, with the kind of answer that its hook gives.
    pub fn of<T>(ended: Result<Run<T>, Fault>, answer: impl FnOnce(T) -> Answer) -> Self {
        match ended {
            Ok(Run { output, fuel, memory, log }) => {
                Self::Answered { answer: answer(output), fuel, memory, log }
            }
            Err(Fault { kind, message, log }) => Self::Failed { kind, message, log },
        }
    }

    #[must_use]
    pub fn log(&self) -> &[String] {
        match self {
            Self::Answered { log, .. } | Self::Failed { log, .. } => log,
        }
    }
}

impl Answer {
    /// How many actions, or proposals.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Actions(actions) => actions.len(),
            Self::Proposals(proposals) => proposals.len(),
        }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
