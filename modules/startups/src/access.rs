//! Who may do what with start-ups. A right on the incubator is as good as one on the ministry.

use kit_access::{Actor, Denied, Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};
use uuid::Uuid;

/// Read what is published.
pub const READ_PUBLIC: Permission = Permission {
    name: "startups.publication.read",
    holders: Holders::Everybody,
};
/// Read reviews, decisions, investments and national impact; priorities and cohorts of all.
pub const READ: Permission = Permission {
    name: "startups.file.read",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
        READER,
    ]),
};
/// Prepare a review and hand it over; answer the test of national impact.
pub const PREPARE: Permission = Permission {
    name: "startups.review.prepare",
    holders: Holders::Roles(&[
        ADMINISTRATOR,
        PORTFOLIO_OFFICER,
        DIGITAL_DIRECTOR,
        PRODUCT_TEAM,
    ]),
};
/// Give a review back, decide, invest, plan what is published: the committee of the incubator or of
/// the directorate.
pub const DECIDE: Permission = Permission {
    name: "startups.decision.record",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};
/// Check the test of national impact, set its threshold, keep the Government's priorities: the
/// directorate, on the whole State.
pub const CHECK: Permission = Permission {
    name: "startups.national.check",
    holders: Holders::Roles(&[ADMINISTRATOR, PORTFOLIO_OFFICER]),
};

/// Whether the actor holds a permission on a start-up's ministry or incubator.
pub(crate) fn may(
    actor: &Actor,
    permission: &Permission,
    (ministry, incubator): (Option<Uuid>, Option<Uuid>),
) -> bool {
    actor.may(permission, ministry) || (incubator.is_some() && actor.may(permission, incubator))
}

/// Refuses unless the actor does.
pub(crate) fn demand(
    actor: &Actor,
    permission: &Permission,
    owners: (Option<Uuid>, Option<Uuid>),
) -> Result<(), Denied> {
    if may(actor, permission, owners) {
        Ok(())
    } else {
        actor.demand(permission, owners.0)
    }
}
