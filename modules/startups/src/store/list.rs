//! Lists, page after page along an index.

use kit_db::Statement;
use kit_db::list::Shape;

/// Live start-ups, the first due first: by ministry, incubator, phase, and those due before a day.
pub(crate) static STARTUPS: Shape = Shape {
    name: "startups.product.list",
    select: "SELECT t.* FROM startups_product t WHERE t.due_on IS NOT NULL",
    order: ("t.due_on", "t.product_id"),
    is_descending: false,
    filters: &[
        "t.ministry_id = ?",
        "t.incubator_id = ?",
        "t.phase = ?",
        "t.due_on < ?",
    ],
    owners: &[0, 1],
};

/// Reviews, the latest due first: by ministry, incubator, state.
pub(crate) static REVIEWS: Shape = Shape {
    name: "startups.review.list",
    select: "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id",
    order: ("t.due_on", "t.id"),
    is_descending: true,
    filters: &["p.ministry_id = ?", "p.incubator_id = ?", "t.state = ?"],
    owners: &[0, 1],
};

/// Decisions, the latest first: by ministry, incubator, kind.
pub(crate) static DECISIONS: Shape = Shape {
    name: "startups.decision.list",
    select: "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id",
    order: ("t.decided_on", "t.id"),
    is_descending: true,
    filters: &["p.ministry_id = ?", "p.incubator_id = ?", "t.kind = ?"],
    owners: &[0, 1],
};

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&STARTUPS, &REVIEWS, &DECISIONS];
    shapes.into_iter().flat_map(Shape::statements).collect()
}
