//! `perennial token`.

use crate::cli::TokenArgs;
use crate::config::Settings;
use crate::{output, platform, token_key};
use anyhow::Context;
use perennial_core::{Actor, Loyalty, Scope};
use perennial_graphql::TokenKeys;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// Whose token to issue.
#[derive(Debug)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) program: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) days: u16,
}

pub(super) async fn create(settings: &Settings, args: TokenArgs) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let pem = token_key::read_or_create(&settings.token_key)?;
    let keys = TokenKeys::from_ed25519_pem(&pem)?;
    let scopes = match args.member {
        Some(_) => vec![Scope::Member],
        None => args.scope.iter().map(|scope| scope.parse()).collect::<Result<_, _>>()?,
    };
    let subject = args.member.as_deref().unwrap_or(&args.subject);
    let request = TokenRequest { program: &args.program, subject, scopes, days: args.days };
    output::line(request.issue(&loyalty, &keys).await?);
    Ok(())
}

impl TokenRequest<'_> {
    /// Fails when the program or the member does not exist: a token that no request could use is
    /// not issued.
    pub(crate) async fn issue(
        &self,
        loyalty: &Loyalty,
        keys: &TokenKeys,
    ) -> anyhow::Result<String> {
        let program = loyalty.programs().by_slug(self.program).await?;
        if self.scopes.contains(&Scope::Member) {
            let actor = Actor::system(program.id);
            let member = loyalty.members().find_by_external_id(&actor, self.subject).await?;
            member.with_context(|| {
                format!(
                    "the program `{}` has no member with the external id `{}`",
                    self.program, self.subject
                )
            })?;
        }
        Ok(keys.issue(self.program, self.subject, &self.scopes, DAY * u32::from(self.days))?)
    }
}
