use fh_model::{ChannelIndex, Millis, Role, Span};

use super::*;

fn options() -> ImportOptions {
    ImportOptions { language: Language::EnUs, roles: RoleMap::default(), channels: 2 }
}

fn import(file: &str, text: &str) -> Result<Transcript, ImportError> {
    import_transcript(file, text.as_bytes(), &options())
}

/// One line for each utterance: channel, role, times, text, and words with theirs.
fn lines(transcript: &Transcript) -> Vec<String> {
    transcript
        .utterances
        .iter()
        .map(|utterance| {
            let words: String = utterance
                .words
                .iter()
                .map(|word| {
                    let bytes = word.bytes.start as usize..word.bytes.end as usize;
                    let (start, end) = (word.span.start.0, word.span.end.0);
                    format!(" [{}|{start}-{end}]", &utterance.text[bytes])
                })
                .collect();
            let Span { start, end } = utterance.span;
            let (channel, role) = (utterance.channel, utterance.role);
            format!("{channel} {role} {}-{} {}{words}", start.0, end.0, utterance.text)
        })
        .collect()
}

fn check(file: &str, format: &str, text: &str, expected: &[&str]) {
    let transcript = import(file, text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(lines(&transcript), expected, "{text}");
    match transcript.source {
        TranscriptSource::Import { format: found, digest } => {
            assert_eq!(found, format);
            assert_eq!(digest.len(), 64);
        }
        other => panic!("expected an import, found {other:?}"),
    }
}

/// The message, without the file's name.
fn refuse(file: &str, text: &str, expected: &str) {
    let error = import(file, text).expect_err(text).to_string();
    let message = error.strip_prefix(&format!("`{file}`")).expect("the file is named");
    assert!(message.contains(expected), "expected `{expected}` in `{error}`");
}

const OURS: &str = r#"{
  "schema": "fairhearing.transcript/1",
  "language": "zh_CN",
  "utterances": [
    {"channel": 1, "start_ms": 2000, "end_ms": 2600, "text": "喂"},
    {"channel": 0, "role": "agent", "start_ms": 400, "end_ms": 1500, "text": "您好，VIP。",
     "confidence_permille": 950, "language": "zh_CN", "emotion": "happy",
     "words": [{"text": "您", "start_ms": 400, "end_ms": 700, "confidence_permille": 990},
               {"text": "好", "start_ms": 700, "end_ms": 900},
               {"text": "VIP", "start_ms": 900, "end_ms": 1500}]}
  ]
}"#;

#[test]
fn our_own_json_is_read_and_written() {
    check(
        "call.json",
        "fairhearing",
        OURS,
        &[
            "0 agent 400-1500 您好，VIP。 [您|400-700] [好|700-900] [VIP|900-1500]",
            "1 unknown 2000-2600 喂",
        ],
    );
    let transcript = import("call.json", OURS).unwrap();
    assert_eq!(transcript.language, Language::ZhCn);
    let first = &transcript.utterances[0];
    assert_eq!(first.confidence_permille, Some(950));
    assert_eq!(first.words[0].confidence_permille, Some(990));
    assert_eq!(first.emotion.as_deref(), Some("happy"));

    let written = export_transcript(&transcript);
    let again = import("call.transcript.json", &written).unwrap();
    assert_eq!(again.utterances, transcript.utterances);
    assert_eq!(export_transcript(&again), written);
}

