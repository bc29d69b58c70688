//! What is kept deflated.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;

use crate::StoreError;

/// Beyond level 6 the time grows and the size hardly falls.
const LEVEL: u8 = 6;

/// zlib's format, which carries a check sum.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(bytes, LEVEL)
}

pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    decompress_to_vec_zlib(packed).map_err(|failure| StoreError::Unfit {
        expected: "a stored value in zlib's format".to_owned(),
        found: format!("one that does not unpack: {failure}"),
    })
}

/// Texts in order, apart by a character that no text has.
pub(crate) fn pack_texts(texts: &[String]) -> Vec<u8> {
    // One character for another, so that the places of the others stay.
    let texts: Vec<String> = texts.iter().map(|text| text.replace(SEPARATOR, " ")).collect();
    pack(texts.join(SEPARATOR).as_bytes())
}

pub(crate) fn unpack_texts(packed: &[u8]) -> Result<Vec<String>, StoreError> {
    let bytes = unpack(packed)?;
    let text = String::from_utf8(bytes).map_err(|failure| StoreError::Unfit {
        expected: "stored texts in UTF-8".to_owned(),
        found: failure.to_string(),
    })?;
    Ok(text.split(SEPARATOR).map(str::to_owned).collect())
}

/// The record separator.
const SEPARATOR: &str = "\u{1e}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let texts = ["您好，请讲。".to_owned(), String::new(), "a\u{1e}b".to_owned()];
        let back = unpack_texts(&pack_texts(&texts)).unwrap();
        assert_eq!(back, ["您好，请讲。", "", "a b"]);
        assert!(matches!(unpack(b"no zlib"), Err(StoreError::Unfit { .. })));
    }
}
