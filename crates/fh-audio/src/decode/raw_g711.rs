//! A-law or mu-law without a header: one byte a sample, 8 kHz, mono.

use fh_model::DecoderPath;

use super::fault::Fault;
use super::kind::Kind;
use super::output::{Output, TrackShape};
use super::pcm::{Layout, Sample};
use super::wire::{Ending, Facts};
use super::{Input, pcm};
use crate::Limits;

/// G.711 has no other rate.
pub(crate) const RATE_HZ: u32 = 8_000;

pub(crate) fn decode(
    kind: &Kind,
    _: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let Kind::RawG711 { law } = *kind else {
        return Err(Fault::Unsupported {
            format: kind.name().to_owned(),
            detail: "expected headerless G.711".to_owned(),
        });
    };
    let facts = Facts {
        format: format!("raw/{}", law.codec()),
        decoder: DecoderPath::RawG711,
        rate_hz: RATE_HZ,
        channels: 1,
    };
    output.start(&facts, &[TrackShape { rate_hz: RATE_HZ, channels: 1 }])?;
    let layout = Layout { sample: Sample::G711(law), channels: 1, rate_hz: RATE_HZ, start: 0 };
    let bytes = input.length();
    pcm::decode(&layout, bytes, input, output)?;
    Ok(Ending::default())
}
