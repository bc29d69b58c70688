//! What every engine promises, once for SQLite (each case in a file of its own) and once for
//! PostgreSQL (each case in a database of its own on one server, which the test starts).
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

mod appeals;
mod audit;
mod calls;
mod directory;
mod erasure;
mod events;
mod filters;
mod migrations;
mod opening;
mod place;
mod postgres_faults;
mod postgres_server;
mod queue;
mod rule_packs;
mod samples;
mod search;
mod tenants;
mod webhooks;

use std::pin::Pin;

use place::Place;
use postgres_server::PostgresServer;

type Case = fn(Place) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// The cases: functions of the modules above.
macro_rules! cases {
    ($($module:ident: $($case:ident),+;)+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$module::$case(crate::Place::on_sqlite().await).await;
                })+
            })+
        }

        const CASES: &[(&str, Case)] = &[$($(
            (concat!(stringify!($module), "::", stringify!($case)), |place| Box::pin($module::$case(place))),
        )+)+];
    };
}

cases! {
    opening:
        what_was_kept_is_there_again,
        tables_of_a_newer_program_are_refused,
        tables_of_another_program_are_refused,
        two_may_open_it_at_once;
    calls:
        a_submitted_call_comes_back_as_it_was,
        the_same_key_gives_the_same_answer,
        fifty_at_once_with_one_key_make_one_call,
        a_submission_is_kept_whole_or_not_at_all,
        what_is_known_beforehand_is_kept_with_the_submission,
        results_stay_under_their_key,
        a_batch_tells_how_far_it_is,
        a_call_is_cancelled_once,
        a_final_call_starts_again;
    filters:
        pages_go_on_where_they_ended,
        each_filter_restricts,
        filters_restrict_together;
    queue:
        a_job_goes_to_one_worker,
        a_late_worker_writes_nothing,
        a_lease_runs_out_unless_it_is_renewed,
        a_job_that_kills_its_workers_ends_with_its_call,
        a_retry_waits_and_the_last_one_ends,
        a_job_that_is_handed_back_costs_no_attempt,
        the_urgent_come_first_and_then_the_early,
        what_follows_keeps_its_place,
        a_flood_holds_nobody_up,
        who_was_away_has_saved_nothing_up,
        a_dead_job_gets_another_try,
        the_queue_tells_its_depth;
    events:
        events_come_in_order_and_to_their_call,
        no_event_appears_late;
    search:
        words_are_found_however_they_are_written,
        hits_are_told_in_characters,
        a_keyword_restricts_with_the_other_filters,
        set_phrases_are_told_from_scattered_words,
        other_words_take_the_place_of_earlier_ones,
        pages_of_what_was_found_go_on,
        of_many_calls_the_newest_are_listed;
    erasure:
        nothing_of_an_erased_call_is_left,
        a_recording_that_another_call_has_stays,
        a_person_is_erased,
        old_calls_are_erased_the_oldest_first,
        what_comes_back_from_a_backup_is_erased_again,
        a_worker_at_an_erased_call_writes_nothing;
    tenants:
        nothing_is_seen_across_tenants,
        an_unknown_tenant_has_nothing;
    audit:
        entries_are_chained,
        an_edited_entry_is_found,
        a_deleted_entry_is_found,
        a_shortened_log_is_found;
    rule_packs:
        versions_are_counted_and_one_is_active;
    webhooks:
        receivers_come_and_go,
        deliveries_are_logged_and_settled;
    appeals:
        an_appeal_goes_its_way,
        one_appeal_is_open_at_a_time,
        revisions_stand_beside_each_other;
    directory:
        tenants_are_switched_on_and_off,
        users_are_found_by_name_in_any_case,
        keys_are_unique_over_all_tenants,
        tokens_end,
        switching_somebody_off_revokes_the_tokens,
        failures_to_sign_in_cost_time,
        a_nonce_is_new_once,
        what_outlived_its_use_is_swept;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn postgres_keeps_the_same_promises() {
    let server = PostgresServer::start().await;
    let mut failed = Vec::new();
    for (name, case) in CASES {
        let place = Place::on_postgres(&server, name).await;
        // A task of its own, so that one that fails does not hide the others.
        if tokio::spawn(case(place)).await.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "on PostgreSQL failed: {failed:#?}");
}
