#!/usr/bin/env python3
"""Makes the sample calls under `calls/` from the call scripts under `scripts/`.

    testdata/make_calls.py [NAME...]        (all of them where none is named)
    testdata/make_calls.py --check          (make them elsewhere, fail if one is not the same)

For each script: the recording at telephone band, the transcript that stands beside it, and
`NAME.truth.json`: who spoke when (measured on each speaker's clean sound before the parties are put
together), every word with its time, and the findings and score that the script expects.

Needs Python 3.11, flite, espeak-ng and ffmpeg; README.md says which versions made the committed
files. Nothing here is random: the line noise comes from a fixed sequence.
"""

import argparse
import array
import csv
import filecmp
import io
import json
import math
import re
import struct
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import voices

HERE = Path(__file__).resolve().parent
RATE = 8000
FRAME = RATE // 100                 # labels are in steps of 10 ms
FRAME_MS = 10
LEVEL = 0.1 * 32768                 # a speaker's level: RMS -20 dBFS over the frames with speech
SPEECH_BELOW_LEVEL = 10 ** (-32 / 20)   # a frame is speech from 32 dB under that level on
JOIN_MS = 200                       # shorter pauses belong to the speech around them
NOISE = 18                          # the line's noise, RMS: 65 dB under full scale
CHANNELS = ("agent", "customer")    # left, right
LEAD_MS, TAIL_MS = 800, 900         # before the first word, after the last


class Turn:
    """One line of a script: who says what, placed on the call's clock."""

    def __init__(self, who, text, samples, words):
        self.who, self.text, self.samples, self.words = who, text, samples, words
        self.start_ms = 0

    @property
    def end_ms(self):
        return self.start_ms + len(self.samples) // FRAME * FRAME_MS


def telephone(rate, samples):
    """The sound as a telephone line carries it: 300 to 3400 Hz at 8 kHz."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-",
         "-af", f"aresample={RATE},highpass=f=300:poles=2,lowpass=f=3400:poles=2",
         "-f", "s16le", "-"],
        input=samples.tobytes(), stdout=subprocess.PIPE, check=True)
    return array.array("h", done.stdout)


def frame_levels(samples):
    """The RMS of each whole frame."""
    return [math.sqrt(sum(x * x for x in samples[i:i + FRAME]) / FRAME)
            for i in range(0, len(samples) - FRAME + 1, FRAME)]


def speech_frames(levels):
    """Which frames are speech: those not too far under the level of the loud half."""
    loud = sorted(levels)[len(levels) // 2:]
    level = math.sqrt(sum(x * x for x in loud) / len(loud))
    return [x >= level * SPEECH_BELOW_LEVEL for x in levels], level


def take_turn(who, line, voice):
    """Speaks the line and cuts off the silence around it, so that it can be placed exactly."""
    text, speed = line[who], line.get("speed", 1.0) * voice.get("speed", 1.0)
    rate, samples, words = voices.speak(voice["voice"], speed, text)
    samples = telephone(rate, samples)
    active, level = speech_frames(frame_levels(samples))
    first, last = active.index(True), len(active) - active[::-1].index(True)
    gain = LEVEL / level * 10 ** (voice.get("louder_db", 0) / 20)
    samples = [max(-32000, min(32000, round(x * gain))) for x in samples[first * FRAME:last * FRAME]]
    placed = []
    for begin, end, start, stop in words:
        # A word lasts as long as it sounds: what follows it up to the next word may be a pause.
        low = round(start * 100)
        high = max(low + 1, round(stop * 100))
        while high > low + 1 and not active[min(high, len(active)) - 1]:
            high -= 1
        placed.append((begin, end, (max(low, first) - first) * FRAME_MS,
                       (min(high, last) - first) * FRAME_MS))
    return Turn(who, text, samples, placed)


def music(length_ms):
    """A melody for people on hold: a quiet tune of two voices, the same every time."""
    tune = [392, 494, 587, 494, 523, 659, 784, 659, 440, 523, 659, 523, 392, 494, 587, 784]
    note = RATE * 400 // 1000
    out = []
    for i in range(length_ms * RATE // 1000):
        tone, t = tune[i // note % len(tune)], i / RATE
        fade = math.exp(-3 * (i % note) / note)
        fade *= min(1, i / RATE, length_ms / 1000 - t)      # a second in, a second out
        out.append(round(1800 * fade * (math.sin(math.tau * tone * t)
                                        + 0.5 * math.sin(math.tau * tone / 2 * t))))
    return out


def place(script):
    """The turns on the call's clock, the stretches of hold music, and the call's length."""
    turns, holds, end, previous = [], [], LEAD_MS, None
    for line in script["turns"]:
        if "music" in line:
            start = end + line.get("after", 400)
            holds.append((start, start + line["music"]))
            end = start + line["music"]
            continue
        who = next(who for who in CHANNELS if who in line)
        turn = take_turn(who, line, script["voices"][who])
        if "cut_in" in line:            # begins so long before the line before it ends
            turn.start_ms = previous.end_ms - line["cut_in"]
        elif "inside" in line:          # begins so long after the line before it began
            turn.start_ms = previous.start_ms + line["inside"]
        else:
            turn.start_ms = end + line.get("after", 450) if previous else LEAD_MS
        turn.start_ms -= turn.start_ms % FRAME_MS
        turns.append(turn)
        end, previous = max(end, turn.end_ms), turn
    return turns, holds, end + TAIL_MS


def line_noise(count, seed):
    """The line's noise: a fixed sequence (Knuth's MMIX generator), smoothed a little."""
    state, held, out = seed, 0.0, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        held = 0.5 * held + ((state >> 33) / 2 ** 30 - 1.0)
        out.append(held * NOISE * 1.5)
    return out


def sound(turns, holds, length_ms, noise_seed):
    """Both channels, with noise; and each channel's clean speech for the labels."""
    count = length_ms * RATE // 1000
    clean = {who: [0] * count for who in CHANNELS}
    for turn in turns:
        at = turn.start_ms * RATE // 1000
        clean[turn.who][at:at + len(turn.samples)] = turn.samples
    heard = {who: list(clean[who]) for who in CHANNELS}
    for start, end in holds:
        at = start * RATE // 1000
        for i, sample in enumerate(music(end - start)):
            heard["agent"][at + i] += sample
    out = []
    for seed, who in enumerate(CHANNELS, noise_seed * 2 + 1):
        noisy = (s + n for s, n in zip(heard[who], line_noise(count, seed)))
        out.append(array.array("h", (max(-32768, min(32767, round(x))) for x in noisy)))
    return out, clean


