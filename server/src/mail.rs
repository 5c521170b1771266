//! Sending mails.

use kit_jobs::{Handler, Job, JobError, Progress, Running};

/// Does the jobs that send a mail. In the demo a mail is done when it is shown in the outbox.
#[derive(Debug)]
pub(crate) struct MailHandler {
    pub(crate) demo: bool,
}

impl Handler for MailHandler {
    fn kind(&self) -> &'static str {
        directory::MAIL_JOB
    }

    fn run<'f>(&'f self, _: &'f Job, _: &'f Progress) -> Running<'f> {
        Box::pin(async move {
            if self.demo {
                Ok(serde_json::json!({ "shown": true }))
            } else {
                Err(JobError::transient("no mail server is configured"))
            }
        })
    }
}
