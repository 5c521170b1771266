//! A service asks for two factors and the session has one: the person proves the second, or reads how
//! to get one.

use ports::PersonId;

use super::{At, Course, Outcome};
use crate::domain::{ErrorCode, OAuthError, SignedInPerson};
use crate::{Identity, IdentityError};

/// What a person who lacks a second factor is shown.
#[derive(Debug)]
pub(crate) struct StepUp {
    /// What finds the request again.
    pub(crate) ticket: String,
    /// Whether the account has a second factor, so that proving it is enough.
    pub(crate) has_second_factor: bool,
    /// The service's name.
    pub(crate) service: String,
    /// Where the service is told that it can't be done; none when its answers go in a form or are
    /// signed, which a link can't hold for long: then the person says no.
    pub(crate) refusal: Option<String>,
}

impl Identity {
    pub(super) async fn step_up(
        &self,
        course: Course,
        person: SignedInPerson,
        at: &At<'_>,
    ) -> Result<Outcome, IdentityError> {
        let account = PersonId(person.person);
        let has_second_factor = self.accounts.has_second_factor(account).await?;
        let error = OAuthError::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "the person has no second factor",
        );
        let request = &course.request;
        let mode = request.to.mode;
        let refusal = if mode.is_form() || mode.is_signed() {
            None
        } else {
            let (client, to) = (&course.client, &request.to);
            match self.respond_error(client, to, &error).await? {
                Outcome::Return { address, .. } => Some(address),
                _ => None,
            }
        };
        Ok(Outcome::StepUp(StepUp {
            ticket: self.ticket(&course, at).await?,
            has_second_factor,
            service: course.client.draft.name,
            refusal,
        }))
    }
}
