"""Speaks one line with flite or espeak-ng, and says when each word was spoken.

Both libraries are called through their C interfaces (ctypes), because their programs do not tell
word times. Each line is spoken in a process of its own: espeak-ng's output depends a little on what
it said before, and a line's sound must depend on nothing but the line.

    voices.py VOICE SPEED < line.txt > line.sound

VOICE is `flite:slt`, `espeak:cmn+f2` and the like; SPEED is a factor (1.0 is the voice's own pace).
The output is one line of JSON (`rate`, `words`: first and last + 1 character of the text, start and
end in seconds) and then the samples, 16-bit little-endian mono.
"""

import array
import ctypes as c
import json
import re
import subprocess
import sys

# espeak-ng's own pace for Mandarin is that of a dictation; this is that of a conversation.
ESPEAK_WORDS_PER_MINUTE = {"cmn": 300, "en": 165}


def speak(voice, speed, text):
    """The line as (sample rate, samples, words), spoken in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, voice, str(speed)],
        input=text.encode(), stdout=subprocess.PIPE, check=True)
    head, samples = done.stdout.split(b"\n", 1)
    head = json.loads(head)
    return head["rate"], array.array("h", samples), head["words"]


def speak_here(voice, speed, text):
    engine, name = voice.split(":", 1)
    return {"flite": _flite, "espeak": _espeak}[engine](name, speed, text)


class _FliteVoice(c.Structure):
    _fields_ = [("name", c.c_char_p), ("features", c.c_void_p)]


class _FliteWave(c.Structure):
    _fields_ = [("type", c.c_char_p), ("rate", c.c_int), ("count", c.c_int),
                ("channels", c.c_int), ("samples", c.POINTER(c.c_short))]


def _flite(name, speed, text):
    library = c.CDLL("libflite.so.1", mode=c.RTLD_GLOBAL)
    for part in ("usenglish", "cmulex"):
        c.CDLL(f"libflite_{part}.so.1", mode=c.RTLD_GLOBAL)
    register = getattr(c.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")

    def function(symbol, result, *arguments, of=library):
        found = getattr(of, symbol)
        found.restype, found.argtypes = result, arguments
        return found

    pointer, string = c.c_void_p, c.c_char_p
    synthesize = function("flite_synth_text", pointer, string, pointer)
    wave_of = function("utt_wave", c.POINTER(_FliteWave), pointer)
    relation = function("utt_relation", pointer, pointer, string)
    first = function("relation_head", pointer, pointer)
    following = function("item_next", pointer, pointer)
    number = function("item_feat_float", c.c_float, pointer, string)
    item_at = function("path_to_item", pointer, pointer, string)
    set_number = function("feat_set_float", None, pointer, string, c.c_float)
    register.restype, register.argtypes = pointer, [pointer]

    library.flite_init()
    voice = register(None)
    features = c.cast(voice, c.POINTER(_FliteVoice)).contents.features
    set_number(features, b"duration_stretch", 1.0 / speed)
    spoken = synthesize(text.encode(), voice)
    wave = wave_of(spoken).contents

    # flite's tokens are the text's words, split at white space; its segments are the sounds of them.
    tokens, item = {}, first(relation(spoken, b"Token"))
    while item:
        tokens[item] = len(tokens)
        item = following(item)
    places = [match.span() for match in re.finditer(r"\S+", text)]
    if len(places) != len(tokens):
        raise SystemExit(f"flite splits {text!r} into {len(tokens)} words, expected {len(places)}")
    times, began, item = {}, 0.0, first(relation(spoken, b"Segment"))
    while item:
        ended = number(item, b"end")
        token = tokens.get(item_at(item, b"R:SylStructure.parent.parent.R:Token.parent"))
        if token is not None:
            times[token] = (times.get(token, (began,))[0], ended)
        began, item = ended, following(item)
    words = [[*places[token], *times[token]] for token in sorted(times)]
    return wave.rate, array.array("h", wave.samples[:wave.count]), words


class _EspeakEvent(c.Structure):
    _fields_ = [("type", c.c_int), ("id", c.c_uint), ("position", c.c_int), ("length", c.c_int),
                ("milliseconds", c.c_int), ("sample", c.c_int), ("user", c.c_void_p),
                ("name", c.c_char * 8)]


def _espeak(name, speed, text):
    library = c.CDLL("libespeak-ng.so.1")
    samples, starts = array.array("h"), []
    synchronous, characters_are_utf8, word_begins, rate_parameter = 2, 1, 1, 1

    @c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_EspeakEvent))
    def heard(wave, count, events):
        if wave and count > 0:
            samples.extend(wave[:count])
        index = 0
        while events[index].type:
            if events[index].type == word_begins:
                starts.append((events[index].position - 1, events[index].length,
                               events[index].milliseconds / 1000))
            index += 1
        return 0

    rate = library.espeak_Initialize(synchronous, 0, None, 0)
    library.espeak_SetSynthCallback(heard)
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise SystemExit(f"espeak-ng has no voice {name!r}")
    pace = ESPEAK_WORDS_PER_MINUTE[re.match(r"[a-z]+", name).group()]
    library.espeak_SetParameter(rate_parameter, round(pace * speed), 0)
    line = text.encode() + b"\0"
    library.espeak_Synth(line, c.c_size_t(len(line)), 0, 1, 0, characters_are_utf8, None, None)
    library.espeak_Synchronize()

    # espeak-ng tells where a word begins; it ends where the next one begins.
    ends = [start for _, _, start in starts[1:]] + [len(samples) / rate]
    words = []
    for (position, length, start), end in zip(starts, ends):
        words += _one_by_one(text, position, length, start, end)
    return rate, samples, words


def _one_by_one(text, position, length, start, end):
    """Han characters one by one, sharing a word's time equally; other words whole.

    What has no letter is a pause that espeak-ng announces like a word.
    """
    piece = text[position:position + length]
    if not re.search(r"\w", piece):
        return []
    if not re.fullmatch(r"[\u4e00-\u9fff]+", piece):
        return [[position, position + length, start, end]]
    each = (end - start) / length
    return [[position + i, position + i + 1, start + i * each, start + (i + 1) * each]
            for i in range(length)]


def main():
    rate, samples, words = speak_here(sys.argv[1], float(sys.argv[2]), sys.stdin.read())
    if sys.byteorder == "big":
        samples.byteswap()
    sys.stdout.buffer.write(json.dumps({"rate": rate, "words": words}).encode() + b"\n")
    sys.stdout.buffer.write(samples.tobytes())


if __name__ == "__main__":
    main()