#[test]
fn our_own_json_is_read_strictly() {
    let with = |utterance: &str| {
        format!(r#"{{"schema":"fairhearing.transcript/1","utterances":[{utterance}]}}"#)
    };
    let check = |utterance: &str, expected| refuse("a.json", &with(utterance), expected);
    check(
        r#"{"start_ms":0,"end_ms":1}"#,
        "at `/utterances/0`: expected the field `text`, found none",
    );
    check(
        r#"{"start_ms":0,"start_ms":0,"end_ms":1,"text":""}"#,
        "field `start_ms` once, found it twice",
    );
    check(r#"{"start_ms":0,"end_ms":1,"text":"","who":1}"#, "found unknown field `who`");
    check(r#"{"start_ms":-5,"end_ms":1,"text":""}"#, "at `/utterances/0/start_ms`: expected u64");
    check(r#"{"start_ms":1.5,"end_ms":2,"text":""}"#, "at `/utterances/0/start_ms`");
    check(
        r#"{"start_ms":5,"end_ms":1,"text":"a"}"#,
        " at `/utterances/0`: expected an end at or after the start, found start 5 ms and end 1 ms",
    );
    check(
        r#"{"start_ms":0,"end_ms":86400000,"text":"a"}"#,
        "expected a time before 86400000 ms (24 hours), found 86400000 ms",
    );
    check(
        r#"{"start_ms":0,"end_ms":9,"text":"a b","words":[{"text":"a","start_ms":5,"end_ms":6},
            {"text":"b","start_ms":4,"end_ms":6}]}"#,
        " at `/utterances/0/words/1`: expected a word that starts at or after the one before it \
         (5 ms), found start 4 ms",
    );
    check(
        r#"{"start_ms":0,"end_ms":9,"text":"a b","words":[{"text":"c","start_ms":5,"end_ms":6}]}"#,
        " at `/utterances/0/words/0`: expected a word that stands in the utterance's text",
    );
    check(
        r#"{"start_ms":0,"end_ms":9,"text":"a","confidence_permille":1001}"#,
        "between 0 and 1000",
    );
    check(
        r#"{"start_ms":0,"end_ms":9,"text":{"my":"card"}}"#,
        "expected a string, found invalid type: map",
    );
    refuse(
        "a.json",
        r#"{"schema":"fairhearing.transcript/2"}"#,
        "found `fairhearing.transcript/2`",
    );
    refuse("a.json", r#"{"schema":"fairhearing.transcript/1","utterances":[]} x"#, "line 1 column");
    refuse(
        "a.json",
        r#"{"schema":"x" "utterances":[]}"#,
        " column 15: expected `,` or `}`, found something else",
    );
    let error = import("a.json", &with(r#"{"start_ms":"secret","end_ms":1}"#)).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn webvtt_is_read_with_its_voices() {
    check(
        "call.vtt",
        "webvtt",
        "WEBVTT - made by hand\nKind: captions\n\nNOTE\nnot said\n\nSTYLE\n::cue{}\n\n\
         1\n00:00:01.000 --> 00:00:02.500 align:start\n<v Agent>Good <b>morning</b>,\nhow can I help?\n\n\
         00:03.000 --> 00:04.000\n<v.loud Customer>Tea &amp; caf&lt;e</v><v 坐席>好的\n\n\
         00:05.000 --> 00:06.000\nCustomer: bye: now\n\n\
         00:07.000 --> 00:08.000\n<c.yellow>nobody</c> knows\n",
        &[
            "0 agent 1000-2500 Good morning, how can I help?",
            "0 agent 3000-4000 好的",
            "1 customer 3000-4000 Tea & caf<e",
            "1 customer 5000-6000 bye: now",
            "0 unknown 7000-8000 nobody knows",
        ],
    );
    refuse("a.vtt", "WEBVTTx\n", " line 1: expected `WEBVTT`");
    refuse("a.vtt", "1\n00:00.000 -> 00:01.000\nhello\n", " line 1: expected `WEBVTT`");
    refuse("a.vtt", "WEBVTT\n\nhello\n", " line 3: expected a cue");
    refuse("a.vtt", "WEBVTT\n\n00:00.000 --> 1\nhello\n", " line 3: expected a time such as");
    refuse(
        "a.vtt",
        "WEBVTT\n\n\nx\n00:02.000 --> 00:01.000\nhello\n",
        " line 5: expected an end at or after the start",
    );
    refuse("a.vtt", "WEBVTT\n\n24:00:00.000 --> 24:00:01.000\nx\n", "(24 hours)");
}

#[test]
fn srt_is_read_with_names_before_the_words() {
    let text = "1\r\n00:00:01,000 --> 00:00:02,500\r\nAgent 1: Good <i>morning</i>,\r\nsir.\r\n\r\n\
                2\r\n00:00:03,000 --> 00:00:04,000 X1:0 Y1:0\r\n客户：{\\an8}你好\r\n\r\n\
                3\r\n00:00:05,000 --> 00:00:06,000\r\nNote: no name\r\n";
    let expected = [
        "0 agent 1000-2500 Good morning, sir.",
        "1 customer 3000-4000 你好",
        "0 unknown 5000-6000 Note: no name",
    ];
    check("call.srt", "srt", text, &expected);
    // Content decides, with or without a byte order mark and the right extension.
    check("call.txt", "srt", &format!("\u{feff}{text}"), &expected);
    refuse("a.srt", "hello\n", " line 1: expected a cue");
    refuse("a.srt", "", "expected at least one cue, found none");
    refuse("a.srt", "1\n00:00:01,000 --> 00:00:xx,000\na\n", " line 2: expected a time");
    refuse("a.srt", "1\n00:00:02,000 --> 00:00:01,000\na\n", " line 2: expected an end");
}

#[test]
fn whisper_json_is_read_with_words_in_either_place() {
    check(
        "call.json",
        "whisper",
        r#"{"text":" Good morning. Bye.","language":"en","segments":[
            {"id":0,"seek":0,"start":0.5,"end":1.25,"text":" Good morning.","words":[
                {"word":" Good","start":0.48,"end":0.8,"probability":0.9},
                {"word":" morning.","start":0.8,"end":1.25,"probability":0.8}]},
            {"id":1,"start":2,"end":2.5,"text":" Bye.","speaker":"CUSTOMER"}]}"#,
        // The first word begins before its segment does.
        &[
            "0 unknown 480-1250 Good morning. [Good|480-800] [morning.|800-1250]",
            "1 customer 2000-2500 Bye.",
        ],
    );
    check(
        "call.json",
        "whisper",
        r#"{"language":"chinese","words":[{"word":"您","start":0.1,"end":0.3},
            {"word":"好","start":0.3,"end":0.5},{"word":"再","start":1.0,"end":1.2}],
            "segments":[{"start":0.1,"end":0.5,"text":"您好"},{"start":1,"end":1.4,"text":"再见"}]}"#,
        &[
            "0 unknown 100-500 您好 [您|100-300] [好|300-500]",
            "0 unknown 1000-1400 再见 [再|1000-1200]",
        ],
    );
    // WhisperX leaves out the times of what it cannot align, and a word may not be in the text.
    check(
        "call.json",
        "whisper",
        r#"{"segments":[{"start":0,"end":2,"text":"It costs 5 euros","words":[
            {"word":"It","start":0.1,"end":0.2,"score":0.5},{"word":"5"},
            {"word":"five","start":0.5,"end":0.6},{"word":"euros","start":1,"end":1.5}]}]}"#,
        &["0 unknown 0-2000 It costs 5 euros [It|100-200] [euros|1000-1500]"],
    );
    refuse(
        "a.json",
        r#"{"segments":[{"start":-1,"end":2,"text":"a"}]}"#,
        "at `/segments/0`: expected a time in seconds that is not negative, found -1",
    );
    refuse(
        "a.json",
        r#"{"segments":[{"start":3,"end":2,"text":"a"}]}"#,
        "at `/segments/0`: expected an end",
    );
    refuse("a.json", r#"{"segments":[{"start":0,"end":1e300,"text":"a"}]}"#, "expected a time");
}

