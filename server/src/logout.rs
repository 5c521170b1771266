//! Telling a service that a session has ended.

use identity::{Identity, LOGOUT_JOB, LogoutNotice};
use kit_egress::Egress;
use kit_jobs::{Handler, Job, JobError, Progress, Running};

/// Does the jobs that tell services of the end of sessions (OpenID Connect Back-Channel Logout).
#[derive(Debug)]
pub(crate) struct LogoutHandler {
    pub(crate) identity: Identity,
    pub(crate) egress: Egress,
}

impl Handler for LogoutHandler {
    fn kind(&self) -> &'static str {
        LOGOUT_JOB
    }

    fn run<'f>(&'f self, job: &'f Job, _: &'f Progress) -> Running<'f> {
        Box::pin(async move {
            let notice: LogoutNotice = serde_json::from_value(job.payload.clone())
                .map_err(|_| JobError::permanent("the job holds no notice"))?;
            let token = self.identity.logout_token(&notice).await;
            let Some((address, token)) = token.map_err(JobError::transient)? else {
                return Ok(serde_json::json!({ "told": false }));
            };
            let form = [("logout_token", token.as_str())];
            match self.egress.post_form(&address, &form, None).await {
                Ok(answer) if answer.is_success() => {
                    Ok(serde_json::json!({ "told": true, "status": answer.status }))
                }
                // The service says that the token is wrong: it would be no better later.
                Ok(answer) if answer.status == 400 => {
                    Err(JobError::permanent("the service refuses the token (400)"))
                }
                Ok(answer) => Err(JobError::transient(format!("it answers {}", answer.status))),
                Err(error) if error.is_transient() => Err(JobError::transient(error)),
                Err(error) => Err(JobError::permanent(error)),
            }
        })
    }
}
