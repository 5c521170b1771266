//! Experts, their skills, when they work less, and the trades.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, half_days};
use crate::domain::{Availability, Employer, ExpertRead, ExpertiseForm, Period, SkillLevel};

kit_db::statements! {
    EXPERTISES = "brigade.expertise.all":
        "SELECT code, name_fr, name_en FROM brigade_expertise WHERE in_use = TRUE
         ORDER BY position, code LIMIT 200";
    ADD_EXPERTISE = "brigade.expertise.add":
        "INSERT INTO brigade_expertise (code, name_fr, name_en, position)
         VALUES ($1, $2, $3, 1000) ON CONFLICT (code) DO NOTHING";
    FIND = "brigade.expert.find": "SELECT * FROM brigade_expert WHERE id = $1";
    OF_PERSON = "brigade.expert.of_person":
        "SELECT * FROM brigade_expert WHERE person_id = $1";
    OF_EMAIL = "brigade.expert.of_email": "SELECT id FROM brigade_expert WHERE email = $1";
    HOLD = "brigade.expert.hold": "UPDATE brigade_expert SET held = held + 1 WHERE id = $1";
    INSERT = "brigade.expert.insert":
        "INSERT INTO brigade_expert (id, name, email, person_id, employer, lender, half_days_week,
            from_day, until_day, in_use, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    SAVE = "brigade.expert.save":
        "UPDATE brigade_expert SET name = $3, email = $4, person_id = $5, employer = $6, lender = $7,
            half_days_week = $8, from_day = $9, until_day = $10, in_use = $11,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    AFTER = "brigade.expert.after":
        "SELECT * FROM brigade_expert WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3";
    AFTER_WITH = "brigade.expert.after_with":
        "SELECT e.* FROM brigade_expert e
         JOIN brigade_skill s ON s.expert_id = e.id AND s.expertise = $4
         WHERE (e.name, e.id) > ($1, $2) ORDER BY e.name, e.id LIMIT $3";
    IN_USE = "brigade.expert.in_use":
        "SELECT * FROM brigade_expert WHERE in_use = TRUE ORDER BY name, id LIMIT $1";
    SKILLS = "brigade.skill.all":
        "SELECT s.* FROM brigade_skill s JOIN brigade_expert e ON e.id = s.expert_id
         WHERE e.in_use = TRUE ORDER BY s.expert_id, s.expertise LIMIT 50000";
    SKILLS_OF = "brigade.skill.of":
        "SELECT * FROM brigade_skill WHERE expert_id = $1 ORDER BY expertise";
    FORGET_SKILLS = "brigade.skill.forget": "DELETE FROM brigade_skill WHERE expert_id = $1";
    ADD_SKILL = "brigade.skill.add":
        "INSERT INTO brigade_skill (expert_id, expertise, level) VALUES ($1, $2, $3)";
    PERIODS = "brigade.period.all":
        "SELECT p.* FROM brigade_period p JOIN brigade_expert e ON e.id = p.expert_id
         WHERE e.in_use = TRUE AND p.to_day >= $1 ORDER BY p.expert_id, p.from_day, p.id LIMIT 50000";
    PERIODS_OF = "brigade.period.of":
        "SELECT * FROM brigade_period WHERE expert_id = $1 ORDER BY from_day, id LIMIT 1000";
    ADD_PERIOD = "brigade.period.add":
        "INSERT INTO brigade_period (id, expert_id, from_day, to_day, half_days_week)
         VALUES ($1, $2, $3, $4, $5)";
    REMOVE_PERIOD = "brigade.period.remove":
        "DELETE FROM brigade_period WHERE id = $1 AND expert_id = $2";
}

/// Most experts that the board and the matching look at.
pub(crate) const EXPERTS_MAX: u32 = 1_000;

/// A trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expertise {
    /// Its code.
    pub code: String,
    /// Its French name.
    pub name_fr: String,
    /// Its English name.
    pub name_en: String,
}

