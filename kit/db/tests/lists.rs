//! Lists and columns that hold what the program wrote, on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use jiff::civil::{Date, date};
use kit_db::columns::{code, code_or_none, json, json_or_none, to_json};
use kit_db::list::{Scope, Shape, page};
use kit_db::{Db, DbError, Migration, Row, Value};
use uuid::Uuid;

const MIGRATIONS: &[Migration] = &[Migration {
    module: "lists",
    name: "0001_leaves",
    sqlite:
        "CREATE TABLE leaf (id BLOB PRIMARY KEY, day TEXT, owner BLOB, guest BLOB, is_dry BOOLEAN,
             colour TEXT, notes TEXT)",
    postgres:
        "CREATE TABLE leaf (id UUID PRIMARY KEY, day TEXT COLLATE \"C\", owner UUID, guest UUID,
               is_dry BOOLEAN, colour TEXT, notes TEXT)",
}];

kit_db::statements! {
    INSERT = "lists.leaf.insert":
        "INSERT INTO leaf (id, day, owner, guest, is_dry, colour, notes)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "lists.leaf.find": "SELECT * FROM leaf WHERE id = $1";
}

/// The latest first: by owner, guest, colour, whether dry.
static LEAVES: Shape = Shape {
    name: "lists.leaf.list",
    select: "SELECT t.* FROM leaf t WHERE TRUE",
    order: ("t.day", "t.id"),
    is_descending: true,
    filters: &[
        "t.owner = ?",
        "t.guest = ?",
        "t.colour = ?",
        "t.is_dry = TRUE",
    ],
    owners: &[0, 1],
};

kit_db::on_both_databases!(MIGRATIONS =>
    every_list_prepares, a_list_goes_on_after_its_place, owners_are_merged_without_doubles,
    a_column_holds_what_was_written,
);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn read(row: &Row) -> Result<(Date, Uuid), DbError> {
    Ok((row.get("day")?, row.get("id")?))
}

/// Six leaves on two days, of owners 1 and 2 in turn; 3 is the guest of the first three, and of the
/// last nothing more is known.
async fn grow(db: &Db) {
    for number in 0..6_u128 {
        INSERT
            .bind(id(10 + number))
            .bind(date(2026, 3, if number < 3 { 1 } else { 2 }))
            .bind(id(1 + number % 2))
            .bind((number < 3).then(|| id(3)))
            .bind(number == 0)
            .bind(
                (number < 5)
                    .then_some(if number < 4 { "red" } else { "green" })
                    .map(str::to_owned),
            )
            .bind((number < 5).then(|| to_json(&[number.to_string()])))
            .execute(db)
            .await
            .unwrap();
    }
}

async fn numbers(
    db: &Db,
    scope: &Scope,
    after: (Date, Uuid),
    values: Vec<Option<Value>>,
    limit: u32,
) -> Vec<u128> {
    let asked = (after, values, limit);
    let found = page(db, &LEAVES, scope, asked, read, |one| *one).await;
    found.unwrap().iter().map(|one| one.1.as_u128()).collect()
}

const FIRST: (Date, Uuid) = (Date::MAX, Uuid::max());

fn any() -> Vec<Option<Value>> {
    vec![None; 4]
}

async fn every_list_prepares(db: Db) {
    let all: Vec<_> = LEAVES.statements().collect();
    assert_eq!(all.len(), 16);
    for statement in all {
        db.prepare(&statement).await.unwrap();
    }
}

async fn a_list_goes_on_after_its_place(db: Db) {
    grow(&db).await;
    let all = Scope::All;
    assert_eq!(numbers(&db, &all, FIRST, any(), 4).await, [15, 14, 13, 12]);
    let after = (date(2026, 3, 1), id(12));
    assert_eq!(numbers(&db, &all, after, any(), 4).await, [11, 10]);
    let red = vec![None, None, Some("red".into()), None];
    assert_eq!(numbers(&db, &all, FIRST, red, 9).await, [13, 12, 11, 10]);
    let dry_of_one = vec![Some(id(1).into()), None, None, Some(true.into())];
    assert_eq!(numbers(&db, &all, FIRST, dry_of_one, 9).await, [10]);
}

async fn owners_are_merged_without_doubles(db: Db) {
    grow(&db).await;
    let both = Scope::Of(vec![vec![id(1)], vec![id(3)]]);
    assert_eq!(numbers(&db, &both, FIRST, any(), 9).await, [14, 12, 11, 10]);
    assert_eq!(numbers(&db, &both, FIRST, any(), 2).await, [14, 12]);
    let two = Scope::Of(vec![vec![id(1), id(2)], vec![]]);
    let of_two = vec![Some(id(2).into()), None, None, None];
    assert_eq!(numbers(&db, &two, FIRST, of_two, 9).await, [15, 13, 11]);
    let nobody = Scope::Of(vec![vec![], vec![]]);
    assert!(numbers(&db, &nobody, FIRST, any(), 9).await.is_empty());
}

async fn a_column_holds_what_was_written(db: Db) {
    grow(&db).await;
    let known = |text: &str| (text == "red").then_some("known");
    let read = |row: &Row| {
        Ok((
            json::<Vec<String>>(row, "notes")?,
            code(row, "colour", known)?,
        ))
    };
    let found = FIND.bind(id(10)).one(&db, read).await.unwrap();
    assert_eq!(found, (vec!["0".to_owned()], "known"));
    let unknown = FIND.bind(id(14)).one(&db, read).await;
    assert!(matches!(unknown, Err(DbError::Decode { .. })));
    let empty = |row: &Row| {
        Ok((
            json_or_none::<Vec<String>>(row, "notes")?,
            code_or_none(row, "colour", known)?,
        ))
    };
    let found = FIND.bind(id(15)).one(&db, empty).await.unwrap();
    assert_eq!(found, (None, None));
    let found = FIND.bind(id(10)).one(&db, empty).await.unwrap();
    assert_eq!(found, (Some(vec!["0".to_owned()]), Some("known")));
}
