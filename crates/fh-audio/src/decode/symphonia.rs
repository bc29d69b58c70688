//! MP3, AAC, FLAC, ALAC, Vorbis and Opus, out of their usual containers.
//!
//! Each reader is made directly for what the sniffer found: symphonia's own probe scans a
//! megabyte of anything for two bytes that could begin an MP3.

use std::io;

use fh_model::{DecoderPath, Millis};
use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::well_known as codec_ids;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;
use symphonia::default::formats::{
    AdtsReader, FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader,
};

use super::Input;
use super::fault::Fault;
use super::kind::Kind;
use super::mp4_edits::{self, Edit};
use super::output::{Output, TrackShape};
use super::wire::{Ending, Facts, OUTPUT_RATE_HZ};
use crate::{Limits, Place, opus};

/// A packet that lies this much later than the sound before it leaves a gap, which is filled with
/// silence so that what follows keeps its time. Smaller steps are rounding: Matroska counts in
/// milliseconds, codecs have a lead-in.
const MIN_GAP: Millis = Millis(200);

pub(crate) fn decode(
    kind: &Kind,
    _: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let edits = if *kind == Kind::Mp4 { mp4_edits::read(input) } else { Vec::new() };
    let start = match kind {
        Kind::Flac { start } | Kind::Mp3 { start } | Kind::Adts { start } => *start,
        _ => 0,
    };
    let seekable = input.seekable();
    if seekable {
        input
            .seek(io::SeekFrom::Start(start))
            .map_err(|error| Fault::reading(start, "the recording", &error))?;
    }
    // Where it can seek, the MPEG reader guesses the length from the first frame's bit rate and
    // cuts what lies beyond the guess; ADTS likewise.
    let seek = seekable && !matches!(kind, Kind::Mp3 { .. } | Kind::Adts { .. });
    let source = Source { input, seek, base: start };
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let mut reader = open(kind, stream).map_err(|error| not_opened(kind, &error))?;
    let mut tracks = make_tracks(kind, reader.as_ref(), &edits)?;
    let first = tracks.first().ok_or_else(|| Fault::Unsupported {
        format: kind.name().to_owned(),
        detail: "expected an audio track with a known codec".to_owned(),
    })?;
    let facts = Facts {
        format: format!("{}/{}", kind.name(), first.codec),
        decoder: DecoderPath::Symphonia,
        rate_hz: first.recorded_rate_hz,
        channels: u8::try_from(tracks.iter().map(|track| track.shape.channels).sum::<usize>())
            .unwrap_or(u8::MAX),
    };
    let shapes: Vec<TrackShape> = tracks.iter().map(|track| track.shape).collect();
    output.start(&facts, &shapes)?;
    for (index, track) in tracks.iter().enumerate() {
        output.silence(index, track.delay_frames)?;
    }

    let mut run = Run { kind, packets: 0, damaged: 0, decoded: 0, base: None };
    let fault = loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break None,
            Err(Error::ResetRequired) => {
                // A chained stream: the next one must look like the last one.
                match make_tracks(kind, reader.as_ref(), &edits) {
                    Ok(next) if same_shapes(&next, &tracks) => tracks = next,
                    _ => {
                        break Some(Fault::malformed(
                            Place::Packet(run.packets),
                            "a stream like the one before",
                            "another number of channels or rate",
                        ));
                    }
                }
                run.base = None;
                continue;
            }
            // A stream through a pipe has no length to end at; its writer's exit status tells
            // whether it came to its end.
            Err(Error::IoError(error))
                if !seekable && error.kind() == io::ErrorKind::UnexpectedEof =>
            {
                break None;
            }
            Err(error) => break Some(run.fault(&error)),
        };
        let Some(index) = tracks.iter().position(|track| track.id == packet.track_id) else {
            continue;
        };
        match run.packet(index, &mut tracks[index], &packet, output) {
            Ok(()) => run.packets += 1,
            Err(fault @ (Fault::OutputClosed | Fault::Limit { .. })) => return Err(fault),
            Err(fault) => break Some(fault),
        }
    };
    if run.decoded == 0 && run.damaged > 0 && fault.is_none() {
        return Err(Fault::malformed(
            Place::Packet(0),
            "a packet that can be decoded",
            format!("{} damaged packets and no other", run.damaged),
        ));
    }
    let damage = (run.damaged > 0)
        .then(|| format!("{} of {} packets are damaged", run.damaged, run.packets));
    let declared = match kind {
        Kind::Matroska => {
            let info = reader.media_info();
            info.time_base.zip(info.duration).and_then(|(base, ticks)| millis(base, ticks.get()))
        }
        _ => tracks.iter().filter_map(|track| track.declared).max(),
    };
    Ok(Ending { declared, fault, damage, ..Ending::default() })
}

