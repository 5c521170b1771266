//! Who may do what in the brigade.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};

/// Read a calendar: whoever has its private address.
pub const READ_CALENDAR: Permission = Permission {
    name: "brigade.calendar.read",
    holders: Holders::Everybody,
};
/// Read requests and missions of a ministry.
pub const READ: Permission = Permission {
    name: "brigade.mission.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Ask for the brigade, and take the request back.
pub const ASK: Permission = Permission {
    name: "brigade.request.ask",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Agree to a mission or to its extension for a ministry, or refuse it: nobody of the directorate does
/// so in its place.
pub const AGREE: Permission = Permission {
    name: "brigade.mission.agree",
    holders: Holders::Roles(&[DIGITAL_DIRECTOR]),
};
/// Answer requests, start, report and close missions.
pub const CONDUCT: Permission = Permission {
    name: "brigade.mission.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Keep the brigade's people and see the planning board: held on the whole State.
pub const STAFF: Permission = Permission {
    name: "brigade.expert.keep",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Record days: an officer, or the expert for itself by its account.
pub const RECORD: Permission = Permission {
    name: "brigade.day.record",
    holders: Holders::SignedIn,
};
