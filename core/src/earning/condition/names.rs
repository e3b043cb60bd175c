//! What a condition can name. `docs/conditions.md` is made from this.

use serde::Serialize;

/// The type of a value in a condition, or of the elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Int,
    Text,
    /// Text that is one of the kinds of members.
    MemberKind,
    /// Text that is the id of a tier, or empty.
    Tier,
    /// Text that is a member's tag.
    Tag,
    Member,
    Purchase,
    Line,
    /// Of the elements of an empty list.
    Nothing,
}

/// A field of one of the records, with what it means.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// As in `member.tier`; a line's fields stand after `line.`, whatever a condition calls it.
    pub path: &'static str,
    pub meaning: &'static str,
    pub(super) of: Type,
    pub(super) field: &'static str,
    pub(super) is: Type,
    pub(super) is_list: bool,
}

macro_rules! names {
    ($(
        $record:literal $of:ident $facts:ident {
            $($field:ident $is:ident($type:ty) $meaning:literal,)*
        }
    )*) => {
        /// Every field that a condition can name.
        pub const NAMES: &[Name] = &[$($(Name {
            path: concat!($record, ".", stringify!($field)),
            meaning: $meaning,
            of: Type::$of,
            field: stringify!($field),
            is: Type::$is,
            is_list: matches!(Type::$is, Type::Line | Type::Tag),
        },)*)*];

        $(
            /// What a condition sees.
            #[derive(Debug, Serialize)]
            pub(in crate::earning) struct $facts<'a> {
                $(#[doc = $meaning] pub(in crate::earning) $field: $type,)*
            }
        )*
    };
}

names! {
    "member" Member MemberFacts {
        kind MemberKind(&'a str) "`PERSON`, `ORGANIZATION` or `HOUSEHOLD`",
        tier Tier(&'a str) "the id of the tier before the purchase; empty below the first",
        purchases Int(i64) "how many purchases were recorded before, those included that count for a group alone",
        spent Int(i64) "the total of the purchases before without what points paid, in minor units",
        points_earned Int(i64) "all points earned before, spent and expired ones included",
        country Text(&'a str) "the ISO 3166-1 code, such as `DE`; empty if it is not known",
        locale Text(&'a str) "the BCP 47 tag of the member's language, such as `de`",
        tags Tag(Vec<&'a str>) "what operators and plugins call the member, at most 100 words: `\"vip\" in member.tags`",
    }
    "purchase" Purchase PurchaseFacts {
        total Int(i64) "the total in minor units: 10000 is EUR 100.00",
        paid_with_points Int(i64) "what of the total points pay, in minor units; it earns nothing",
        currency Text(&'a str) "the ISO 4217 code, which is the program's",
        lines Line(Vec<LineFacts<'a>>) "what was bought, at most 500 lines; empty if only a total was sent",
    }
    "line" Line LineFacts {
        sku Text(&'a str) "the product's identifier in the shop",
        category Text(&'a str) "the product's category in the shop; empty if none was sent",
        quantity Int(i64) "1 or more",
        amount Int(i64) "for the whole line, in minor units",
    }
}

impl Type {
    /// In words, with an article.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Text | Self::MemberKind | Self::Tier | Self::Tag => "a text",
            Self::Member => "a member",
            Self::Purchase => "a purchase",
            Self::Line => "a line",
            Self::Nothing => "nothing",
        }
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::MemberKind | Self::Tier | Self::Tag)
    }

    /// What two values have in common, if anything.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (one, other) if one == other => Some(one),
            (Self::Nothing, one) | (one, Self::Nothing) => Some(one),
            (one, other) if one.is_text() && other.is_text() => Some(Self::Text),
            _ => None,
        }
    }
}
