//! Who may do what with indicators.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};

/// Read indicators, figures and how promises stand: open data.
pub const READ: Permission = Permission {
    name: "impact.indicator.read",
    holders: Holders::Everybody,
};
/// Say what is measured and what is promised.
pub const EDIT: Permission = Permission {
    name: "impact.indicator.edit",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
/// Record figures and correct them.
pub const OBSERVE: Permission = Permission {
    name: "impact.observation.add",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Have an indicator measured by the platform: it publishes counts of a service or an API, which
/// another ministry may hold.
pub const BIND: Permission = Permission {
    name: "impact.source.bind",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Send figures by a program: whoever holds the key of the indicator.
pub const PUSH: Permission = Permission {
    name: "impact.observation.push",
    holders: Holders::Everybody,
};
