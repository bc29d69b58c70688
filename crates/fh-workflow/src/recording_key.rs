use fh_model::TenantId;

/// The key of a recording in the object store. `owner` is the call, or a random name of an upload:
/// two calls with the same sound have each their own, so that erasing one never touches the other.
pub(crate) fn recording_key(tenant: &TenantId, digest: &str, owner: &str) -> String {
    format!("{tenant}/recordings/{digest}.{owner}")
}

/// The folder of a tenant's recordings.
pub(crate) fn recordings_of(tenant: &TenantId) -> String {
    format!("{tenant}/recordings/")
}

/// The digest in a key of [`recording_key`]; `None` where it is not one of this tenant.
pub(crate) fn digest_in_key<'k>(tenant: &TenantId, key: &'k str) -> Option<&'k str> {
    let name = key.strip_prefix(&recordings_of(tenant))?;
    let (digest, owner) = name.split_once('.')?;
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (digest.len() == 64 && is_hex(digest) && !owner.contains('/')).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_digest_to_its_own_tenant_only() {
        let (a, b): (TenantId, TenantId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let digest = "0f".repeat(32);
        let key = recording_key(&a, &digest, "me");
        assert_eq!(digest_in_key(&a, &key), Some(digest.as_str()));
        assert_eq!(digest_in_key(&b, &key), None);
        for key in ["a/recordings/0f.me", "a/other/x", "a/recordings/", "b/../a/recordings/x.y"] {
            assert_eq!(digest_in_key(&a, key), None, "{key}");
        }
    }
}