/// How far decoding has come.
struct Run<'k> {
    kind: &'k Kind,
    packets: u64,
    damaged: u64,
    /// Frames that were decoded, over all tracks.
    decoded: u64,
    /// The time of the first packet, in seconds: live streams do not begin at 0. With it, how far
    /// the output had come by then.
    base: Option<f64>,
}

impl Run<'_> {
    fn fault(&self, error: &Error) -> Fault {
        let place = Place::Packet(self.packets);
        let found = match error {
            Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                "the end of the file".to_owned()
            }
            error => error.to_string(),
        };
        Fault::malformed(place, "another packet or the end of the stream", found)
    }

    fn packet(
        &mut self,
        index: usize,
        track: &mut TrackDecoder,
        packet: &Packet,
        output: &mut Output<'_>,
    ) -> Result<(), Fault> {
        self.fill_gap(index, track, packet, output)?;
        let Ok(frames) = track.decode(packet) else {
            self.damaged += 1;
            let frames = track.frames_of(packet.dur.get());
            let frames = track.cut.apply(frames).1;
            return output.fill(index, frames);
        };
        self.decoded += frames as u64;
        let (skip, keep) = track.cut.apply(frames as u64);
        if keep == 0 {
            return Ok(());
        }
        let range = skip as usize..(skip + keep) as usize;
        let planes: Vec<&[f32]> = track.planes.iter().map(|plane| &plane[range.clone()]).collect();
        output.push(index, &planes)
    }

    /// Fills the time between what was decoded and the packet's own time with silence. Only where
    /// the container's times are its own: Matroska, and Ogg whose pages can get lost.
    fn fill_gap(
        &mut self,
        index: usize,
        track: &TrackDecoder,
        packet: &Packet,
        output: &mut Output<'_>,
    ) -> Result<(), Fault> {
        if !matches!(self.kind, Kind::Matroska | Kind::Ogg) {
            return Ok(());
        }
        let Some(unit) = track.time_base.map(seconds_of) else { return Ok(()) };
        let rate = f64::from(track.shape.rate_hz);
        let time = packet.pts.get() as f64 * unit;
        let position = output.position(index);
        let base = *self.base.get_or_insert(time - position as f64 / rate);
        // What is cut off the start takes time but no place.
        let due = (time - base) * rate - track.lead as f64;
        let gap = due - position as f64;
        if gap >= rate * MIN_GAP.as_secs_f64() {
            // A time that is off by years ends at the limit on the length.
            let frames = gap as u64;
            return if position == 0 {
                // A party that joins later: nothing is missing.
                output.silence(index, frames)
            } else {
                output.fill(index, frames)
            };
        }
        Ok(())
    }
}

/// One audio track and its decoder.
struct TrackDecoder {
    id: u32,
    codec: String,
    /// The rate that the container says; Opus always says 48 kHz.
    recorded_rate_hz: u32,
    shape: TrackShape,
    time_base: Option<TimeBase>,
    /// The length that the container declares, without what is cut off.
    declared: Option<Millis>,
    /// Silence before the track begins.
    delay_frames: u64,
    /// Frames that are cut off the start.
    lead: u64,
    cut: Cut,
    engine: Engine,
    planes: Vec<Vec<f32>>,
}

/// What of a track's frames is played.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// Frames still to be dropped from the start.
    skip: u64,
    /// Frames that may still come.
    left: u64,
}

impl Cut {
    /// How many of `frames` to drop and how many of the rest to keep.
    fn apply(&mut self, frames: u64) -> (u64, u64) {
        let skip = self.skip.min(frames);
        self.skip -= skip;
        let keep = (frames - skip).min(self.left);
        self.left -= keep;
        (skip, keep)
    }
}

enum Engine {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(opus::Decoder),
}

