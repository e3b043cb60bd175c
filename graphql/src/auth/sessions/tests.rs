//! What is remembered of tokens, and when it is forgotten.

use super::*;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use perennial_core::tokens::Holder;
use perennial_core::{Scope, TokenId};

const HOUR: Duration = Duration::from_hours(1);

fn till() -> Holder {
    Holder::Operator("till".to_owned())
}

/// A token of the till, issued at an instant and valid for an hour from now.
fn verified(program: ProgramId, id: Option<TokenId>, issued_at: Timestamp) -> Remembered {
    let pem = SigningKey::from_bytes(&[1; 32]).to_pkcs8_pem(LineEnding::LF).unwrap();
    Remembered {
        actor: Actor::operator(program, "till", vec![Scope::Read]),
        locale: None,
        presented: Presented::new(till(), id, Some(issued_at)),
        keys: Arc::new(TokenKeys::from_ed25519_pem(&pem).unwrap()),
        version: 1,
        until: Clock.now().plus(HOUR),
    }
}

fn known(sessions: &Sessions, tokens: &[&str]) -> Vec<bool> {
    tokens.iter().map(|token| sessions.find(token).is_some()).collect()
}

#[test]
fn a_token_is_remembered_until_its_time_and_no_other_is() {
    let sessions = Sessions::default();
    let program = ProgramId::new();
    let one = verified(program, None, Clock.now());
    sessions.remember("over", Remembered { until: Clock.now(), ..one.clone() });
    sessions.remember("one", one);
    assert_eq!(known(&sessions, &["one", "over", "another"]), [true, false, false]);
    assert_eq!(sessions.find("one").unwrap().actor.program(), program);
}

#[test]
fn nothing_is_remembered_while_the_watch_stands_still() {
    let sessions = Sessions::default();
    sessions.remember("one", verified(ProgramId::new(), None, Clock.now()));
    let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
    for (seconds, is_known) in [(4, true), (6, false), (0, true)] {
        sessions.watched(ago(seconds), Some(&[]));
        assert_eq!(known(&sessions, &["one"]), [is_known], "{seconds} seconds ago");
    }
}

#[test]
fn a_revoked_token_is_forgotten_in_its_own_program_alone() {
    let sessions = Sessions::default();
    let (here, there) = (ProgramId::new(), ProgramId::new());
    let (id, other) = (TokenId::new(), TokenId::new());
    sessions.remember("revoked", verified(here, Some(id), Clock.now()));
    sessions.remember("other", verified(here, Some(other), Clock.now()));
    sessions.remember("without an id", verified(here, None, Clock.now()));
    sessions.remember("there", verified(there, Some(id), Clock.now()));
    sessions.watched(Instant::now(), Some(&[(here, Revoked::Token(id))]));
    let tokens = ["revoked", "other", "without an id", "there"];
    assert_eq!(known(&sessions, &tokens), [false, true, true, true]);
}

#[test]
fn what_a_holder_was_issued_up_to_an_instant_is_forgotten() {
    let sessions = Sessions::default();
    let (here, there) = (ProgramId::new(), ProgramId::new());
    let at = Clock.now();
    let second = Duration::from_secs(1);
    sessions.remember("before", verified(here, None, at.minus(second)));
    sessions.remember("then", verified(here, None, at));
    sessions.remember("after", verified(here, None, at.plus(second)));
    sessions.remember("there", verified(there, None, at));
    let member = Presented::new(Holder::Member("till".to_owned()), None, Some(at));
    sessions.remember("member", Remembered { presented: member, ..verified(here, None, at) });
    sessions.watched(Instant::now(), Some(&[(here, Revoked::IssuedUntil(till(), at))]));
    let tokens = ["before", "then", "after", "there", "member"];
    assert_eq!(known(&sessions, &tokens), [false, false, true, true, true]);
}

#[test]
fn all_is_forgotten_when_too_much_was_revoked_to_name() {
    let sessions = Sessions::default();
    sessions.remember("one", verified(ProgramId::new(), None, Clock.now()));
    sessions.watched(Instant::now(), None);
    assert_eq!(known(&sessions, &["one"]), [false]);
}
