//! Whose turn it is with a member: in one process a member is in one batch at a time, so that
//! batches wait for each other instead of deciding what the other one outruns.
//!
//! A claim is on all members of a batch at once, and those who claim a member get it in the order in
//! which they asked. So nobody waits in a circle, and nobody for ever. It is a place in a line of
//! this process and no lock in the database: other processes, and changes that claim nobody, are
//! met by the versions of accounts.

use crate::{MemberId, ProgramId};
use lru::LruCache;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How many members are known by id with the number of the name that they came by before.
const MEMBERS_KNOWN: NonZeroUsize = NonZeroUsize::new(16_384).expect("above zero");

/// Numbers that stand for a program's members, the same by whichever name one comes once both were
/// seen together. Two that have the same number wait for each other, and nothing else.
#[derive(Debug)]
pub(crate) struct Numbers {
    members: Mutex<LruCache<MemberId, u64>>,
    /// Of members by whose requests the account of a group changed when they last came: that of the
    /// group.
    groups: Mutex<LruCache<u64, u64>>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            members: Mutex::new(LruCache::new(MEMBERS_KNOWN)),
            groups: Mutex::new(LruCache::new(MEMBERS_KNOWN)),
        }
    }
}

impl Numbers {
    pub(crate) fn of_name(program: ProgramId, name: &str) -> u64 {
        number(&(program, name))
    }

    pub(crate) fn of_id(&self, program: ProgramId, id: MemberId) -> u64 {
        let known = locked(&self.members).get(&id).copied();
        known.unwrap_or_else(|| number(&(program, id)))
    }

    /// Takes note of a member's name.
    pub(crate) fn remember(&self, program: ProgramId, id: MemberId, name: &str) {
        locked(&self.members).put(id, Self::of_name(program, name));
    }

    /// The group that a member's requests change as well, as far as that was seen. Who is new to a
    /// group, or was not seen for long, is met by the versions of accounts.
    pub(crate) fn group_of(&self, member: u64) -> Option<u64> {
        locked(&self.groups).get(&member).copied()
    }

    /// Takes note of whether a member's request changed a group as well.
    pub(crate) fn remember_group(&self, program: ProgramId, member: u64, group: Option<MemberId>) {
        match group {
            Some(group) => drop(locked(&self.groups).put(member, self.of_id(program, group))),
            None => drop(locked(&self.groups).pop(&member)),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that stands for a thing in this process.
pub(crate) fn number(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A line for each member, by a number that stands for it.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    next_ticket: u64,
    /// Tickets, by member: who has it, and who waits behind.
    by_member: HashMap<u64, VecDeque<u64>>,
    /// Those who do not have all that they claim.
    waiting: HashMap<u64, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// In how many lines there is somebody before it.
    behind: usize,
    turn: oneshot::Sender<()>,
}

/// Members that are nobody else's until it is dropped.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    claims: &'a Claims,
    ticket: u64,
    members: BTreeSet<u64>,
}

impl Claims {
    /// Waits until all these members are free for whoever asks.
    pub(crate) async fn claim(&self, members: BTreeSet<u64>) -> Claim<'_> {
        // It leaves the lines when it is dropped, be it that nobody waits any more.
        let (claim, turn) = self.stand_in_line(members);
        if let Some(turn) = turn {
            // It is not dropped before it was sent while the claim stands in line.
            drop(turn.await);
        }
        claim
    }

    /// The claim, and its turn if it has to wait for it.
    fn stand_in_line(&self, members: BTreeSet<u64>) -> (Claim<'_>, Option<oneshot::Receiver<()>>) {
        let mut lines = self.locked();
        let ticket = lines.next_ticket;
        lines.next_ticket += 1;
        let mut behind = 0;
        for member in &members {
            let line = lines.by_member.entry(*member).or_default();
            behind += usize::from(!line.is_empty());
            line.push_back(ticket);
        }
        let waits = (behind > 0).then(|| {
            let (turn, its_turn) = oneshot::channel();
            lines.waiting.insert(ticket, Waiting { behind, turn });
            its_turn
        });
        (Claim { claims: self, ticket, members }, waits)
    }

    fn locked(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut lines = self.claims.locked();
        lines.waiting.remove(&self.ticket);
        for member in &self.members {
            lines.leave(*member, self.ticket);
        }
    }
}

impl Lines {
    /// Takes a ticket out of a member's line; the one behind the first moves up.
    fn leave(&mut self, member: u64, ticket: u64) {
        let Some(line) = self.by_member.get_mut(&member) else { return };
        let was_first = line.front() == Some(&ticket);
        line.retain(|other| *other != ticket);
        let Some(first) = line.front().copied() else {
            self.by_member.remove(&member);
            return;
        };
        let Some(waiting) = self.waiting.get_mut(&first).filter(|_| was_first) else { return };
        waiting.behind -= 1;
        if waiting.behind == 0
            && let Some(waiting) = self.waiting.remove(&first)
        {
            // Who went away leaves the lines as well.
            waiting.turn.send(()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn claim(claims: &Claims, members: [u64; 2]) -> impl Future<Output = Claim<'_>> {
        claims.claim(BTreeSet::from(members))
    }

    #[test]
    fn who_has_changed_a_group_comes_with_it_until_it_does_not() {
        let (numbers, program, group) = (Numbers::default(), ProgramId::new(), MemberId::new());
        assert_eq!(numbers.group_of(7), None);
        numbers.remember_group(program, 7, Some(group));
        assert_eq!(numbers.group_of(7), Some(numbers.of_id(program, group)));
        numbers.remember_group(program, 7, None);
        assert_eq!(numbers.group_of(7), None);
    }

    #[test]
    fn members_are_claimed_in_the_order_in_which_they_were_asked_for() {
        let claims = Claims::default();
        let first = claim(&claims, [1, 2]).now_or_never().unwrap();
        let mut second = Box::pin(claim(&claims, [2, 3]));
        assert!(second.as_mut().now_or_never().is_none());
        let mut third = Box::pin(claim(&claims, [3, 4]));
        assert!(third.as_mut().now_or_never().is_none(), "behind one who waits");
        let other = claim(&claims, [5, 6]).now_or_never().expect("nobody else wants them");
        drop(first);
        assert!(third.as_mut().now_or_never().is_none());
        let second = second.now_or_never().expect("its turn");
        drop(other);
        drop(second);
        drop(third.now_or_never().expect("its turn"));
        assert!(claims.locked().by_member.is_empty());
    }

    #[test]
    fn who_goes_away_lets_those_behind_move_up() {
        let claims = Claims::default();
        let first = claim(&claims, [1, 2]).now_or_never().unwrap();
        let mut gone = Box::pin(claim(&claims, [2, 3]));
        assert!(gone.as_mut().now_or_never().is_none());
        let mut third = Box::pin(claim(&claims, [3, 4]));
        assert!(third.as_mut().now_or_never().is_none());
        drop(gone);
        let third = third.now_or_never().expect("nobody is before it");
        drop((first, third));
        let lines = claims.locked();
        assert!(lines.by_member.is_empty() && lines.waiting.is_empty());
    }
}
