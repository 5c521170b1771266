//! Pages of steering.
use kit_http::{Failure, FieldError, ModuleRoutes, Routes};

use crate::{Steering, SteeringError};

pub(crate) fn routes(steering: Steering) -> ModuleRoutes {
    Routes::new("steering").with_state(steering)
}

impl From<SteeringError> for Failure {
    fn from(error: SteeringError) -> Self {
        match error {
            SteeringError::NotFound => Self::NotFound,
            SteeringError::Denied(denied) => denied.into(),
            SteeringError::Stale | SteeringError::Impossible => Self::Conflict(String::new()),
            SteeringError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|one| {
                        let text = format!("{} {}", one.key, one.value);
                        FieldError::new(one.field, "invalid", text)
                    })
                    .collect(),
            ),
            SteeringError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}
