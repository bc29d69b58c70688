//! From a submitted call to its result.

use std::fs;
use std::path::{Path, PathBuf};

use fh_model::{
    CallMetadata, ChannelIndex, Inspection, Language, Millis, Role, RoleMap, Span, Transcript,
    TranscriptSource, TranscriptState, Utterance,
};
use fh_rules::{RuleSource, shipped_packs};
use fh_speech::engines::scripted::{Script, ScriptedWord};
use fh_store::{AccessRole, CallState, ChannelSummary, FailureKind, RulePackFile};
use fh_workflow::fetch::RecordingSource;
use fh_workflow::inspection::{GivenTranscript, Listened, assemble};
use fh_workflow::{CallContent, EngineWish, ReinspectFrom, SubmitCall, event_names};

use crate::support::{RULES, Service, caller, submit, tone};

fn sample_calls() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/calls")
}

/// What the command line makes of the same recording and transcript.
fn inspected_alone(service: &Service, recording: &Path, transcript: &Path) -> Vec<u8> {
    let settings = &service.workflow.settings().inspection;
    let metadata = settings.complete(CallMetadata::default());
    let (listened, _) = Listened::to(recording, &metadata, settings, false, &mut |_| ()).unwrap();
    let name = transcript.file_name().unwrap().to_str().unwrap();
    let words = GivenTranscript::read(name, transcript).words(&listened, &metadata);
    let pack = fh_rules::compile(&shipped_packs()[0].sources).unwrap();
    serde_json::to_vec(&assemble(metadata, listened, words, &pack, None)).unwrap()
}

#[tokio::test]
async fn a_sample_call_gives_the_same_bytes_as_by_itself() {
    let service = Service::with(|settings| {
        settings.default_pack = shipped_packs().remove(0).sources;
        settings.inspection.default_roles = None;
    })
    .await;
    let names = [
        ("en_telecom_complaint.wav", "en_telecom_complaint.json"),
        ("zh_insurance_mixed.wav", "zh_insurance_mixed.srt"),
        ("en_fund_outbound.ogg", "en_fund_outbound.vtt"),
    ];
    let mut calls = Vec::new();
    for (recording, transcript) in names {
        for name in [recording, transcript] {
            fs::copy(sample_calls().join(name), service.path("recordings").join(name)).unwrap();
        }
        let written = format!("y:/{recording}");
        calls.push(submit(CallContent::Recording(RecordingSource::Path { written })));
    }
    let calls = service.submit(calls).await;
    service.finish(&calls).await;
    for (id, (recording, transcript)) in calls.into_iter().zip(names) {
        let row = service.row(id).await;
        assert_eq!(row.state, CallState::Done, "{recording}: {:?}", row.detail);
        let json = service.json_of(id).await;
        let expected = inspected_alone(
            &service,
            &sample_calls().join(recording),
            &sample_calls().join(transcript),
        );
        assert!(json == expected, "{recording}: other bytes");

        let inspection: Inspection = serde_json::from_slice(&json).unwrap();
        let summary = row.summary.unwrap();
        assert_eq!(summary.duration, inspection.recording.duration);
        assert_eq!(summary.scores.len(), inspection.score_cards.len());
        assert_eq!(summary.scores[0].score, inspection.score_cards[0].score);
        assert_eq!(row.recording_digest.unwrap(), inspection.recording.digest);
    }
}

#[tokio::test]
async fn a_call_goes_through_its_states_in_order() {
    let service = Service::new().await;
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    assert_eq!(service.row(calls[0]).await.state, CallState::Queued);
    service.finish(&calls).await;
    let told: Vec<String> = service
        .events_of(calls[0])
        .await
        .into_iter()
        .map(|row| match row.event.payload.get("state") {
            Some(state) => state.as_str().unwrap().to_owned(),
            None => row.event.name,
        })
        .collect();
    assert_eq!(
        told,
        [
            event_names::CALL_QUEUED,
            "fetching",
            "measuring",
            "recognizing",
            "inspecting",
            event_names::CALL_INSPECTED,
        ]
    );
    service.check_finished_once(&calls).await;
}

/// The summary holds what speed and silence are worked out from: the transcript of every call here
/// has `Good morning, this is call 1.` and `Hello there.`, six words and two.
#[tokio::test]
async fn the_summary_counts_speech_and_words() {
    let service = Service::new().await;
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let summary = service.row(calls[0]).await.summary.unwrap();
    let inspection: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    let measured = &inspection.measures.channels;
    assert_eq!(
        summary.channels,
        [
            ChannelSummary { role: Role::Agent, speech: measured[0].speech_time, spoken_units: 6 },
            ChannelSummary {
                role: Role::Customer,
                speech: measured[1].speech_time,
                spoken_units: 2
            },
        ]
    );
    assert_eq!(summary.duration, Millis(1_000));
    assert!(measured[0].speech_time > Millis(500));
}

