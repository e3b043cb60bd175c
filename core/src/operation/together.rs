//! Deciding requests of one kind together: each has its own result, and a refused one does not touch
//! its neighbours.
//!
//! Before a batch is decided it claims its members (`context/claims.rs`), so that the batches of a
//! process do not outrun each other. What one caller brings together is a batch of its own, which
//! waits for others of that kind first: so a batch of those who came alone waits for one of them at
//! most, whatever many bring. A batch that is outrun all the same, such as by another process, is
//! decided by ever smaller parts.

use crate::context::{Claim, Context, Numbers, number};
use crate::{Actor, Error, Kind, MemberId, ProgramId, Result};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How often all of a batch is attempted before each attempt takes half as much.
const WHOLE_ATTEMPTS: u32 = 2;

/// The group in what was answered.
pub(crate) type GroupOf<Answer> = fn(&Answer) -> Option<MemberId>;

/// A kind of request that is decided together with others of its kind.
pub(crate) trait Combined: Send + Sync + Sized + 'static {
    type Answer: Send + 'static;

    /// What such requests are, in the plural, such as "purchases".
    const NAME: &'static str;

    /// What two requests of one member have in common, so that a node does not outrun itself.
    fn comes_by(&self) -> ComesBy<'_>;

    /// Whose account was changed.
    fn member(answer: &Self::Answer) -> MemberId;

    /// The group whose account was changed as well, where that can be: what others of its people
    /// bring waits for it. None for requests that change no group beside the member.
    const GROUP: Option<GroupOf<Self::Answer>> = None;

    /// Whom else the request names whose account it changes: what others bring for them waits for it.
    fn also(&self) -> Vec<ComesBy<'_>> {
        Vec::new()
    }

    /// Decides as many of the requests as there is time for in one commit, in order, the first at
    /// least; each has its own result.
    fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> impl Future<Output = Result<Vec<Result<Self::Answer>>>> + Send;
}

/// How a request names the member that it is about.
pub(crate) enum ComesBy<'a> {
    Id(MemberId),
    Name(&'a str),
    /// The id of something that always is the same member's.
    Key(Uuid),
    /// The name of something that always is the same member's.
    KeyName(&'a str),
}

impl ComesBy<'_> {
    /// What stands for the member.
    pub(super) fn number(&self, context: &Context, program: ProgramId) -> u64 {
        match self {
            ComesBy::Id(id) => context.numbers.of_id(program, *id),
            ComesBy::Name(name) => Numbers::of_name(program, name),
            ComesBy::Key(id) => number(id),
            ComesBy::KeyName(name) => number(name),
        }
    }

    fn is_of_member(&self) -> bool {
        matches!(self, ComesBy::Id(_) | ComesBy::Name(_))
    }
}

/// Decides as many of the requests as there is time for, with their members claimed. If they fail
/// together by a defect, each is decided alone: whichever has met it costs nobody else an answer.
pub(super) async fn decide_together<R: Combined>(
    context: &Context,
    program: ProgramId,
    requests: &[(Actor, R)],
) -> Result<Vec<Result<R::Answer>>> {
    let _claim: Claim<'_> = context.claims.claim(members(context, program, requests)).await;
    let _under_way = context.traffic.begin();
    let error = match R::decide(context, program, requests).await {
        Ok(answers) => {
            remember(context, program, requests, &answers);
            return Ok(answers);
        }
        Err(error) => error,
    };
    let (code, detail) = (error.code().as_str(), error.detail());
    tracing::error!(code, detail, "a batch of {} failed", R::NAME);
    if error.kind() != Kind::Internal || requests.len() == 1 {
        return Err(error);
    }
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let alone = R::decide(context, program, std::slice::from_ref(request)).await;
        let lost = || Err(Error::internal("a request has no answer"));
        answers.push(alone.and_then(|mut answers| answers.pop().unwrap_or_else(lost)));
    }
    Ok(answers)
}

/// Decides all that one caller brings together, in order; each has its own result.
pub(crate) async fn decide_many<R: Combined>(
    context: &Context,
    program: ProgramId,
    requests: &[(Actor, R)],
) -> Result<Vec<Result<R::Answer>>> {
    let _claim: Claim<'_> = context.claims_of_many.claim(members(context, program, requests)).await;
    let mut answers = Vec::with_capacity(requests.len());
    while answers.len() < requests.len() {
        answers.extend(decide_together(context, program, &requests[answers.len()..]).await?);
    }
    Ok(answers)
}

/// The members that requests name, and the groups that they accrue to as far as that was seen, each
/// by its number.
fn members<R: Combined>(
    context: &Context,
    program: ProgramId,
    requests: &[(Actor, R)],
) -> BTreeSet<u64> {
    let named = requests.iter().map(|(_, request)| request.comes_by());
    let named = named.filter(ComesBy::is_of_member).map(|by| by.number(context, program));
    let named = named.flat_map(|number| [Some(number), context.numbers.group_of(number)]);
    let others = requests.iter().flat_map(|(_, request)| request.also());
    named.flatten().chain(others.map(|by| by.number(context, program))).collect()
}

fn remember<R: Combined>(
    context: &Context,
    program: ProgramId,
    requests: &[(Actor, R)],
    answers: &[Result<R::Answer>],
) {
    for ((_, request), answer) in requests.iter().zip(answers) {
        let (by, Ok(answer)) = (request.comes_by(), answer) else { continue };
        if let ComesBy::Name(name) = by {
            context.numbers.remember(program, R::member(answer), name);
        }
        if let Some(group) = R::GROUP.filter(|_| by.is_of_member()) {
            let number = by.number(context, program);
            context.numbers.remember_group(program, number, group(answer));
        }
    }
}

/// How much of a batch is decided, attempt by attempt: all of it at first, then half as much each time,
/// down to the first request alone. The smaller a part, the fewer others it meets and the sooner it
/// is written; so a batch gets through, part by part, however many change the same members
/// elsewhere.
pub(crate) struct Parts<'r, R> {
    requests: &'r [R],
    attempts: u32,
}

impl<'r, R> Parts<'r, R> {
    pub(crate) fn of(requests: &'r [R]) -> Self {
        Self { requests, attempts: 0 }
    }

    /// The part for the next attempt.
    pub(crate) fn take(&mut self) -> &'r [R] {
        self.attempts += 1;
        let halved = self.attempts.saturating_sub(WHOLE_ATTEMPTS);
        let all = self.requests.len();
        let count = all.checked_shr(halved).unwrap_or_default();
        &self.requests[..count.max(1).min(all)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::BATCH_MAX;

    #[test]
    fn a_batch_that_is_outrun_is_decided_by_ever_smaller_parts() {
        let requests = [(); BATCH_MAX];
        let mut parts = Parts::of(&requests);
        let lengths: Vec<_> = (0..12).map(|_| parts.take().len()).collect();
        assert_eq!(lengths, [256, 256, 128, 64, 32, 16, 8, 4, 2, 1, 1, 1]);
        assert!(Parts::of(&requests[..0]).take().is_empty());
    }
}
