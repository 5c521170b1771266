//! Ways to sign in other than by the password of an account, when another module offers some.

use std::sync::Arc;

use ports::{SignInChoices, SignInWay};
use uuid::Uuid;

use crate::{Directory, DirectoryError};

/// The ways that another module offers, if one does.
#[derive(Clone, Default)]
pub(crate) struct Choices(Option<Arc<dyn SignInChoices>>);

impl std::fmt::Debug for Choices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Choices").field(&self.0.is_some()).finish()
    }
}

impl Directory {
    /// The same directory, whose sign-in page offers these ways too.
    #[must_use]
    pub fn with_sign_in_choices(mut self, choices: Arc<dyn SignInChoices>) -> Self {
        self.choices = Choices(Some(choices));
        self
    }

    /// Whether there is any way to sign in but the password.
    pub(crate) async fn has_choices(&self) -> Result<bool, DirectoryError> {
        match &self.choices.0 {
            Some(choices) => Ok(choices.are_there().await?),
            None => Ok(false),
        }
    }

    /// The way of an address.
    pub(crate) async fn way_of(
        &self,
        email: &str,
        return_to: &str,
        again: bool,
    ) -> Result<SignInWay, DirectoryError> {
        match &self.choices.0 {
            Some(choices) => Ok(choices.of_email(email, return_to, again).await?),
            None => Ok(SignInWay::Password),
        }
    }

    /// Where a browser goes on whose session, which a provider opened, is about to end.
    pub(crate) async fn after_sign_out(
        &self,
        session: Uuid,
    ) -> Result<Option<String>, DirectoryError> {
        match &self.choices.0 {
            Some(choices) => Ok(choices.after_sign_out(session).await?),
            None => Ok(None),
        }
    }
}