fn upload(blob: RecordingSource) -> SubmitCall {
    let mut call = submit(CallContent::Recording(blob));
    call.file_name = Some("up.wav".to_owned());
    call.metadata.language = Some(Language::EnUs);
    call
}

#[tokio::test]
async fn an_upload_with_its_transcript_is_inspected() {
    let service = Service::new().await;
    let wav = tone(3, b"");
    let source =
        service.workflow.store_upload(&service.caller, &mut wav.as_slice(), 1 << 20).await.unwrap();
    let mut call = upload(source);
    let vtt = "WEBVTT\n\n00:00.100 --> 00:00.600\n<v Agent>That is not my problem.\n";
    call.transcript = Some(("words.vtt".to_owned(), vtt.into()));
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let row = service.row(calls[0]).await;
    assert_eq!(row.call.file_name, "up");
    assert_eq!(row.recording_digest.unwrap(), blake3::hash(&wav).to_hex().to_string());
    let inspection: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    assert_eq!(inspection.recording.file_name, "up.wav");
    // 100, less 5 for the greeting and 20 for what was said.
    assert_eq!(inspection.score_cards[0].score.to_string(), "75");
    service.check_finished_once(&calls).await;
}

async fn ends(service: &Service, call: SubmitCall) -> (CallState, Option<String>) {
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let row = service.row(calls[0]).await;
    (row.state, row.detail)
}

async fn fails(service: &Service, call: SubmitCall, expected: FailureKind) {
    let (state, detail) = ends(service, call).await;
    assert_eq!(state, CallState::Failed(expected), "{detail:?}");
}

async fn uploaded(service: &Service, bytes: &[u8]) -> SubmitCall {
    let source =
        service.workflow.store_upload(&service.caller, &mut { bytes }, 1 << 20).await.unwrap();
    upload(source)
}

#[tokio::test]
async fn failures_have_their_kinds() {
    let service = Service::with(|settings| settings.max_attempts = 2).await;
    let at = |path: &str| {
        submit(CallContent::Recording(RecordingSource::Path { written: path.to_owned() }))
    };
    fails(&service, at(r"Y:\none.wav"), FailureKind::RecordingUnreachable).await;
    fails(&service, at(r"Z:\none.wav"), FailureKind::RecordingUnreachable).await;
    let url = "http://192.0.2.1/a.wav".to_owned();
    let call = submit(CallContent::Recording(RecordingSource::Url { url }));
    fails(&service, call, FailureKind::RecordingUnreachable).await;

    let call = uploaded(&service, b"this is no recording").await;
    fails(&service, call, FailureKind::RecordingInvalid).await;
    let call = uploaded(&service, &tone(1, b"")).await;
    fails(&service, call, FailureKind::NoRecognizer).await;
    let mut call = uploaded(&service, &tone(1, b"")).await;
    call.transcript = Some(("words.vtt".to_owned(), b"no transcript".to_vec()));
    fails(&service, call, FailureKind::RecognitionFailed).await;
}

#[tokio::test]
async fn a_scripted_recogniser_gives_words_or_none() {
    let script = |words| {
        Service::with(move |settings| {
            settings.inspection.engine = EngineWish::Named("scripted".to_owned());
            settings.inspection.engine_settings.script = Some(Script { words });
        })
    };
    let service = script(Vec::new()).await;
    let call = uploaded(&service, &tone(1, b"")).await;
    fails(&service, call, FailureKind::NothingSaid).await;

    let word = |text: &str, start| ScriptedWord {
        channel: ChannelIndex(0),
        span: Span::new(Millis(start), Millis(start + 100)),
        text: text.to_owned(),
    };
    let service = script(vec![word("good", 100), word("morning", 200)]).await;
    let call = uploaded(&service, &tone(1, b"")).await;
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let inspection: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    assert_eq!(inspection.transcript.unwrap().utterances[0].text, "good morning");
    assert_eq!(inspection.score_cards[0].score.to_string(), "100");
}

#[tokio::test]
async fn a_call_in_which_nobody_speaks_is_inspected() {
    let service = Service::new().await;
    let mut silent = tone(1, b"");
    let samples = silent.len() - 32_000;
    silent[samples..].fill(0);
    let call = uploaded(&service, &silent).await;
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let inspection: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    assert_eq!(inspection.transcript_state, TranscriptState::NoSpeech);
    // Nobody greeted.
    assert_eq!(inspection.score_cards[0].score.to_string(), "95");
}

