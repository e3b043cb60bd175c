//! What the rows of one reference make.

use super::*;

const HEADER: &str = "member,reference,date,amount,currency,sku,quantity\n";

/// An order as its lines, or its errors by line.
fn shown(order: &Made) -> String {
    match order {
        Ok(purchase) => {
            let lines = purchase.cart.lines.iter();
            let lines =
                lines.map(|line| format!(" {}×{}={}", line.quantity, line.sku, line.amount_minor));
            let total = purchase.cart.total_minor.unwrap();
            format!("{}:{} ={total}", purchase.reference, lines.collect::<String>())
        }
        Err(errors) => {
            let error = |error: &RowError| {
                let (line, code) = (error.place.line, error.code.as_str());
                format!("{line} {code} {}: {}", error.column, error.reason)
            };
            errors.iter().map(error).collect::<Vec<_>>().join("\n")
        }
    }
}

fn csv(rows: &str) -> Vec<String> {
    orders(format!("{HEADER}{rows}"), "").iter().map(shown).collect()
}

#[test]
fn rows_of_one_reference_are_one_purchase_wherever_they_stand() {
    let orders = csv("ada,o-1,2026-01-01,1.00,EUR,tea,2\n\
        ada,o-2,2026-01-02,9,EUR,pot,1\n\
        bob,o-3,2026-01-01,5,EUR,,\n\
        ada,o-1,2026-01-01,2.50,EUR,mug,1\n");
    assert_eq!(orders, ["o-1: 2×tea=100 1×mug=250 =350", "o-2: 1×pot=900 =900", "o-3: =500"]);
}

#[test]
fn in_the_order_of_time_an_order_is_whole() {
    let file = file(format!(
        "{HEADER}ada,o-2,2026-01-02,1,EUR,tea,1\nada,o-1,2026-01-01,2,EUR,tea,1\n\
         ada,o-2,2026-01-02,3,EUR,mug,1\n"
    ));
    let terms = Terms { in_order_of_time: true, ..terms() };
    let rows = rows_of(purchases(&file, "", terms).unwrap());
    let lines: Vec<_> = rows.iter().flatten().map(|row| row.place.line).collect();
    assert_eq!(lines, [3, 2, 4]);
}

#[test]
fn a_row_that_says_the_same_is_no_second_line_and_one_that_differs_in_any_column_is() {
    let same = csv("ada,o-1,2026-01-01,1,EUR,tea,1\nada,\"o-1\",2026-01-01,1,EUR,tea,1\n");
    assert_eq!(same, ["o-1: 1×tea=100 =100"]);
    let numbered = orders(
        "member,reference,position,date,amount,sku\n\
         ada,o-1,1,2026-01-01,1,tea\nada,o-1,2,2026-01-01,1,tea\n",
        "",
    );
    assert_eq!(shown(&numbered[0]), "o-1: 1×tea=100 1×tea=100 =200");
}

#[test]
fn rows_without_a_sku_add_up() {
    assert_eq!(csv("ada,o-1,2026-01-01,1,EUR,,\nada,o-1,2026-01-01,2,EUR,,\n"), ["o-1: =300"]);
}

#[test]
fn rows_that_contradict_each_other_are_refused_with_their_order() {
    let beside = "an order is imported whole, and its row in line 3 was refused";
    for (second, expected) in [
        (
            "bob,o-1,2026-01-01,2,EUR,mug,1",
            "member: the order `o-1` has the member `ada` in line 2 and the member `bob` here",
        ),
        (
            "ada,o-1,2026-01-02,2,EUR,mug,1",
            "date: the order `o-1` has the date 2026-01-01 in line 2 and the date 2026-01-02 here",
        ),
        (
            "ada,o-1,2026-01-01,2,USD,mug,1",
            "currency: the order `o-1` has amounts in EUR in line 2 and amounts in USD here",
        ),
    ] {
        let orders = csv(&format!("ada,o-1,2026-01-01,1,EUR,tea,1\n{second}\n"));
        let rest = ": correct one of them, or give another order another reference";
        assert_eq!(
            orders,
            [format!("2 REFERENCE_REUSED : {beside}\n3 REFERENCE_REUSED {expected}{rest}")]
        );
    }
    let mixed = csv("ada,o-1,2026-01-01,1,EUR,tea,1\nada,o-1,2026-01-01,2,EUR,,1\n");
    assert!(mixed[0].contains("3 INVALID_INPUT sku: of the rows of one order"), "{}", mixed[0]);
}

