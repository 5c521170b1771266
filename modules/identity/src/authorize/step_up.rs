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
    /// Where the service is told that it can't be done.
    pub(crate) refusal: String,
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
        let refusal = self.error_address(&request.redirect_uri, request.state.as_deref(), &error);
        Ok(Outcome::StepUp(StepUp {
            ticket: self.ticket(&course, at).await?,
            has_second_factor,
            service: course.client.draft.name,
            refusal,
        }))
    }
}
