//! Lists, page after page along an index.

use kit_db::Statement;
use kit_db::list::Shape;

/// The latest announced first: by state, kind, ministry, product.
pub(crate) static REVIEWS: Shape = Shape {
    name: "steering.review.list",
    select: "SELECT t.*, p.title AS product_title FROM steering_review t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id",
    order: ("t.announced_on", "t.id"),
    is_descending: true,
    filters: &[
        "t.state = ?",
        "t.kind = ?",
        "t.ministry_id = ?",
        "t.product_id = ?",
    ],
    owners: &[2],
};

/// The first due first: by status, axis, ministry, whether overdue, product, review, whether public.
pub(crate) static RECOMMENDATIONS: Shape = Shape {
    name: "steering.recommendation.list",
    select: "SELECT t.*, p.title AS product_title FROM steering_recommendation t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id",
    order: ("t.due_on", "t.id"),
    is_descending: false,
    filters: &[
        "t.status = ?",
        "t.axis = ?",
        "t.ministry_id = ?",
        "t.is_overdue = TRUE",
        "t.product_id = ?",
        "t.review_id = ?",
        "t.public_on <= ?",
    ],
    owners: &[2],
};

/// Open ones, the costliest product first: by rule, ministry.
pub(crate) static ALERTS: Shape = Shape {
    name: "steering.alert.list",
    select: "SELECT t.*, p.title AS product_title FROM steering_alert t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.closed_on IS NULL",
    order: ("t.cost_cents", "t.id"),
    is_descending: true,
    filters: &["t.rule = ?", "t.ministry_id = ?"],
    owners: &[1],
};

/// The latest first: by kind, ministry, product.
pub(crate) static DECISIONS: Shape = Shape {
    name: "steering.decision.list",
    select: "SELECT t.*, p.title AS product_title FROM steering_decision t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id",
    order: ("t.decided_on", "t.id"),
    is_descending: true,
    filters: &["t.kind = ?", "t.ministry_id = ?", "t.product_id = ?"],
    owners: &[1],
};

/// Open points, the oldest first: by ministry.
pub(crate) static AGENDA: Shape = Shape {
    name: "steering.agenda.list",
    select: "SELECT t.*, p.title AS product_title FROM steering_agenda t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.closed_on IS NULL",
    order: ("t.added_on", "t.id"),
    is_descending: false,
    filters: &["t.ministry_id = ?"],
    owners: &[0],
};

/// The latest first: by state, ministry.
pub(crate) static CONFERENCES: Shape = Shape {
    name: "steering.conference.list",
    select: "SELECT t.* FROM steering_conference t WHERE TRUE",
    order: ("t.day", "t.id"),
    is_descending: true,
    filters: &["t.state = ?", "t.ministry_id = ?"],
    owners: &[1],
};

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [
        &REVIEWS,
        &RECOMMENDATIONS,
        &ALERTS,
        &DECISIONS,
        &AGENDA,
        &CONFERENCES,
    ];
    shapes.into_iter().flat_map(Shape::statements).collect()
}