impl TrackDecoder {
    /// Decodes one packet into `planes`; says how many frames there are.
    fn decode(&mut self, packet: &Packet) -> Result<usize, String> {
        match &mut self.engine {
            Engine::Opus(decoder) => {
                let frames = decoder.decode(&packet.data, &mut self.planes)?;
                // The last page of an Ogg says how much of its last packet counts, at 48 kHz. The
                // first frames are dropped by `cut`.
                let trim = (packet.trim_end.get() * u64::from(OUTPUT_RATE_HZ)).div_ceil(48_000);
                Ok(frames.saturating_sub(usize::try_from(trim).unwrap_or(frames)))
            }
            Engine::Symphonia(decoder) => {
                let buffer = decoder.decode(packet).map_err(|error| error.to_string())?;
                if buffer.spec().rate() != self.shape.rate_hz {
                    return Err(format!("expected {} Hz", self.shape.rate_hz));
                }
                copy_planes(&buffer, &mut self.planes);
                let frames = buffer.frames();
                if self.planes.is_empty() {
                    return Err("expected channels".to_owned());
                }
                // A mono frame in a stereo stream fills both channels.
                let first = self.planes[0].clone();
                self.planes.resize(self.shape.channels, first);
                Ok(frames)
            }
        }
    }

    /// A duration of the container in frames of the output of this decoder.
    fn frames_of(&self, ticks: u64) -> u64 {
        let Some(unit) = self.time_base.map(seconds_of) else { return 0 };
        (ticks as f64 * unit * f64::from(self.shape.rate_hz)).round() as u64
    }
}

fn copy_planes(buffer: &GenericAudioBufferRef<'_>, planes: &mut Vec<Vec<f32>>) {
    buffer.copy_to_vecs_planar(planes);
}

fn seconds_of(time_base: TimeBase) -> f64 {
    f64::from(time_base.numer.get()) / f64::from(time_base.denom.get())
}

fn open<'s>(
    kind: &Kind,
    stream: MediaSourceStream<'s>,
) -> Result<Box<dyn FormatReader + 's>, Error> {
    let options = FormatOptions::default();
    Ok(match kind {
        Kind::Flac { .. } => Box::new(FlacReader::try_new(stream, options)?),
        Kind::Ogg => Box::new(OggReader::try_new(stream, options)?),
        Kind::Matroska => Box::new(MkvReader::try_new(stream, options)?),
        Kind::Mp4 => Box::new(IsoMp4Reader::try_new(stream, options)?),
        Kind::Mp3 { .. } => Box::new(MpaReader::try_new(stream, options)?),
        Kind::Adts { .. } => Box::new(AdtsReader::try_new(stream, options)?),
        _ => return Err(Error::Unsupported("container")),
    })
}

fn not_opened(kind: &Kind, error: &Error) -> Fault {
    let name = kind.name();
    match error {
        Error::Unsupported(feature) if feature.contains("missing") => {
            Fault::malformed(Place::Byte(0), format!("a {name} file with an index"), *feature)
        }
        Error::Unsupported(feature) => {
            Fault::Unsupported { format: name.to_owned(), detail: (*feature).to_owned() }
        }
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => Fault::malformed(
            Place::Byte(0),
            format!("a whole {name} header"),
            "the end of the file",
        ),
        error => Fault::malformed(Place::Byte(0), format!("a {name} header"), error.to_string()),
    }
}

/// The audio tracks, in order.
fn make_tracks(
    kind: &Kind,
    reader: &dyn FormatReader,
    edits: &[Option<Edit>],
) -> Result<Vec<TrackDecoder>, Fault> {
    let mut tracks = Vec::new();
    for (index, track) in reader.tracks().iter().enumerate() {
        let Some(params) = track.codec_params.as_ref().and_then(|params| params.audio()) else {
            continue;
        };
        let edit = edits.get(index).copied().flatten();
        tracks.push(make_track(kind, track, params, edit)?);
    }
    Ok(tracks)
}

