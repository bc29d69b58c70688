use fh_store::{
    CallFilter, CallKind, CallState, NewCall, NewJob, Paging, Submission, TenantScope, Write,
};

use crate::place::Place;
use crate::samples::{
    at, call, call_id, finish, inspection, job, job_id, state, submission, submit_call,
    submit_done, summary,
};

async fn found(scope: &dyn TenantScope, filter: &CallFilter) -> Vec<u64> {
    let page = scope.list_calls(filter, &Paging::Offset { offset: 0, limit: 100 }).await.unwrap();
    let numbers: Vec<u64> = page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1).collect();
    assert_eq!(page.total, Some(numbers.len() as u64), "{filter:?}");
    numbers
}

fn said(keyword: &str) -> CallFilter {
    CallFilter { keyword: Some(keyword.to_owned()), ..CallFilter::default() }
}

pub(crate) async fn words_are_found_however_they_are_written(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["您好，我要退款。", "订单号是 138-0013-8000"]).await;
    submit_done(&place, &*scope, 2, &["您好", "请问可以退，款吗？"]).await;
    submit_done(&place, &*scope, 3, &["I want a REFUND, please; don't wait", "ＶＩＰ客户"]).await;
    submit_done(&place, &*scope, 4, &["refunds are slow", "要退", "款"]).await;
    submit_done(&place, &*scope, 5, &[]).await;
    let check = async |keyword: &str, expected: &[u64]| {
        assert_eq!(found(&*scope, &said(keyword)).await, expected, "`{keyword}`");
        // One by one, the calls say the same.
        for number in 1..=5 {
            let hits = scope.find_in_call(call_id(number), keyword).await.unwrap();
            assert_eq!(!hits.is_empty(), expected.contains(&number), "`{keyword}` in {number}");
        }
    };
    // One, two, three and more characters of Chinese; a last character, and one before a comma.
    check("退", &[4, 2, 1]).await;
    check("款", &[4, 2, 1]).await;
    check("吗", &[2]).await;
    check("您", &[2, 1]).await;
    check("退款", &[2, 1]).await;
    check("您好", &[2, 1]).await;
    check("要退款", &[1]).await;
    check("我要退款", &[1]).await;
    check("可以退款吗", &[2]).await;
    check("款退", &[]).await;
    // English words are whole words.
    check("refund", &[3]).await;
    check("Refunds", &[4]).await;
    check("a refund", &[3]).await;
    check("want refund", &[]).await;
    check("don't", &[3]).await;
    check("DONT", &[3]).await;
    check("fund", &[]).await;
    // Digits by any part.
    check("8", &[1]).await;
    check("80", &[1]).await;
    check("0013", &[1]).await;
    check("13800138000", &[1]).await;
    check("138001380001", &[]).await;
    // Width, case and punctuation do not count.
    check("vip", &[3]).await;
    check("Ｖip", &[3]).await;
    check("VIP客户", &[3]).await;
    check("vip客", &[3]).await;
    check("退，款！", &[2, 1]).await;
    check("１３８", &[1]).await;
    // Nothing is asked for.
    check("", &[]).await;
    check("，。", &[]).await;
    // What a query language would take for its own.
    check("退款\" OR \"您", &[]).await;
    check("退*", &[4, 2, 1]).await;
    check("'退款' | !x", &[]).await;
    check("NOT", &[]).await;
}

pub(crate) async fn hits_are_told_in_characters(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["好的", "我要退款，退，款！😀退款"]).await;
    let hits = scope.find_in_call(call_id(1), "退款").await.unwrap();
    let hits: Vec<(u32, u32, u32)> =
        hits.iter().map(|hit| (hit.utterance, hit.start, hit.end)).collect();
    // 我0 要1 退2 款3 ，4 退5 ，6 款7 ！8 😀9 退10 款11
    assert_eq!(hits, [(1, 2, 4), (1, 5, 8), (1, 10, 12)]);
    assert!(scope.find_in_call(call_id(2), "退款").await.unwrap().is_empty());
}

