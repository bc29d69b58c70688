//! libopus: decoding at 16 kHz, which is a third of the cost of decoding at 48 kHz and resampling,
//! and encoding for the preview.
#![expect(unsafe_code, reason = "libopus is a C library")]

use std::ffi::{CStr, c_int};

/// Opus holds at most 120 ms in a packet.
const MAX_PACKET_FRAMES_48K: usize = 5_760;

/// A decoder of one Opus stream.
pub(crate) struct Decoder {
    state: *mut opusic_sys::OpusDecoder,
    channels: usize,
    interleaved: Vec<f32>,
}

// SAFETY: the state is a plain block of memory that only this value points to; libopus keeps
// nothing that belongs to a thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// For one or two channels, at one of Opus's own rates: 8, 12, 16, 24 or 48 kHz.
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Result<Self, String> {
        let mut error = 0;
        // SAFETY: libopus checks both numbers and reports through `error`, which outlives the call.
        let state = unsafe {
            opusic_sys::opus_decoder_create(rate_hz as i32, channels as c_int, &raw mut error)
        };
        if error != opusic_sys::OPUS_OK || state.is_null() {
            return Err(message(error));
        }
        let most = MAX_PACKET_FRAMES_48K * rate_hz as usize / 48_000;
        Ok(Self { state, channels, interleaved: vec![0.0; most * channels] })
    }

    /// The frames of one packet, into one plane a channel.
    pub(crate) fn decode(
        &mut self,
        packet: &[u8],
        planes: &mut [Vec<f32>],
    ) -> Result<usize, String> {
        let length = i32::try_from(packet.len()).map_err(|_| "packet too long".to_owned())?;
        if packet.is_empty() {
            // libopus takes an empty packet for a lost one and makes sound up.
            return Err("empty packet".to_owned());
        }
        let most = self.interleaved.len() / self.channels;
        // SAFETY: the packet is readable for `length` bytes and the buffer writable for `most`
        // frames of `channels` samples.
        let frames = unsafe {
            opusic_sys::opus_decode_float(
                self.state,
                packet.as_ptr(),
                length,
                self.interleaved.as_mut_ptr(),
                most as c_int,
                0,
            )
        };
        let frames = usize::try_from(frames).map_err(|_| message(frames))?;
        for (channel, plane) in planes.iter_mut().enumerate() {
            plane.clear();
            let frames = self.interleaved.chunks_exact(self.channels).take(frames);
            plane.extend(frames.map(|frame| frame[channel]));
        }
        Ok(frames)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the state came from `opus_decoder_create` and is used no more.
        unsafe { opusic_sys::opus_decoder_destroy(self.state) }
    }
}

/// An encoder of one stream of 16 kHz speech.
pub(crate) struct Encoder {
    state: *mut opusic_sys::OpusEncoder,
    channels: usize,
}

impl Encoder {
    /// For one or two channels at 16 kHz.
    pub(crate) fn new(channels: usize, bits_per_second: u32) -> Result<Self, String> {
        let mut error = 0;
        // SAFETY: libopus checks the numbers and reports through `error`, which outlives the call.
        let state = unsafe {
            opusic_sys::opus_encoder_create(
                16_000,
                channels as c_int,
                opusic_sys::OPUS_APPLICATION_VOIP,
                &raw mut error,
            )
        };
        if error != opusic_sys::OPUS_OK || state.is_null() {
            return Err(message(error));
        }
        let encoder = Self { state, channels };
        for (request, value) in [
            (opusic_sys::OPUS_SET_BITRATE_REQUEST, bits_per_second as c_int),
            (opusic_sys::OPUS_SET_VBR_REQUEST, 1),
            // A call of an hour should not take a minute; the difference is hard to hear.
            (opusic_sys::OPUS_SET_COMPLEXITY_REQUEST, 5),
        ] {
            // SAFETY: each of these requests takes one 32-bit integer.
            let status = unsafe { opusic_sys::opus_encoder_ctl(encoder.state, request, value) };
            if status != opusic_sys::OPUS_OK {
                return Err(message(status));
            }
        }
        Ok(encoder)
    }

    /// Frames at 48 kHz that a player drops from the start.
    pub(crate) fn lookahead_48k(&self) -> Result<u16, String> {
        let mut lookahead: i32 = 0;
        // SAFETY: this request writes one 32-bit integer to the pointer, which outlives the call.
        let status = unsafe {
            opusic_sys::opus_encoder_ctl(
                self.state,
                opusic_sys::OPUS_GET_LOOKAHEAD_REQUEST,
                &raw mut lookahead,
            )
        };
        match u16::try_from(lookahead.saturating_mul(3)) {
            Ok(lookahead) if status == opusic_sys::OPUS_OK => Ok(lookahead),
            _ => Err(message(status)),
        }
    }

    /// One packet of interleaved samples, 20 ms of them.
    pub(crate) fn encode(&mut self, interleaved: &[i16]) -> Result<Vec<u8>, String> {
        // The longest packet of one frame, by RFC 6716 section 3.2.1.
        let mut packet = vec![0; 1_275];
        // SAFETY: the samples are readable for the whole frames given, the packet writable for its
        // length.
        let length = unsafe {
            opusic_sys::opus_encode(
                self.state,
                interleaved.as_ptr(),
                (interleaved.len() / self.channels) as c_int,
                packet.as_mut_ptr(),
                packet.len() as i32,
            )
        };
        packet.truncate(usize::try_from(length).map_err(|_| message(length))?);
        Ok(packet)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the state came from `opus_encoder_create` and is used no more.
        unsafe { opusic_sys::opus_encoder_destroy(self.state) }
    }
}

/// `libopus 1.6`, or whatever is linked.
pub(crate) fn version() -> String {
    // SAFETY: libopus returns a pointer to a constant string.
    let version = unsafe { CStr::from_ptr(opusic_sys::opus_get_version_string()) };
    version.to_string_lossy().into_owned()
}

fn message(error: c_int) -> String {
    // SAFETY: libopus returns a pointer to a constant string for every number.
    let message = unsafe { CStr::from_ptr(opusic_sys::opus_strerror(error)) };
    message.to_string_lossy().into_owned()
}
