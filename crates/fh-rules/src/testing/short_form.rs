use fh_model::{Evidence, Millis, Span};

/// Evidence as a test writes it: the words that were said, or what happened and when in seconds
/// (`silence 4.0-16.0`, `interruption 3.0-4.2`, `faster 0.0-2.0`, `missing 0.0-12.0`).
pub(super) fn short_form(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Said { quote, .. } => quote.clone(),
        Evidence::Absent { searched, .. } => format!("missing {}", seconds(searched.span)),
        Evidence::Silence { span, .. } => format!("silence {}", seconds(*span)),
        Evidence::Speed { span, above: true, .. } => format!("faster {}", seconds(*span)),
        Evidence::Speed { span, .. } => format!("slower {}", seconds(*span)),
        Evidence::Interruption { span, .. } => format!("interruption {}", seconds(*span)),
        _ => format!("something {}", seconds(evidence.span())),
    }
}

fn seconds(span: Span) -> String {
    format!("{}-{}", second(span.start), second(span.end))
}

/// At least one decimal and no zero behind it that need not be: `4.0`, `3.25`.
fn second(moment: Millis) -> String {
    let text = format!("{}.{:03}", moment.0 / 1_000, moment.0 % 1_000);
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_a_decimal_at_least() {
        let check = |millis, expected: &str| assert_eq!(second(Millis(millis)), expected);
        check(4_000, "4.0");
        check(3_250, "3.25");
        check(10_100, "10.1");
        check(7, "0.007");
    }
}
