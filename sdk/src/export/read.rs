//! What the platform sends, in the SDK's types. The platform sends well-formed dates and JSON; a
//! failure here means that it and the SDK disagree, or that the configuration does not fit the
//! plugin's type.

use crate::bindings::perennial::plugin::types;
use crate::record::{MEMBERS_STATE, RECORDS_DATA, RECORDS_STATE};
use crate::{
    Contact, Context, Failure, Json, Member, MemberKind, PastPurchase, Position, Purchase,
    PurchaseLine, Record, ServiceCenter,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

pub(super) fn context<C: DeserializeOwned>(context: types::Context) -> Result<Context<C>, Failure> {
    let config = serde_json::from_str(&context.config).map_err(|error| {
        Failure::new("unexpected-config", format!("the configuration: {error}"))
    })?;
    Ok(Context {
        program: context.program,
        revision: context.revision,
        now: instant(context.now)?,
        today: context.today.parse()?,
        seed: context.seed,
        config,
        member: None,
        event: None,
        state: context.state.map(|state| Json::parse(MEMBERS_STATE, &state)).transpose()?,
    })
}

pub(super) fn member(member: types::Member) -> Result<Member, Failure> {
    Ok(Member {
        id: member.id,
        external_id: member.external_id,
        kind: match member.kind {
            types::MemberKind::Person => MemberKind::Person,
            types::MemberKind::Organization => MemberKind::Organization,
        },
        locale: member.locale,
        tier: member.tier,
        points: member.points,
        purchases: member.purchases,
        spent_minor: member.spent_minor,
        joined_on: member.joined_on.parse()?,
        last_purchase_on: member.last_purchase_on.map(|date| date.parse()).transpose()?,
        contacts: member.contacts.into_iter().map(contact).collect(),
        tags: member.tags,
    })
}

pub(super) fn purchase(purchase: types::Purchase) -> Result<Purchase, Failure> {
    Ok(Purchase {
        reference: purchase.reference,
        currency: purchase.currency,
        total_minor: purchase.total_minor,
        purchased_on: purchase.purchased_on.parse()?,
        lines: purchase.lines.into_iter().map(line).collect(),
    })
}

pub(crate) fn record(record: types::StoredRecord) -> Result<Record, Failure> {
    Ok(Record {
        record_type: record.key.record_type,
        external_id: record.key.external_id,
        data: Json::parse(RECORDS_DATA, &record.data)?,
        state: record.state.map(|state| Json::parse(RECORDS_STATE, &state)).transpose()?,
    })
}

pub(crate) fn past_purchase(purchase: types::PastPurchase) -> Result<PastPurchase, Failure> {
    Ok(PastPurchase {
        id: purchase.id,
        reference: purchase.reference,
        purchased_at: instant(purchase.purchased_at)?,
        purchased_on: purchase.purchased_on.parse()?,
        currency: purchase.currency,
        total_minor: purchase.total_minor,
        lines: purchase.lines.into_iter().map(line).collect(),
    })
}

pub(crate) fn service_center(center: types::ServiceCenter) -> ServiceCenter {
    let types::Position { latitude, longitude } = center.position;
    ServiceCenter {
        id: center.id,
        external_id: center.external_id,
        name: center.name,
        country: center.country,
        city: center.city,
        position: Position { latitude, longitude },
        phone: center.phone,
        email: center.email,
        languages: center.languages,
        capabilities: center.capabilities,
        distance_metres: center.distance_metres,
    }
}

pub(super) fn instant(microseconds: i64) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_microsecond(microseconds)?)
}

fn contact(contact: types::Contact) -> Contact {
    Contact { id: contact.id, role: contact.role, locale: contact.locale }
}

fn line(line: types::PurchaseLine) -> PurchaseLine {
    PurchaseLine {
        sku: line.sku,
        category: line.category,
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    }
}