def speech_spans(turns, clean, who):
    """When a speaker speaks: frames with energy, pauses under 200 ms joined."""
    spans = []
    for turn in turns:
        if turn.who != who:
            continue
        at = turn.start_ms * RATE // 1000
        active, _ = speech_frames(frame_levels(clean[who][at:at + len(turn.samples)]))
        for index, speaking in enumerate(active):
            start = turn.start_ms + index * FRAME_MS
            if not speaking:
                continue
            if spans and start - spans[-1][1] < JOIN_MS:
                spans[-1][1] = start + FRAME_MS
            else:
                spans.append([start, start + FRAME_MS])
    return spans


def overlaps(one, other):
    return [[max(a[0], b[0]), min(a[1], b[1])] for a in one for b in other
            if max(a[0], b[0]) < min(a[1], b[1])]


def gaps(spans):
    """The stretches between the first and the last span that no span covers."""
    out, until = [], None
    for start, end in sorted(spans):
        if until is not None and start > until:
            out.append([until, start])
        until = end if until is None else max(until, end)
    return out


# ---- writing -------------------------------------------------------------------------------------

def mulaw(sample):
    """ITU-T G.711 mu-law of a 16-bit sample."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> exponent + 3) & 0x0F) & 0xFF


def alaw(sample):
    """ITU-T G.711 A-law of a 16-bit sample."""
    sign, magnitude = (0, ~sample) if sample < 0 else (0x80, sample)
    magnitude = min(magnitude, 32767) >> 3
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = magnitude >> (exponent if exponent else 1) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def wav(channels, tag, encode):
    """A G.711 WAV file: fmt chunk of 18 bytes, fact chunk, data chunk."""
    data = bytes(encode(x) for frame in zip(*channels) for x in frame)
    count, frames = len(channels), len(channels[0])
    fmt = struct.pack("<HHIIHHH", tag, count, RATE, RATE * count, count, 8, 0)
    chunks = (b"fmt " + struct.pack("<I", len(fmt)) + fmt
              + b"fact" + struct.pack("<II", 4, frames)
              + b"data" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2))
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def encoded(channels, path, options):
    """Lets ffmpeg write what it is better at; `bitexact` keeps dates and versions out."""
    data = array.array("h", (x for frame in zip(*channels) for x in frame)).tobytes()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", str(len(channels)),
         "-i", "-", *options, "-fflags", "+bitexact", "-flags:a", "+bitexact",
         "-map_metadata", "-1", str(path)],
        input=data, check=True)


VOIP = ["-c:a", "libopus", "-application", "voip"]
FORMATS = {
    "mulaw_wav": lambda sides, path: path.write_bytes(wav(sides, 7, mulaw)),
    "alaw_wav_mixed": lambda sides, path: path.write_bytes(wav([mixed(sides)], 6, alaw)),
    "opus": lambda sides, path: encoded(sides, path, [*VOIP, "-b:a", "24k"]),
    "mp3": lambda sides, path: encoded(
        sides, path, ["-c:a", "libmp3lame", "-b:a", "32k", "-joint_stereo", "0"]),
    "mkv_two_tracks": lambda sides, path: encoded(
        sides, path, ["-filter_complex", "asplit[x][y];[x]pan=mono|c0=c0[a];[y]pan=mono|c0=c1[c]",
                      "-map", "[a]", "-map", "[c]", *VOIP, "-b:a", "14k"]),
}


def mixed(sides):
    return [max(-32768, min(32767, sum(pair))) for pair in zip(*sides)]


def transcript(script, turns):
    """Our own transcript format; see `fh-speech`'s importer of it."""
    return {
        "schema": "fairhearing.transcript/1",
        "language": script["language"],
        "utterances": [{
            "channel": channel_of(script, turn.who),
            "role": turn.who,
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "text": turn.text,
            "words": [{"text": turn.text[begin:end], "start_ms": turn.start_ms + start,
                       "end_ms": turn.start_ms + stop} for begin, end, start, stop in turn.words],
        } for turn in turns],
    }


