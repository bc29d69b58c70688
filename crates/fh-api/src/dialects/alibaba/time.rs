//! The ways in which Alibaba writes moments.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Reads the time of signing, `2026-11-21T08:03:34Z`, and nothing that looks like it.
pub fn parse_signed_at(text: &str) -> Option<Timestamp> {
    has_shape(text, b"0000-00-00T00:00:00Z").then(|| text.parse().ok()).flatten()
}

/// Reads the time of a filter, `2020-06-25 00:00:00`, on clocks that are `offset` ahead of UTC.
pub fn parse_local(text: &str, offset: Offset) -> Option<Timestamp> {
    if !has_shape(text, b"0000-00-00 00:00:00") {
        return None;
    }
    TimeZone::fixed(offset).to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

/// Writes a moment as `2019-07-24T19:31Z`, in UTC and without its seconds.
pub fn format_minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// Whether `text` has a digit wherever `shape` has `0`, and elsewhere what `shape` has.
fn has_shape(text: &str, shape: &[u8]) -> bool {
    let fits = |(byte, wanted): (u8, &u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        other => byte == *other,
    };
    text.len() == shape.len() && text.bytes().zip(shape).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_signing_has_one_spelling() {
        assert_eq!(
            parse_signed_at("2026-11-21T08:03:34Z").map(Timestamp::as_second),
            Some(1_795_248_214)
        );
        for other in [
            "2026-11-21 08:03:34Z",
            "2026-11-21T08:03:34+00:00",
            "2026-11-21T08:03:34.0Z",
            "2026-13-21T08:03:34Z",
            "2026-11-21T08:03:3４Z",
            "",
        ] {
            assert_eq!(parse_signed_at(other), None, "{other}");
        }
    }

    #[test]
    fn filters_are_on_the_centres_clock() {
        // Eight o'clock in Beijing is midnight in Greenwich.
        let beijing = Offset::constant(8);
        let moment = parse_local("2020-06-25 08:00:00", beijing).unwrap();
        assert_eq!(moment.to_string(), "2020-06-25T00:00:00Z");
        assert_eq!(format_minute(moment), "2020-06-25T00:00Z");
        assert_eq!(parse_local("2020-06-25T08:00:00", beijing), None);
        assert_eq!(parse_local("2020-06-31 08:00:00", beijing), None);
    }
}
