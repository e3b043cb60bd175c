//! What a plugin is shown of members, purchases and circumstances.

use crate::accounts::MemberState;
use crate::cart::{CheckedCart, Line};
use crate::context::{Enabled, Program};
use crate::members::{Contact, Member, MemberKind};
use crate::{Timestamp, runtime};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A purchase, or a cart, that plugins appraise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToAppraise<'a> {
    /// Empty for a cart.
    pub(crate) reference: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) cart: &'a CheckedCart,
}

impl ToAppraise<'_> {
    /// Whether it is a cart, and nothing comes of it.
    pub(super) const fn is_quote(&self) -> bool {
        self.reference.is_empty()
    }
}

/// The circumstances of a call. `occasion` makes the seed: the same number for the same occasion,
/// on every machine and at every repeat.
pub(crate) fn context(
    program: &Program,
    plugin: &Enabled,
    now: Timestamp,
    occasion: &str,
    state: Option<Value>,
) -> runtime::Context {
    let slug = &program.definition.slug;
    runtime::Context {
        program: slug.clone(),
        revision: program.revision,
        now: now.instant(),
        today: now.date_in(&program.definition.zone),
        seed: seed(&[slug, &plugin.id, occasion]),
        config: plugin.config.clone(),
        state,
    }
}

/// A member as a plugin sees it.
pub(super) fn member(
    (program, plugin): (&Program, &Enabled),
    member: &Member,
    state: &MemberState,
    contacts: Vec<Contact>,
) -> runtime::Member {
    let standing = &state.standing;
    runtime::Member {
        tier: program.definition.ladder().reached(standing).map(|tier| tier.id.clone()),
        points: state.balance(&program.definition.points().point_type).get(),
        purchases: standing.purchases_made(),
        spent_minor: standing.spent_minor,
        last_purchase_on: standing.last_purchase_at.map(|at| at.date_in(&program.definition.zone)),
        tags: if plugin.sees_tags() { member.tags.iter().cloned().collect() } else { Vec::new() },
        ..newcomer(program, member, contacts)
    }
}

/// A member as a plugin sees it to whom nothing has happened yet.
pub(crate) fn newcomer(
    program: &Program,
    member: &Member,
    contacts: Vec<Contact>,
) -> runtime::Member {
    let contact = |contact: Contact| runtime::Contact {
        id: contact.id.to_string(),
        role: contact.role,
        locale: contact.locale,
    };
    runtime::Member {
        id: member.id.to_string(),
        external_id: member.external_id.clone(),
        kind: match member.kind {
            MemberKind::Person => runtime::MemberKind::Person,
            // What plugins are built against knows people and those who are not one person.
            // A gift card is told to no plugin; what asks for it all the same gets what is no person.
            MemberKind::Organization | MemberKind::Household | MemberKind::GiftCard => {
                runtime::MemberKind::Organization
            }
        },
        locale: member.locale.clone(),
        tier: None,
        points: 0,
        purchases: 0,
        spent_minor: 0,
        joined_on: member.joined_at.date_in(&program.definition.zone),
        last_purchase_on: None,
        contacts: contacts.into_iter().map(contact).collect(),
        tags: Vec::new(),
    }
}

pub(super) fn purchase(program: &Program, purchase: &ToAppraise<'_>) -> runtime::Purchase {
    let line = |line: &Line| runtime::PurchaseLine {
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    };
    runtime::Purchase {
        reference: purchase.reference.to_owned(),
        currency: purchase.cart.currency.code().to_owned(),
        total_minor: purchase.cart.total_minor,
        purchased_on: purchase.at.date_in(&program.definition.zone),
        lines: purchase.cart.lines.iter().map(line).collect(),
    }
}

fn seed(parts: &[&str]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}
