//! What a transaction did, and between which accounts.

use crate::{Error, Result};

macro_rules! names {
    ($(#[$doc:meta])* $visibility:vis enum $name:ident, $noun:literal {
        $($(#[$variant_doc:meta])* $variant:ident $text:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub(crate) fn parse(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(Error::internal(format!("there is no {} `{text}`", $noun))),
                }
            }
        }
    };
}

names! {
    /// What a transaction did.
    pub enum Kind, "kind of transaction" {
        Earn "EARN",
        /// Points were earned that cannot be spent yet.
        Pending "PENDING",
        Spend "SPEND",
        Expire "EXPIRE",
        /// Takes an expiry back that came too early.
        Restore "RESTORE",
        /// An operator gave points, or took some; or a plugin took some.
        Adjust "ADJUST",
        /// A member brought points along from another system.
        Opening "OPENING",
        /// A member gave points to another, or got them.
        Transfer "TRANSFER",
        /// Two members turned out to be one, or one claimed a gift card: points left the one, or came to
        /// the other.
        Merge "MERGE",
        /// Lets points last longer than they were to.
        Extend "EXTEND",
        /// Makes a wrong transaction good.
        Void "VOID",
        /// Takes back what a purchase had earned of which something came back.
        Return "RETURN",
        /// Gives points back that had paid for a purchase of which something came back.
        Refund "REFUND",
        /// Reserves points for a cart or a till.
        Hold "HOLD",
        /// Sets points free that were reserved.
        Release "RELEASE",
    }
}

names! {
    /// The program's own accounts, the other side of every entry of a wallet.
    pub(crate) enum SystemAccount, "account of the program" {
        /// Points that members earned come from here.
        Issued "ISSUED",
        /// Points that members earned and cannot spend yet.
        Pending "PENDING",
        Redeemed "REDEEMED",
        /// Points that are reserved.
        Held "HELD",
        /// Points that expired.
        Breakage "BREAKAGE",
        /// Points that operators gave, less those that they and plugins took.
        Adjusted "ADJUSTED",
        /// Points that another system had given.
        Opening "OPENING",
        /// Points on their way from one member to another: it has none between commits.
        Transferred "TRANSFERRED",
        /// Points on their way from a merged member to the survivor: it has none between commits.
        Merged "MERGED",
    }
}
