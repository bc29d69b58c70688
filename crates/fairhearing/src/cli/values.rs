use fh_model::Millis;

/// Reads a size in bytes: `500M`, `4G`, `1024`; a kilobyte has 1024 bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("expected a size such as `500M` or `4G`, found `{text}`");
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (number, shift) = match lower.as_bytes().last() {
        Some(b'k') => (&lower[..lower.len() - 1], 10),
        Some(b'm') => (&lower[..lower.len() - 1], 20),
        Some(b'g') => (&lower[..lower.len() - 1], 30),
        _ => (lower, 0),
    };
    let number: u64 = number.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).filter(|&size| size > 0).ok_or_else(wrong)
}

/// Reads a length of time: `6h`, `90m`, `30s`, `500ms`; a bare number counts seconds.
pub(super) fn length(text: &str) -> Result<Millis, String> {
    let wrong = || format!("expected a length such as `6h`, `90m` or `30s`, found `{text}`");
    let lower = text.trim().to_ascii_lowercase();
    let units = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("", 1_000)];
    let (number, unit) = units
        .iter()
        .find_map(|&(suffix, unit)| Some((lower.strip_suffix(suffix)?, unit)))
        .ok_or_else(wrong)?;
    let number: u64 = number.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|&length| length > 0).map(Millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_lengths_have_units() {
        assert_eq!(size("4G"), Ok(4 << 30));
        assert_eq!(size("500 MB"), Ok(500 << 20));
        assert_eq!(size("12"), Ok(12));
        assert!(size("much").is_err() && size("0").is_err() && size("99999999999G").is_err());
        assert_eq!(length("6h"), Ok(Millis(21_600_000)));
        assert_eq!(length("90m"), Ok(Millis(5_400_000)));
        assert_eq!(length("500ms"), Ok(Millis(500)));
        assert_eq!(length("45"), Ok(Millis(45_000)));
        assert!(length("").is_err() && length("-1s").is_err());
    }
}
