//! JSON of Amazon Transcribe Call Analytics
//! (docs.aws.amazon.com/transcribe/latest/dg/tca-output-batch.html) and of Contact Lens for Amazon
//! Connect (docs.aws.amazon.com/connect/latest/adminguide/contact-lens-example-output-files.html).

use std::collections::BTreeMap;
use std::rc::Rc;

use fh_model::{Millis, Role};
use serde::Deserialize;

use super::draft::{Draft, DraftUtterance, DraftWord, permille};
use super::error::Fault;
use super::json::{self, List};
use super::{ImportOptions, speaker};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    #[serde(default)]
    language_code: Option<String>,
    #[serde(default)]
    participants: List<Participant>,
    transcript: List<Turn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Participant {
    /// Contact Lens only: Call Analytics writes the role into each turn.
    #[serde(default)]
    participant_id: String,
    #[serde(default)]
    participant_role: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Turn {
    begin_offset_millis: u64,
    end_offset_millis: u64,
    content: String,
    #[serde(default)]
    items: List<Item>,
    #[serde(default)]
    participant_role: Option<String>,
    #[serde(default)]
    participant_id: Option<String>,
}

/// A word, or a punctuation mark, which has no time.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    content: String,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(default)]
    begin_offset_millis: Option<u64>,
    #[serde(default)]
    end_offset_millis: Option<u64>,
}

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    let file: File = json::read(text)?;
    let participants: BTreeMap<&str, Option<Role>> = file
        .participants
        .0
        .iter()
        .map(|participant| {
            let role = speaker::role_of(&participant.participant_role);
            (participant.participant_id.as_str(), role)
        })
        .collect();
    let utterances = file
        .transcript
        .0
        .iter()
        .enumerate()
        .map(|(index, turn)| {
            let named = turn.participant_role.as_deref().and_then(speaker::role_of);
            let role = named.or_else(|| {
                let id = turn.participant_id.as_deref()?;
                participants.get(id).copied().flatten().or_else(|| speaker::role_of(id))
            });
            let list: Rc<str> = format!("/Transcript/{index}/Items").into();
            let words = turn.items.0.iter().enumerate().filter_map(|(item_index, item)| {
                Some(DraftWord {
                    list: Rc::clone(&list),
                    index: item_index,
                    start: Millis(item.begin_offset_millis?),
                    end: Millis(item.end_offset_millis?),
                    text: item.content.clone(),
                    confidence_permille: permille(item.confidence),
                })
            });
            DraftUtterance {
                role,
                words: words.collect(),
                ..DraftUtterance::new(
                    json::pointer(format!("/Transcript/{index}")),
                    Millis(turn.begin_offset_millis),
                    Millis(turn.end_offset_millis),
                    turn.content.clone(),
                )
            }
        })
        .collect();
    let language = file.language_code.and_then(|code| code.parse().ok());
    Ok(Draft { language, utterances })
}
