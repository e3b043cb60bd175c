//! On which terms memberships hold and held: what a person buys goes where it went at that instant,
//! whenever it is reported. Pure.

use super::model::{Accrual, Membership};
use crate::db::{Field, Kind, push, row};
use crate::{MemberId, MembershipId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

row! {
    /// A membership with all that is kept of it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct Held {
        pub(super) id: MembershipId,
        pub(super) group_id: MemberId,
        pub(super) person_id: MemberId,
        /// How it accrues since the last of `past_accruals`.
        pub(super) accrual: Accrual,
        pub(super) may_spend: bool,
        pub(super) joined_at: Timestamp,
        pub(super) left_at: Option<Timestamp>,
        pub(super) past_accruals: PastAccruals,
        /// What an unmerge makes the accrual again.
        pub(super) origin_accrual: Option<Accrual>,
        /// Until when it accrued like that, if a merge has changed it.
        pub(super) origin_until: Option<Timestamp>,
        /// Whose it was before a merge; none if it is its person's own.
        pub(super) person_origin_id: Option<MemberId>,
        /// The member whose merge ended it, and whose unmerge takes it up again.
        pub(super) ended_by: Option<MemberId>,
    }
}

/// The most changes of an accrual that are kept.
pub(super) const CHANGES_MAX: usize = 100;

/// How a membership accrued before, in order; as a rule it never did otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PastAccruals(Vec<PastAccrual>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PastAccrual {
    accrual: Accrual,
    until: Timestamp,
}

/// A time in which a membership accrued in one way.
struct Span {
    from: Timestamp,
    /// None while it goes on.
    until: Option<Timestamp>,
    accrual: Accrual,
}

impl Held {
    pub(super) fn is_open(&self) -> bool {
        self.left_at.is_none()
    }

    /// Whether the group gets something of what the person buys now.
    pub(super) fn accrues(&self) -> bool {
        self.is_open() && self.accrual != Accrual::Member
    }

    pub(super) fn membership(&self) -> Membership {
        Membership {
            id: self.id,
            group_id: self.group_id,
            person_id: self.person_id,
            accrual: self.accrual,
            may_spend: self.may_spend,
            joined_at: self.joined_at,
            left_at: self.left_at,
        }
    }

    /// Whether its accrual was changed more often than is kept.
    pub(super) fn is_changed_too_often(&self) -> bool {
        self.past_accruals.0.len() > CHANGES_MAX
    }

    /// How it accrued at an instant; none if it did not hold then.
    pub(super) fn accrual_at(&self, at: Timestamp) -> Option<Accrual> {
        let holds = |span: &Span| span.from <= at && span.until.is_none_or(|until| at < until);
        self.spans().into_iter().find(holds).map(|span| span.accrual)
    }

    /// How it accrued at first.
    pub(super) fn first_accrual(&self) -> Accrual {
        self.spans()[0].accrual
    }

    /// Until when, of the time from an instant to another, the group got something; none if it did
    /// not.
    pub(super) fn accrued_within(&self, from: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let meets = |span: &Span| {
            let ends = span.until.unwrap_or(until);
            span.accrual != Accrual::Member && span.from < until.min(ends) && from < ends
        };
        let spans = self.spans().into_iter().filter(meets);
        spans.map(|span| span.until.map_or(until, |ends| ends.min(until))).max()
    }

    /// The same, accruing otherwise from an instant on.
    pub(super) fn accruing_since(&self, accrual: Accrual, at: Timestamp) -> Self {
        let mut changed = Self { accrual, origin_until: None, ..self.clone() };
        let past = &mut changed.past_accruals.0;
        past.extend(self.before_merge());
        let since = past.last().map_or(self.joined_at, |past| past.until);
        if accrual != self.accrual && at > since {
            past.push(PastAccrual { accrual: self.accrual, until: at });
        }
        // What was changed back at once never was.
        past.pop_if(|last| last.accrual == accrual);
        changed
    }

    /// How it accrued until a merge by which the person would have accrued to two groups.
    fn before_merge(&self) -> Option<PastAccrual> {
        let (accrual, until) = self.origin_accrual.zip(self.origin_until)?;
        let since = self.past_accruals.0.last().map_or(self.joined_at, |past| past.until);
        (until > since).then_some(PastAccrual { accrual, until })
    }

