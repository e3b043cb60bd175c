//! Records of members: machines, subscriptions, offers. They are the same in both schemas; only the
//! admin schema writes them.

mod put;

pub(crate) use put::RecordMutation;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::{DateTime, Json};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use perennial_core::{MemberId, records};

/// An object that belongs to a member, such as a machine, a subscription or an offer. A plugin
/// declares its type.
#[derive(Debug, SimpleObject)]
#[expect(clippy::struct_field_names, reason = "`type` is a keyword")]
pub(crate) struct Record {
    /// The record's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The record type, which a plugin declares.
    #[graphql(name = "type")]
    record_type: String,
    /// Identifier in the operator's own system, unique among records of the type.
    external_id: String,
    /// The data, valid against the schema that the plugin declares for the type.
    data: Json,
    /// When the record was created.
    created_at: DateTime,
    /// When the data last changed.
    updated_at: DateTime,
}

impl From<records::Record> for Record {
    fn from(record: records::Record) -> Self {
        Self {
            id: record.id.to_string().into(),
            record_type: record.record_type,
            external_id: record.external_id,
            data: record.data.into(),
            created_at: record.created_at.into(),
            updated_at: record.updated_at.into(),
        }
    }
}

/// The records of a member.
#[derive(Debug)]
pub(crate) struct MemberRecords(pub(crate) MemberId);

#[Object]
impl MemberRecords {
    /// Records of the member, such as machines, subscriptions and offers, newest first.
    #[graphql(complexity = "crate::admission::list_cost(first, child_complexity)")]
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "type", desc = "Only records of this type.")] record_type: Option<String>,
        #[graphql(default = 20, desc = "The number of items to return, at most 100.")] first: u32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Option<Connection<Record>>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let records = loyalty.records();
        let found = records.of_member(actor, self.0, record_type.as_deref(), page).await?;
        Ok(Some(connection(found, after.as_deref(), |record| record.id, Record::from)))
    }
}
