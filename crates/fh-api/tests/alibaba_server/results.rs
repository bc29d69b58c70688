//! What `GetResult` finds, and what an upload refuses.

use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn results_are_filtered_and_paged() {
    let stage = Stage::new();
    // Addresses that nobody may fetch: what matters here is which calls are found.
    let call = |name: &str, remark: i64| {
        json!({
            "voiceFileUrl": format!("http://192.0.2.1/{name}.wav"), "callId": name,
            "customerServiceName": "李四", "remark5": remark, "callStartTime": 1_767_323_045_000_i64
        })
    };
    let answer = stage.upload(&json!({ "callList": [call("a", 3), call("b", 1), call("c", 2)] }));
    let task = answer["Data"].as_str().unwrap().to_owned();
    let ask = |mut filter: Value| {
        filter["taskId"] = json!(task);
        filter["requiredFields"] = json!("recording,errorMessage");
        let (status, answer) = stage.ask("GetResult", "JsonStr", &filter.to_string());
        assert_eq!((status, &answer["Success"]), (200, &json!(true)), "{answer}");
        let rows = answer["Data"]["ResultInfo"].as_array().unwrap().clone();
        let names = rows.iter().map(|row| row["Recording"]["CallId"].as_str().unwrap().to_owned());
        let last = rows.last().map(|row| row["LastDataId"].clone());
        (answer["Count"].as_u64().unwrap(), names.collect::<String>(), last)
    };
    let found = |filter| {
        let (count, names, _) = ask(filter);
        (count, names)
    };
    let sorted = json!({ "sortField": "remark5", "sortType": "asc" });
    assert_eq!(found(sorted), (3, "bca".to_owned()));
    assert_eq!(found(json!({ "callId": "b" })), (1, "b".to_owned()));
    let greater = json!({ "remark5": 1, "remark5Type": 3, "sortField": "remark5" });
    assert_eq!(found(greater), (2, "ac".to_owned()));
    assert_eq!(found(json!({ "callStartTime": "2026-01-02 03:04:06" })), (0, String::new()));
    assert_eq!(found(json!({ "callEndTime": "2026-01-02 03:04:05" })).0, 3);
    assert_eq!(found(json!({ "customerServiceName": "李" })).0, 0);
    assert_eq!(found(json!({ "datasetId": 1 })).0, 0);
    // Page after page, each call once.
    let (count, first, last) = ask(json!({ "pageSize": 2 }));
    let (_, second, _) = ask(json!({ "pageSize": 2, "lastDataId": last }));
    let mut names: Vec<char> = first.chars().chain(second.chars()).collect();
    names.sort_unstable();
    assert_eq!((count, names), (3, vec!['a', 'b', 'c']));
}

#[test]
fn a_recording_that_may_not_be_fetched_says_so() {
    let stage = Stage::new();
    // Our own address, unsigned: a private one like any other.
    let url = format!("http://{}/recordings/north/x/a.wav", stage.address);
    let answer = stage.upload(&json!({ "callList": [{ "voiceFileUrl": url }] }));
    let task = answer["Data"].as_str().unwrap();
    let result = stage.result(task, "status,errorMessage,score,hitResult");
    assert_eq!(result["Status"], 6, "{result}");
    assert!(result["ErrorMessage"].as_str().unwrap().contains("not allowed"), "{result}");
    assert_eq!((&result["Score"], &result["HitResult"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_call_uuid_comes_once_and_a_refused_upload_uses_none_up() {
    let stage = Stage::new();
    let call = |uuid: &str| json!({ "voiceFileUrl": "http://192.0.2.1/a.wav", "callUuid": uuid });
    assert_eq!(stage.upload(&json!({ "callList": [call("one")] }))["Code"], "200");
    let refused = stage.upload(&json!({ "callList": [call("two"), call("one")] }));
    assert_eq!((&refused["Code"], &refused["Success"]), (&json!("409"), &json!(false)));
    assert_eq!(stage.upload(&json!({ "callList": [call("two")] }))["Code"], "200");
    assert_eq!(stage.upload(&json!({ "callList": [call("two")] }))["Code"], "409");
}
