//! Sending a message from one of the manifest's templates.

use super::{Asked, require};
use crate::ContactId;
use crate::members::Contact;
use crate::messages::NewMessage;
use crate::runtime::{Recipient, render};

pub(super) fn plan(
    asked: &Asked<'_>,
    template: &str,
    to: &Recipient,
    parameters: &[(String, String)],
) -> Result<NewMessage, String> {
    let manifest = &asked.plugin.component.manifest;
    require(manifest.capabilities.messages, "messages")?;
    let contact = match to {
        Recipient::Member => None,
        Recipient::Contact(id) => Some(contact(asked, id)?),
    };
    let locale = contact.map_or(asked.member.locale.as_str(), |contact| &contact.locale);
    let locales = [locale, &asked.member.locale, &asked.program.definition.locale];
    let (locale, text) = manifest
        .message(template, &locales)
        .ok_or_else(|| format!("the manifest has no message template `{template}`"))?;
    Ok(NewMessage {
        member: asked.member.id,
        contact: contact.map(|contact| contact.id),
        plugin: asked.plugin.id.clone(),
        event: asked.event,
        template: template.to_owned(),
        locale: locale.to_owned(),
        subject: render(&text.subject, parameters)?,
        body: render(&text.body, parameters)?,
        parameters: parameters.iter().cloned().collect(),
        occurred_at: asked.occurred_at,
    })
}

fn contact<'a>(asked: &'a Asked<'_>, id: &str) -> Result<&'a Contact, String> {
    let wanted = id.parse::<ContactId>().map_err(|error| error.message().to_owned())?;
    let found = asked.contacts.iter().find(|contact| contact.id == wanted);
    found.ok_or_else(|| format!("`{id}` is not a contact of this member that the plugin was shown"))
}
