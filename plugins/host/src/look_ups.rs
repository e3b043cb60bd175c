//! What a guest asks while it runs. Its question goes to whoever made the call, and the guest waits:
//! it has no way of its own to anything.

use crate::state::State;
use perennial_contract::look_up::{Found, Question, permit};
use perennial_core::plugins::{Fault, LookUps, Manifest};
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use wasmtime::{Result, bail};

/// Where a guest's questions go, as long as it is called.
#[derive(Debug)]
pub(crate) struct Asking {
    manifest: Arc<Manifest>,
    asked: usize,
    questions: mpsc::Sender<Asked>,
}

/// Where they come out.
pub(crate) type Questions = mpsc::Receiver<Asked>;

#[derive(Debug)]
pub(crate) struct Asked {
    question: Question,
    answer: oneshot::Sender<std::result::Result<Found, Fault>>,
}

/// A question that the plugin may not ask.
#[derive(Debug)]
pub(crate) struct NotPermitted(pub(crate) String);

/// A question that could not be answered, through no fault of the plugin.
#[derive(Debug)]
pub(crate) struct Unanswered(pub(crate) Fault);

/// For a guest of this manifest.
pub(crate) fn asking(manifest: &Arc<Manifest>) -> (Asking, Questions) {
    let (sender, receiver) = mpsc::channel(1);
    (Asking { manifest: Arc::clone(manifest), asked: 0, questions: sender }, receiver)
}

/// Makes a call and answers what is asked meanwhile.
pub(crate) async fn answering<T>(
    call: impl Future<Output = T>,
    mut questions: Questions,
    look_ups: &dyn LookUps,
) -> T {
    let mut call = pin!(call);
    loop {
        let asked = tokio::select! {
            biased;
            answer = &mut call => return answer,
            asked = questions.recv() => asked,
        };
        if let Some(Asked { question, answer }) = asked {
            // Who does not wait for the answer any more has ended.
            drop(answer.send(look_ups.look_up(&question).await));
        }
    }
}

impl State {
    pub(crate) async fn look_up(&mut self, question: Question) -> Result<Found> {
        let Some(asking) = &mut self.asking else {
            let why = "it looks up something before it is asked anything";
            return Err(NotPermitted(why.to_owned()).into());
        };
        permit(&asking.manifest, asking.asked, &question).map_err(NotPermitted)?;
        asking.asked += 1;
        let (answer, answered) = oneshot::channel();
        asking.questions.send(Asked { question, answer }).await?;
        Ok(answered.await?.map_err(Unanswered)?)
    }
}

/// That an answer is one to another question.
pub(crate) fn does_not_fit<T>(found: &Found) -> Result<T> {
    bail!("the answer to a question is {found:?}")
}

impl std::fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for NotPermitted {}
impl std::error::Error for Unanswered {}