/// Somebody of the brigade, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expert {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its address: for officers alone.
    pub email: String,
    /// Its account.
    pub person: Option<Uuid>,
    /// How it is employed.
    pub employer: Employer,
    /// Who lends it; empty: the directorate's own.
    pub lender: String,
    /// When it works; its periods are for officers alone.
    pub availability: Availability,
    /// The ids of its periods, in their order.
    pub period_ids: Vec<Uuid>,
    /// The level of each expertise.
    pub skills: BTreeMap<String, SkillLevel>,
    /// Whether it can be proposed.
    pub in_use: bool,
    /// The version that a change names.
    pub version: i64,
}

fn read(row: &Row) -> Result<Expert, DbError> {
    Ok(Expert {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        person: row.get("person_id")?,
        employer: code(row, "employer", Employer::parse)?,
        lender: row.get("lender")?,
        availability: Availability {
            half_days_week: half_days(row, "half_days_week")?,
            from: row.get("from_day")?,
            until: row.get("until_day")?,
            periods: Vec::new(),
        },
        period_ids: Vec::new(),
        skills: BTreeMap::new(),
        in_use: row.get("in_use")?,
        version: row.get("row_version")?,
    })
}

type SkillRow = (Uuid, String, SkillLevel);

fn read_skill(row: &Row) -> Result<SkillRow, DbError> {
    Ok((
        row.get("expert_id")?,
        row.get("expertise")?,
        code(row, "level", SkillLevel::parse)?,
    ))
}

type PeriodRow = (Uuid, Uuid, Period);

fn read_period(row: &Row) -> Result<PeriodRow, DbError> {
    let period = Period {
        from: row.get("from_day")?,
        to: row.get("to_day")?,
        half_days_week: half_days(row, "half_days_week")?,
    };
    Ok((row.get("expert_id")?, row.get("id")?, period))
}

/// Trades, in the order in which pages offer them.
pub(crate) async fn expertises(on: impl Into<Handle<'_>>) -> Result<Vec<Expertise>, DbError> {
    let read = |row: &Row| {
        Ok(Expertise {
            code: row.get("code")?,
            name_fr: row.get("name_fr")?,
            name_en: row.get("name_en")?,
        })
    };
    EXPERTISES.query().all(on, read).await
}

/// Adds a trade; gives whether its code was free.
pub(crate) async fn add_expertise(tx: &mut Tx, one: &ExpertiseForm) -> Result<bool, DbError> {
    let query = ADD_EXPERTISE
        .bind(&one.code)
        .bind(&one.name_fr)
        .bind(&one.name_en);
    Ok(query.execute(tx).await? == 1)
}

/// Somebody with skills and periods, in a transaction.
pub(crate) async fn find_in(tx: &mut Tx, id: Uuid) -> Result<Option<Expert>, DbError> {
    let Some(mut one) = FIND.bind(id).optional(&mut *tx, read).await? else {
        return Ok(None);
    };
    let skills = SKILLS_OF.bind(id).all(&mut *tx, read_skill).await?;
    let periods = PERIODS_OF.bind(id).all(tx, read_period).await?;
    with(&mut one, skills, periods);
    Ok(Some(one))
}

/// The same, its row held until the transaction ends: two that book it wait for each other here.
pub(crate) async fn hold(tx: &mut Tx, id: Uuid) -> Result<Option<Expert>, DbError> {
    HOLD.bind(id).execute(&mut *tx).await?;
    find_in(tx, id).await
}

/// Somebody with skills and periods.
pub(crate) async fn find(db: &Db, id: Uuid) -> Result<Option<Expert>, DbError> {
    let Some(mut one) = FIND.bind(id).optional(db, read).await? else {
        return Ok(None);
    };
    let skills = SKILLS_OF.bind(id).all(db, read_skill).await?;
    let periods = PERIODS_OF.bind(id).all(db, read_period).await?;
    with(&mut one, skills, periods);
    Ok(Some(one))
}

fn with(one: &mut Expert, skills: Vec<SkillRow>, periods: Vec<PeriodRow>) {
    for (_, expertise, level) in skills {
        one.skills.insert(expertise, level);
    }
    for (_, id, period) in periods {
        one.availability.periods.push(period);
        one.period_ids.push(id);
    }
}

