//! Who may do what with the observatory.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};

/// Read editions and what is published of a procedure.
pub const READ_PUBLIC: Permission = Permission {
    name: "observatory.edition.read",
    holders: Holders::Everybody,
};
/// Say how a procedure went.
pub const REVIEW: Permission = Permission {
    name: "observatory.review.give",
    holders: Holders::Everybody,
};
/// Read the answers of a ministry's procedures, comments included.
pub const READ: Permission = Permission {
    name: "observatory.result.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Add and change procedures, declare, take a comment away that names somebody.
pub const EDIT: Permission = Permission {
    name: "observatory.procedure.edit",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
