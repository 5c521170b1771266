//! One's own account.

use kit_access::Reach;
use kit_http::{Cx, Failure, Page, State};
use kit_ui::{Actions, Cell, Column, Composed, Table};

use crate::Directory;

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let names = directory.list_organisations(None).await?;
    let rows = cx.actor.grants.iter().map(|grant| {
        let place = match &grant.reach {
            Reach::State => words.text("directory-whole-state"),
            Reach::Organisations(ids) => names
                .iter()
                .filter(|organisation| ids.contains(&organisation.id))
                .map(|organisation| organisation.name.as_str())
                .take(10)
                .collect::<Vec<_>>()
                .join(", "),
        };
        vec![
            Cell::text(words.text(&format!("role-{}", grant.role))),
            Cell::text(place),
        ]
    });
    let columns = vec![
        Column::text(words.text("directory-role")),
        Column::text(words.text("directory-place")),
    ];
    let table = Table::new(
        &words,
        "grants",
        words.text("directory-own-grants"),
        columns,
    )
    .rows(rows)
    .empty(words.text("directory-no-grant"));
    let shell = cx
        .shell(words.text("directory-account"))
        .lead(words.text("directory-account-lead"));
    let change = (
        words.text("directory-change-password"),
        "/password".to_owned(),
    );
    Ok(Page(
        Composed::new(shell).with(table).with(Actions(vec![change])),
    ))
}
