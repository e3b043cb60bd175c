//! The appraisal of a purchase: each rule's and plugin's award with its source, and the cut at the
//! program's ceiling.

use super::Missing;
use super::condition::{Condition, Known, LineFacts, MemberFacts, PurchaseFacts};
use super::earned::{Earned, OfType, add_up};
use super::rule::EarningRule;
use crate::accounts::{Cut, PointType, Room, Standing, Terms};
use crate::cart::{CheckedCart, Line};
use crate::definition::Definition;
use crate::members::Member;
use crate::{Points, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::cell::LazyCell;
use std::collections::BTreeMap;

/// Why a group got what only plugins gave.
const BOUGHT: &str = "Purchase";

/// What rules judge by: the member as it stood before, and the purchase.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) member: MemberFacts<'a>,
    pub(super) purchase: PurchaseFacts<'a>,
    /// What earns: the total less what points pay.
    earning_minor: i64,
}

/// What a purchase earns, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Appraisal {
    pub awards: Vec<Award>,
    /// The sum of the awards of the program's main points, less the cut.
    pub points: Points,
    /// What the awards exceed the program's ceiling and caps by.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub cut: Points,
    /// The same by what cut it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// How many of `points` cannot be spent yet.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub pending: Points,
    /// What there is of other types of points.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<PointType, OfType>,
    /// Rules that could not be evaluated for this purchase; they award nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// Plugins that were not heard: what they would have given is not in `awards`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// All of it by the terms on which it is given; what was booked is in the ledger.
    #[serde(skip)]
    pub earned: Vec<Earned>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Award {
    #[serde(flatten)]
    pub source: AwardSource,
    #[serde(default = "PointType::main", skip_serializing_if = "PointType::is_main")]
    pub point_type: PointType,
    pub points: Points,
    /// For the member, in the program's language.
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "kebab-case")]
pub enum AwardSource {
    Rule { rule: String },
    Plugin { plugin: String, digest: String, key: String },
}

/// Points that a plugin's `appraise` hook proposed.
#[derive(Clone, Debug)]
pub struct PluginProposal {
    pub plugin: String,
    pub digest: String,
    pub key: String,
    pub points: Points,
    pub reason: String,
}

impl<'a> Facts<'a> {
    /// `paid_minor` is what of the cart points pay.
    pub(crate) fn new(
        member: &'a Member,
        standing: &'a Standing,
        cart: &'a CheckedCart,
        paid_minor: i64,
    ) -> Self {
        let line = |line: &'a Line| LineFacts {
            sku: &line.sku,
            category: line.category.as_deref().unwrap_or_default(),
            quantity: line.quantity.into(),
            amount: line.amount_minor,
        };
        Self {
            member: MemberFacts {
                kind: member.kind.as_str(),
                tier: standing.tier.as_deref().unwrap_or_default(),
                purchases: standing.purchases_made(),
                spent: standing.spent_minor,
                points_earned: standing.points_earned(&PointType::main()).get(),
                country: member.country.as_deref().unwrap_or_default(),
                locale: &member.locale,
                tags: member.tags.iter().map(String::as_str).collect(),
            },
            purchase: PurchaseFacts {
                total: cart.total_minor,
                paid_with_points: paid_minor,
                currency: cart.currency.code(),
                lines: cart.lines.iter().map(line).collect(),
            },
            earning_minor: cart.total_minor - paid_minor,
        }
    }
}

/// What rules and plugins give for a purchase, before anything is cut: the same for every account
/// that it accrues to.
#[derive(Debug)]
pub(crate) struct Judged<'d> {
    /// Each with the rule that gives it, if it is one's.
    pub(super) awards: Vec<(Award, Option<&'d EarningRule>)>,
    pub(super) failures: Vec<String>,
}

/// Judges a purchase: all rules whose condition holds award, and plugins' proposals are added. Fails
/// with `OVERFLOW` when the awards leave 64 bits.
pub(crate) fn judge<'d>(
    definition: &'d Definition,
    facts: &Facts<'_>,
    proposals: &[PluginProposal],
) -> Result<Judged<'d>> {
    let mut judged = Judged { awards: Vec::new(), failures: Vec::new() };
    let known = LazyCell::new(|| Known::of(facts));
    let holds = |condition: &Condition| condition.holds(known.as_ref().map_err(Clone::clone)?);
    for rule in definition.earning_rules() {
        match rule.condition.as_ref().map_or(Ok(true), holds) {
            Ok(true) => {
                let points = rule.formula.points(facts.earning_minor)?;
                let source = AwardSource::Rule { rule: rule.id.clone() };
                let reason = rule.name.get([definition.locale.as_str()]).to_owned();
                let point_type = rule.point_type.clone();
                let award = Award { source, point_type, points, reason };
                judged.awards.push((award, Some(rule)));
            }
            Ok(false) => {}
            Err(why) => judged.failures.push(format!("{}: {why}", rule.id)),
        }
    }
    judged.awards.extend(judge_proposals(proposals).awards);
    judged.awards.retain(|(award, _)| award.points.is_positive());
    Ok(judged)
}

/// The same of what plugins propose alone.
pub(crate) fn judge_proposals<'d>(proposals: &[PluginProposal]) -> Judged<'d> {
    let award = |proposal: &PluginProposal| {
        let source = AwardSource::Plugin {
            plugin: proposal.plugin.clone(),
            digest: proposal.digest.clone(),
            key: proposal.key.clone(),
        };
        let (points, reason) = (proposal.points, proposal.reason.clone());
        (Award { source, point_type: PointType::main(), points, reason }, None)
    };
    Judged { awards: proposals.iter().map(award).collect(), failures: Vec::new() }
}

