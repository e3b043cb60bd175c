//! Keeping the record and this process's clock together, all the time that a server runs.

use super::{record, recorded};
use crate::context::Context;
use crate::{Clock, Result, clock};
use std::sync::Arc;
use std::time::Duration;

/// How often the record is read: so soon a server follows what an operator accepts.
const INTERVAL: Duration = Duration::from_secs(10);
/// How far the record may lag: so much of a pause counts as none.
const LAG: Duration = Duration::from_mins(1);

/// Compares and records until it is dropped.
pub(crate) async fn keep(context: Arc<Context>) {
    loop {
        if let Err(error) = compare(&context).await {
            let (code, detail) = (error.code().as_str(), error.detail());
            tracing::warn!(code, detail, "the server's clock cannot be recorded");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn compare(context: &Context) -> Result<()> {
    let recorded = recorded(context).await?;
    if let Some(recorded) = recorded {
        Clock.compare(recorded);
    }
    clock::show(Clock.doubt().is_some());
    let now = context.now();
    if recorded.is_none_or(|recorded| now.since(recorded) >= LAG) {
        record(context, now).await?;
    }
    Ok(())
}
