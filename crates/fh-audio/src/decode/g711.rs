use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The two companding laws of ITU-T G.711.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Law {
    A,
    Mu,
}

impl Law {
    /// The sample of every byte, on a scale where full scale is 1.
    pub(crate) fn table(self) -> &'static [f32; 256] {
        static A: OnceLock<[f32; 256]> = OnceLock::new();
        static MU: OnceLock<[f32; 256]> = OnceLock::new();
        let build = |expand: fn(u8) -> i16| {
            std::array::from_fn(|byte| f32::from(expand(byte as u8)) / 32_768.0)
        };
        match self {
            Self::A => A.get_or_init(|| build(expand_a)),
            Self::Mu => MU.get_or_init(|| build(expand_mu)),
        }
    }

    /// As in the format's name.
    pub(crate) const fn codec(self) -> &'static str {
        match self {
            Self::A => "pcm_alaw",
            Self::Mu => "pcm_mulaw",
        }
    }
}

/// G.711 A-law: sign, three bits of exponent, four of mantissa, every other bit inverted; 13-bit
/// values, here on a 16-bit scale.
fn expand_a(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let (exponent, mantissa) = ((code >> 4) & 7, i16::from(code & 15));
    // Half a step is added: the decoder's value lies in the middle of the encoder's interval.
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

/// G.711 mu-law: all bits inverted, biased by 33 (132 on the 16-bit scale).
fn expand_mu(byte: u8) -> i16 {
    let code = !byte;
    let (exponent, mantissa) = ((code >> 4) & 7, i16::from(code & 15));
    let magnitude = (((mantissa << 3) + 132) << exponent) - 132;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_expand_as_in_the_recommendation() {
        // G.711 tables 1a and 2a: largest values 4032 (13 bits) and 8031 (14 bits), here times 8
        // and times 4; smallest are 1 (13 bits) and 0.
        assert_eq!(expand_a(0xAA), 4032 * 8);
        assert_eq!(expand_a(0x2A), -4032 * 8);
        assert_eq!(expand_a(0xD5), 8);
        assert_eq!(expand_a(0x55), -8);
        assert_eq!(expand_mu(0x80), 8031 * 4);
        assert_eq!(expand_mu(0x00), -8031 * 4);
        assert_eq!(expand_mu(0xFF), 0);
        assert_eq!(expand_mu(0x7F), 0);
        // Segment 1 of mu-law begins at 31 + 2 (14 bits): code 0xEF is the value 33.
        assert_eq!(expand_mu(0xEF), 33 * 4);
        assert_eq!(Law::Mu.table()[0xFF], 0.0);
    }
}
