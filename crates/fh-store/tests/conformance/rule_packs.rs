use fh_store::{NewRulePack, RulePackFile};

use crate::place::Place;

fn pack(name: &str, digest: &str) -> NewRulePack {
    NewRulePack {
        name: name.to_owned(),
        digest: digest.to_owned(),
        files: vec![RulePackFile {
            name: "greeting.yaml".to_owned(),
            text: format!("# {digest}\nrule: 您好\n"),
        }],
        author: "administrator".to_owned(),
    }
}

pub(crate) async fn versions_are_counted_and_one_is_active(place: Place) {
    let scope = place.tenant("alpha").await;
    assert_eq!(scope.active_rule_pack().await.unwrap(), None);
    assert_eq!(scope.put_rule_pack(pack("service", "d1")).await.unwrap(), 1);
    assert_eq!(scope.put_rule_pack(pack("service", "d2")).await.unwrap(), 2);
    assert_eq!(scope.put_rule_pack(pack("service", "d1")).await.unwrap(), 1, "it is there");
    assert_eq!(scope.put_rule_pack(pack("legal", "d1")).await.unwrap(), 1);
    assert_eq!(scope.active_rule_pack().await.unwrap(), None);

    assert!(scope.activate_rule_pack("service", 2).await.unwrap());
    assert!(scope.activate_rule_pack("legal", 1).await.unwrap());
    assert!(!scope.activate_rule_pack("legal", 9).await.unwrap());
    let active = scope.active_rule_pack().await.unwrap().unwrap();
    assert_eq!((&active.pack, active.version), (&pack("legal", "d1"), 1));
    let kept = scope.rule_pack("service", 2).await.unwrap().unwrap();
    assert_eq!((kept.pack, kept.is_active), (pack("service", "d2"), false));

    let listed = scope.list_rule_packs().await.unwrap();
    let listed: Vec<(&str, u32, bool, usize)> = listed
        .iter()
        .map(|row| (row.pack.name.as_str(), row.version, row.is_active, row.pack.files.len()))
        .collect();
    assert_eq!(listed, [("legal", 1, true, 0), ("service", 2, false, 0), ("service", 1, false, 0)]);
}
