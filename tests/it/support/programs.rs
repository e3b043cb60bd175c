//! Program files that tests use.

/// A live shop without plugins: one point per whole euro, points last a year.
pub(crate) const SHOP: &str = r#"
program = "shop"
name.en = "Shop"
time_zone = "Europe/Berlin"
currency = "EUR"
points.expire_after_months = 12
[[earning_rules]]
id = "euro"
name.en = "A point per euro"
points = 1
per = "1.00"
[tiers]
metric = "purchases"
[[tiers.ladder]]
id = "bronze"
name.en = "Bronze"
from = 1
[[tiers.ladder.benefits]]
id = "discount-5"
name.en = "5 % off"
discount_percent = 5
[[tiers.ladder]]
id = "silver"
name.en = "Silver"
from = 3
[[tiers.ladder]]
id = "gold"
name.en = "Gold"
from = 5
[[rewards]]
id = "mug"
name.en = "A mug"
points = 10
[referral]
referrer_points = 50
referred_points = 25
"#;

/// The shop as a sandbox of another name, at the start of 2026.
pub(crate) fn sandbox_shop() -> String {
    let sandbox = "program = \"sandbox\"\nsandbox = true\nclock_starts_on = \"2026-01-01\"";
    SHOP.replace("program = \"shop\"", sandbox)
}

/// A file of the repository's examples.
pub(crate) fn example(name: &str) -> String {
    let path = format!("{}/examples/programs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
