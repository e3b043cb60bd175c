//! The commands that histories are made of. A command is a file of this folder and a line of the
//! list below: how it is drawn, what the reference does, and how the API is asked for it.

mod instead;
mod paying;

pub(super) use returning::Returned;

use super::reference::{Answer, Reference};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::Union;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a history is made of.
pub(super) trait Command: Sized {
    /// Draws one; what it refers to is a number until [`Command::settled`] makes it a name.
    fn any() -> BoxedStrategy<Self>;

    /// Names what it refers to, by what there is. `number` is unique in the history: what is new is
    /// named after it.
    fn settled(self, reference: &Reference, number: usize) -> Self;

    /// The same key or reference with other arguments.
    fn changed(self) -> Self;

    /// Does it to the reference.
    fn expect(&self, reference: &mut Reference) -> Answer;

    /// How the API is asked for it. Nothing if the id of what it refers to is not known yet.
    fn ask(&self, ids: &Ids) -> Option<Ask>;

    /// What the `id` of its answer is the id of.
    fn names(&self) -> Option<String> {
        None
    }
}

macro_rules! commands {
    ($($weight:literal $module:ident :: $name:ident),+ $(,)?) => {
        $(pub(super) mod $module;)+

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(super) enum Call {
            $($name($module::$name)),+
        }

        $(impl From<$module::$name> for Call {
            fn from(call: $module::$name) -> Self {
                Self::$name(call)
            }
        })+

        impl Call {
            pub(super) fn any() -> impl Strategy<Value = Self> + use<> {
                Union::new_weighted(vec![
                    $(($weight, $module::$name::any().prop_map(Self::$name).boxed())),+
                ])
            }

            pub(super) fn settled(self, reference: &Reference, number: usize) -> Self {
                match self {
                    $(Self::$name(call) => Self::$name(call.settled(reference, number))),+
                }
            }

            pub(super) fn changed(self) -> Self {
                match self { $(Self::$name(call) => Self::$name(call.changed())),+ }
            }

            pub(super) fn expect(&self, reference: &mut Reference) -> Answer {
                match self { $(Self::$name(call) => call.expect(reference)),+ }
            }

            pub(super) fn ask(&self, ids: &Ids) -> Option<Ask> {
                match self { $(Self::$name(call) => call.ask(ids)),+ }
            }

            pub(super) fn names(&self) -> Option<String> {
                match self { $(Self::$name(call) => call.names()),+ }
            }
        }
    };
}

commands! {
    1 create::Create,
    8 purchase::Purchase,
    1 quote::Quote,
    5 adjust::Adjust,
    3 redeem::Redeem,
    5 hold::Hold,
    5 end_hold::EndHold,
    5 returning::Return,
    5 void::Void,
    4 clock::Clock,
    2 merge::Merge,
    2 unmerge::Unmerge,
    3 transfer::Transfer,
    3 event::Event,
    1 activate::Activate,
    2 relast::Relast,
    3 edit::Edit,
    2 decide::Decide,
    1 open::Open,
    2 belong::Belong,
}

impl Call {
    /// Which operator asks for it.
    pub(super) fn operator(&self) -> &'static str {
        match self {
            Self::Decide(decide) if decide.is_other => "another",
            _ => "test",
        }
    }

    /// Whether it goes into a request of its own.
    pub(super) fn is_apart(&self) -> bool {
        matches!(self, Self::Quote(_) | Self::Clock(_) | Self::Open(_) | Self::Decide(_))
            || matches!(self, Self::Edit(edit) if edit.is_quote)
    }
}

/// The ids that the platform gave to what has a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids(pub(super) BTreeMap<String, String>);

impl Ids {
    /// The id of what has the name; one that there is not, of what there is not.
    pub(super) fn of(&self, prefix: &str, name: &str) -> Option<String> {
        match name {
            NOTHING => Some(format!("{prefix}_00000000000000000000000000")),
            _ => self.0.get(name).cloned(),
        }
    }
}

/// A field of the admin API that is asked with one input.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) field: &'static str,
    pub(super) input_type: &'static str,
    /// What of its answer is compared, and ids.
    pub(super) select: String,
    pub(super) input: Value,
}

impl Ask {
    pub(super) fn is_query(&self) -> bool {
        self.field.starts_with("quote")
    }
}

/// Something that a command refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Pick {
    /// The n-th of those that there are then, counted in a circle.
    Nth(usize),
    Named(String),
}

/// The name of what there is not.
pub(super) const NOTHING: &str = "nothing";

impl Pick {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        (0..64_usize).prop_map(Self::Nth)
    }

    /// Names it, as one of those that there are.
    pub(super) fn of(self, names: impl IntoIterator<Item = String>) -> Self {
        let Self::Nth(number) = self else { return self };
        let names: Vec<_> = names.into_iter().collect();
        let name = names.get(number % names.len().max(1)).cloned();
        Self::Named(name.unwrap_or_else(|| NOTHING.to_owned()))
    }

    /// Names what is new.
    pub(super) fn new(self, number: usize) -> Self {
        match self {
            Self::Nth(_) => Self::Named(format!("n{number}")),
            named @ Self::Named(_) => named,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Nth(_) => panic!("a command is settled before it is carried out"),
        }
    }
}

/// The household that members may belong to.
pub(super) const GROUP: &str = "g0";

/// A member, now and then one who has not joined, or the household.
pub(super) fn any_member() -> impl Strategy<Value = String> {
    prop_oneof![12 => Just("m0"), 8 => Just("m1"), 2 => Just("m2"), 1 => Just(GROUP)]
        .prop_map(str::to_owned)
}

/// Points, now and then what is no number of points to speak of.
pub(super) fn any_points() -> impl Strategy<Value = i64> {
    prop_oneof![
        16 => 1..30_i64,
        2 => -2..=0_i64,
        1 => prop_oneof![Just(super::MOST), Just(super::MOST - 20), (super::MOST - 40)..super::MOST],
    ]
}

/// Minor units.
pub(super) fn any_amount() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..2_000_i64, 1 => Just(0), 1 => Just(9_999), 1 => 150_000_000..400_000_000_i64]
}

fn member_ref(name: &str) -> Value {
    json!({ "externalId": name })
}

/// An instant so many minutes after another, or before it.
fn minutes_after(at: Timestamp, minutes: i64) -> Timestamp {
    at + jiff::Span::new().minutes(minutes)
}