#[test]
fn contact_lens_json_is_read() {
    check(
        "call.json",
        "amazon-transcribe",
        r#"{"Version":"1.1.0","LanguageCode":"en-US",
            "Participants":[{"ParticipantId":"p1","ParticipantRole":"CUSTOMER"},
                            {"ParticipantId":"p2","ParticipantRole":"AGENT"}],
            "Transcript":[
              {"BeginOffsetMillis":0,"EndOffsetMillis":4640,"Content":"I'm calling about a bill.",
               "Id":"a","ParticipantId":"p1","Sentiment":"NEUTRAL","LoudnessScore":[78.7]},
              {"BeginOffsetMillis":5000,"EndOffsetMillis":6000,"Content":"Okay.","ParticipantId":"p2",
               "Items":[{"Type":"pronunciation","Content":"Okay","Confidence":0.9996,
                         "BeginOffsetMillis":5010,"EndOffsetMillis":5900},
                        {"Type":"punctuation","Content":"."}]}]}"#,
        &[
            "1 customer 0-4640 I'm calling about a bill.",
            "0 agent 5000-6000 Okay. [Okay|5010-5900]",
        ],
    );
    refuse(
        "a.json",
        r#"{"Transcript":[{"BeginOffsetMillis":0,"EndOffsetMillis":"x","Content":"a"}]}"#,
        "at `/Transcript/0/EndOffsetMillis`: expected u64, found invalid type: string",
    );
}

