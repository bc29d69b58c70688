use crate::StoreError;

/// The longest key, in bytes.
const LONGEST: usize = 512;

/// Refuses a key that is not one, so that none leads out of the folder.
pub(super) fn check(key: &str) -> Result<(), StoreError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(fits);
    if key.len() <= LONGEST && key.split('/').all(is_name) {
        return Ok(());
    }
    Err(StoreError::Unfit {
        expected: format!(
            "a key of at most {LONGEST} bytes, of names of letters, digits, `-`, `_`, `.` joined by `/`"
        ),
        found: format!("`{}`", key.escape_debug()),
    })
}

/// Refuses a prefix that is neither empty nor the beginning of keys up to a `/`.
pub(super) fn check_prefix(prefix: &str) -> Result<(), StoreError> {
    match prefix.strip_suffix('/') {
        Some(names) => check(names),
        None if prefix.is_empty() => Ok(()),
        None => Err(StoreError::Unfit {
            expected: "a prefix that is empty or ends with `/`".to_owned(),
            found: format!("`{}`", prefix.escape_debug()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leads_elsewhere() {
        for key in ["default/recordings/5f1c", "a", "A-b_c.d/0"] {
            assert!(check(key).is_ok(), "{key}");
        }
        let long = "a".repeat(513);
        for key in ["", "/", "/a", "a/", "a//b", "..", "a/../b", "a/.b", "a\\b", "a b", "ä", &long]
        {
            assert!(check(key).is_err(), "{key}");
        }
        for prefix in ["", "a/", "a/b/"] {
            assert!(check_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["a", "/", "../", "a/.."] {
            assert!(check_prefix(prefix).is_err(), "{prefix}");
        }
    }
}
