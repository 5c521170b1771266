//! Who is who, as the data exchange needs it: organisations with their SIRET number, and the people
//! who hold a role on one.
//!
//! ```text
//!   exchange ──asks──▶ Parties ◀──implements── directory
//! ```
//! It exists because an accreditation names bodies by their number, and each step of its life is told
//! by mail to those who hold a role on them.

use kit_access::Role;
use kit_db::Tx;

use crate::exchange::Party;
use crate::{Answered, OrganisationId, PersonId};

/// Somebody to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Its id.
    pub id: PersonId,
    /// Its name.
    pub name: String,
    /// Its address, in lower case.
    pub email: String,
}

/// Most numbers that [`Parties::parties_of_sirets`] is asked for at once.
pub const PARTIES_AT_ONCE_MAX: usize = 200;

/// Who is who.
pub trait Parties: Send + Sync {
    /// An organisation that has a SIRET number; `None` when there is none, or it has none.
    fn party(&self, id: OrganisationId) -> Answered<'_, Option<Party>>;

    /// The organisation of a SIRET number: 14 digits.
    fn party_of_siret<'f>(&'f self, siret: &'f str) -> Answered<'f, Option<Party>>;

    /// The organisations of these SIRET numbers, in any order, each once; those that nobody has are left
    /// out. More than [`PARTIES_AT_ONCE_MAX`] numbers are an error.
    fn parties_of_sirets<'f>(&'f self, sirets: &'f [String]) -> Answered<'f, Vec<Party>>;

    /// The people of open accounts who hold a role on an organisation, by a grant on it, on one above
    /// it or on the whole State; at most 200. `None`: those who hold it on the whole State.
    fn holders(
        &self,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Answered<'_, Vec<Addressee>>;

    /// The same, read in the transaction of what they are told: an act that holds a connection never
    /// waits for a second one.
    fn holders_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Answered<'f, Vec<Addressee>>;

    /// The open account of an address, whatever the case of its letters. Who asks has shown that it may
    /// know who has an account.
    fn addressee_of_email<'f>(&'f self, email: &'f str) -> Answered<'f, Option<Addressee>>;

    /// The address of an open account.
    fn addressee(&self, person: PersonId) -> Answered<'_, Option<Addressee>>;

    /// The same, read in the transaction of what it is told.
    fn addressee_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        person: PersonId,
    ) -> Answered<'f, Option<Addressee>>;
}
