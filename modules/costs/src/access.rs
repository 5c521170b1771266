//! Who may do what with costs.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};

/// Read what is published, and compare agents with contractors.
pub const READ_PUBLIC: Permission = Permission {
    name: "costs.publication.read",
    holders: Holders::Everybody,
};
/// Read the costs of a ministry's products.
pub const READ: Permission = Permission {
    name: "costs.version.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Add a version of a product's cost.
pub const EDIT: Permission = Permission {
    name: "costs.version.add",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Decide what is published.
pub const PUBLISH: Permission = Permission {
    name: "costs.publication.decide",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