pub(crate) async fn a_keyword_restricts_with_the_other_filters(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in 1..=6 {
        let kind = if number % 2 == 0 { CallKind::Text } else { CallKind::Voice };
        submit_call(&*scope, NewCall { kind, ..call(number) }).await;
        let said = if number == 3 { "您好" } else { "您好，退款请稍等" };
        let end = vec![inspection(number, &[said]), state(number, CallState::Done)];
        finish(&place, number, end).await;
    }
    for keyword in ["退", "退款", "退款请稍等"] {
        let voice = CallFilter { kinds: Some(vec![CallKind::Voice]), ..said(keyword) };
        assert_eq!(found(&*scope, &voice).await, [5, 1], "{keyword}");
        let early = CallFilter { upload_to: Some(at(240)), ..said(keyword) };
        assert_eq!(found(&*scope, &early).await, [4, 2, 1], "{keyword}");
        let none = CallFilter { states: Some(vec![CallState::Queued]), ..said(keyword) };
        assert!(found(&*scope, &none).await.is_empty(), "{keyword}");
    }
}

/// All pairs of neighbouring characters are there, but not one after the other.
pub(crate) async fn set_phrases_are_told_from_scattered_words(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["请稍等一下"]).await;
    submit_done(&place, &*scope, 2, &["一下请稍，稍等等一"]).await;
    submit_done(&place, &*scope, 3, &["请稍", "稍等一下"]).await;
    assert_eq!(found(&*scope, &said("请稍等")).await, [1]);
    assert_eq!(found(&*scope, &said("稍等一下")).await, [3, 1]);
}

pub(crate) async fn other_words_take_the_place_of_earlier_ones(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["投诉"]).await;
    scope.enqueue(NewJob { id: job_id(2), ..job(1) }).await.unwrap();
    let better = Write::Inspection {
        call: call_id(1),
        key: "better".to_owned(),
        json: b"{}".to_vec(),
        summary: summary(60, 90),
        texts: vec!["头数".to_owned()],
    };
    finish(&place, 2, vec![better]).await;
    assert!(found(&*scope, &said("投诉")).await.is_empty());
    assert!(found(&*scope, &said("投")).await.is_empty());
    assert_eq!(found(&*scope, &said("头数")).await, [1]);
    assert!(scope.find_in_call(call_id(1), "投诉").await.unwrap().is_empty());
}

pub(crate) async fn pages_of_what_was_found_go_on(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in 1..=9 {
        let said = if number % 3 == 0 { "没有" } else { "请稍等一下" };
        submit_done(&place, &*scope, number, &[said]).await;
    }
    let expected = [8, 7, 5, 4, 2, 1];
    for keyword in ["稍", "稍等", "请稍等"] {
        let filter = said(keyword);
        let mut seen = Vec::new();
        let mut row = None;
        loop {
            let page = scope.list_calls(&filter, &Paging::After { row, limit: 2 }).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1));
            row = page.rows.last().map(|row| (row.call.upload_time, row.call.id));
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, expected, "{keyword}");
        let page =
            scope.list_calls(&filter, &Paging::Offset { offset: 4, limit: 1 }).await.unwrap();
        assert_eq!(page.total, Some(6), "{keyword}");
        assert_eq!(page.rows[0].call.id, call_id(2), "{keyword}");
        assert!(page.more, "{keyword}");
    }
}

/// Many calls, so that the index gives more than are fetched at once. Of ten calls nine say `ordinary`
/// (你好), one in three says `phrase` (请稍等一下), and every thousandth something rare.
async fn submit_many(scope: &dyn TenantScope, calls: u64) {
    for first in (1..=calls).step_by(100) {
        let numbers = first..(first + 100).min(calls + 1);
        let mut writes = Vec::new();
        for number in numbers.clone() {
            let mut texts = vec![if number % 10 == 0 { "再见" } else { "你好" }];
            texts.extend((number % 3 == 0).then_some("请稍等一下"));
            // Its pairs of characters, but not itself.
            texts.extend((number % 3 == 1).then_some("一下请稍，稍等，等一"));
            texts.extend((number % 1000 == 0).then_some("投诉"));
            writes.push(inspection(number, &texts));
            writes.push(state(number, CallState::Done));
        }
        let many = Submission { writes, ..submission(numbers.map(call).collect()) };
        scope.submit(many).await.unwrap();
    }
}

