//! `bytesZip`: the words of a call as `0.json` in a zip package, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fh_model::{Role, Transcript};
use serde::Serialize;

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2524.html>.
#[derive(Debug, Serialize)]
struct SentencesWire<'a> {
    sentences: Vec<SentenceWire<'a>>,
}

#[derive(Debug, Serialize)]
struct SentenceWire<'a> {
    /// Milliseconds, as `et`: the documents name no unit and show whole numbers.
    st: u64,
    et: u64,
    text: &'a str,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sa: Option<SpeakerWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct SpeakerWire {
    role: &'static str,
}

/// The words as the operation gives them.
pub(crate) fn bytes_zip(transcript: &Transcript) -> String {
    let sentences = transcript
        .utterances
        .iter()
        .map(|utterance| SentenceWire {
            st: utterance.span.start.0,
            et: utterance.span.end.0,
            text: &utterance.text,
            c: utterance.confidence_permille.map(|permille| f64::from(permille) / 1_000.0),
            sa: match utterance.role {
                Role::Agent => Some(SpeakerWire { role: "agent" }),
                Role::Customer => Some(SpeakerWire { role: "user" }),
                Role::Unknown => None,
            },
            e: utterance.emotion.as_deref().and_then(emotion),
        })
        .collect();
    let json = serde_json::to_vec(&SentencesWire { sentences }).unwrap_or_default();
    STANDARD.encode(zip_of_one("0.json", &json))
}

/// The emotions that the documents know.
fn emotion(heard: &str) -> Option<&'static str> {
    ["HAPPY", "ANGRY", "SAD", "DISGUSTED"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(heard))
}

/// A zip package with one file, not compressed: a transcript is small, and the package is made for
/// one answer. PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
fn zip_of_one(name: &str, content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let mut both = Vec::new();
    // Version needed 2.0; flag 11: the name is UTF-8; stored; 1980-01-01 00:00:00.
    both.extend([20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]);
    both.extend(crc32(content).to_le_bytes());
    both.extend(size);
    both.extend(size);
    both.extend((name.len() as u16).to_le_bytes());
    both.extend([0, 0]);

    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend(&both);
    zip.extend(name.as_bytes());
    zip.extend(content);
    let directory_at = zip.len() as u32;
    zip.extend(b"PK\x01\x02\x14\x00");
    zip.extend(&both);
    // No comment, disk 0, no attributes, the file at the beginning.
    zip.extend([0; 14]);
    zip.extend(name.as_bytes());
    let directory_size = zip.len() as u32 - directory_at;
    zip.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    zip.extend(directory_size.to_le_bytes());
    zip.extend(directory_at.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

/// CRC-32 as ISO 3309 has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_package_holds_its_file() {
        let zip = zip_of_one("0.json", b"{}");
        // 30 bytes of head, the name, the content; 46 and the name; 22 at the end.
        assert_eq!(zip.len(), 30 + 6 + 2 + 46 + 6 + 22);
        assert_eq!(&zip[30..38], b"0.json{}");
        assert_eq!(zip[zip.len() - 6..zip.len() - 2], 38u32.to_le_bytes());
    }
}
