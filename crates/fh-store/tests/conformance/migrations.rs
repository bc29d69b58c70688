//! From every earlier version of the tables to today's.

use fh_store::{CallFilter, ConnectOptions, Paging, connect};
use miniz_oxide::deflate::compress_to_vec_zlib;
use sqlx::{AssertSqlSafe, PgPool};

use crate::postgres_server::PostgresServer;
use crate::samples::{at, call_id};

/// In the first version the search index was not cut into stretches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn words_of_the_first_version_are_found() {
    let server = PostgresServer::start().await;
    let url = server.new_database("first_version").await;
    let first = include_str!("../../migrations/postgres/0001_begin.sql");
    let pool = PgPool::connect(&url).await.unwrap();
    for statements in [
        "CREATE TABLE migrations (version BIGINT PRIMARY KEY, checksum TEXT NOT NULL,
           made_at BIGINT NOT NULL)"
            .to_owned(),
        first.to_owned(),
        format!("INSERT INTO migrations VALUES (1, '{}', 0)", blake3::hash(first.as_bytes())),
        "INSERT INTO tenants (id, name, is_enabled, created_at) VALUES ('alpha', '', TRUE, 0)"
            .to_owned(),
        // Numbers of the first, the second and the fifth stretch.
        "INSERT INTO calls (number, tenant, id, group_id, kind, source, metadata, file_name,
           call_time, upload_time, state)
         OVERRIDING SYSTEM VALUE
         SELECT number, 'alpha', ('00000000-0000-0001-0000-' || lpad(to_hex(number), 12, '0'))::uuid,
           gen_random_uuid(), 'voice', '{}', '{}', '', 0, 1772323200000000 + number * 1000000, 'done'
         FROM unnest(ARRAY[7, 8192, 40000]::bigint[]) AS number"
            .to_owned(),
        "INSERT INTO words SELECT number, array_to_tsvector(ARRAY['1_你好', '1_好', '1_thanks'])
         FROM calls"
            .to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&pool).await.unwrap();
    }
    let texts = compress_to_vec_zlib("你好\u{1e}thanks".as_bytes(), 6);
    sqlx::query("INSERT INTO transcripts SELECT number, $1 FROM calls")
        .bind(texts)
        .execute(&pool)
        .await
        .unwrap();

    let store = connect(&url, &ConnectOptions::default()).await.unwrap();
    let scope = store.scope(&"alpha".parse().unwrap());
    let found = async |keyword: &str, upload_to| {
        let keyword = Some(keyword.to_owned());
        let filter = CallFilter { keyword, upload_to, ..CallFilter::default() };
        let page =
            scope.list_calls(&filter, &Paging::Offset { offset: 0, limit: 9 }).await.unwrap();
        page.rows.iter().map(|row| row.call.id).collect::<Vec<_>>()
    };
    let all = [40_000, 8_192, 7].map(call_id);
    for keyword in ["你好", "你", "好", "Thanks"] {
        assert_eq!(found(keyword, None).await, all, "{keyword}");
    }
    assert_eq!(found("你好", Some(at(10_000))).await, all[1..]);
    assert!(found("好你", None).await.is_empty());
    // What is erased leaves the index.
    scope.erase_call(all[1]).await.unwrap();
    assert_eq!(found("你好", None).await, [all[0], all[2]]);
}