pub(crate) async fn of_many_calls_the_newest_are_listed(place: Place) {
    let scope = place.tenant("alpha").await;
    let other = place.tenant("beta").await;
    submit_many(&*scope, 6_000).await;
    submit_done(&place, &*other, 7_000, &["你好"]).await;
    let list = async |filter: &CallFilter, paging: Paging| {
        let page = scope.list_calls(filter, &paging).await.unwrap();
        let rows: Vec<u64> = page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1).collect();
        (rows, page.total, page.more)
    };
    let first = |limit| Paging::Offset { offset: 0, limit };

    // 5,400 calls: the total is told from a part of them.
    let (rows, total, more) = list(&said("你好"), first(10)).await;
    assert_eq!(rows, [5999, 5998, 5997, 5996, 5995, 5994, 5993, 5992, 5991, 5989]);
    assert!(more && total.is_some_and(|total| (5_000..=5_800).contains(&total)), "{total:?}");
    let (rows, total, _) = list(&said("你"), first(3)).await;
    assert_eq!(rows, [5999, 5998, 5997]);
    assert!(total.is_some_and(|total| (5_000..=5_800).contains(&total)), "{total:?}");
    // 2,000 of 4,000 that have the pairs.
    let (rows, total, _) = list(&said("请稍等一下"), first(3)).await;
    assert_eq!(rows, [6000, 5997, 5994]);
    assert!(total.is_some_and(|total| (1_800..=2_200).contains(&total)), "{total:?}");
    // Few are counted.
    assert_eq!(list(&said("投诉"), first(4)).await, (vec![6000, 5000, 4000, 3000], Some(6), true));
    assert_eq!(list(&said("投"), first(2)).await, (vec![6000, 5000], Some(6), true));

    // The end of a long list is told exactly, and so is what lies in a short time.
    let (rows, total, more) = list(&said("你好"), Paging::Offset { offset: 5_398, limit: 9 }).await;
    assert_eq!((rows, total, more), (vec![2, 1], Some(5_400), false));
    let hour = CallFilter {
        upload_from: Some(at(60 * 101)),
        upload_to: Some(at(60 * 110)),
        ..said("你好")
    };
    let (rows, total, more) = list(&hour, first(20)).await;
    assert_eq!((rows, total), ((101..110).rev().collect(), Some(9)));
    assert!(!more);
    let early = CallFilter { upload_to: Some(at(60 * 110)), ..said("你好") };
    let (rows, _, more) = list(&early, first(3)).await;
    assert_eq!((rows, more), (vec![109, 108, 107], true));
    let (rows, total, _) =
        list(&CallFilter { ids: Some(vec![call_id(7), call_id(5900)]), ..said("你好") }, first(9))
            .await;
    assert_eq!((rows, total), (vec![7], Some(1)));

    // One page after the other, none twice, none left out.
    let (mut seen, mut row) = (Vec::new(), None);
    loop {
        let page =
            scope.list_calls(&said("你好"), &Paging::After { row, limit: 700 }).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1));
        row = page.rows.last().map(|row| (row.call.upload_time, row.call.id));
        if !page.more {
            break;
        }
    }
    assert!(seen.iter().copied().eq((1..=6_000).rev().filter(|number| number % 10 != 0)));

    // One whose number is not in the order of submission, as happens between machines.
    place
        .execute(
            "UPDATE calls SET upload_time = (SELECT max(upload_time) FROM calls) + 1
                  WHERE number = 1",
        )
        .await;
    let (rows, _, _) = list(&said("你好"), first(3)).await;
    assert_eq!(rows, [1, 5999, 5998]);
}
