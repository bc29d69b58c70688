//! Bodies that nobody sends by mistake: every one is answered, none with a fault of the server.

use crate::stage::{CCISQM, CCSQM, Stage};

/// Numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

const SOUND: [(&str, &str); 6] = [
    (
        "appraisecall/details",
        r#"{"limit":10,"page":1,"call_types":[0,2],"call_from":1621333149,"call_to":1623925149,"staff_id":null,"upload_from":null,"upload_to":null,"status":[2],"keyword":"您好","duration_min":1}"#,
    ),
    (
        "openapi/qualityInspect",
        r#"{"language":"zh_CN","voiceFilePath":"Y:\\27\\0951044.V3","agentId":1118,"beginTime":"2021-02-01 09:51:07","endTime":"2021-02-01 09:57:57"}"#,
    ),
    ("appraisecall/credit", r#"{"call_uuid":"822bbf4d-c4f8-473a-9144-199058375be8"}"#),
    (
        "openapi/getTextByTaskId",
        r#"{"taskId":"822bbf4dc4f8473a9144199058375be8","language":"en_US"}"#,
    ),
    (
        "appraisecall/complain",
        r#"{"callGroupId":1,"callId":"822bbf4d-c4f8-473a-9144-199058375be8","leaderRole":"a","leaderUUID":"b","taskDescription":"c","chooseRuleGroupList":[{"ruleGroupId":"d","reviseIdList":["e"]}],"callType":"0"}"#,
    ),
    (
        "openapi/uploadText",
        r#"{"language":"zh_CN","agentId":1,"beginTime":"2021-02-01 09:51:07","endTime":"2021-02-01 09:57:57","sentences":[{"speaker":"staff","text":"您好","start_time":1.5}]}"#,
    ),
];

/// What is put where something else stood.
const PIECES: [&str; 20] = [
    "null",
    "-1",
    "1e400",
    "99999999999999999999",
    "0.5",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "{}",
    "[]",
    "[[[[]]]]",
    "true",
    "\"\"",
    ",",
    ":",
    "\"",
    "\u{feff}",
    "\\",
    "NaN",
    "9223372036854775807",
    "{\"a\":1,\"a\":2}",
];

fn mutated(sound: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        if bytes.is_empty() {
            break;
        }
        let (at, length) = (dice.below(bytes.len()), 1 + dice.below(12));
        let end = (at + length).min(bytes.len());
        match dice.below(4) {
            0 => {
                bytes.drain(at..end);
            }
            1 => {
                let piece = PIECES[dice.below(PIECES.len())].bytes();
                bytes.splice(at..end, piece);
            }
            2 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            _ => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

#[test]
fn a_thousand_mutated_requests_are_all_answered() {
    let stage = Stage::new();
    let bearer = format!("Bearer {}", stage.token("default-administrator"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for number in 0..1_000 {
        let (operation, sound) = SOUND[number % SOUND.len()];
        let root = [CCISQM, CCSQM][dice.below(2)];
        let body = mutated(sound, &mut dice);
        let path = format!("{root}/{operation}");
        let reply = stage.send("POST", &path, &headers, Some(&body));
        let shown = String::from_utf8_lossy(&body);
        assert!([200, 400, 404].contains(&reply.status), "{} to {path}: {shown}", reply.status);
        assert!(reply.json().is_object() || reply.json().is_array(), "{shown}");
    }
}
