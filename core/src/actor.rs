//! Who is asking, for which program, with which rights. Every service takes an `Actor` first; no
//! actor, no call.

use crate::{Code, Error, MemberId, ProgramId};
use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($(#[doc = $doc:literal])* $name:ident $text:literal;)*) => {
        /// A right that a token can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Scope { $($(#[doc = $doc])* #[serde(rename = $text)] $name,)* }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What the scope allows, for people who give it.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)*),)* }
            }
        }
    };
}

scopes! {
    /// Everything in one program.
    Admin "admin";
    /// Read everything in one program but its tokens.
    Read "read";
    /// Read members: profiles, contacts, balances and records.
    MembersRead "members:read";
    /// Create members, create and change records, and read them.
    MembersWrite "members:write";
    /// Export all that is kept about a member.
    MembersExport "members:export";
    /// Erase members: their personal data is gone for good.
    MembersErase "members:erase";
    /// Quote purchases, record them, also paid with the member's points, and what comes back.
    PurchasesWrite "purchases:write";
    /// Redeem rewards for any member.
    RewardsRedeem "rewards:redeem";
    /// Hold points of any member, and spend what is held.
    PointsSpend "points:spend";
    /// Give and take points of any member, and void transactions.
    PointsAdjust "points:adjust";
    /// Approve and decline adjustments of points that others have asked for, and list them.
    PointsApprove "points:approve";
    /// Issue cards, replace, block and end them, and read them. What gives points needs
    /// `points:adjust` as well.
    CardsWrite "cards:write";
    /// Change service centers, and search them.
    DirectoryWrite "directory:write";
    /// List and revoke tokens.
    TokensRevoke "tokens:revoke";
    /// Be the member that the token names.
    Member "member";
}

impl Scope {
    /// Whether whoever holds this scope may do what needs `needed`. Scopes that write allow to read
    /// what they write and nothing else.
    fn allows(self, needed: Self) -> bool {
        self == needed
            || self == Self::Admin
            || (needed == Self::MembersRead && matches!(self, Self::Read | Self::MembersWrite))
    }
}

impl std::str::FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            Error::new(
                Code::InvalidInput,
                format!("`{text}` is not a scope; known are {}", known.join(", ")),
            )
        })
    }
}

/// The one who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person or a back end of the operator, by the token's subject.
    Operator(String),
    Member(MemberId),
    /// A plugin, by id.
    Plugin(String),
    /// The platform itself: timers, imports, start-up.
    System,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "operator:{name}"),
            Self::Member(id) => write!(f, "member:{id}"),
            Self::Plugin(id) => write!(f, "plugin:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// From the text that is recorded. Fails with `INTERNAL` for any other.
impl std::str::FromStr for Subject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once(':') {
            Some(("operator", name)) => Ok(Self::Operator(name.to_owned())),
            Some(("member", id)) => id.parse().map(Self::Member),
            Some(("plugin", id)) => Ok(Self::Plugin(id.to_owned())),
            None if text == "system" => Ok(Self::System),
            _ => Err(Error::internal(format!("`{text}` is nobody who acts"))),
        }
    }
}

/// A subject within one program. Services read the program from here and from nowhere else, which
/// is what keeps programs apart.
#[derive(Clone, Debug)]
pub struct Actor {
    program: ProgramId,
    subject: Subject,
    scopes: Vec<Scope>,
}

impl Actor {
    pub fn operator(program: ProgramId, name: impl Into<String>, scopes: Vec<Scope>) -> Self {
        Self { program, subject: Subject::Operator(name.into()), scopes }
    }

    pub fn member(program: ProgramId, member: MemberId) -> Self {
        Self { program, subject: Subject::Member(member), scopes: vec![Scope::Member] }
    }

    pub fn plugin(program: ProgramId, plugin: impl Into<String>) -> Self {
        Self { program, subject: Subject::Plugin(plugin.into()), scopes: vec![Scope::Admin] }
    }

    pub fn system(program: ProgramId) -> Self {
        Self { program, subject: Subject::System, scopes: vec![Scope::Admin] }
    }

    pub fn program(&self) -> ProgramId {
        self.program
    }

    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Fails with `FORBIDDEN` unless the actor holds the scope, or `admin`.
    pub fn require(&self, scope: Scope) -> Result<(), Error> {
        if self.holds(scope) {
            return Ok(());
        }
        Err(Error::new(Code::Forbidden, format!("this needs the scope `{}`", scope.as_str())))
    }

