//! What has outlived its use goes; what is of use stays.

use std::fs::File;
use std::time::{Duration, SystemTime};

use fh_store::{AccessRole, CallState};
use fh_workflow::{CallContent, CommandError};

use crate::support::{Service, caller, submit, tone};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Ages go by the database's clock; the service's own stands in January 2020.
async fn age(service: &Service, key: &str, age: Duration) {
    let written = SystemTime::from(service.store().now().await.unwrap()) - age;
    let file = File::options().write(true).open(service.path("objects").join(key)).unwrap();
    file.set_modified(written).unwrap();
}

#[tokio::test]
async fn an_upload_that_nobody_submits_goes_after_a_day() {
    let service = Service::new().await;
    for number in 1..=3 {
        let wav = tone(number, b"");
        let source = service
            .workflow
            .store_upload(&service.caller, &mut wav.as_slice(), 1 << 20)
            .await
            .unwrap();
        if number == 1 {
            service.submit(vec![submit(CallContent::Recording(source))]).await;
        }
    }
    let submitted = service.blobs().list("default/").await.unwrap();
    for info in &submitted {
        age(&service, &info.key, DAY + Duration::from_secs(60)).await;
    }
    let digest = blake3::hash(&tone(3, b"")).to_hex().to_string();
    let young = submitted.iter().find(|info| info.key.contains(&digest)).unwrap();
    age(&service, &young.key, DAY - Duration::from_secs(60)).await;
    service.workflow.sweep_expired().await.unwrap();
    let left = service.blobs().list("default/").await.unwrap();
    // The submitted one, and the young one.
    assert_eq!(left.len(), 2);
    assert!(left.iter().any(|info| info.key == young.key));
}

#[tokio::test]
async fn calls_stay_for_as_long_as_their_tenant_says() {
    let service = Service::new().await;
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    // The service's clock stands in January 2020 and the database's is the real one: only
    // what is surely longer or shorter than the time between says something.
    service.workflow.set_retention(&service.caller, Some(36_500)).await.unwrap();
    service.workflow.sweep_expired().await.unwrap();
    assert_eq!(service.row(calls[0]).await.state, CallState::Done);
    assert_eq!(service.blobs().list("").await.unwrap().len(), 1);
    service.workflow.set_retention(&service.caller, Some(1)).await.unwrap();
    service.workflow.sweep_expired().await.unwrap();
    assert_eq!(service.scope().call(calls[0]).await.unwrap(), None);
    assert_eq!(service.blobs().list("").await.unwrap(), []);
    let error = service.workflow.set_retention(&service.caller, Some(0)).await.unwrap_err();
    assert!(matches!(error, CommandError::Invalid { .. }), "{error}");
    let manager = caller("default", AccessRole::QaManager);
    let error = service.workflow.set_retention(&manager, None).await.unwrap_err();
    assert!(matches!(error, CommandError::Forbidden), "{error}");
}
