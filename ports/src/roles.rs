//! The roles that a person can hold, on an organisation and all below it or on the whole State.

use kit_access::Role;

/// Runs the platform: people, grants, jobs.
pub const ADMINISTRATOR: Role = Role("administrator");
/// An officer of the digital directorate, who keeps the portfolio.
pub const PORTFOLIO_OFFICER: Role = Role("portfolio-officer");
/// A ministry's digital director: keeps the products of the ministry.
pub const DIGITAL_DIRECTOR: Role = Role("digital-director");
/// A product team: tells the estimates of its products.
pub const PRODUCT_TEAM: Role = Role("product-team");
/// Reads what isn't public.
pub const READER: Role = Role("reader");
/// Decides requests for accreditation to the data exchange.
pub const INSTRUCTOR: Role = Role("instructor");
/// Keeps the APIs of a data producer: sees who calls them, stops a flow.
pub const DATA_PRODUCER: Role = Role("data-producer");
/// Asks for accreditations for its organisation and uses them.
pub const DATA_REQUESTER: Role = Role("data-requester");

/// Every role, in the order in which pages offer them.
pub const ALL: [Role; 8] = [
    ADMINISTRATOR,
    PORTFOLIO_OFFICER,
    DIGITAL_DIRECTOR,
    PRODUCT_TEAM,
    READER,
    INSTRUCTOR,
    DATA_PRODUCER,
    DATA_REQUESTER,
];
