//! Who may do what in the portfolio.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};

/// Read products, estimates and reports: open data.
pub const READ: Permission = Permission {
    name: "portfolio.product.read",
    holders: Holders::Everybody,
};
/// Add a product and change what is said of it.
pub const EDIT_PRODUCT: Permission = Permission {
    name: "portfolio.product.edit",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
/// Tell an estimate.
pub const ADD_ESTIMATE: Permission = Permission {
    name: "portfolio.estimate.add",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Set a new baseline.
pub const REBASELINE: Permission = Permission {
    name: "portfolio.baseline.set",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Import sources and answer near matches.
pub const IMPORT: Permission = Permission {
    name: "portfolio.import.run",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Keep views of the list for oneself.
pub const SAVE_VIEW: Permission = Permission {
    name: "portfolio.view.save",
    holders: Holders::SignedIn,
};
