//! Lists, page after page along an index.

use kit_db::Statement;
use kit_db::list::Shape;

/// The latest first: by state, kind, ministry, product.
pub(crate) static CONTRACTS: Shape = Shape {
    name: "contracts.contract.list",
    select: "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p WHERE p.product_id = t.product_id",
    order: ("t.opened_on", "t.id"),
    is_descending: true,
    filters: &[
        "t.state = ?",
        "t.kind = ?",
        "t.ministry_id = ?",
        "t.product_id = ?",
    ],
    owners: &[2],
};

/// The latest first: by state, ministry, fund, call, product.
pub(crate) static APPLICATIONS: Shape = Shape {
    name: "contracts.application.list",
    select: "SELECT t.*, p.title AS product_title FROM contracts_application t
         CROSS JOIN contracts_product p WHERE p.product_id = t.product_id",
    order: ("t.applied_on", "t.id"),
    is_descending: true,
    filters: &[
        "t.state = ?",
        "t.ministry_id = ?",
        "t.fund_id = ?",
        "t.call_id = ?",
        "t.product_id = ?",
    ],
    owners: &[1],
};

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&CONTRACTS, &APPLICATIONS];
    shapes.into_iter().flat_map(Shape::statements).collect()
}
