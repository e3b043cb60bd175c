//! Where a member stands on a ladder, and what a move is.

use super::*;
use crate::Points;

fn ladder() -> Ladder {
    let tier = |id: &str, from| Tier {
        id: id.into(),
        name: Localized::default(),
        from,
        benefits: Vec::new(),
        expiry: None,
    };
    let tiers = vec![tier("bronze", 1), tier("silver", 3), tier("gold", 5)];
    Ladder::new(Metric::Purchases, PointType::main(), tiers)
}

#[test]
fn each_threshold_is_reached_exactly_at_its_value() {
    let expected = [
        None,
        Some("bronze"),
        Some("bronze"),
        Some("silver"),
        Some("silver"),
        Some("gold"),
        Some("gold"),
    ];
    for (purchases, expected) in (0..).zip(expected) {
        let standing = Standing { purchases, ..Standing::default() };
        let ladder = ladder();
        assert_eq!(
            ladder.reached(&standing).map(|tier| tier.id.as_str()),
            expected,
            "{purchases} purchases"
        );
    }
}

#[test]
fn a_tier_is_found_by_its_id_and_all_are_listed_from_the_lowest_up() {
    let ladder = ladder();
    let ids: Vec<_> = ladder.tiers().iter().map(|tier| tier.id.as_str()).collect();
    assert_eq!(ids, ["bronze", "silver", "gold"]);
    assert!(ids.iter().all(|id| ladder.get(id).is_some_and(|tier| tier.id == *id)));
    assert!(ladder.get("platinum").is_none());
}

#[test]
fn each_metric_is_the_statistic_of_its_name() {
    let (stars, points) = (PointType::named("stars"), PointType::main());
    let earned = [(stars.clone(), Points::new(5)), (points.clone(), Points::new(400))].into();
    let standing = Standing { purchases: 2, spent_minor: 30, earned, ..Standing::default() };
    let value = |metric, of: &PointType| Ladder::new(metric, of.clone(), vec![]).value(&standing);
    let metrics = [Metric::Purchases, Metric::Spent, Metric::PointsEarned];
    assert_eq!(metrics.map(|metric| value(metric, &points)), [2, 30, 400]);
    assert_eq!(value(Metric::PointsEarned, &stars), 5);
}

#[test]
fn a_move_is_told_once_with_where_from_where_to_and_when() {
    let at = |instant| Timestamp::from_microseconds(instant).unwrap();
    let mut standing = Standing { purchases: 3, ..Standing::default() };
    let change = settle(&ladder(), &mut standing, at(7)).unwrap();
    assert_eq!((change.from, change.to.as_deref()), (None, Some("silver")));
    assert_eq!((standing.tier.as_deref(), standing.tier_since), (Some("silver"), Some(at(7))));
    assert!(settle(&ladder(), &mut standing, at(8)).is_none(), "it is there already");
    assert_eq!(standing.tier_since, Some(at(7)));
    standing.purchases = 0;
    let change = settle(&ladder(), &mut standing, at(9)).unwrap();
    assert_eq!((change.from.as_deref(), change.to), (Some("silver"), None));
}

#[test]
fn a_ladder_ranks_as_another_with_the_same_metric_and_thresholds() {
    let other = |metric, change: fn(&mut Vec<Tier>)| {
        let mut tiers = ladder().tiers;
        change(&mut tiers);
        Ladder::new(metric, PointType::main(), tiers)
    };
    let ranks_alike = |other: Ladder| ladder().ranks_as(&other);
    assert!(ranks_alike(other(Metric::Purchases, |tiers| tiers[0].benefits.clear())));
    assert!(!ranks_alike(other(Metric::Spent, |_| ())));
    assert!(!ranks_alike(other(Metric::Purchases, |tiers| tiers[2].from = 6)));
    assert!(!ranks_alike(other(Metric::Purchases, |tiers| tiers[2].id = "platinum".into())));
    assert!(!ranks_alike(other(Metric::Purchases, |tiers| drop(tiers.pop()))));
}

#[test]
fn progress_counts_down_to_the_next_tier_and_ends_at_the_top() {
    let missing =
        |purchases| ladder().progress(&Standing { purchases, ..Standing::default() }).missing;
    assert_eq!([0, 1, 2, 3, 4, 5, 9].map(missing), [1, 2, 1, 2, 1, 0, 0]);
}
