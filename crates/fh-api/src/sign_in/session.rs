use std::time::Duration;

/// The cookie that holds a person's token.
pub(crate) const COOKIE: &str = "fairhearing_session";

/// The cookie for a person who signed in: no script can read it, and no other site's form sends it
/// along with a change (`SameSite=Lax`).
pub(crate) fn session_cookie(token: &str, lifetime: Duration, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let seconds = lifetime.as_secs();
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// Takes the cookie away.
pub(crate) fn ended_cookie(secure: bool) -> String {
    session_cookie("", Duration::ZERO, secure)
}

/// What a page must send along with a change: made of the token, so that only who may read our
/// answers can know it, and without a row of its own.
pub(crate) fn csrf_token(token: &str) -> String {
    let key = blake3::derive_key("fairhearing csrf token 1", token.as_bytes());
    blake3::Hash::from(key).to_hex().to_string()
}