#[test]
fn an_order_with_a_bad_row_is_held_back_whole() {
    // An amount with a decimal comma is a column too many; the reference is still the order's.
    let orders = csv("ada,o-1,2026-01-01,1,EUR,tea,1\nada,o-1,2026-01-01,2,50,EUR,mug,1\n\
        ada,o-2,2026-01-01,1,EUR,tea,1\n");
    assert_eq!(
        orders[0],
        "2 INVALID_INPUT : an order is imported whole, and its row in line 3 \
        was refused\n3 INVALID_INPUT : the row has 8 columns, 7 are expected"
    );
    assert_eq!(orders[1..], ["o-2: 1×tea=100 =100"]);
}

#[test]
fn an_order_of_too_many_rows_is_refused_in_bounded_parts() {
    let row = |index: usize| format!("ada,o-1,2026-01-01,1,EUR,tea,{}\n", index + 1);
    let many: String = (0..2500).map(row).collect();
    let file = file(format!("{HEADER}{many}ada,o-2,2026-01-01,1,EUR,tea,1\n"));
    let mut groups = purchases(&file, "", terms()).unwrap();
    let parts: Vec<_> = std::iter::from_fn(|| groups.next().unwrap())
        .map(|group| (group.row_count(), group.is_rest, group.whole("an order").is_ok()))
        .collect();
    let expected =
        [(1000, false, false), (1000, true, false), (500, true, false), (1, false, true)];
    assert_eq!(parts, expected);
}

#[test]
fn an_order_takes_no_row_of_another_one_when_the_file_changes_under_it() {
    // Far enough apart that the second row is read again.
    let apart = "\n".repeat(20_000);
    let text = |reference: &str| {
        format!(
            "{HEADER}ada,o-1,2026-01-01,1,EUR,tea,1\n{apart}ada,{reference},2026-01-01,2,EUR,mug,1\n"
        )
    };
    let path = file(text("o-1"));
    let mut groups = purchases(&path, "", terms()).unwrap();
    std::fs::write(&path, text("o-2")).unwrap();
    let group = groups.next().unwrap().unwrap();
    let order = Order::of(group, groups.layout()).unwrap_err();
    assert!(order[1].reason.contains("was changed while it was imported"), "{order:?}");
}

#[test]
fn an_object_may_carry_lines() {
    let mapping = "format = \"ndjson\"\n[columns]\nmember = \"buyer\"\nreference = \"no\"\n\
        [lines]\nkey = \"order.items\"\nsku = \"product.id\"\nquantity = \"pieces\"";
    let object = |rest: &str| {
        format!("{{\"buyer\":\"ada\",\"no\":\"o-1\",\"date\":\"2026-01-01\",{rest}}}\n")
    };
    let lines = "\"order\":{\"items\":[{\"product\":{\"id\":\"tea\"},\"pieces\":2,\"amount\":1.5},\
        {\"product\":{\"id\":7},\"amount\":\"2\"}]}";
    for (text, expected) in [
        (object(lines), "o-1: 2×tea=150 1×7=200 =350"),
        (object(&format!("\"amount\":3.50,{lines}")), "o-1: 2×tea=150 1×7=200 =350"),
        (
            object(&format!("\"amount\":4,{lines}")),
            "1 INVALID_AMOUNT amount: the lines add up to 3.50, not 4",
        ),
        (object("\"sku\":\"pot\",\"amount\":1,\"order\":{\"items\":[]}"), "o-1: 1×pot=100 =100"),
        (
            object("\"order\":{\"items\":{}}"),
            "1 INVALID_INPUT order.items: is not a list of objects",
        ),
        (
            object("\"order\":{\"items\":[{\"amount\":1}]}"),
            "1 INVALID_INPUT order.items.0.product.id: the value is missing",
        ),
        (
            object("\"order\":{\"items\":[{\"product\":{\"id\":1},\"amount\":-1}]}"),
            "1 INVALID_AMOUNT order.items.0.amount: is not a decimal amount such as 29.33, zero or \
             more",
        ),
    ] {
        assert_eq!(orders(&text, mapping).iter().map(shown).collect::<Vec<_>>(), [expected]);
    }
}
