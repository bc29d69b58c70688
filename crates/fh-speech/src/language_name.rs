use fh_model::Language;

/// The language that a recogniser names, by its code (`en`, `zh-CN`) or in English.
pub(crate) fn language_named(name: &str) -> Option<Language> {
    match name.trim().to_lowercase().as_str() {
        "english" => Some(Language::EnUs),
        "chinese" | "mandarin" => Some(Language::ZhCn),
        code => code.parse().ok(),
    }
}
