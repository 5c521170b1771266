//! Which citizen is signed in, as the data exchange sees it.

use ports::{Answered, CitizenIdentity, Citizens, PortError};

use crate::{Identity, IdentityError};

/// Which citizen is signed in: answered from the session's row, which goes with the session.
#[derive(Debug, Clone)]
pub struct CitizensPort(pub(crate) Identity);

fn port(error: IdentityError) -> PortError {
    PortError(Box::new(error))
}

impl Citizens for CitizensPort {
    fn of_cookie<'f>(&'f self, cookie: &'f str) -> Answered<'f, Option<CitizenIdentity>> {
        Box::pin(async move {
            let found = self.0.citizen_session(Some(cookie)).await.map_err(port)?;
            Ok(found.map(|session| CitizenIdentity {
                citizen: session.citizen,
                level: session.level.identity,
                given_names: session.identity.given_name,
                family_name: session.identity.family_name,
                birthdate: session.identity.birthdate,
                gender: session.identity.gender,
                birthplace: session.identity.birthplace,
                birthcountry: session.identity.birthcountry,
            }))
        })
    }
}
