//! What a plugin is shown of members and purchases.

use super::port;
use crate::members::{Contact, Locked, Member, MemberKind};
use crate::programs::Program;
use crate::purchases::Checked;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

/// A member as a plugin sees it.
pub(super) fn member(
    zone: &TimeZone,
    member: &Member,
    locked: &Locked,
    contacts: Vec<Contact>,
) -> port::Member {
    let contact = |contact: Contact| port::Contact {
        id: contact.id.to_string(),
        role: contact.role,
        locale: contact.locale,
    };
    let standing = &locked.standing;
    port::Member {
        id: member.id.to_string(),
        external_id: member.external_id.clone(),
        kind: match member.kind {
            MemberKind::Person => port::MemberKind::Person,
            MemberKind::Organization => port::MemberKind::Organization,
        },
        locale: member.locale.clone(),
        tier: standing.tier.clone(),
        points: locked.balance,
        purchases: standing.purchases,
        spent_minor: standing.spent_minor,
        joined_on: member.joined_at.date_in(zone),
        last_purchase_on: standing.last_purchase_at.map(|at| at.date_in(zone)),
        contacts: contacts.into_iter().map(contact).collect(),
    }
}

pub(super) fn purchase(program: &Program, purchase: &Checked) -> port::Purchase {
    let line = |line: &crate::purchases::Line| port::PurchaseLine {
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    };
    port::Purchase {
        reference: purchase.reference.clone(),
        currency: program.definition.currency.code().to_owned(),
        total_minor: purchase.total_minor,
        purchased_on: purchase.purchased_at.date_in(&program.definition.zone),
        lines: purchase.lines.iter().map(line).collect(),
    }
}

/// The same number for the same parts, on every machine and at every repeat.
pub(super) fn seed(parts: &[&str]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}
