/// Defines [`Catalogue`] with one field for each text.
macro_rules! catalogue {
    ($($key:ident),* $(,)?) => {
        /// Every text that the program says to people, in one language.
        pub(crate) struct Catalogue {
            /// The language of the texts.
            pub(crate) lang: super::Lang,
            $(pub(crate) $key: &'static str,)*
        }

        #[cfg(test)]
        impl Catalogue {
            /// Every text with its name, in the order of the list.
            pub(super) fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key),)*]
            }
        }
    };
}

catalogue! {
    // Words.
    agent,
    customer,
    unknown_role,
    everybody,
    channel,
    unit_characters,
    unit_words,
    critical,
    info,

    // The table's heads.
    head_call,
    head_agent,
    head_duration,
    head_speech,
    head_speed,
    head_findings,
    head_score,
    head_scenario,
    head_notes,
    not_evaluated_count,

    // Below the table.
    note_partial,
    note_no_words,
    note_no_engine,
    note_no_speech,
    note_transcript_failed,
    note_no_scenario,
    failures_head,
    failure_remedy,
    summary_calls,
    summary_reused,
    summary_failed,
    summary_skipped,
    summary_sound,
    summary_scores,
    summary_provisional,
    summary_findings,
    summary_interrupted,
    legend_roles,

    // The details of a call.
    detail_recording,
    detail_channel,
    detail_speed,
    detail_silences,
    detail_talk_overs,
    detail_transcript_engine,
    detail_transcript_import,
    detail_score,
    detail_score_held,
    detail_rule,
    detail_why,
    detail_excused,
    detail_clear,
    detail_not_evaluated,

    // Why a rule flagged.
    said,
    said_phrase,
    absent,
    absent_whole_call,
    near_miss,
    why_other_role,
    why_before,
    why_after,
    why_not_counted,
    why_similar,
    silence,
    too_fast,
    too_slow,
    too_fast_call,
    too_slow_call,
    interruption,

    // Why a rule was not evaluated.
    no_transcript,
    roles_unknown,
    mixed_parties,
    no_voice_activity,
    not_applicable,
    work_limit,

    // Warnings of a call.
    warn_identical_channels,
    warn_dead_channel,
    warn_clipping,
    warn_dc_offset,
    warn_mixed_parties,
    warn_roles_unknown,
    warn_roles_look_swapped,
    warn_crosstalk,
    warn_voice_activity_by_level_only,
    warn_try_out_recognizer,
    warn_other,

    // Progress.
    progress_calls,
    progress_left,

    // Failures and usage.
    error_line,
    list_separator,
    quotation,
    unknown_engine,
    file_not_found,
    file_not_found_remedy,
    no_match,
    no_match_remedy,
    file_not_readable,
    manifest_entry_missing,
    internal_error,
    internal_error_remedy,
    nothing_to_inspect,
    several_calls_one_time,
    several_formats,
    binary_to_terminal,
    unknown_scenario,
    written,

    // Remedies by kind of failure.
    remedy_partial,
    remedy_limit,
    remedy_unknown_format,
    remedy_headerless,
    remedy_empty,
    remedy_sandbox,
    remedy_engine_none,
    remedy_say_language,

    // Rules.
    rules_checked,
    rules_broken,
    rules_tested,
    rules_no_such_rule,
    serve_ready,
    serve_first_start,
    config_sound,
    backup_done,
    backup_exists,
    backup_no_database,
    backup_postgres,
    restore_done,
    restore_not_empty,
    restore_other_database,
    restore_without_database,
    recording_damaged,
    recording_missing,
    rules_no_files,

    // Models.
    model_head_id,
    model_head_languages,
    model_head_size,
    model_head_licence,
    model_head_state,
    model_installed,
    model_not_installed,
    model_broken,
    model_pulled,
    model_verified,
    model_licence,
    model_unknown,

    // Doctor.
    doctor_head_part,
    doctor_head_state,
    doctor_head_found,
    doctor_ok,
    doctor_missing,
    doctor_optional,
    doctor_to_do,
    doctor_all_well,
    doctor_data_home,
    doctor_ffmpeg,
    doctor_ffmpeg_for,
    doctor_amr,
    doctor_amr_for,
    doctor_sherpa,
    doctor_sherpa_for,
    doctor_model,
    doctor_model_for,
    doctor_pocketsphinx,
    doctor_pocketsphinx_for,
    doctor_sandbox,
    doctor_sandbox_for,
    doctor_sandbox_found,
    doctor_rules,
    doctor_rules_for,
    doctor_rules_found,

    // Eval.
    eval_head_recording,
    eval_head_channel,
    eval_head_units,
    eval_head_wrong,
    eval_head_rate,
    eval_total,
    eval_no_reference,

    // Failures of recordings and the rest.
    fail_unreadable,
    fail_not_a_file,
    fail_empty,
    fail_unknown_format,
    fail_unsupported,
    fail_missing_decoder,
    fail_malformed,
    fail_headerless,
    fail_limit,
    limit_bytes,
    limit_duration,
    limit_channels,
    limit_rate,
    limit_memory,
    limit_cpu,
    limit_wait,
    place_byte,
    place_packet,
    fail_partial,
    fail_crashed,
    fail_sandbox,
    fail_other,
    remedy_unsupported,
    remedy_install,
    not_written,
    model_wrong_size,
    model_wrong_sha256,
    eval_note_wer,
    eval_note_cer,
}