#[test]
fn azure_batch_json_is_read() {
    // Ticks are tenths of a microsecond.
    check(
        "call.json",
        "azure-speech",
        r#"{"source":"x","durationInTicks":70000000,"recognizedPhrases":[
            {"recognitionStatus":"Success","channel":1,"offset":"PT0.5S","duration":"PT1S",
             "offsetInTicks":5000000.0,"durationInTicks":10000000.0,
             "nBest":[{"confidence":0.9,"lexical":"hello world","display":"Hello, world.",
               "displayWords":[
                 {"displayText":"Hello,","offsetInTicks":5000000.0,"durationInTicks":4000000.0},
                 {"displayText":"world.","offsetInTicks":9000000.0,"durationInTicks":6000000.0}]},
               {"confidence":0.1,"display":"Yellow world."}]},
            {"recognitionStatus":"Failure","channel":0,"offsetInTicks":0,"durationInTicks":0},
            {"recognitionStatus":"Success","channel":0,"offsetMilliseconds":3000,
             "durationMilliseconds":500,"nBest":[{"confidence":0.5,"display":"It's 5.","words":[
               {"word":"it's","offsetMilliseconds":3000,"durationMilliseconds":100},
               {"word":"5","offsetMilliseconds":3200,"durationMilliseconds":300}]}]}]}"#,
        &[
            "1 unknown 500-1500 Hello, world. [Hello,|500-900] [world.|900-1500]",
            "0 unknown 3000-3500 It's 5. [5|3200-3500]",
        ],
    );
    refuse(
        "a.json",
        r#"{"phrases":[{"text":"a","offsetMilliseconds":5}]}"#,
        "at `/phrases/0`: expected `offsetMilliseconds` and `durationMilliseconds`",
    );
}

#[test]
fn roles_tell_channels_and_channels_roles() {
    let swapped = ImportOptions { roles: RoleMap(vec![Role::Customer, Role::Agent]), ..options() };
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>hello\n\n00:03.000 --> 00:04.000\nhi\n";
    let transcript = import_transcript("a.vtt", text.as_bytes(), &swapped).unwrap();
    assert_eq!(lines(&transcript), ["1 agent 1000-2000 hello", "0 customer 3000-4000 hi"]);
    let mono = ImportOptions { channels: 1, ..options() };
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Customer>hello\n";
    let transcript = import_transcript("a.vtt", text.as_bytes(), &mono).unwrap();
    assert_eq!(lines(&transcript), ["0 customer 1000-2000 hello"]);
    assert_eq!(transcript.utterances[0].channel, ChannelIndex(0));
    assert_eq!(transcript.utterances[0].span.start, Millis(1000));
}

#[test]
fn what_is_no_transcript_is_refused() {
    let unknown = ImportError::UnknownFormat { file: "a.json".to_owned() };
    for text in ["", "hello", "{}", "[]", r#"{"call_id":"1"}"#, "3"] {
        assert_eq!(import("a.json", text).unwrap_err(), unknown, "{text}");
    }
    for text in [r#"{"text":"hello"}"#, r#"{"ConversationId":"1","Content":"Hi there"}"#] {
        let expected = ImportError::NoTimes { file: "a.json".to_owned() };
        assert_eq!(import("a.json", text).unwrap_err(), expected);
    }
    assert_eq!(
        import_transcript("a.srt", b"1\n\xff\xfe", &options()).unwrap_err(),
        ImportError::NotText { file: "a.srt".to_owned(), line: 2 }
    );
    let large = vec![b' '; MOST_BYTES + 1];
    let error = import_transcript("a.srt", &large, &options()).unwrap_err();
    assert_eq!(error.code(), "transcript_too_large");
    refuse(
        "a.json",
        r#"{"segments":"#,
        " line 1 column 12 at `/segments`: expected well-formed JSON, found EOF",
    );
    let deep = format!(r#"{{"segments":{}1{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert!(import("a.json", &deep).is_err());
    let many = "1\n00:00:00,000 --> 00:00:00,000\na\n\n".repeat(200_001);
    refuse("a.srt", &many, "expected at most 200000 utterances, found 200001");
    let many = format!(
        r#"{{"segments":[],"words":[{}{{"word":""}}]}}"#,
        r#"{"word":""},"#.repeat(200_000)
    );
    refuse(
        "a.json",
        &many,
        "expected a list of at most 200000 elements, found invalid length 200001",
    );
}