    /// Fails with `FORBIDDEN` unless the actor holds one of the scopes, or `admin`.
    pub fn require_any(&self, scopes: &[Scope]) -> Result<(), Error> {
        if scopes.iter().any(|scope| self.holds(*scope)) {
            return Ok(());
        }
        let names: Vec<_> = scopes.iter().map(|scope| format!("`{}`", scope.as_str())).collect();
        let why = format!("this needs one of the scopes {}", names.join(", "));
        Err(Error::new(Code::Forbidden, why))
    }

    /// Fails unless the actor is this member, or holds the scope.
    pub fn require_for(&self, member: MemberId, scope: Scope) -> Result<(), Error> {
        if self.subject == Subject::Member(member) { Ok(()) } else { self.require(scope) }
    }

    /// Like [`Actor::require_for`] for many members.
    pub fn require_for_all(&self, members: &[MemberId], scope: Scope) -> Result<(), Error> {
        members.iter().try_for_each(|member| self.require_for(*member, scope))
    }

    fn holds(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| held.allows(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_reaches_itself_and_nobody_else() {
        let (ada, bob) = (MemberId::new(), MemberId::new());
        let actor = Actor::member(ProgramId::new(), ada);
        assert!(actor.require_for(ada, Scope::Read).is_ok());
        assert_eq!(actor.require_for(bob, Scope::Read).unwrap_err().code(), Code::Forbidden);
        assert!(actor.require(Scope::Admin).is_err());
        assert!(actor.require_for_all(&[ada], Scope::Read).is_ok());
        let all = actor.require_for_all(&[ada, bob], Scope::Read);
        assert_eq!(all.unwrap_err().code(), Code::Forbidden, "one of them is another");
    }

    #[test]
    fn a_scope_is_read_from_its_own_text_and_from_no_other() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scope>().unwrap(), *scope);
        }
        for text in ["", "Admin", "admin ", "members", "members:delete"] {
            assert_eq!(text.parse::<Scope>().unwrap_err().code(), Code::InvalidInput, "{text}");
        }
    }

    #[test]
    fn whoever_acted_is_told_from_everyone_else_by_the_text_that_is_recorded() {
        let member = MemberId::new();
        let named = |subject: Subject| subject.to_string();
        assert_eq!(named(Subject::Operator("till-1".to_owned())), "operator:till-1");
        assert_eq!(named(Subject::Member(member)), format!("member:{member}"));
        assert_eq!(named(Subject::Plugin("till-1".to_owned())), "plugin:till-1");
        assert_eq!(named(Subject::System), "system");
        for text in ["operator:till:1", "plugin:till-1", "system", &format!("member:{member}")] {
            assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
        }
        for text in ["", "till", "systems", "till:1", "member:1"] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_writing_scope_reads_what_it_writes_and_only_admin_may_do_everything() {
        let holding = |scope| Actor::operator(ProgramId::new(), "someone", vec![scope]);
        let allowed = |scope| -> Vec<_> {
            let actor = holding(scope);
            Scope::ALL.iter().copied().filter(|needed| actor.require(*needed).is_ok()).collect()
        };
        for scope in [
            Scope::MembersExport,
            Scope::MembersErase,
            Scope::PurchasesWrite,
            Scope::RewardsRedeem,
            Scope::PointsSpend,
            Scope::PointsAdjust,
            Scope::PointsApprove,
            Scope::CardsWrite,
            Scope::DirectoryWrite,
        ] {
            assert_eq!(allowed(scope), [scope]);
        }
        assert_eq!(allowed(Scope::MembersWrite), [Scope::MembersRead, Scope::MembersWrite]);
        assert_eq!(allowed(Scope::Read), [Scope::Read, Scope::MembersRead]);
        assert_eq!(allowed(Scope::Admin), Scope::ALL);
        let any = [Scope::Read, Scope::PurchasesWrite];
        assert!(holding(Scope::PurchasesWrite).require_any(&any).is_ok());
        let refused = holding(Scope::DirectoryWrite).require_any(&any).unwrap_err();
        assert_eq!(refused.message(), "this needs one of the scopes `read`, `purchases:write`");
    }
}
