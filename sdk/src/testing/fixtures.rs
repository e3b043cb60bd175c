//! Members and carts to start from.

use crate::{Contact, Date, Member, MemberKind, Purchase, PurchaseLine};

/// A person who joined on 1 January 2020 and reads English.
pub fn person() -> Member {
    Member {
        id: "mem_person".to_owned(),
        external_id: "person".to_owned(),
        kind: MemberKind::Person,
        locale: "en".to_owned(),
        tier: None,
        points: 0,
        purchases: 0,
        spent_minor: 0,
        joined_on: day("2020-01-01"),
        last_purchase_on: None,
        contacts: Vec::new(),
    }
}

/// A company without contacts; add them with [`Member::with_contact`].
pub fn organization() -> Member {
    Member {
        id: "mem_organization".to_owned(),
        external_id: "organization".to_owned(),
        kind: MemberKind::Organization,
        ..person()
    }
}

/// A cart of `(sku, quantity, amount of the line in minor units)`, in euros.
///
/// # Panics
///
/// If `on` is not a date.
pub fn basket(reference: &str, on: &str, lines: &[(&str, u32, i64)]) -> Purchase {
    let line = |&(sku, quantity, amount_minor): &(&str, u32, i64)| PurchaseLine {
        sku: sku.to_owned(),
        category: None,
        quantity,
        amount_minor,
    };
    Purchase {
        reference: reference.to_owned(),
        currency: "EUR".to_owned(),
        total_minor: lines.iter().map(|(_, _, amount)| amount).sum(),
        purchased_on: day(on),
        lines: lines.iter().map(line).collect(),
    }
}

impl Member {
    /// For tests: the same member with one more contact.
    #[must_use]
    pub fn with_contact(mut self, id: &str, role: &str, locale: &str) -> Self {
        let text = str::to_owned;
        self.contacts.push(Contact { id: text(id), role: text(role), locale: text(locale) });
        self
    }

    /// For tests: the same member with another language.
    #[must_use]
    pub fn with_locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }
}

pub(super) fn day(text: &str) -> Date {
    text.parse().expect("the test wrote a date such as 2026-11-22")
}
