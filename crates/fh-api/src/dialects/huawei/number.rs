//! Huawei's decimals, from whole milliseconds and counts: worked out from the twelve channels of the
//! published sample, all of which come out as printed. Halves go up.

use fh_model::{Millis, Points, SpeechRate};
use serde_json::Number;

/// Seconds with two decimals.
pub(crate) fn seconds(time: Millis) -> f64 {
    // Division of two whole numbers gives the double nearest to the decimal, which is then printed
    // with no more digits than it has.
    (time.0.saturating_add(5) / 10) as f64 / 100.0
}

/// Speech over duration with four decimals; 0 for a call without length.
pub(crate) fn ratio(speech: Millis, duration: Millis) -> f64 {
    if duration == Millis::ZERO {
        return 0.0;
    }
    let (speech, duration) = (u128::from(speech.0), u128::from(duration.0));
    ((speech * 10_000 + duration / 2) / duration) as f64 / 10_000.0
}

/// Characters or words per minute of the channel's own speech, with three decimals.
pub(crate) fn speed(units: u64, speech: Millis) -> f64 {
    let units = u32::try_from(units).unwrap_or(u32::MAX);
    SpeechRate::thousandths_per_minute(units, speech) as f64 / 1_000.0
}

/// Points: whole ones without a decimal point, as printed.
pub(crate) fn points(points: Points) -> Number {
    let hundredths = points.hundredths();
    if hundredths % 100 == 0 {
        Number::from(hundredths / 100)
    } else {
        // A quotient of integers by 100 is always finite.
        Number::from_f64(hundredths as f64 / 100.0).unwrap_or_else(|| Number::from(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(number: f64) -> String {
        serde_json::to_string(&number).unwrap()
    }

    #[test]
    fn decimals_are_printed_as_published() {
        assert_eq!(print(seconds(Millis(164_220))), "164.22");
        assert_eq!(print(seconds(Millis(40_800))), "40.8");
        assert_eq!(print(seconds(Millis(122_000))), "122.0");
        assert_eq!(print(seconds(Millis(1_005))), "1.01");
        assert_eq!(print(ratio(Millis(75_760), Millis(164_220))), "0.4613");
        assert_eq!(print(ratio(Millis(87_130), Millis(347_160))), "0.251");
        assert_eq!(print(ratio(Millis(19_260), Millis(104_120))), "0.185");
        assert_eq!(print(ratio(Millis(1), Millis::ZERO)), "0.0");
        assert_eq!(print(speed(305, Millis(75_760))), "241.552");
        assert_eq!(print(speed(74, Millis(19_260))), "230.53");
        assert_eq!(print(speed(5, Millis::ZERO)), "0.0");
        assert_eq!(points(Points::whole(77)).to_string(), "77");
        assert_eq!(points(Points::from_hundredths(-150)).to_string(), "-1.5");
    }
}
