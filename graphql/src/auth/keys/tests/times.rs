//! The seconds around which a token begins and ends to be valid, and how its refusal says so.

use super::*;

/// At `NOW`, of a token that is issued then and valid for a minute, but for `change`.
fn check(change: impl FnOnce(&mut Claims)) -> std::result::Result<(), String> {
    const NOW: i64 = 1_000_000_000;
    let mut claims = keys().verify(&own(&claims())).unwrap();
    (claims.iat, claims.exp) = (Some(0), 60);
    change(&mut claims);
    for instant in [&mut claims.iat, &mut claims.nbf].into_iter().flatten() {
        *instant += NOW;
    }
    claims.exp += NOW;
    check_times(&claims, NOW, false).map_err(|error| error.message().to_owned())
}

fn refused(why: &str) -> std::result::Result<(), String> {
    Err(why.to_owned())
}

#[test]
fn a_token_has_expired_when_no_clock_within_the_leeway_says_otherwise() {
    assert_eq!(check(|claims| claims.exp = -5), Ok(()));
    assert_eq!(check(|claims| claims.exp = -6), refused("the token has expired"));
}

#[test]
fn a_token_is_valid_when_a_clock_within_the_leeway_says_so() {
    assert_eq!(check(|claims| claims.nbf = Some(5)), Ok(()));
    let early = check(|claims| claims.nbf = Some(6));
    assert_eq!(early, refused("the token is not valid yet"));
    assert_eq!(check(|claims| claims.iat = Some(5)), Ok(()));
    let ahead = check(|claims| claims.iat = Some(6));
    assert_eq!(ahead, refused("the token was issued in the future: the clocks differ"));
}

#[test]
fn a_token_is_valid_for_a_year_and_not_for_a_second_more() {
    let year = 365 * 86_400;
    assert_eq!(check(|claims| claims.exp = year), Ok(()));
    let long = check(|claims| claims.exp = year + 1);
    assert_eq!(long, refused("the token is valid for longer than 365 days"));
}

#[test]
fn what_is_no_token_is_called_so_and_what_is_a_wrong_one_otherwise() {
    let why = |token: &str| keys().verify(token).unwrap_err().message().to_owned();
    for garbage in ["", "a", "a.b"] {
        assert_eq!(why(garbage), "the token is not a JSON Web Token", "{garbage}");
    }
    assert!(
        why(&own(&with("aud", json!("another-service")))).starts_with("the token is not valid")
    );
}