    fn spans(&self) -> Vec<Span> {
        let mut from = self.joined_at;
        let mut spans = Vec::with_capacity(self.past_accruals.0.len() + 1);
        for PastAccrual { accrual, until } in &self.past_accruals.0 {
            let ends = self.left_at.map_or(*until, |left_at| left_at.min(*until));
            spans.push(Span { from, until: Some(ends), accrual: *accrual });
            from = *until;
        }
        if let Some(PastAccrual { accrual, until }) = self.before_merge() {
            let ends = self.left_at.map_or(until, |left_at| left_at.min(until));
            spans.push(Span { from, until: Some(ends), accrual });
            from = until;
        }
        spans.push(Span { from, until: self.left_at, accrual: self.accrual });
        spans
    }
}

impl Field for PastAccruals {
    const KIND: Kind = Kind::OptionalJson;

    fn write(&self, json: &mut String) {
        push(json, &Some(&self.0).filter(|past| !past.is_empty()));
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        Option::deserialize(column).map(|past| Self(past.unwrap_or_default()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_microseconds(second * 1_000_000).unwrap()
    }

    pub(in crate::memberships) fn held(accrual: Accrual, from: i64, until: Option<i64>) -> Held {
        Held {
            id: MembershipId::new(),
            group_id: MemberId::new(),
            person_id: MemberId::new(),
            accrual,
            may_spend: false,
            joined_at: at(from),
            left_at: until.map(at),
            past_accruals: PastAccruals::default(),
            origin_accrual: None,
            origin_until: None,
            person_origin_id: None,
            ended_by: None,
        }
    }

    #[test]
    fn it_accrues_as_it_did_at_each_instant() {
        let held = held(Accrual::Member, 10, None);
        let held =
            held.accruing_since(Accrual::Group, at(20)).accruing_since(Accrual::Both, at(30));
        let left = Held { left_at: Some(at(40)), ..held.clone() };
        for (second, expected) in [
            (9, None),
            (10, Some(Accrual::Member)),
            (19, Some(Accrual::Member)),
            (20, Some(Accrual::Group)),
            (30, Some(Accrual::Both)),
            (39, Some(Accrual::Both)),
        ] {
            assert_eq!(held.accrual_at(at(second)), expected, "{second}");
            assert_eq!(left.accrual_at(at(second)), expected, "{second}");
        }
        assert_eq!(held.accrual_at(at(40)), Some(Accrual::Both));
        assert_eq!(left.accrual_at(at(40)), None);
        assert_eq!(held.first_accrual(), Accrual::Member);
        let before = Held { left_at: Some(at(25)), ..held };
        assert_eq!(before.accrual_at(at(24)), Some(Accrual::Group), "a change after its end");
        assert_eq!(before.accrual_at(at(35)), None);
    }

    #[test]
    fn it_accrues_as_it_did_before_a_merge() {
        let merged = Held {
            accrual: Accrual::Member,
            origin_accrual: Some(Accrual::Group),
            origin_until: Some(at(20)),
            ..held(Accrual::Group, 10, None)
        };
        assert_eq!(merged.accrual_at(at(19)), Some(Accrual::Group));
        assert_eq!(merged.accrual_at(at(20)), Some(Accrual::Member));
        assert_eq!(merged.first_accrual(), Accrual::Group);
        let changed = merged.accruing_since(Accrual::Both, at(30));
        let accruals = [19, 20, 30].map(|second| changed.accrual_at(at(second)));
        let expected = [Accrual::Group, Accrual::Member, Accrual::Both].map(Some);
        assert_eq!((accruals, changed.origin_until), (expected, None));
    }

    #[test]
    fn the_group_got_something_until_the_last_time() {
        let held = held(Accrual::Group, 10, None).accruing_since(Accrual::Member, at(20));
        assert_eq!(held.accrued_within(at(0), at(10)), None);
        assert_eq!(held.accrued_within(at(0), at(11)), Some(at(11)));
        assert_eq!(held.accrued_within(at(12), at(90)), Some(at(20)));
        assert_eq!(held.accrued_within(at(20), at(90)), None);
        let again = held.accruing_since(Accrual::Both, at(30));
        assert_eq!(again.accrued_within(at(12), at(90)), Some(at(90)));
    }

    #[test]
    fn what_was_changed_back_at_once_never_was() {
        let held = held(Accrual::Group, 10, None);
        assert_eq!(held.accruing_since(Accrual::Group, at(20)), held);
        let member = held.accruing_since(Accrual::Member, at(20));
        assert_eq!(member.accruing_since(Accrual::Group, at(20)), held);
        let begun = held.accruing_since(Accrual::Both, at(10));
        assert_eq!((begun.accrual, begun.first_accrual()), (Accrual::Both, Accrual::Both));
    }
}