def channel_of(script, who):
    return 0 if script["format"] == "alaw_wav_mixed" else CHANNELS.index(who)


def clock(milliseconds, comma):
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{comma}{rest:03}"


def webvtt(turns):
    cues = [f"{clock(turn.start_ms, '.')} --> {clock(turn.end_ms, '.')}\n"
            f"<v {turn.who.capitalize()}>{turn.text}\n" for turn in turns]
    return "WEBVTT\n\n" + "\n".join(cues)


def subrip(script, turns):
    names = {"zh_CN": {"agent": "客服：", "customer": "客户："},
             "en_US": {"agent": "Agent: ", "customer": "Customer: "}}[script["language"]]
    cues = [f"{number}\n{clock(turn.start_ms, ',')} --> {clock(turn.end_ms, ',')}\n"
            f"{names[turn.who]}{turn.text}\n" for number, turn in enumerate(turns, 1)]
    return "\n".join(cues)


def manifest(names):
    """What the centre's telephone system knows of each call, as `inspect --manifest` takes it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["path", "call_id", "agent_id", "agent_name", "skill_group", "direction",
                    "language", "begin_time", "roles"])
    for name in names:
        script = script_of(name)
        call = script["call"]
        roles = "" if script["format"] == "alaw_wav_mixed" else "left=agent,right=customer"
        table.writerow([script["recording"], name, call["agent_id"], call["agent_name"],
                        call["skill_group"], call["direction"], script["language"],
                        call["begin_time"].isoformat(" "), roles])
    return out.getvalue()


def truth(script, turns, holds, length_ms, clean):
    spans = {who: speech_spans(turns, clean, who) for who in CHANNELS}
    return {
        "schema": "fairhearing.truth/1",
        "title": script["title"],
        "language": script["language"],
        "duration_ms": length_ms,
        "channels": [{
            "channel": channel_of(script, who),
            "role": who,
            "speech_ms": sum(end - start for start, end in spans[who]),
            "speech": spans[who],
            "words": [[turn.text[begin:end], turn.start_ms + start, turn.start_ms + stop]
                      for turn in turns if turn.who == who
                      for begin, end, start, stop in turn.words],
        } for who in CHANNELS],
        "silences": gaps(spans["agent"] + spans["customer"]),
        "overlaps": overlaps(spans["agent"], spans["customer"]),
        "hold_music": [list(hold) for hold in holds],
        "expected": script["expected"],
    }


def lines_of(value, depth=0):
    """JSON as people read it: what fits on a line stands on a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if depth * 2 + len(flat) <= 100 or not isinstance(value, (dict, list)):
        return flat
    pad, end = "  " * (depth + 1), "\n" + "  " * depth
    if isinstance(value, dict):
        rows = [f"{json.dumps(k)}: {lines_of(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(pad + row for row in rows) + end + "}"
    if any(isinstance(item, dict) for item in value):
        rows = [lines_of(item, depth + 1) for item in value]
    else:                               # short lists of numbers: as many on a line as fit
        rows = [""]
        for item in (json.dumps(item, ensure_ascii=False) for item in value):
            if rows[-1] and len(pad) + len(rows[-1]) + len(item) > 100:
                rows.append("")
            rows[-1] += ", " * bool(rows[-1]) + item
    return "[\n" + ",\n".join(pad + row for row in rows) + end + "]"


