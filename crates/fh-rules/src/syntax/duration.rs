use fh_model::Millis;

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DurationError {
    /// `3`.
    NoUnit,
    /// `3 fortnights`.
    UnknownUnit,
    /// `soon`, `-3s`, `1.23456s`.
    NoNumber,
    /// `9999h`.
    TooLong,
}

impl DurationError {
    /// As the end of a sentence about the text.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NoUnit => "has no unit",
            Self::UnknownUnit => "has no known unit",
            Self::NoNumber => "does not start with a number",
            Self::TooLong => "is longer than a day",
        }
    }
}

/// The longest duration that a rule may speak of.
const LONGEST: Millis = Millis::from_secs(24 * 3600);

/// Reads `3s`, `1.5s`, `500ms`, `2m`, `1h`: a number with three decimals at most and a unit, with
/// or without a space between.
pub(crate) fn parse(text: &str) -> Result<Millis, DurationError> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let thousandths = thousandths(number).ok_or(DurationError::NoNumber)?;
    let millis_per_unit: u64 = match unit.trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(DurationError::NoUnit),
        _ => return Err(DurationError::UnknownUnit),
    };
    let thousandths_of_millis =
        thousandths.checked_mul(millis_per_unit).ok_or(DurationError::TooLong)?;
    // `0.0005s` would be half a millisecond; `1.5ms` too has no meaning here.
    if thousandths_of_millis % 1_000 != 0 {
        return Err(DurationError::NoNumber);
    }
    let duration = Millis(thousandths_of_millis / 1_000);
    if duration > LONGEST { Err(DurationError::TooLong) } else { Ok(duration) }
}

/// A decimal number in thousandths; three decimals and nine digits before them at most.
pub(crate) fn thousandths(number: &str) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || part.is_empty() || part.len() > 3 || whole.len() > 9 {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let scale = 10_u64.pow(3 - u32::try_from(part.len()).ok()?);
    Some(whole.parse::<u64>().ok()? * 1_000 + part.parse::<u64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let check = |text, expected| assert_eq!(parse(text), expected, "{text}");
        check("3s", Ok(Millis(3_000)));
        check("1.5s", Ok(Millis(1_500)));
        check("500ms", Ok(Millis(500)));
        check("2m", Ok(Millis(120_000)));
        check("0.5 h", Ok(Millis(1_800_000)));
        check("0s", Ok(Millis(0)));
        check("3", Err(DurationError::NoUnit));
        check("3 sec", Err(DurationError::UnknownUnit));
        check("-3s", Err(DurationError::NoNumber));
        check("1.5ms", Err(DurationError::NoNumber));
        check("1.2.3s", Err(DurationError::NoNumber));
        check("25h", Err(DurationError::TooLong));
        check("", Err(DurationError::NoNumber));
        check("999999999999999999999s", Err(DurationError::NoNumber));
    }
}
