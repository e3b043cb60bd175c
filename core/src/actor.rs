//! Who is asking, for which program, with which rights. Every service takes an `Actor` first; no
//! actor, no call.

use crate::{Code, Error, MemberId, ProgramId};
use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// A right that a token can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Scope { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

scopes! {
    /// Everything in one program.
    Admin "admin";
    /// Read everything in one program.
    Read "read";
    /// Create and change members and records.
    MembersWrite "members:write";
    /// Record purchases and activities.
    PurchasesWrite "purchases:write";
    /// Redeem rewards for any member.
    RewardsRedeem "rewards:redeem";
    /// Change service centers.
    DirectoryWrite "directory:write";
    /// List and revoke tokens.
    TokensRevoke "tokens:revoke";
    /// Be the member that the token names.
    Member "member";
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

    /// Fails unless the actor is this member, or holds the scope.
    pub fn require_for(&self, member: MemberId, scope: Scope) -> Result<(), Error> {
        if self.subject == Subject::Member(member) { Ok(()) } else { self.require(scope) }
    }

    /// Like [`Actor::require_for`] for many members.
    pub fn require_for_all(&self, members: &[MemberId], scope: Scope) -> Result<(), Error> {
        members.iter().try_for_each(|member| self.require_for(*member, scope))
    }

    fn holds(&self, scope: Scope) -> bool {
        let reads = scope == Scope::Read && self.scopes.iter().any(|held| *held != Scope::Member);
        reads || self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
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
    }

    #[test]
    fn a_writing_scope_may_read_and_only_admin_may_do_everything() {
        let till = Actor::operator(ProgramId::new(), "till", vec![Scope::PurchasesWrite]);
        assert!(till.require(Scope::Read).is_ok());
        assert!(till.require(Scope::MembersWrite).is_err());
        let admin = Actor::operator(ProgramId::new(), "office", vec![Scope::Admin]);
        assert!(Scope::ALL.iter().all(|scope| admin.require(*scope).is_ok()));
    }
}
