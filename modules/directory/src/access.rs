//! Who may do what in the directory.

use kit_access::{Holders, Permission};
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR};

/// Read organisations: open data.
pub const READ_ORGANISATIONS: Permission = Permission {
    name: "directory.organisation.read",
    holders: Holders::Everybody,
};
/// Add and change organisations.
pub const EDIT_ORGANISATIONS: Permission = Permission {
    name: "directory.organisation.edit",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// Read people and their grants.
pub const READ_PEOPLE: Permission = Permission {
    name: "directory.person.read",
    holders: Holders::Roles(&[ADMINISTRATOR, DIGITAL_DIRECTOR]),
};
/// Add people, grant and withdraw roles.
pub const EDIT_PEOPLE: Permission = Permission {
    name: "directory.person.edit",
    holders: Holders::Roles(&[ADMINISTRATOR]),
};
/// Sign in, and choose a new password.
pub const SIGN_IN: Permission = Permission {
    name: "directory.session.begin",
    holders: Holders::Everybody,
};
/// See and change one's own account.
pub const OWN_ACCOUNT: Permission = Permission {
    name: "directory.account.own",
    holders: Holders::SignedIn,
};