fn make_track(
    kind: &Kind,
    track: &Track,
    params: &AudioCodecParameters,
    edit: Option<Edit>,
) -> Result<TrackDecoder, Fault> {
    let codec = codec_name(params);
    let unsupported =
        |detail: String| Fault::Unsupported { format: format!("{}/{codec}", kind.name()), detail };
    let channels = params.channels.as_ref().map_or(0, |channels| channels.count());
    let recorded_rate_hz = params.sample_rate.unwrap_or(0);
    if channels == 0 || recorded_rate_hz == 0 {
        return Err(unsupported("expected channels and a rate in the header".to_owned()));
    }
    let is_opus = params.codec == codec_ids::CODEC_ID_OPUS;
    let rate_hz = if is_opus { OUTPUT_RATE_HZ } else { recorded_rate_hz };
    let engine = if is_opus {
        Engine::Opus(opus::Decoder::new(rate_hz, channels).map_err(unsupported)?)
    } else {
        let options = AudioDecoderOptions::default();
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &options)
            .map_err(|error| unsupported(error.to_string()))?;
        Engine::Symphonia(decoder)
    };
    let in_rate = |ticks: u64, per_second: u32| {
        (u128::from(ticks) * u128::from(rate_hz) / u128::from(per_second.max(1))) as u64
    };
    let mut cut = Cut { skip: 0, left: u64::MAX };
    let mut delay_frames = 0;
    let mut declared =
        track.time_base.zip(track.duration).and_then(|(base, ticks)| millis(base, ticks.get()));
    if is_opus {
        cut.skip = in_rate(params.extra_data.as_deref().map_or(0, pre_skip), 48_000);
    }
    if let Some(edit) = edit {
        let media_rate = track.time_base.map_or(recorded_rate_hz, |base| base.denom.get());
        // For Opus the edit list's start is the lead-in that the codec's own header tells too.
        cut.skip = in_rate(edit.media_start, media_rate);
        if edit.length > 0 {
            cut.left = in_rate(edit.length, edit.movie_timescale);
        }
        delay_frames = in_rate(edit.delay, edit.movie_timescale);
        declared = match cut.left {
            u64::MAX => declared.map(|all| all - Millis::from_samples(cut.skip, rate_hz)),
            left => Some(Millis::from_samples(left, rate_hz)),
        };
    }
    Ok(TrackDecoder {
        id: track.id,
        codec,
        recorded_rate_hz,
        shape: TrackShape { rate_hz, channels },
        time_base: track.time_base,
        declared,
        delay_frames,
        lead: cut.skip,
        cut,
        engine,
        planes: vec![Vec::new(); channels],
    })
}

/// Frames at 48 kHz to drop, from an Opus identification header (RFC 7845, section 5.1).
fn pre_skip(header: &[u8]) -> u64 {
    match header {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', _, _, low, high, ..] => {
            u64::from(u16::from_le_bytes([*low, *high]))
        }
        _ => 0,
    }
}

fn codec_name(params: &AudioCodecParameters) -> String {
    if params.codec == codec_ids::CODEC_ID_OPUS {
        return "opus".to_owned();
    }
    symphonia::default::get_codecs().get_audio_decoder(params.codec).map_or_else(
        || format!("codec {}", params.codec),
        |codec| codec.codec.info.short_name.to_owned(),
    )
}

fn same_shapes(a: &[TrackDecoder], b: &[TrackDecoder]) -> bool {
    a.iter().map(|track| track.shape).eq(b.iter().map(|track| track.shape))
}

/// A time of the container; `None` for nothing and for what only a damaged header says.
fn millis(base: TimeBase, ticks: u64) -> Option<Millis> {
    let millis = (ticks as f64 * seconds_of(base) * 1000.0).round();
    // A century.
    (1.0..3.2e12).contains(&millis).then_some(Millis(millis as u64))
}

/// Our input as symphonia wants it.
struct Source<'i> {
    input: &'i mut dyn Input,
    seek: bool,
    /// What symphonia takes for the start of the file.
    base: u64,
}

impl io::Read for Source<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.input.read(bytes)
    }
}

impl io::Seek for Source<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let to = match to {
            io::SeekFrom::Start(at) => io::SeekFrom::Start(at.saturating_add(self.base)),
            other => other,
        };
        Ok(self.input.seek(to)?.saturating_sub(self.base))
    }
}

impl MediaSource for Source<'_> {
    fn is_seekable(&self) -> bool {
        self.seek
    }

    fn byte_len(&self) -> Option<u64> {
        self.seek.then(|| self.input.length().saturating_sub(self.base))
    }
}
