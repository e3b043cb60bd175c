//! Records of members: machines, subscriptions, offers. Both schemas show the same of them; the
//! admin schema also writes them.

mod put;

pub(crate) use put::RecordMutation;

use crate::connection::{Connection, connection, page};
use crate::context::RequestContext;
use crate::scalars::{DateTime, Json};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use perennial_core::{MemberId, records};

/// An object of a type that a plugin declares – a machine, a subscription, an offer – and that belongs to a member.
#[derive(Debug, SimpleObject)]
#[expect(clippy::struct_field_names, reason = "`type` is a keyword")]
pub(crate) struct Record {
    /// The record's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The type that a plugin declares.
    #[graphql(name = "type")]
    record_type: String,
    /// The operator's own key of the object; unique in the type.
    external_id: String,
    /// Valid against the schema that the plugin declares for the type.
    data: Json,
    /// When it was first put.
    created_at: DateTime,
    /// When its data last changed.
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
    /// The member's machines, subscriptions, offers and whatever else plugins declare, the newest first.
    #[graphql(complexity = "crate::limits::list_cost(first, child_complexity)")]
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "type", desc = "Only records of this type.")] record_type: Option<String>,
        #[graphql(default = 20, desc = "At most 100.")] first: u32,
        #[graphql(desc = "The cursor to continue after.")] after: Option<String>,
    ) -> Result<Connection<Record>> {
        let (loyalty, actor) = ctx.caller()?;
        let page = page(first, after.as_deref())?;
        let records = loyalty.records();
        let found = records.of_member(actor, self.0, record_type.as_deref(), page).await?;
        Ok(connection(found, after.as_deref(), |record| record.id, Record::from))
    }
}
