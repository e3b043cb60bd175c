//! `program.toml` as it is written: the head of the file and, in one line each, the sections of the
//! domains. Unknown keys are errors.

use crate::accounts::policy::section::{self as policy, PointTypeFile, PointsFile};
use crate::definition::{Check, Definition, Mistakes, Sections, read};
use crate::earning::section::{self as earning, EarningRuleFile};
use crate::ledger::approvals::section::{self as approvals, ApprovalFile};
use crate::ledger::section::{self as transfers, TransfersFile};
use crate::localized::Localized;
use crate::plugins::budgets::section::{self as budgets, BudgetFiles};
use crate::plugins::recordings::section as recordings;
use crate::plugins::section::{self as plugins, PluginFiles, RequiredFiles};
use crate::referrals::section::{self as referrals, ReferralFile};
use crate::rewards::section::{self as rewards, RewardFile};
use crate::tiers::Ladder;
use crate::tiers::section::{self as tiers, TiersFile};
use crate::{Currency, Error, Result, Timestamp, text};
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
    recordings_days: Option<Spanned<u16>>,
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

/// Reads a program file. Fails with `PROGRAM_FILE_INVALID`, naming all that is wrong with it.
pub fn definition(source: &str) -> Result<Definition> {
    assembled(source, true)
}

/// Reads a file that was applied: whatever rules of style came since, it goes on.
pub(crate) fn stored(source: &str) -> Result<Definition> {
    assembled(source, false)
}

fn assembled(source: &str, is_new: bool) -> Result<Definition> {
    let mistakes = Mistakes::default();
    let file: Option<ProgramFile> = read(source, &mistakes);
    let assembled = file.map(|file| file.assembled(source, is_new, &mistakes));
    mistakes.none_in(source)?;
    assembled.unwrap_or_else(|| Err(Error::internal("a program file that nothing is wrong with")))
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
    /// Fails with some of what is wrong; all of it is in `mistakes`.
    fn assembled(self, source: &str, is_new: bool, mistakes: &Mistakes) -> Result<Definition> {
        let currency = self.currency(mistakes);
        // Where it is wrong, what else is can still be said.
        let usual = currency.as_ref().map_or_else(|_| "EUR".parse(), |currency| Ok(*currency))?;
        let locale = self.own_language(is_new, mistakes);
        let known = locale.as_ref().ok().cloned();
        let check = Check { source, currency: usual, locale: known.as_deref(), is_new, mistakes };
        let (slug, name) =
            (check.slug(&self.program), check.named(self.name.clone(), &self.program));
        let zone = self.zone(&check);
        let clock_starts_at = match &zone {
            Ok(zone) => self.clock_start(&check, zone),
            Err(_) => Ok(None),
        };
        let named: Vec<_> = self.plugins.keys().map(|id| id.get_ref().clone()).collect();
        let named: Vec<_> = named.iter().map(String::as_str).collect();
        let types = policy::section(&check, self.points, self.point_types)?;
        let ladder = tiers::section(&check, self.tiers, &types);
        let ladder = ladder.unwrap_or_else(|_| Ladder::empty());
        let referral = referrals::section(&check, self.referral);
        let transfers = transfers::section(&check, self.transfers);
        let approval = approvals::section(&check, self.approval, &types);
        let recordings = recordings::section(&check, self.recordings_days);
        let sections = Sections::default()
            .with(earning::section(&check, self.earning_rules, &ladder, &types))
            .with(rewards::section(&check, self.rewards, &types))
            .with(plugins::section(&check, self.plugins, &self.required_appraisals))
            .with(budgets::section(&check, self.budgets, &named))
            .with(ladder)
            .with(types)
            .with(referral?)
            .with(transfers?)
            .with(approval?)
            .with(recordings?);
        Ok(Definition {
            slug: slug?,
            name: name?,
            is_sandbox: self.sandbox,
            clock_starts_at: clock_starts_at?,
            zone: zone?,
            currency: currency?,
            unique_emails: self.unique_emails,
            counts_free_purchases: self.count_free_purchases,
            locale: locale?,
            sections,
        })
    }

    fn currency(&self, mistakes: &Mistakes) -> Result<Currency> {
        let wrong = |error: Error| mistakes.add(self.currency.span().start, error.message());
        self.currency.get_ref().parse().map_err(wrong)
    }

    fn own_language(&self, is_new: bool, mistakes: &Mistakes) -> Result<String> {
        let locale = self.locale.get_ref();
        if is_new && !text::is_language(locale) {
            let why = format!("`{locale}` is not a BCP 47 tag such as en or pt-BR");
            return Err(mistakes.add(self.locale.span().start, why));
        }
        Ok(locale.clone())
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
