//! Lists, page after page along an index.

use kit_db::Statement;
use kit_db::list::Shape;

/// Procedures by name: by ministry, by product, only open ones.
pub(crate) static PROCEDURES: Shape = Shape {
    name: "observatory.procedure.list",
    select: "SELECT t.* FROM observatory_procedure t WHERE TRUE",
    order: ("t.sort_key", "t.id"),
    is_descending: false,
    filters: &["t.ministry_id = ?", "t.in_scope"],
    owners: &[0],
};

/// The procedures of an edition, by name: of a quarter, by ministry.
pub(crate) static EDITION: Shape = Shape {
    name: "observatory.edition_row.list",
    select: "SELECT t.* FROM observatory_edition_row t WHERE TRUE",
    order: ("t.sort_key", "t.procedure_id"),
    is_descending: false,
    filters: &["t.quarter = ?", "t.ministry_id = ?"],
    owners: &[],
};

/// Reviews of a procedure, the latest first: of a procedure, by satisfaction, only those with a comment.
pub(crate) static REVIEWS: Shape = Shape {
    name: "observatory.review.list",
    select: "SELECT t.* FROM observatory_review t WHERE TRUE",
    order: ("t.given_at", "t.id"),
    is_descending: true,
    filters: &[
        "t.procedure_id = ?",
        "t.satisfaction = ?",
        "t.comment <> ''",
    ],
    owners: &[],
};

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&PROCEDURES, &EDITION, &REVIEWS];
    shapes.into_iter().flat_map(Shape::statements).collect()
}
