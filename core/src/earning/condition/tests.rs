use super::*;
use crate::accounts::Standing;
use crate::cart::{CheckedCart, Line};
use crate::members::Member;
use insta::assert_snapshot;

/// Fails with what is wrong, each with the number of its character.
fn compile(source: &str) -> Result<Condition, String> {
    let said = |flaws: Vec<Flaw>| {
        let place = |at: usize| source.get(..at).map_or(0, |before| before.chars().count()) + 1;
        let said = flaws.iter().map(|flaw| format!("{}: {}", place(flaw.at), flaw.why));
        said.collect::<Vec<_>>().join("; ")
    };
    Condition::compile(source, Choices { tiers: &["silver", "gold"], doubtful: &[] }).map_err(said)
}

fn line(sku: &str, category: &str, amount_minor: i64) -> Line {
    Line { sku: sku.into(), category: Some(category.into()), quantity: 2, amount_minor }
}

fn holds(source: &str, lines: Vec<Line>) -> Result<bool, String> {
    let member = Member::sample();
    let standing = Standing { tier: Some("gold".into()), purchases: 3, ..Standing::default() };
    let total_minor = lines.iter().map(|line| line.amount_minor).sum();
    let currency = "EUR".parse().expect("a literal currency");
    let cart = CheckedCart { currency, total_minor, lines };
    let known = Known::of(&Facts::new(&member, &standing, &cart, 0))?;
    compile(source)?.holds(&known)
}

#[test]
fn conditions_hold_or_not() {
    for (source, expected) in [
        (r#"member.tier == "gold""#, true),
        (r#"member.tier in ["silver", ""]"#, false),
        (r#"member.kind != "ORGANIZATION" && member.purchases >= 3"#, true),
        (r#"purchase.lines.exists(l, l.category == "oil")"#, true),
        ("purchase.lines.all(l, l.amount > 100)", false),
        (r#"purchase.lines.exists_one(l, l.sku.startsWith("o"))"#, true),
        (r#"size(purchase.lines.filter(l, l.category == "oil")) == 1"#, true),
        ("purchase.lines.map(l, l.amount * l.quantity).exists(a, a > 900)", true),
        ("purchase.total > 500 ? member.purchases > 3 : true", false),
        ("has(member.tier) && purchase.lines[0].quantity == 2", true),
        (r#"member.country + member.locale == "en""#, true),
        ("!(1 + 2 * 3 - 4 / 2 % 2 == -7)", true),
    ] {
        let lines = vec![line("o1", "oil", 500), line("p1", "paint", 100)];
        assert_eq!(holds(source, lines), Ok(expected), "{source}");
    }
}

#[test]
fn what_is_wrong_is_said_whatever_branch_it_stands_in() {
    let refusals: Vec<_> = [
        "member.tier ==",
        r#"customer.tier == "gold""#,
        r#"member.purchases > 1 && member.level == "gold""#,
        r#"false && member.tier == "platinum""#,
        r#"member.kind in ["PERSON", "COMPANY"]"#,
        "purchase.total",
        "purchase.total > 99.50",
        r#"purchase.total > "99.50""#,
        "purchase.lines.exists(l, l.price > 1)",
        "purchase.lines.exists(l, l.amount)",
        "purchase.lines == purchase.lines",
        "member.tier.matches('g.*')",
        "true || size(member.purchases) > 1",
        "member.purchases > 1 ? true : 1",
        "purchase.lines.exists(l, purchase.lines.exists(m, m.sku == l.sku))",
        "[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c, \
         [1,2,3,4,5,6,7,8,9,0].all(d, a + b + c + d >= 0))))",
    ]
    .into_iter()
    .map(|source| {
        let why = compile(source).err().unwrap_or_else(|| panic!("{source} is accepted"));
        let shown = if source.starts_with("[1,2,") { "[1,2,…" } else { source };
        format!("{shown}\n    {why}")
    })
    .collect();
    assert_snapshot!(refusals.join("\n"), @r#"
    member.tier ==
        15: not a CEL condition: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}
    customer.tier == "gold"
        1: a condition knows `member` and `purchase`, not `customer`
    member.purchases > 1 && member.level == "gold"
        31: a member has no `level`: it has kind, tier, purchases, spent, points_earned, country, locale, tags
    false && member.tier == "platinum"
        22: there is no tier `platinum`: there are `silver` and `gold`
    member.kind in ["PERSON", "COMPANY"]
        13: there is no kind of member `COMPANY`: there are `PERSON`, `ORGANIZATION` and `HOUSEHOLD`
    purchase.total
        1: a condition is true or false, not a whole number
    purchase.total > 99.50
        18: a condition has no decimal numbers; amounts are whole minor units, such as 10000 for 100.00
    purchase.total > "99.50"
        16: a whole number cannot be compared with a text; amounts are whole minor units, such as 10000 for 100.00
    purchase.lines.exists(l, l.price > 1)
        27: a line has no `price`: it has sku, category, quantity, amount
    purchase.lines.exists(l, l.amount)
        22: what `&&`, `||` and `!` combine is true or false, not a whole number
    purchase.lines == purchase.lines
        16: a list cannot be compared, only what it has
    member.tier.matches('g.*')
        20: a condition has no `matches` for this: it has size, contains, startsWith, endsWith, exists, all, exists_one, filter, map, has
    true || size(member.purchases) > 1
        13: a condition has no `size` for this: it has size, contains, startsWith, endsWith, exists, all, exists_one, filter, map, has
    member.purchases > 1 ? true : 1
        22: `? :` chooses between two of one type
    purchase.lines.exists(l, purchase.lines.exists(m, m.sku == l.sku))
        1: this may take 2755004 steps for a purchase of 500 lines, 50000 are the most: go through the lines once, not once for each line
    [1,2,…
        1: this may take 159993 steps for a purchase of 500 lines, 50000 are the most: go through the lines once, not once for each line
    "#);
}

#[test]
fn a_condition_that_is_too_long_or_too_deep_is_refused() {
    let deep = format!("{}true{}", "(".repeat(990), ")".repeat(990));
    let parentheses = format!("{}true{}", "(".repeat(20), ")".repeat(20));
    assert!(compile(&parentheses).is_ok());
    for (source, why) in [
        (deep.clone(), ": not a CEL condition"),
        (format!("{deep}{deep}"), "1: a condition has at most 2000 characters"),
        (
            format!("{}true", "true?false:".repeat(70)),
            "a condition has at most 64 levels of parts in parts",
        ),
        ("[".repeat(1_999), "not a CEL condition"),
    ] {
        let refused = compile(&source).err().unwrap_or_default();
        assert!(refused.contains(why), "{refused}");
    }
}