impl Judged<'_> {
    /// What of it an account gets at `at` that stands on `tier`: on that tier's terms, and cut at
    /// the program's ceiling and at what `room_of` says that the account may still get of a type.
    /// Fails with `OVERFLOW`, and with `CAP_REACHED` where the program refuses what a cap would cut.
    pub(crate) fn appraise(
        &self,
        definition: &Definition,
        tier: Option<&str>,
        at: Timestamp,
        room_of: impl Fn(&PointType) -> Result<Room>,
    ) -> Result<Appraisal> {
        let with_terms = |(award, rule): &(Award, Option<&EarningRule>)| {
            let terms = match rule {
                Some(rule) => rule.terms(definition, tier),
                None => definition.terms(&award.point_type, tier),
            };
            (award.clone(), terms)
        };
        let awards: Vec<(Award, Terms)> = self.awards.iter().map(with_terms).collect();
        let (earned, mut others) = add_up(definition, &awards, at, room_of)?;
        let OfType { points, pending, cut, cuts } =
            others.remove(&PointType::main()).unwrap_or_default();
        let awards = awards.into_iter().map(|(award, _)| award).collect();
        let (failures, missing) = (self.failures.clone(), Vec::new());
        Ok(Appraisal { awards, points, cut, cuts, pending, others, failures, missing, earned })
    }
}

impl Appraisal {
    /// The same without what plugins said of the buyer, for who sees the account of another.
    pub(crate) fn without_words(mut self) -> Self {
        for award in &mut self.awards {
            if let AwardSource::Plugin { key, .. } = &mut award.source {
                key.clear();
                award.reason.clear();
            }
        }
        self
    }

    /// Why a group got something of it, for people: rules by their names, and nothing of what plugins
    /// say of the buyer.
    pub(crate) fn reason_without_words(&self, reasons: &[String]) -> String {
        let is_rules = |reason: &&String| {
            let mut of_rules =
                self.awards.iter().filter(|award| matches!(award.source, AwardSource::Rule { .. }));
            of_rules.any(|award| award.reason == **reason)
        };
        let names: Vec<_> = reasons.iter().filter(is_rules).map(String::as_str).collect();
        if names.is_empty() { BOUGHT.to_owned() } else { names.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use crate::programs::definition;

    const PROGRAM: &str = r#"
        program = "shop"
        name.en = "Shop"
        time_zone = "UTC"
        currency = "EUR"
        points.purchase_max = 1000
        [[earning_rules]]
        id = "euro"
        name.en = "A point per euro"
        points = 1
        per = "1.00"
        [[earning_rules]]
        id = "gold-extra"
        name.en = "Gold extra"
        when = 'member.tier == "gold" && purchase.lines.exists(l, l.category == "oil")'
        points = 50
        [tiers]
        metric = "purchases"
        [[tiers.ladder]]
        id = "gold"
        name.en = "Gold"
        from = 1
    "#;

    fn appraised(
        tier: Option<&str>,
        total_minor: i64,
        proposals: &[PluginProposal],
    ) -> Result<Appraisal> {
        let definition = definition(PROGRAM).unwrap();
        let member = Member::sample();
        let standing = Standing { tier: tier.map(str::to_owned), ..Standing::default() };
        let oil = Line {
            sku: "o1".into(),
            category: Some("oil".into()),
            quantity: 1,
            amount_minor: total_minor,
        };
        let cart = CheckedCart { currency: definition.currency, total_minor, lines: vec![oil] };
        let judged = judge(&definition, &Facts::new(&member, &standing, &cart, 0), proposals)?;
        judged.appraise(&definition, tier, Timestamp::EPOCH, |_| Ok(Room::default()))
    }

    #[test]
    fn only_whole_steps_earn_and_conditions_decide() {
        assert_eq!(appraised(None, 1999, &[]).unwrap().points, Points::new(19));
        assert_eq!(appraised(Some("gold"), 1999, &[]).unwrap().points, Points::new(69));
        assert!(appraised(None, 99, &[]).unwrap().awards.is_empty());
    }

    #[test]
    fn proposals_beyond_the_ceiling_are_cut_and_the_cut_is_recorded() {
        let proposal = PluginProposal {
            plugin: "generous".into(),
            digest: "d".into(),
            key: "k".into(),
            points: Points::new(2000),
            reason: "because".into(),
        };
        let appraisal = appraised(None, 1000, &[proposal]).unwrap();
        assert_eq!((appraisal.points, appraisal.cut), (Points::new(1000), Points::new(1010)));
    }

    #[test]
    fn a_wrong_condition_is_refused_with_its_line() {
        let error = definition(&PROGRAM.replace("== \"oil\"", "== 1")).unwrap_err();
        assert_eq!(error.code(), Code::ProgramFileInvalid);
        let why = "line 15, column 78: a text cannot be compared with a whole number";
        assert!(error.message().starts_with(why), "{}", error.message());
    }

    #[test]
    fn conditions_of_too_many_steps_together_are_refused() {
        let rule = |number: usize| {
            format!(
                "[[earning_rules]]\nid = \"r{number}\"\nname.en = \"R\"\npoints = 1\n\
                 when = 'purchase.lines.all(l, l.amount > 1 && l.quantity > 1)'\n"
            )
        };
        let many: String = (0..200).map(rule).collect();
        let error = definition(&PROGRAM.replacen(
            "[[earning_rules]]",
            &format!("{many}[[earning_rules]]"),
            1,
        ))
        .unwrap_err();
        assert!(error.message().contains("is one rule too many"), "{}", error.message());
    }
}