def script_of(name):
    return tomllib.loads((HERE / "scripts" / f"{name}.toml").read_text("utf-8"))


def make(name, folder):
    script = script_of(name)
    turns, holds, length_ms = place(script)
    sides, clean = sound(turns, holds, length_ms, script["line"])
    FORMATS[script["format"]](sides, folder / script["recording"])
    stem = Path(script["recording"]).stem
    for kind in script["transcripts"]:
        text = {"json": lambda: lines_of(transcript(script, turns)) + "\n",
                "vtt": lambda: webvtt(turns),
                "srt": lambda: subrip(script, turns)}[kind]()
        (folder / f"{stem}.{kind}").write_text(text, "utf-8")
    found = truth(script, turns, holds, length_ms, clean)
    (folder / f"{stem}.truth.json").write_text(lines_of(found) + "\n", "utf-8")
    print(f"{script['recording']}: {length_ms / 1000:.1f} s, "
          f"{(folder / script['recording']).stat().st_size} bytes")


def differences(made, kept):
    """What is wrong with `kept`, given what the script makes now; `None` if nothing is.

    Another processor or another version of a voice may move a sample or a label a little: times may
    differ by 30 ms, encoded sound by a hundredth of its size, words and everything else by nothing.
    """
    if not kept.exists():
        return "is missing"
    if filecmp.cmp(made, kept, shallow=False):
        return None
    if made.suffix not in (".csv", ".json", ".vtt", ".srt"):
        sizes = made.stat().st_size, kept.stat().st_size
        close = abs(sizes[0] - sizes[1]) * 100 <= max(sizes)
        return None if close else f"has {sizes[1]} bytes, expected {sizes[0]}"
    texts, times = zip(*(texts_and_times(path.read_text("utf-8")) for path in (made, kept)))
    if texts[0] != texts[1]:
        return "differs in its words"
    far = [pair for pair in zip(*times) if abs(pair[0] - pair[1]) > 30]
    return f"has {far[0][1]} ms where {far[0][0]} ms is expected" if far else None


def texts_and_times(text):
    """The text with its numbers taken out, and those numbers; clock times as milliseconds."""
    def milliseconds(clock):
        hours, minutes, seconds, rest = map(int, clock.groups())
        return str(((hours * 60 + minutes) * 60 + seconds) * 1000 + rest)
    text = re.sub(r"(\d\d):(\d\d):(\d\d)[.,](\d{3})", milliseconds, text)
    # Where a line of JSON breaks depends on how many digits its numbers have.
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\d+", "#", text), [int(number) for number in re.findall(r"\d+", text)]


def main():
    arguments = argparse.ArgumentParser(description="Makes the sample calls from their scripts.")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="a script under scripts/")
    arguments.add_argument("--check", action="store_true",
                           help="change nothing; fail if a file is not what it would be")
    given = arguments.parse_args()
    every = sorted(path.stem for path in (HERE / "scripts").glob("*.toml"))

    def make_all(folder):
        folder.mkdir(exist_ok=True)
        for name in given.names or every:
            make(name, folder)
        (folder / "calls.csv").write_text(manifest(every), "utf-8")

    if not given.check:
        make_all(HERE / "calls")
        return
    with tempfile.TemporaryDirectory() as folder:
        make_all(Path(folder))
        made = sorted(Path(folder).iterdir())
        wrong = [(path.name, differences(path, HERE / "calls" / path.name)) for path in made]
    wrong = [f"{name} {what}" for name, what in wrong if what]
    if wrong:
        raise SystemExit("not what the scripts make: " + "; ".join(wrong))
    print(f"{len(made)} files are what the scripts make")


if __name__ == "__main__":
    main()
