//! What a token says, apart from its signature.

use crate::text::{self, invalid};
use crate::{Code, Error, Id, MemberId, ProgramId, Result, Scope, Timestamp, TokenId};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The longest that a token is valid, whoever issued it.
pub const LIFETIME_MAX: Duration = Duration::from_hours(365 * 24);
const OPERATOR: &str = "operator";
const MEMBER: &str = "member";

/// Whom a token was issued to. An operator and a member may have the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// By name.
    Operator(String),
    /// By external id.
    Member(String),
}

/// A token that the server issued; the signed text is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub holder: Holder,
    pub scopes: Vec<Scope>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// A token with a good signature, as a request presents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    pub holder: Holder,
    /// None when another issuer's token has no id of ours.
    pub id: Option<TokenId>,
    /// The epoch when the token does not say it, so that it counts as older than any revocation.
    pub issued_at: Timestamp,
}

/// What was revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    Token(TokenId),
    /// All that the holder was issued until then.
    IssuedUntil(Holder, Timestamp),
    /// All that the member holds, who was erased.
    Erased(MemberId),
}

impl Token {
    /// A new token. Fails with `INVALID_INPUT` for a lifetime beyond [`LIFETIME_MAX`], and for
    /// scopes that do not go with the holder.
    pub fn new(
        holder: Holder,
        scopes: Vec<Scope>,
        issued_at: Timestamp,
        lifetime: Duration,
    ) -> Result<Self> {
        text::identifier("subject", holder.name())?;
        if lifetime.is_zero() || lifetime > LIFETIME_MAX {
            let days = LIFETIME_MAX.as_secs() / 86_400;
            return Err(invalid("lifetime", format!("a token is valid for at most {days} days")));
        }
        let is_for_member = scopes == [Scope::Member];
        let fits = match &holder {
            Holder::Member(_) => is_for_member,
            Holder::Operator(_) => !scopes.is_empty() && !scopes.contains(&Scope::Member),
        };
        if !fits {
            let why = "a member's token has the scope `member`, and no other token has it";
            return Err(invalid("scopes", why));
        }
        let expires_at = issued_at.plus(lifetime);
        Ok(Self { id: TokenId::new(), holder, scopes, issued_at, expires_at, revoked_at: None })
    }

    /// The scopes, separated by spaces.
    pub fn scope_text(&self) -> String {
        let scopes: Vec<_> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        scopes.join(" ")
    }
}

/// What is kept of a holder who was erased: who knows the name can tell, and nobody else.
pub(crate) fn holder_hash(program: ProgramId, holder: &Holder) -> Vec<u8> {
    let hash = Sha256::new()
        .chain_update(b"perennial holder 1\n")
        .chain_update(program.uuid().as_bytes())
        .chain_update(holder.to_string());
    hash.finalize().to_vec()
}

impl Holder {
    pub fn name(&self) -> &str {
        match self {
            Self::Operator(name) | Self::Member(name) => name,
        }
    }

    pub const fn is_member(&self) -> bool {
        matches!(self, Self::Member(_))
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_member() { MEMBER } else { OPERATOR };
        write!(f, "{kind}:{}", self.name())
    }
}

impl std::str::FromStr for Holder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some((OPERATOR, name)) => Ok(Self::Operator(name.to_owned())),
            Some((MEMBER, name)) => Ok(Self::Member(name.to_owned())),
            _ => Err(Error::internal(format!("`{text}` is not the holder of a token"))),
        }
    }
}

impl Presented {
    /// When a token was issued. Our own ids say it to the millisecond, the claim of RFC 7519 as
    /// others write it to the second: too coarse to tell a new token from the one that was revoked a
    /// moment before.
    pub fn new(holder: Holder, id: Option<TokenId>, issued_at: Option<Timestamp>) -> Self {
        let issued_at = id.map(|id| id.made_at()).or(issued_at).unwrap_or(Timestamp::EPOCH);
        Self { holder, id, issued_at }
    }
}

/// The member whose token it is, in the database.
pub(super) fn unknown_member(external_id: &str) -> Error {
    Error::new(Code::Unauthenticated, format!("there is no member `{external_id}` in the program"))
}

/// Whom a verified token makes act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    Operator(String),
    Member {
        id: MemberId,
        /// The member's language.
        locale: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    fn token(holder: Holder, scopes: &[Scope], lifetime: Duration) -> Result<Token> {
        Token::new(holder, scopes.to_vec(), Clock.now(), lifetime)
    }

    #[test]
    fn a_token_is_bounded_and_its_scopes_go_with_its_holder() {
        let till = || Holder::Operator("till".to_owned());
        let ada = || Holder::Member("ada".to_owned());
        assert!(token(till(), &[Scope::Read], LIFETIME_MAX).is_ok());
        assert!(token(ada(), &[Scope::Member], LIFETIME_MAX).is_ok());
        let day = Duration::from_hours(24);
        for (holder, scopes, lifetime) in [
            (till(), &[Scope::Read][..], LIFETIME_MAX + Duration::from_secs(1)),
            (till(), &[Scope::Read], Duration::ZERO),
            (till(), &[], day),
            (till(), &[Scope::Member], day),
            (till(), &[Scope::Read, Scope::Member], day),
            (ada(), &[Scope::Admin], day),
            (ada(), &[Scope::Member, Scope::Admin], day),
            (Holder::Operator(" ".to_owned()), &[Scope::Read], day),
        ] {
            let refused = token(holder, scopes, lifetime).unwrap_err();
            assert_eq!(refused.code(), Code::InvalidInput, "{refused}");
        }
    }

    #[test]
    fn a_holder_survives_its_text_form() {
        for holder in [Holder::Operator("a:b".to_owned()), Holder::Member("operator:x".to_owned())]
        {
            assert_eq!(holder.to_string().parse::<Holder>().unwrap(), holder);
        }
        assert!("ada".parse::<Holder>().is_err());
    }

    #[test]
    fn a_token_that_does_not_say_when_it_was_issued_counts_as_old() {
        let holder = Holder::Operator("office".to_owned());
        let (id, now) = (TokenId::new(), Clock.now());
        assert_eq!(Presented::new(holder.clone(), None, None).issued_at, Timestamp::EPOCH);
        assert_eq!(Presented::new(holder.clone(), None, Some(now)).issued_at, now);
        assert_eq!(Presented::new(holder, Some(id), Some(now)).issued_at, id.made_at());
    }
}
