//! The program file that says the terms.

use super::{
    BONUS, BONUS_MONTHS, BONUS_PER, CURRENCY, Caps, DECIDE_DAYS, MUG, PAY, PAY_MIN, PAY_PERCENT,
    PURCHASE_MAX, Pending, REFERRED_POINTS, REFERRER_POINTS, THANKS, TIERS, Terms, ZONE,
};
use crate::model::reference::decimal;

impl Terms {
    /// The program file of a sandbox.
    pub(in crate::model) fn file(&self, program: &str) -> String {
        let (expiry, pending, caps) = (self.expiry(), self.pending_said(), self.caps_said());
        let (payment, bonus, bonus_rule) = (self.payment(), self.bonus_type(), self.bonus_rule());
        let grace_days = self.grace_days;
        let negative = match self.may_owe {
            None => "\"unlimited\"".to_owned(),
            Some(0) => "\"never\"".to_owned(),
            Some(most) => most.to_string(),
        };
        let order = match self.bonus {
            true => format!("spend_order = [\"{BONUS}\", \"points\"]"),
            false => String::new(),
        };
        let approval = self.approve_above.map_or(String::new(), |above| {
            format!("[approval]\nadjust_above = {above}\nwithin_days = {DECIDE_DAYS}")
        });
        let tiers = TIERS.map(|(id, from)| {
            format!("[[tiers.ladder]]\nid = \"{id}\"\nname.en = \"{id}\"\nfrom = {from}\n")
        });
        let tiers = tiers.concat();
        format!(
            r#"
program = "{program}"
sandbox = true
clock_starts_on = "2026-01-01"
name.en = "Model"
time_zone = "{ZONE}"
currency = "{CURRENCY}"
[points]
{expiry}
{pending}
{caps}
{payment}
{order}
grace_days = {grace_days}
negative_balance = {negative}
purchase_max = {PURCHASE_MAX}
{bonus}
[[earning_rules]]
id = "euro"
name.en = "A point per euro"
points = 1
per = "1.00"
[[earning_rules]]
id = "thanks"
name.en = "Thanks"
points = {THANKS}
{bonus_rule}
[[rewards]]
id = "mug"
name.en = "A mug"
points = {MUG}
[referral]
referrer_points = {REFERRER_POINTS}
referred_points = {REFERRED_POINTS}
{approval}
[tiers]
metric = "points-earned"
{tiers}"#
        )
    }

    fn expiry(&self) -> String {
        let Some(months) = self.months else { return String::new() };
        let end_of =
            self.end_of.map_or(String::new(), |one| format!(", end_of = \"{}\"", one.name()));
        let counted = if self.slides { "inactive_months" } else { "after_months" };
        format!("expiry = {{ {counted} = {months}{end_of} }}")
    }

    fn pending_said(&self) -> String {
        self.pending.map_or(String::new(), |Pending { event, days }| {
            let event = event.then(|| "event = \"delivered\"".to_owned());
            let days = (days > 0).then(|| format!("days = {days}"));
            let both: Vec<_> = event.into_iter().chain(days).collect();
            format!("pending = {{ {} }}", both.join(", "))
        })
    }

    fn caps_said(&self) -> String {
        let Some(caps) = self.caps else { return String::new() };
        let Caps { transaction, balance, refuses, .. } = caps;
        let periods = caps.periods().map(|(period, most)| (period.name(), most));
        let named = [("transaction", transaction), ("balance", balance)];
        let all = named.into_iter().chain(periods);
        let most = all.filter_map(|(cap, most)| Some(format!("{cap} = {}, ", most?)));
        let most: String = most.collect();
        let when_over = if refuses { "refuse" } else { "cut" };
        format!("caps = {{ {most}when_over = \"{when_over}\" }}")
    }

    fn payment(&self) -> String {
        let (points, amount) = (PAY.0, decimal(PAY.1));
        match self.pay {
            true => format!(
                "payment = {{ points = {points}, amount = \"{amount}\", min = {PAY_MIN}, \
                 max_percent = {PAY_PERCENT} }}"
            ),
            false => String::new(),
        }
    }

    fn bonus_type(&self) -> String {
        match self.bonus {
            true => format!(
                "[[point_types]]\nid = \"{BONUS}\"\nname.en = \"Bonus\"\n\
                 expire_after_months = {BONUS_MONTHS}\ngrace_days = {}",
                self.grace_days
            ),
            false => String::new(),
        }
    }

    fn bonus_rule(&self) -> String {
        match self.bonus {
            true => format!(
                "[[earning_rules]]\nid = \"{BONUS}\"\nname.en = \"Bonus\"\npoints = 1\n\
                 per = \"{}\"\npoint_type = \"{BONUS}\"",
                decimal(BONUS_PER)
            ),
            false => String::new(),
        }
    }
}
