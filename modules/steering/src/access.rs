//! Who may do what in steering.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};

/// Read what is published.
pub const READ_PUBLIC: Permission = Permission {
    name: "steering.publication.read",
    holders: Holders::Everybody,
};
/// Read reviews, recommendations, alerts and decisions of a ministry.
pub const READ: Permission = Permission {
    name: "steering.file.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Read the morning page of the directorate, which holds all ministries: held on the whole State.
pub const READ_MORNING: Permission = Permission {
    name: "steering.morning.read",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Announce a project whose cost is foreseen beyond the threshold.
pub const ANNOUNCE: Permission = Permission {
    name: "steering.review.announce",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
/// Fill in the file of a review, and give the information that was asked.
pub const FILL: Permission = Permission {
    name: "steering.review.fill",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Receive files, ask for information, give opinions, open audits, decide what is published.
pub const CONDUCT: Permission = Permission {
    name: "steering.review.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Recommend, verify what is claimed, say whether a project was reoriented.
pub const RECOMMEND: Permission = Permission {
    name: "steering.recommendation.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Answer recommendations and alerts for a ministry.
pub const ANSWER: Permission = Permission {
    name: "steering.recommendation.answer",
    holders: Holders::Roles(&[ADMINISTRATOR, DIGITAL_DIRECTOR, PRODUCT_TEAM]),
};
/// Do something with an alert or with what a conference speaks of; hold funding.
pub const WATCH: Permission = Permission {
    name: "steering.alert.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Record decisions.
pub const DECIDE: Permission = Permission {
    name: "steering.decision.record",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Plan conferences, make their agenda, prepare and hold them, adopt for the directorate, publish.
pub const CONFER: Permission = Permission {
    name: "steering.conference.conduct",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Write the minutes of a conference: both sides do.
pub const WRITE: Permission = Permission {
    name: "steering.conference.write",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER, DIGITAL_DIRECTOR]),
};
/// Adopt the minutes for a ministry.
pub const ADOPT: Permission = Permission {
    name: "steering.conference.adopt",
    holders: Holders::Roles(&[DIGITAL_DIRECTOR]),
};
