//! `program.toml` as it is written: the head of the file and, in one line each, the sections of the
//! domains. Unknown keys are errors.

use crate::accounts::policy::section::{self as policy, PointTypeFile, PointsFile};
use crate::definition::{Check, Definition, Sections, wrong_at};
use crate::earning::section::{self as earning, EarningRuleFile};
use crate::ledger::approvals::section::{self as approvals, ApprovalFile};
use crate::ledger::section::{self as transfers, TransfersFile};
use crate::localized::Localized;
use crate::plugins::budgets::section::{self as budgets, BudgetFiles};
use crate::plugins::recordings::section as recordings;
use crate::plugins::section::{self as plugins, PluginFiles, RequiredFiles};
use crate::referrals::section::{self as referrals, ReferralFile};
use crate::rewards::section::{self as rewards, RewardFile};
use crate::tiers::section::{self as tiers, TiersFile};
use crate::{Code, Currency, Error, Result, Timestamp};
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramFile {
    program: Spanned<String>,
    name: Localized,
    #[serde(default)]
    sandbox: bool,
    clock_starts_on: Option<Spanned<String>>,
    time_zone: Spanned<String>,
    currency: Spanned<String>,
    #[serde(default = "english")]
    locale: Spanned<String>,
    #[serde(default)]
    unique_emails: bool,
    #[serde(default = "yes")]
    count_free_purchases: bool,
    #[serde(default)]
    required_appraisals: RequiredFiles,
    recordings_days: Option<Spanned<i64>>,
    #[serde(default)]
    points: PointsFile,
    #[serde(default)]
    point_types: Vec<PointTypeFile>,
    #[serde(default)]
    earning_rules: Vec<EarningRuleFile>,
    tiers: Option<TiersFile>,
    #[serde(default)]
    rewards: Vec<RewardFile>,
    referral: Option<ReferralFile>,
    transfers: Option<TransfersFile>,
    approval: Option<ApprovalFile>,
    #[serde(default)]
    plugins: PluginFiles,
    #[serde(default)]
    budgets: BudgetFiles,
}

fn english() -> Spanned<String> {
    Spanned::new(0..0, "en".to_owned())
}

const fn yes() -> bool {
    true
}

/// Reads a program file. Fails with `PROGRAM_FILE_INVALID`, naming the line.
pub fn definition(source: &str) -> Result<Definition> {
    assembled(source, true)
}

/// Reads a file that was applied: whatever rules of style came since, it goes on.
pub(crate) fn stored(source: &str) -> Result<Definition> {
    assembled(source, false)
}

fn assembled(source: &str, is_new: bool) -> Result<Definition> {
    let file: ProgramFile = toml::from_str(source).map_err(|error| {
        Error::new(Code::ProgramFileInvalid, error.to_string().trim_end().to_owned())
    })?;
    let (currency, own) = (file.currency(source)?, file.locale.clone());
    let check = Check { source, currency, locale: own.get_ref(), is_new };
    let locale = check.language(&own)?;
    let (slug, name) = (check.slug(&file.program)?, check.named(file.name.clone(), &file.program)?);
    let zone = file.zone(&check)?;
    let clock_starts_at = file.clock_start(&check, &zone)?;
    let types = policy::section(&check, file.points, file.point_types)?;
    let named = |id: &str| file.plugins.keys().any(|named| named.get_ref() == id);
    let budgets = budgets::section(&check, file.budgets, named)?;
    let ladder = tiers::section(&check, file.tiers, &types)?;
    Ok(Definition {
        slug,
        name,
        is_sandbox: file.sandbox,
        clock_starts_at,
        zone,
        currency: check.currency,
        unique_emails: file.unique_emails,
        counts_free_purchases: file.count_free_purchases,
        locale,
        sections: Sections::default()
            .with(earning::section(&check, file.earning_rules, &ladder, &types)?)
            .with(ladder)
            .with(rewards::section(&check, file.rewards, &types)?)
            .with(referrals::section(&check, file.referral)?)
            .with(transfers::section(&check, file.transfers)?)
            .with(approvals::section(&check, file.approval, &types)?)
            .with(plugins::section(&check, file.plugins, &file.required_appraisals)?)
            .with(budgets)
            .with(recordings::section(&check, file.recordings_days)?)
            .with(types),
    })
}

/// The currency of a file that was applied, whatever else in it would be refused today.
pub(super) fn currency(source: &str) -> Result<Currency> {
    #[derive(Deserialize)]
    struct Head {
        currency: String,
    }
    let unreadable = |error| Error::internal("an applied program file").caused_by(error);
    toml::from_str::<Head>(source).map_err(unreadable)?.currency.parse()
}

impl ProgramFile {
    fn currency(&self, source: &str) -> Result<Currency> {
        let wrong = |error: Error| wrong_at(source, self.currency.span(), error.message());
        self.currency.get_ref().parse().map_err(wrong)
    }

    fn zone(&self, check: &Check<'_>) -> Result<TimeZone> {
        let wrong =
            |_| check.wrong(&self.time_zone, "is not an IANA time zone such as Europe/Warsaw");
        TimeZone::get(self.time_zone.get_ref()).map_err(wrong)
    }

    fn clock_start(&self, check: &Check<'_>, zone: &TimeZone) -> Result<Option<Timestamp>> {
        let Some(day) = &self.clock_starts_on else { return Ok(None) };
        if !self.sandbox {
            let why = "clock_starts_on: only a program with `sandbox = true` has a test clock";
            return Err(check.at(day.span(), why));
        }
        let wrong = |_| check.wrong(day, "is not a date such as 2026-01-31");
        let date = day.get_ref().parse().map_err(wrong)?;
        Timestamp::start_of(date, zone)
            .map(Some)
            .map_err(|error| check.at(day.span(), error.message()))
    }
}
