//! What the relay calls: the next request, and its answer.

use kit_http::{Failure, HeaderMap, IntoResponse, Json, Path, Response, State, StatusCode};
use uuid::Uuid;

use super::answers::{json_answer, refused_resource};
use super::calls::presented;
use crate::relay::RelayAnswer;
use crate::{Identity, IdentityError};

fn refused(error: IdentityError) -> Response {
    match error {
        IdentityError::Refused(_) => refused_resource(error, false),
        error => Failure::from(error).into_response(),
    }
}

/// The next request as JSON; 204 after some seconds without one.
pub(super) async fn take(State(identity): State<Identity>, headers: HeaderMap) -> Response {
    let run = async {
        let presented = presented(&headers, None)?;
        identity.take_relay_call(presented.as_ref()).await
    };
    match run.await {
        Ok(Some(call)) => json_answer(StatusCode::OK, &call),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(error),
    }
}

/// The answer to a request that was taken.
pub(super) async fn answer(
    State(identity): State<Identity>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    answer: Result<Json<RelayAnswer>, Failure>,
) -> Response {
    let run = async {
        let presented = presented(&headers, None)?;
        // Who calls is asked before what it sends is read out.
        let answer = match answer {
            Ok(Json(answer)) => answer,
            Err(failure) => {
                identity.is_relay(presented.as_ref()).await?;
                return Ok(failure.into_response());
            }
        };
        identity
            .answer_relay_call(presented.as_ref(), id, &answer)
            .await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    run.await.unwrap_or_else(refused)
}
