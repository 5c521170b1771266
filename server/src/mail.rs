//! Sending mails.

use kit_jobs::{Handler, Job, JobError, Progress, Running};
use kit_mail::{Mail, MailSettingsError, Mailer};
use kit_time::Source;

use crate::settings::Settings;

/// Does the jobs that send a mail. In the demo a mail is done when it is shown in the outbox.
#[derive(Debug)]
pub(crate) struct MailHandler {
    demo: bool,
    mailer: Option<Mailer>,
}

impl MailHandler {
    /// A handler that sends by the server of the settings, if they name one.
    pub(crate) fn new(settings: &Settings, source: &Source) -> Result<Self, MailSettingsError> {
        let mailer = settings
            .mail
            .as_ref()
            .map(|mail| Mailer::new(mail, source.clone()))
            .transpose()?;
        Ok(Self {
            demo: settings.demo,
            mailer,
        })
    }
}

impl Handler for MailHandler {
    fn kind(&self) -> &'static str {
        directory::MAIL_JOB
    }

    fn run<'f>(&'f self, job: &'f Job, _: &'f Progress) -> Running<'f> {
        Box::pin(async move {
            if self.demo {
                return Ok(serde_json::json!({ "shown": true }));
            }
            let Some(mailer) = &self.mailer else {
                return Err(JobError::transient("no mail server is configured"));
            };
            let mail: Mail = serde_json::from_value(job.payload.clone())
                .map_err(|_| JobError::permanent("the job holds no mail"))?;
            // The job's id makes the Message-ID: a second try is known as the same mail.
            match mailer.send(&mail, job.id).await {
                Ok(()) => Ok(serde_json::json!({ "sent": true })),
                Err(error) if error.is_transient() => Err(JobError::transient(error)),
                Err(error) => Err(JobError::permanent(error)),
            }
        })
    }
}