#[tokio::test]
async fn rules_that_compile_no_more_are_told() {
    let service = Service::new().await;
    let pack = fh_store::NewRulePack {
        name: "old".to_owned(),
        digest: "0".repeat(64),
        files: vec![RulePackFile { name: "a.yaml".to_owned(), text: "pack: [".to_owned() }],
        author: "an older version".to_owned(),
    };
    let version = service.scope().put_rule_pack(pack).await.unwrap();
    service.scope().activate_rule_pack("old", version).await.unwrap();
    let call = service.put_recording("call", 1);
    fails(&service, call, FailureKind::RulesFailed).await;
}

#[tokio::test]
async fn a_call_is_inspected_again_by_other_rules() {
    let service = Service::new().await;
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let first = service.json_of(calls[0]).await;

    let again = |from| {
        let (workflow, caller) = (service.workflow.clone(), service.caller.clone());
        let id = calls[0];
        async move { workflow.reinspect_call(&caller, id, from).await.unwrap() }
    };
    for from in [ReinspectFrom::Rules, ReinspectFrom::Recording] {
        again(from).await;
        service.finish(&calls).await;
        assert!(service.json_of(calls[0]).await == first, "{from:?}: other bytes");
    }

    let rules = RULES.replace("good morning", "good evening");
    let files = vec![RulePackFile { name: "rules.yaml".to_owned(), text: rules.clone() }];
    let put = service.workflow.put_rule_pack(&service.caller, "evening", files).await.unwrap();
    service.workflow.activate_rule_pack(&service.caller, "evening", put.version).await.unwrap();
    again(ReinspectFrom::Rules).await;
    service.finish(&calls).await;
    let second: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    let source = RuleSource { name: "rules.yaml".to_owned(), text: rules };
    assert_eq!(second.lineage.rule_pack_digest, fh_rules::compile(&[source]).unwrap().digest());
    assert_eq!(second.score_cards[0].score.to_string(), "95");
}

#[tokio::test]
async fn a_dead_job_gets_another_try() {
    let service = Service::with(|settings| settings.max_attempts = 1).await;
    let written = r"Y:\late.wav".to_owned();
    let call = submit(CallContent::Recording(RecordingSource::Path { written }));
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    assert!(matches!(service.row(calls[0]).await.state, CallState::Failed(_)));
    // The share is back.
    service.put_recording("late", 5);
    let dead = service.jobs_of(calls[0]).await.remove(0);
    service.workflow.retry_job(&service.caller, dead.job.id).await.unwrap();
    service.finish(&calls).await;
    assert_eq!(service.row(calls[0]).await.state, CallState::Done);
}

#[tokio::test]
async fn roles_of_a_transcript_are_adopted_where_nobody_said_them() {
    let service = Service::new().await;
    let settings = &service.workflow.settings().inspection;
    let path = service.path("recordings").join("a.wav");
    fs::write(&path, tone(1, b"")).unwrap();
    let metadata = CallMetadata { roles: Some(RoleMap::default()), ..CallMetadata::default() };
    let (mut listened, _) = Listened::to(&path, &metadata, settings, false, &mut |_| ()).unwrap();
    let utterance = |channel, role| Utterance {
        id: 0,
        channel: ChannelIndex(channel),
        role,
        span: Span::new(Millis(100), Millis(200)),
        text: "x".to_owned(),
        words: Vec::new(),
        confidence_permille: None,
        language: None,
        emotion: None,
    };
    let source = TranscriptSource::Import { format: String::new(), digest: String::new() };
    let said = vec![utterance(0, Role::Customer), utterance(1, Role::Agent)];
    listened.adopt_roles(&Transcript::new(Language::EnUs, source, said));
    let roles: Vec<Role> = listened.measures.channels.iter().map(|channel| channel.role).collect();
    assert_eq!(roles, [Role::Customer, Role::Agent]);
}

#[tokio::test]
async fn a_viewer_sees_results_and_an_agent_the_own_ones_only() {
    let service = Service::new().await;
    let mut call = service.put_recording("call", 1);
    call.staff_id = Some("1118".to_owned());
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    let mut agent = caller("default", AccessRole::Agent);
    let seen = |caller| {
        let workflow = service.workflow.clone();
        let id = calls[0];
        async move { workflow.inspection_of(&caller, id).await.unwrap().is_some() }
    };
    assert!(!seen(agent.clone()).await);
    agent.staff_id = Some("7".to_owned());
    assert!(!seen(agent.clone()).await);
    agent.staff_id = Some("1118".to_owned());
    assert!(seen(agent).await);
    assert!(seen(caller("default", AccessRole::AgentSupervisor)).await);
    assert!(!seen(caller("elsewhere", AccessRole::Administrator)).await);
    let audio = service.workflow.audio_of(&service.caller, calls[0]).await.unwrap().unwrap();
    assert_eq!((audio.file_name.as_str(), audio.content_type), ("call.wav", "audio/wav"));
    let log = service.scope().audit_log(None, 1).await.unwrap();
    assert_eq!(log[0].entry.action, "call.audio.read");
}
