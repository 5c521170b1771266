//! Lists, page after page along an index.

use kit_db::Statement;
use kit_db::list::Shape;

/// The latest asked first: by state, ministry, product, origin.
pub(crate) static REQUESTS: Shape = Shape {
    name: "brigade.request.list",
    select:
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_request t
         CROSS JOIN brigade_product p WHERE p.product_id = t.product_id",
    order: ("t.asked_on", "t.id"),
    is_descending: true,
    filters: &[
        "t.state = ?",
        "p.ministry_id = ?",
        "t.product_id = ?",
        "t.origin_kind = ?",
    ],
    owners: &[1],
};

/// The latest begun first: by state, ministry, product, expertise.
pub(crate) static MISSIONS: Shape = Shape {
    name: "brigade.mission.list",
    select:
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p WHERE p.product_id = t.product_id",
    order: ("t.from_day", "t.id"),
    is_descending: true,
    filters: &[
        "t.state = ?",
        "p.ministry_id = ?",
        "t.product_id = ?",
        "EXISTS (SELECT 1 FROM brigade_assignment a
            WHERE a.mission_id = t.id AND a.expertise = ?)",
    ],
    owners: &[1],
};

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&REQUESTS, &MISSIONS];
    shapes.into_iter().flat_map(Shape::statements).collect()
}
