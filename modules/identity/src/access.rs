//! Who may do what with sign-in.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR, PRODUCT_TEAM};

/// Call an address of the protocol: its handler proves what it needs by itself.
pub const PROTOCOL: Permission = Permission {
    name: "identity.protocol",
    holders: Holders::Everybody,
};
/// Go through a sign-in to a service.
pub const CONNECT: Permission = Permission {
    name: "identity.connect",
    holders: Holders::Everybody,
};
/// A citizen's own pages: their handlers ask for the citizen's session, which no agent's opens.
pub const CITIZEN: Permission = Permission {
    name: "identity.citizen",
    holders: Holders::Everybody,
};
/// Read services and their figures.
pub const READ_SERVICES: Permission = Permission {
    name: "identity.service.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DIGITAL_DIRECTOR, PRODUCT_TEAM]),
};
/// Register services, change them, replace their secrets.
pub const EDIT_SERVICES: Permission = Permission {
    name: "identity.service.edit",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// See and end what one's own services know.
pub const OWN_SERVICES: Permission = Permission {
    name: "identity.own",
    holders: Holders::SignedIn,
};
/// Read identity providers, their health and their incidents.
pub const READ_PROVIDERS: Permission = Permission {
    name: "identity.provider.read",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// Register identity providers, change them, replace their secrets, suspend them.
pub const EDIT_PROVIDERS: Permission = Permission {
    name: "identity.provider.edit",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// Say yes or no to a device that waits: whoever tries codes does so under its own name.
pub const ANSWER_DEVICES: Permission = Permission {
    name: "identity.device.answer",
    holders: Holders::SignedIn,
};
