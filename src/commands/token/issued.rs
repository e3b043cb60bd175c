//! `perennial token list` and `perennial token revoke`.

use crate::cli::{HolderArgs, RevokeArgs};
use crate::config::Settings;
use crate::{output, platform};
use perennial_core::Scope;
use perennial_core::page::{PAGE_MAX, PageRequest};
use perennial_core::tokens::{Holder, Token};
use serde_json::{Value, json};

pub(super) async fn list(
    settings: &Settings,
    program: &str,
    holder: HolderArgs,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, program).await?;
    let holder = holder_of(holder.subject, holder.member);
    let (mut tokens, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(PAGE_MAX, after)?;
        let page = loyalty.tokens().list(&actor, holder.as_ref(), page).await?;
        after = page.items.last().map(|token| token.id);
        tokens.extend(page.items);
        if !page.has_more {
            break;
        }
    }
    let rows: Vec<_> = tokens.iter().map(row).collect();
    output::result(as_json, &rows, || tokens.iter().map(line).collect::<Vec<_>>().join("\n"));
    Ok(())
}

pub(super) async fn revoke(
    settings: &Settings,
    args: RevokeArgs,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, &args.program).await?;
    if let Some(id) = args.id {
        let token = loyalty.tokens().revoke(&actor, id.parse()?).await?;
        output::result(as_json, &row(&token), || format!("revoked {}", line(&token)));
    } else if let Some(holder) = holder_of(args.subject, args.member) {
        let until = loyalty.tokens().revoke_all_of(&actor, &holder).await?;
        let known =
            loyalty.tokens().list(&actor, Some(&holder), PageRequest::new(1, None)?).await?;
        if known.items.is_empty() {
            output::note(format!(
                "this server has issued nothing to {holder}: is that the name? What another issuer \
                 gave under it is revoked"
            ));
        }
        let value = json!({ "holder": holder.to_string(), "issuedUntil": until });
        output::result(as_json, &value, || {
            format!("revoked what {holder} was issued until {until}")
        });
    }
    Ok(())
}

fn holder_of(operator: Option<String>, member: Option<String>) -> Option<Holder> {
    operator.map(Holder::Operator).or(member.map(Holder::Member))
}

fn row(token: &Token) -> Value {
    json!({
        "id": token.id, "holder": token.holder.to_string(),
        "scopes": token.scopes.iter().copied().map(Scope::as_str).collect::<Vec<_>>(),
        "issuedAt": token.issued_at, "expiresAt": token.expires_at, "revokedAt": token.revoked_at,
    })
}

fn line(token: &Token) -> String {
    let revoked = token.revoked_at.map(|at| format!("  revoked {at}")).unwrap_or_default();
    format!(
        "{}  {}  {}  issued {}  expires {}{revoked}",
        token.id,
        token.holder,
        token.scope_text(),
        token.issued_at,
        token.expires_at
    )
}
