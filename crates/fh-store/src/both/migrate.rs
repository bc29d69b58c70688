use sqlx::Row as _;

use super::Pools;
use super::migrations::{LEDGER, LOCK, MIGRATIONS};
use crate::StoreError;
use crate::migration::Migration;

/// Makes what is missing, in one transaction: the tables are those of one version, never between two.
pub(super) async fn migrate(pools: &Pools) -> Result<(), StoreError> {
    migrate_by(pools, MIGRATIONS).await
}

async fn migrate_by(pools: &Pools, migrations: &[Migration]) -> Result<(), StoreError> {
    let mut transaction = pools.write().await?;
    sqlx::query(LOCK).execute(&mut *transaction).await?;
    sqlx::raw_sql(LEDGER).execute(&mut *transaction).await?;
    let made = sqlx::query("SELECT version, checksum FROM migrations ORDER BY version")
        .fetch_all(&mut *transaction)
        .await?;
    let latest = count_of(migrations);
    for row in &made {
        let (version, checksum): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let Some(migration) = migrations.iter().find(|migration| migration.version == version)
        else {
            return Err(StoreError::Unfit {
                expected: format!("tables of version {latest} or older"),
                found: format!("version {version}, which a newer program wrote"),
            });
        };
        if migration.checksum() != checksum {
            return Err(StoreError::Unfit {
                expected: format!("tables made by migration {version} of this program"),
                found: "tables that another one made under that number".to_owned(),
            });
        }
    }
    for migration in migrations.iter().skip(made.len()) {
        sqlx::raw_sql(migration.statements).execute(&mut *transaction).await?;
        sqlx::query(concat!("INSERT INTO migrations VALUES ($1, $2, ", now!(), ")"))
            .bind(migration.version)
            .bind(migration.checksum())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn count_of(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |migration| migration.version)
}
