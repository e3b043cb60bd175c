//! What plugins were not heard about, for operators.

use crate::context::Context;
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::page::{Page, PageRequest};
use crate::purchases::{MissedAppraisal, MissedFound};
use crate::{ProgramId, PurchaseId, Result};
use sea_orm::FromQueryResult;

const OF_PLUGIN: &str = "
    SELECT m.purchase_id, m.plugin_id, m.because, m.fault, m.missed_at, m.due_at, m.ended_at,
        m.outcome, m.points, m.transaction_id, m.cuts
    FROM missed_appraisals AS m
    WHERE m.program_id = $1 AND m.plugin_id = $2 AND m.because <> ''";

pub(super) async fn of_plugin(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<PurchaseId>,
) -> Result<Page<MissedAppraisal>> {
    let db = &context.db;
    let values = [id(program), plugin.into(), limit(page.first.saturating_add(1))];
    let statement = Select::new(OF_PLUGIN, values)
        .and("m.purchase_id < {}", page.after.map(id))
        .ending(db.read(), " ORDER BY m.purchase_id DESC LIMIT $3");
    let rows = MissedFound::find_by_statement(statement).all(db.read()).await?;
    Page::of(rows, page.first).try_map(MissedFound::missed)
}
