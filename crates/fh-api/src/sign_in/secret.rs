use subtle::ConstantTimeEq as _;

/// Whether two secrets are equal, in a time that tells nothing: their digests are compared, so that
/// not even their lengths show.
pub(crate) fn equal(left: &str, right: &str) -> bool {
    let digest = |text: &str| blake3::hash(text.as_bytes());
    digest(left).as_bytes().ct_eq(digest(right).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn only_the_same_is_equal() {
        assert!(equal("s3cret", "s3cret"));
        for other in ["s3creT", "s3cre", "s3cret ", ""] {
            assert!(!equal("s3cret", other), "{other}");
        }
    }
}
