//! Checks that times are parsed as RFC 3339 defines them.

use crate::sources::config::{self, Config};

/// Every text is the same time, or no time, for the parser and for [`plain_time`].
pub fn time(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let file = serde_json::json!({ "health": "starting", "updatedAt": text }).to_string();
    let Ok(Config::Starting(starting)) = config::parse(file.as_bytes()) else {
        panic!("not starting: {file}");
    };
    assert_eq!(starting.updated_at.map(|time| time.timestamp_millis()), plain_time(text), "{text:?}");
}

/// Returns milliseconds since the Unix epoch, computed digit by digit without a date library.
pub fn plain_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let part = |from: usize, to: usize| number(bytes.get(from..to)?);
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = bytes.get(19..)?;
    let mut milliseconds = 0;
    if let Some(after) = rest.strip_prefix(b".") {
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let first: Vec<u8> = after[..digits].iter().copied().chain(*b"00").take(3).collect();
        milliseconds = number(&first)?;
        rest = &after[digits..];
    }
    let minutes = days(year, month, day) * 24 * 60 + hour * 60 + minute - offset(rest)?;
    Some((minutes * 60 + second) * 1000 + milliseconds)
}

/// Returns the offset in minutes east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let east = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
            Some(if *sign == b'-' { -east } else { east })
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days since the Unix epoch: whole years of 365 days, leap days, whole months, days.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year 0 is a leap year, and counting starts there.
    let leap_days = |years: i64| (years + 3) / 4 - (years + 99) / 100 + (years + 399) / 400;
    let before = |year: i64| year * 365 + leap_days(year);
    before(year) - before(1970) + (1..month).map(|month| days_of(year, month)).sum::<i64>() + day - 1
}
