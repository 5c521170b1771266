//! Who may do what with contracts and funds.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};

/// Read what is published.
pub const READ_PUBLIC: Permission = Permission {
    name: "contracts.publication.read",
    holders: Holders::Everybody,
};
/// Read contracts and applications of a ministry; funds and calls belong to the whole State.
pub const READ: Permission = Permission {
    name: "contracts.contract.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Comment on a contract that is negotiated.
pub const COMMENT: Permission = Permission {
    name: "contracts.contract.comment",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Draft a contract, propose another text.
pub const PROPOSE: Permission = Permission {
    name: "contracts.contract.propose",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
/// Open negotiations and amendments, settle a text, check clauses, review, end, publish.
pub const CONDUCT: Permission = Permission {
    name: "contracts.contract.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Sign for the directorate. Who runs the platform signs for nobody.
pub const SIGN_DIRECTORATE: Permission = Permission {
    name: "contracts.directorate.sign",
    holders: Holders::Roles(&[PORTFOLIO_OFFICER]),
};
/// Sign for a ministry.
pub const SIGN_MINISTRY: Permission = Permission {
    name: "contracts.ministry.sign",
    holders: Holders::Roles(&[DIGITAL_DIRECTOR]),
};
/// Release and hold tranches, record payments.
pub const RELEASE: Permission = Permission {
    name: "contracts.tranche.release",
    holders: Holders::Roles(&[PORTFOLIO_OFFICER]),
};
/// Open funds and calls, decide on applications.
pub const FUND: Permission = Permission {
    name: "contracts.fund.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Apply to a call for a product of a ministry.
pub const APPLY: Permission = Permission {
    name: "contracts.application.send",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
