//! What differs between two ends of the same call, in words.

use super::{Answer, Ended};
use serde::Serialize;
use std::collections::BTreeSet;

impl Ended {
    /// What is different in `other`; nothing if they are the same to the bit. Memory counts as little as
    /// time: it is the most that the call had, and no part of what it answered.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = match (self, other) {
            (
                Self::Answered { answer: was, fuel: fuel_was, .. },
                Self::Answered { answer: is, fuel: fuel_is, .. },
            ) => {
                let mut all = was.differences(is);
                all.extend(changed("fuel", fuel_was, fuel_is));
                all
            }
            (
                Self::Failed { kind: kind_was, message: was, .. },
                Self::Failed { kind: kind_is, message: is, .. },
            ) => changed("the fault", &(kind_was, was), &(kind_is, is)).into_iter().collect(),
            (Self::Answered { answer, .. }, Self::Failed { message, .. }) => {
                vec![format!("it answered with {}, and fails: {message}", answer.counted())]
            }
            (Self::Failed { message, .. }, Self::Answered { answer, .. }) => {
                vec![format!("it failed, and answers with {}: {message}", answer.counted())]
            }
        };
        all.extend(changed("the log", self.log(), other.log()));
        all
    }
}

impl Answer {
    fn differences(&self, other: &Self) -> Vec<String> {
        match (self, other) {
            (Self::Actions(was), Self::Actions(is)) => by_key("action", was, is, |it| &it.key),
            (Self::Proposals(was), Self::Proposals(is)) => {
                by_key("proposal", was, is, |it| &it.key)
            }
            _ => changed("the answer", self, other).into_iter().collect(),
        }
    }

    /// Such as `2 actions`.
    #[must_use]
    pub fn counted(&self) -> String {
        let noun = match self {
            Self::Actions(_) => "action",
            Self::Proposals(_) => "proposal",
        };
        let plural = if self.len() == 1 { "" } else { "s" };
        format!("{} {noun}{plural}", self.len())
    }
}

fn by_key<T: Serialize + PartialEq>(
    noun: &str,
    was: &[T],
    is: &[T],
    key: impl Fn(&T) -> &String,
) -> Vec<String> {
    let find = |all: &[T], name: &String| all.iter().find(|it| key(it) == name).map(json);
    let mut names = BTreeSet::new();
    let all = was.iter().chain(is).map(&key).filter(|name| names.insert((*name).clone()));
    let mut differences: Vec<_> = all
        .filter_map(|name| match (find(was, name), find(is, name)) {
            (Some(was), Some(is)) if was == is => None,
            (Some(was), Some(is)) => Some(format!("{noun} `{name}` was {was}, and is {is}")),
            (Some(was), None) => Some(format!("{noun} `{name}` is gone: {was}")),
            (None, is) => Some(format!("{noun} `{name}` is new: {}", is.unwrap_or_default())),
        })
        .collect();
    if differences.is_empty() && was != is {
        differences.push(format!("the {noun}s are in another order"));
    }
    differences
}

fn changed<T: Serialize + PartialEq + ?Sized>(what: &str, was: &T, is: &T) -> Option<String> {
    (was != is).then(|| format!("{what} was {}, and is {}", json(was), json(is)))
}

fn json<T: Serialize + ?Sized>(it: &T) -> String {
    serde_json::to_string(it).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Action, Effect, Reason};
    use crate::{Fault, FaultKind, Run};
    use serde_json::{Value, json};

    fn award(key: &str, points: i64) -> Action {
        let reason = Reason::Text("tea".to_owned());
        Action { key: key.to_owned(), effect: Effect::AwardPoints { points, reason } }
    }

    fn answered(actions: Vec<Action>, fuel: u64) -> Ended {
        let run = Run { output: actions, fuel, memory: 1, log: Vec::new() };
        Ended::of(Ok(run), Answer::Actions)
    }

    #[test]
    fn the_same_is_no_difference_and_all_else_is_named() {
        let was = answered(vec![award("a", 1), award("b", 2)], 7);
        assert_eq!(was.differences(&was.clone()), [""; 0]);
        let is = answered(vec![award("b", 3), award("c", 1)], 8);
        let said = was.differences(&is).join("\n");
        let expected = [
            r#"action `a` is gone: {"key":"a""#,
            r#"action `b` was {"key":"b""#,
            r#""points":3"#,
            "action `c` is new",
            "fuel was 7, and is 8",
        ];
        for part in expected {
            assert!(said.contains(part), "{said}");
        }
        let turned = answered(vec![award("b", 2), award("a", 1)], 7);
        assert_eq!(was.differences(&turned), ["the actions are in another order"]);
    }

    #[test]
    fn an_answer_in_place_of_a_failure_is_a_difference_in_both_directions() {
        let fault = Fault::new(FaultKind::Trap, "panicked");
        let failed = Ended::of(Err::<Run<Vec<Action>>, _>(fault), Answer::Actions);
        let answered = answered(vec![award("a", 1)], 7);
        assert_eq!(
            failed.differences(&answered),
            ["it failed, and answers with 1 action: panicked"]
        );
        assert_eq!(
            answered.differences(&failed),
            ["it answered with 1 action, and fails: panicked"]
        );
    }

    #[test]
    fn what_is_read_back_is_what_was_written_null_and_numbers_too() {
        for value in [None, Some(Value::Null), Some(json!([0.1 + 0.2, 1e23, -0.0, u64::MAX]))] {
            let effect = Effect::SetState(value);
            let action = Action { key: "k".to_owned(), effect };
            let was = answered(vec![action], 7);
            let text = serde_json::to_string(&was).unwrap();
            assert_eq!(serde_json::from_str::<Ended>(&text).unwrap(), was, "{text}");
        }
    }
}
