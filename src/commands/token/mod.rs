//! `perennial token`.

mod issued;

use crate::cli::{TokenArgs, TokenCommand};
use crate::config::Settings;
use crate::{output, platform, token_key};
use anyhow::Context;
use perennial_core::tokens::{Holder, Token};
use perennial_core::{Actor, Loyalty, Scope};
use perennial_graphql::TokenKeys;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// Whose token to issue.
#[derive(Debug)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) program: &'a str,
    pub(crate) holder: Holder,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) days: u16,
}

pub(super) async fn run(
    settings: &Settings,
    command: TokenCommand,
    as_json: bool,
) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(args) => create(settings, args, as_json).await,
        TokenCommand::List { holder, program } => {
            issued::list(settings, &program, holder, as_json).await
        }
        TokenCommand::Revoke(args) => issued::revoke(settings, args, as_json).await,
        TokenCommand::Rotate { forget_previous } => rotate(settings, forget_previous, as_json),
    }
}

async fn create(settings: &Settings, args: TokenArgs, as_json: bool) -> anyhow::Result<()> {
    let keys = TokenKeys::from_ed25519_pem(&token_key::read(&settings.token_key)?)?;
    let loyalty = platform::open(settings).await?;
    let (holder, scopes) = match args.member {
        Some(member) => (Holder::Member(member), vec![Scope::Member]),
        None => {
            let scopes = args.scope.iter().map(|scope| scope.parse());
            (Holder::Operator(args.subject), scopes.collect::<Result<_, _>>()?)
        }
    };
    let request = TokenRequest { program: &args.program, holder, scopes, days: args.days };
    let (token, text) = request.issue(&loyalty, &keys).await?;
    let value = json!({ "id": token.id, "token": text, "expiresAt": token.expires_at });
    output::result(as_json, &value, || text);
    Ok(())
}

fn rotate(settings: &Settings, forget_previous: bool, as_json: bool) -> anyhow::Result<()> {
    token_key::rotate(&settings.token_key, forget_previous)?;
    let path = settings.token_key.display();
    output::result(as_json, &json!({ "rotated": true }), || {
        format!(
            "{path} has a new key, which servers with this file use within seconds; copy it to the others now"
        )
    });
    Ok(())
}

impl TokenRequest<'_> {
    /// The token and its text. Fails when the program or the member does not exist: a token that no
    /// request could use is not issued.
    pub(crate) async fn issue(
        self,
        loyalty: &Loyalty,
        keys: &TokenKeys,
    ) -> anyhow::Result<(Token, String)> {
        let program = loyalty.programs().by_slug(self.program).await?;
        let actor = Actor::system(program.id);
        if let Holder::Member(member) = &self.holder {
            let found = loyalty.members().find_by_external_id(&actor, member).await?;
            found.with_context(|| {
                format!(
                    "the program `{}` has no member with the external id `{member}`",
                    self.program
                )
            })?;
        }
        let lifetime = DAY * u32::from(self.days);
        let token = loyalty.tokens().issue(&actor, self.holder, self.scopes, lifetime).await?;
        let text = keys.sign(self.program, &token)?;
        Ok((token, text))
    }
}
