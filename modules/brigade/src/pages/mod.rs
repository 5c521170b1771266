//! Pages of the brigade.

use kit_http::{Failure, FieldError, ModuleRoutes, Routes};

use crate::{Brigade, BrigadeError};

pub(crate) fn routes(brigade: Brigade) -> ModuleRoutes {
    Routes::new("brigade").with_state(brigade)
}

impl From<BrigadeError> for Failure {
    fn from(error: BrigadeError) -> Self {
        match error {
            BrigadeError::NotFound => Self::NotFound,
            BrigadeError::Denied(denied) => denied.into(),
            BrigadeError::Stale | BrigadeError::Impossible | BrigadeError::Overbooked(_) => {
                Self::Conflict(String::new())
            }
            BrigadeError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|one| {
                        let text = format!("{} {}", one.key, one.value);
                        FieldError::new(one.field, "invalid", text)
                    })
                    .collect(),
            ),
            BrigadeError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}