/// Whose account it is.
pub(crate) async fn of_person(
    on: impl Into<Handle<'_>>,
    person: Uuid,
) -> Result<Option<Expert>, DbError> {
    OF_PERSON.bind(person).optional(on, read).await
}

/// Who has an address.
pub(crate) async fn of_email(tx: &mut Tx, email: &str) -> Result<Option<Uuid>, DbError> {
    let query = OF_EMAIL.bind(email);
    query.optional(tx, |row| row.get("id")).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    (one, person): (&ExpertRead, Option<Uuid>),
    now: Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(id)
        .bind(&one.name)
        .bind(&one.email)
        .bind(person)
        .bind(one.employer.code())
        .bind(&one.lender)
        .bind(one.availability.half_days_week)
        .bind(one.availability.from)
        .bind(one.availability.until)
        .bind(one.in_use)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    skill(tx, id, &one.skills).await
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    (one, person): (&ExpertRead, Option<Uuid>),
) -> Result<bool, DbError> {
    let query = SAVE
        .bind(id)
        .bind(version)
        .bind(&one.name)
        .bind(&one.email)
        .bind(person)
        .bind(one.employer.code())
        .bind(&one.lender)
        .bind(one.availability.half_days_week)
        .bind(one.availability.from)
        .bind(one.availability.until)
        .bind(one.in_use);
    if query.execute(&mut *tx).await? == 0 {
        return Ok(false);
    }
    skill(tx, id, &one.skills).await.map(|()| true)
}

async fn skill(
    tx: &mut Tx,
    id: Uuid,
    skills: &BTreeMap<String, SkillLevel>,
) -> Result<(), DbError> {
    FORGET_SKILLS.bind(id).execute(&mut *tx).await?;
    for (expertise, level) in skills {
        let query = ADD_SKILL.bind(id).bind(expertise).bind(level.code());
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// By name after a place, those who know an expertise when it is given; without periods.
pub(crate) async fn page(
    db: &Db,
    expertise: Option<&str>,
    after: (&str, Uuid),
    limit: u32,
) -> Result<Vec<Expert>, DbError> {
    let mut all = match expertise {
        None => {
            let query = AFTER.bind(after.0).bind(after.1).bind(limit);
            query.all(db, read).await?
        }
        Some(code) => {
            let query = AFTER_WITH.bind(after.0).bind(after.1).bind(limit);
            query.bind(code).all(db, read).await?
        }
    };
    for one in &mut all {
        let skills = SKILLS_OF.bind(one.id).all(db, read_skill).await?;
        with(one, skills, Vec::new());
    }
    Ok(all)
}

/// Everybody who can be proposed, with skills and what periods end on a day or later; by name.
pub(crate) async fn in_use(db: &Db, since: Date) -> Result<Vec<Expert>, DbError> {
    let mut all = IN_USE.bind(EXPERTS_MAX).all(db, read).await?;
    let places: BTreeMap<Uuid, usize> = all
        .iter()
        .enumerate()
        .map(|(at, one)| (one.id, at))
        .collect();
    for row in SKILLS.query().all(db, read_skill).await? {
        if let Some(at) = places.get(&row.0) {
            with(&mut all[*at], vec![row], Vec::new());
        }
    }
    for row in PERIODS.bind(since).all(db, read_period).await? {
        if let Some(at) = places.get(&row.0) {
            with(&mut all[*at], Vec::new(), vec![row]);
        }
    }
    Ok(all)
}

pub(crate) async fn add_period(
    tx: &mut Tx,
    id: Uuid,
    expert: Uuid,
    period: Period,
) -> Result<(), DbError> {
    ADD_PERIOD
        .bind(id)
        .bind(expert)
        .bind(period.from)
        .bind(period.to)
        .bind(period.half_days_week)
        .execute(tx)
        .await
        .map(drop)
}

/// Takes a period away; gives whether it was there.
pub(crate) async fn remove_period(tx: &mut Tx, id: Uuid, expert: Uuid) -> Result<bool, DbError> {
    Ok(REMOVE_PERIOD.bind(id).bind(expert).execute(tx).await? == 1)
}
