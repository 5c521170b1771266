//! National impact: answers, checks, the threshold.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, code_or_none};
use crate::domain::{Check, Criterion, CriterionAnswer, Threshold};

kit_db::statements! {
    OF_PRODUCT = "startups.criterion.of_product":
        "SELECT * FROM startups_criterion WHERE product_id = $1 ORDER BY criterion LIMIT 20";
    INSERT = "startups.criterion.insert":
        "INSERT INTO startups_criterion (product_id, criterion, is_met, evidence, link, answered_on,
            answered_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (product_id, criterion) DO NOTHING";
    SAVE = "startups.criterion.save":
        "UPDATE startups_criterion SET is_met = $4, evidence = $5, link = $6, answered_on = $7,
            answered_by = $8, verdict = $9, checked_on = $10, checked_by = $11, comment = $12,
            row_version = row_version + 1
         WHERE product_id = $1 AND criterion = $2 AND row_version = $3";
    THRESHOLD = "startups.threshold.find":
        "SELECT * FROM startups_threshold WHERE product_id = $1";
    ADD_THRESHOLD = "startups.threshold.insert":
        "INSERT INTO startups_threshold (product_id, indicator_id, value, reason, set_on, set_by)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (product_id) DO NOTHING";
    SET_THRESHOLD = "startups.threshold.save":
        "UPDATE startups_threshold SET indicator_id = $2, value = $3, reason = $4, set_on = $5,
            set_by = $6, row_version = row_version + 1
         WHERE product_id = $1 AND row_version = $7";
}

fn read(row: &Row) -> Result<CriterionAnswer, DbError> {
    let verdict = code_or_none(row, "verdict", Check::parse)?;
    let on: Option<Date> = row.get("checked_on")?;
    let by: Option<String> = row.get("checked_by")?;
    let comment: Option<String> = row.get("comment")?;
    let check = verdict.zip(on).map(|(verdict, on)| {
        (
            verdict,
            on,
            by.unwrap_or_default(),
            comment.unwrap_or_default(),
        )
    });
    Ok(CriterionAnswer {
        criterion: code(row, "criterion", Criterion::parse)?,
        is_met: row.get("is_met")?,
        evidence: row.get("evidence")?,
        link: row.get("link")?,
        answered: (row.get("answered_on")?, row.get("answered_by")?),
        check,
        version: row.get("row_version")?,
    })
}

/// What was answered for a product.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<CriterionAnswer>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// Saves an answer, the first one with version 0; gives whether nobody did before.
pub(crate) async fn save(
    tx: &mut Tx,
    product: Uuid,
    one: &CriterionAnswer,
    version: i64,
) -> Result<bool, DbError> {
    let query = if version == 0 {
        INSERT
            .bind(product)
            .bind(one.criterion.code())
            .bind(one.is_met)
            .bind(&one.evidence)
            .bind(&one.link)
            .bind(one.answered.0)
            .bind(&one.answered.1)
    } else {
        let check = one.check.as_ref();
        SAVE.bind(product)
            .bind(one.criterion.code())
            .bind(version)
            .bind(one.is_met)
            .bind(&one.evidence)
            .bind(&one.link)
            .bind(one.answered.0)
            .bind(&one.answered.1)
            .bind(check.map(|(verdict, ..)| verdict.code()))
            .bind(check.map(|(_, on, ..)| *on))
            .bind(check.map(|(_, _, by, _)| by.clone()))
            .bind(check.map(|(.., comment)| comment.clone()))
    };
    Ok(query.execute(tx).await? == 1)
}

/// The threshold of a product.
pub(crate) async fn threshold(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Option<Threshold>, DbError> {
    THRESHOLD
        .bind(product)
        .optional(on, |row| {
            Ok(Threshold {
                indicator: row.get("indicator_id")?,
                value: row.get("value")?,
                reason: row.get("reason")?,
                set: (row.get("set_on")?, row.get("set_by")?),
                version: row.get("row_version")?,
            })
        })
        .await
}

/// Sets it, the first time with version 0; gives whether nobody did before.
pub(crate) async fn set_threshold(
    tx: &mut Tx,
    product: Uuid,
    one: &Threshold,
    version: i64,
) -> Result<bool, DbError> {
    let statement = if version == 0 {
        &ADD_THRESHOLD
    } else {
        &SET_THRESHOLD
    };
    let mut query = statement
        .bind(product)
        .bind(one.indicator)
        .bind(one.value)
        .bind(&one.reason)
        .bind(one.set.0)
        .bind(&one.set.1);
    if version != 0 {
        query = query.bind(version);
    }
    Ok(query.execute(tx).await? == 1)
}
