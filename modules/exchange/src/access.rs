//! Who may do what with the exchange.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DATA_PRODUCER, DATA_REQUESTER, INSTRUCTOR};

/// Read the catalogue, active accreditations and figures: open data.
pub const READ: Permission = Permission {
    name: "exchange.catalogue.read",
    holders: Holders::Everybody,
};
/// Keep the APIs of a producer.
pub const EDIT_API: Permission = Permission {
    name: "exchange.api.edit",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER]),
};
/// Ask for accreditations for an organisation, and use them.
pub const ASK: Permission = Permission {
    name: "exchange.accreditation.ask",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_REQUESTER]),
};
/// Read accreditations: one's own, those for one's data, those that one decides.
pub const READ_ACCREDITATIONS: Permission = Permission {
    name: "exchange.accreditation.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_REQUESTER, INSTRUCTOR, DATA_PRODUCER]),
};
/// Decide requests, suspend and revoke what was granted.
pub const INSTRUCT: Permission = Permission {
    name: "exchange.accreditation.instruct",
    holders: Holders::Roles(&[ADMINISTRATOR, INSTRUCTOR]),
};
/// Stop and resume the flows of a producer.
pub const STOP: Permission = Permission {
    name: "exchange.flow.stop",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER]),
};
/// Stop and resume flows for all producers: held on the whole State.
pub const STOP_ALL: Permission = Permission {
    name: "exchange.flow.stop_all",
    holders: Holders::Roles(&[ADMINISTRATOR, INSTRUCTOR]),
};
/// Stop or resume some flow: which one is demanded with it.
pub const DECIDE_FLOWS: Permission = Permission {
    name: "exchange.flow.decide",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER, INSTRUCTOR]),
};
/// See which flows are stopped.
pub const READ_STOPS: Permission = Permission {
    name: "exchange.flow.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_REQUESTER, INSTRUCTOR, DATA_PRODUCER]),
};
/// Search the traces of calls to a producer's data.
pub const READ_PRODUCED: Permission = Permission {
    name: "exchange.trace.read_produced",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER]),
};
/// Search the traces of a requester's own calls.
pub const READ_OWN: Permission = Permission {
    name: "exchange.trace.read_own",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_REQUESTER]),
};
/// See traces from either side.
pub const READ_TRACES: Permission = Permission {
    name: "exchange.trace.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER, DATA_REQUESTER]),
};
/// See which gateways there are and how far each is: held on the whole State.
pub const READ_GATEWAYS: Permission = Permission {
    name: "exchange.gateway.read",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// Keep the rules by which a producer's flows are watched, and handle what they raise.
pub const EDIT_RULES: Permission = Permission {
    name: "exchange.rule.edit",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_PRODUCER, INSTRUCTOR]),
};
/// See what rules and gateways raised, about one's data or one's calls.
pub const READ_ALERTS: Permission = Permission {
    name: "exchange.alert.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DATA_REQUESTER, INSTRUCTOR, DATA_PRODUCER]),
};
/// A citizen's own pages: their handlers ask for the citizen's session, which no agent's opens.
pub const CITIZEN: Permission = Permission {
    name: "exchange.citizen",
    holders: Holders::Everybody,
};
/// Read what people contest of calls to a producer's data, and answer it.
pub const ANSWER_CONTESTS: Permission = Permission {
    name: "exchange.contest.answer",
    holders: Holders::Roles(&[ADMINISTRATOR, INSTRUCTOR, DATA_PRODUCER]),
};
