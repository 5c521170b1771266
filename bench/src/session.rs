//! An officer of the directorate who is signed in: who asks for pages that aren't everybody's.

use directory::{Directory, SessionLimits, SignIn};
use kit_access::Actor;
use kit_db::Db;
use kit_jobs::Jobs;
use kit_time::Source;
use ports::roles::PORTFOLIO_OFFICER;

use crate::BenchError;

const EMAIL: &str = "camille.moreau@directorate.example";
const PASSWORD: &str = "un long mot de passe";

/// Makes the officer when there is none yet and signs in; gives the cookie.
pub(crate) async fn officer(db: &Db, source: Source) -> Result<String, BenchError> {
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source, jobs, limits, "http://127.0.0.1");
    let actor = Actor::system("bench");
    if directory.person_by_email(EMAIL).await?.is_none() {
        let person = directory
            .add_person(&actor, "Camille Moreau", EMAIL, None)
            .await?;
        directory
            .grant(&actor, person, PORTFOLIO_OFFICER.0, None)
            .await?;
        directory
            .set_password(person, PASSWORD)
            .await?
            .map_err(|_| BenchError::Program("the password is refused".to_owned()))?;
    }
    match directory.sign_in(EMAIL, PASSWORD).await? {
        SignIn::Done(session) => Ok(format!("__Host-session={}", session.token)),
        _ => Err(BenchError::Program("nobody is signed in".to_owned())),
    }
}
