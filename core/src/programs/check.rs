//! From the written program file to a `Definition`: every value that could be wrong is checked here, with its line.

use super::file::{
    BenefitFile, EarningRuleFile, PointsFile, ProgramFile, ReferralFile, RewardFile, Threshold,
    TierFile, TiersFile,
};
use super::{Definition, Localized, PointsPolicy};
use crate::earning::{Condition, EarningRule, Formula};
use crate::referrals::ReferralTerms;
use crate::rewards::Reward;
use crate::tiers::{Benefit, Ladder, Metric, Tier};
use crate::{Code, Currency, Error, Points, Result, Timestamp};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// Points per purchase when the file names no ceiling: large enough for any real purchase, small enough that a wallet cannot
/// overflow within a lifetime of purchases.
const PURCHASE_MAX_DEFAULT: i64 = 1_000_000_000;
const EXPIRY_MONTHS_MAX: u32 = 1200;

pub(super) fn definition(text: &str) -> Result<Definition> {
    let file: ProgramFile = toml::from_str(text).map_err(|error| {
        Error::new(Code::ProgramFileInvalid, error.to_string().trim_end().to_owned())
    })?;
    Check { text }.definition(file)
}

struct Check<'a> {
    text: &'a str,
}

impl Check<'_> {
    fn definition(&self, file: ProgramFile) -> Result<Definition> {
        let slug = self.slug(&file.program)?;
        let zone = TimeZone::get(file.time_zone.get_ref()).map_err(|_| {
            self.wrong(&file.time_zone, "is not an IANA time zone such as Europe/Warsaw")
        })?;
        let currency = file
            .currency
            .get_ref()
            .parse()
            .map_err(|error: Error| self.at(file.currency.span(), error.message()))?;
        Ok(Definition {
            slug,
            name: self.named(file.name.clone(), &file.program)?,
            is_sandbox: file.sandbox,
            clock_starts_at: self.clock_start(&file, &zone)?,
            zone,
            currency,
            locale: file.locale,
            points: self.points(file.points)?,
            earning_rules: self.earning_rules(file.earning_rules, currency)?,
            ladder: file.tiers.map_or(Ok(Ladder::empty()), |tiers| self.ladder(tiers, currency))?,
            rewards: self.rewards(file.rewards)?,
            referral: file.referral.map(|referral| self.referral(&referral)).transpose()?,
            plugins: self.plugins(file.plugins)?,
        })
    }

    fn clock_start(&self, file: &ProgramFile, zone: &TimeZone) -> Result<Option<Timestamp>> {
        let Some(day) = &file.clock_starts_on else { return Ok(None) };
        if !file.sandbox {
            return Err(self.at(
                day.span(),
                "clock_starts_on: only a program with `sandbox = true` has a test clock",
            ));
        }
        let date = day
            .get_ref()
            .parse()
            .map_err(|_| self.wrong(day, "is not a date such as 2026-01-31"))?;
        Timestamp::start_of(date, zone)
            .map(Some)
            .map_err(|error| self.at(day.span(), error.message()))
    }

    fn points(&self, file: PointsFile) -> Result<PointsPolicy> {
        if let Some(months) = &file.expire_after_months
            && !(1..=EXPIRY_MONTHS_MAX).contains(months.get_ref())
        {
            return Err(self
                .at(months.span(), &format!("expire_after_months: use 1 to {EXPIRY_MONTHS_MAX}")));
        }
        let purchase_max = match &file.purchase_max {
            Some(maximum) => self.positive(maximum)?,
            None => Points::new(PURCHASE_MAX_DEFAULT),
        };
        Ok(PointsPolicy {
            expire_after_months: file.expire_after_months.map(Spanned::into_inner),
            purchase_max,
        })
    }

    fn earning_rules(
        &self,
        files: Vec<EarningRuleFile>,
        currency: Currency,
    ) -> Result<Vec<EarningRule>> {
        self.distinct(files.iter().map(|rule| &rule.id))?;
        files.into_iter().map(|rule| self.earning_rule(rule, currency)).collect()
    }

    fn earning_rule(&self, file: EarningRuleFile, currency: Currency) -> Result<EarningRule> {
        let points = self.positive(&file.points)?;
        let formula = match &file.per {
            None => Formula::Fixed(points),
            Some(per) => {
                let step = currency.minor_units(per.get_ref());
                let step = step.map_err(|error| self.at(per.span(), error.message()))?;
                if step <= 0 {
                    return Err(self.wrong(per, "is not an amount above zero"));
                }
                Formula::PerAmount { points, step_minor: step }
            }
        };
        let condition = file.when.as_ref().map(|when| {
            Condition::compile(when.get_ref()).map_err(|why| self.at(when.span(), &why))
        });
        let id = self.slug(&file.id)?;
        Ok(EarningRule {
            id,
            name: self.named(file.name, &file.id)?,
            condition: condition.transpose()?,
            formula,
        })
    }

    fn ladder(&self, file: TiersFile, currency: Currency) -> Result<Ladder> {
        let tiers = file.ladder.get_ref();
        if tiers.is_empty() {
            return Err(self.at(
                file.ladder.span(),
                "tiers.ladder: name at least one tier, or leave [tiers] out",
            ));
        }
        self.distinct(tiers.iter().map(|tier| &tier.id))?;
        let mut below = None;
        let mut rungs = Vec::new();
        for tier in file.ladder.into_inner() {
            let span = tier.from.span();
            let rung = self.tier(tier, file.metric, currency)?;
            if below.is_some_and(|below| rung.from <= below) {
                return Err(self.at(span, "from: each tier must start above the one before it"));
            }
            below = Some(rung.from);
            rungs.push(rung);
        }
        Ok(Ladder::new(file.metric, rungs))
    }

    fn tier(&self, file: TierFile, metric: Metric, currency: Currency) -> Result<Tier> {
        let from = match (file.from.get_ref(), metric) {
            (Threshold::Amount(amount), Metric::Spent) => currency
                .minor_units(amount)
                .map_err(|error| self.at(file.from.span(), error.message()))?,
            (Threshold::Count(count), Metric::Purchases | Metric::PointsEarned) => *count,
            (Threshold::Count(_), Metric::Spent) => {
                return Err(
                    self.at(file.from.span(), "from: write money as text, such as \"1000.00\"")
                );
            }
            (Threshold::Amount(_), _) => {
                return Err(self.at(file.from.span(), "from: write a whole number for this metric"));
            }
        };
        if from < 0 {
            return Err(self.at(file.from.span(), "from: use zero or more"));
        }
        self.distinct(file.benefits.iter().map(|benefit| &benefit.id))?;
        let benefits = file
            .benefits
            .into_iter()
            .map(|benefit| self.benefit(benefit))
            .collect::<Result<_>>()?;
        Ok(Tier {
            id: self.slug(&file.id)?,
            name: self.named(file.name, &file.id)?,
            from,
            benefits,
        })
    }

    fn benefit(&self, file: BenefitFile) -> Result<Benefit> {
        if let Some(percent) = &file.discount_percent
            && !(1..=100).contains(percent.get_ref())
        {
            return Err(self.at(percent.span(), "discount_percent: use 1 to 100"));
        }
        Ok(Benefit {
            id: self.slug(&file.id)?,
            name: self.named(file.name, &file.id)?,
            discount_percent: file.discount_percent.map(Spanned::into_inner),
        })
    }

    fn rewards(&self, files: Vec<RewardFile>) -> Result<Vec<Reward>> {
        self.distinct(files.iter().map(|reward| &reward.id))?;
        let reward = |file: RewardFile| {
            let points = self.positive(&file.points)?;
            Ok(Reward { id: self.slug(&file.id)?, name: self.named(file.name, &file.id)?, points })
        };
        files.into_iter().map(reward).collect()
    }

    fn referral(&self, file: &ReferralFile) -> Result<ReferralTerms> {
        Ok(ReferralTerms {
            referrer_points: self.positive(&file.referrer_points)?,
            referred_points: self.positive(&file.referred_points)?,
        })
    }

    fn plugins(
        &self,
        files: BTreeMap<Spanned<String>, toml::Table>,
    ) -> Result<BTreeMap<String, serde_json::Value>> {
        let config = |(id, table): (Spanned<String>, toml::Table)| {
            let config = serde_json::to_value(table);
            let config = config.map_err(|error| self.at(id.span(), &error.to_string()))?;
            Ok((self.slug(&id)?, config))
        };
        files.into_iter().map(config).collect()
    }

    fn slug(&self, text: &Spanned<String>) -> Result<String> {
        let value = text.get_ref();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if value.is_empty() || value.len() > 64 || !value.chars().all(allowed) {
            return Err(self.wrong(
                text,
                "is not an id: use lower-case letters, digits and hyphens, at most 64",
            ));
        }
        Ok(value.clone())
    }

    fn named(&self, name: Localized, id: &Spanned<String>) -> Result<Localized> {
        if name.is_empty() { Err(self.wrong(id, "has no name in any language")) } else { Ok(name) }
    }

    fn positive(&self, points: &Spanned<i64>) -> Result<Points> {
        if *points.get_ref() < 1 {
            return Err(self.at(points.span(), "points must be a whole number above zero"));
        }
        Ok(Points::new(*points.get_ref()))
    }

    fn distinct<'i>(&self, ids: impl Iterator<Item = &'i Spanned<String>>) -> Result<()> {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                return Err(self.wrong(id, "is already the id of another"));
            }
        }
        Ok(())
    }

    fn wrong(&self, value: &Spanned<String>, why: &str) -> Error {
        self.at(value.span(), &format!("`{}` {why}", value.get_ref()))
    }

    fn at(&self, span: Range<usize>, why: &str) -> Error {
        let line = self.text[..span.start.min(self.text.len())].matches('\n').count() + 1;
        Error::new(Code::ProgramFileInvalid, format!("line {line}: {why}"))
    }
}
