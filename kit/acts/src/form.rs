//! A form on a page of its own: shown, sent, and shown again with what is wrong.

use kit_http::{Cx, Failure, FieldError, Fields, FormAgain, IntoResponse, Response, SeeOther};
use kit_ui::{Composed, ErrorSummary, Field, Form, Notice, Tone, Words};
use uuid::Uuid;

use crate::{Event, Mistake, Wording, mistake_text};

/// What a form says above its fields, in the reader's words.
type Telling = Box<dyn Fn(&Words) -> Notice + Send + Sync>;

/// Why a form is shown again; nothing of all that: it is shown for the first time.
#[derive(Default)]
pub struct Trouble {
    /// Mistakes in its fields.
    pub mistakes: Vec<Mistake>,
    /// Whether somebody changed its subject meanwhile.
    pub is_stale: bool,
    /// What else stands against it.
    pub telling: Option<Telling>,
}

impl std::fmt::Debug for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trouble")
            .field("mistakes", &self.mistakes)
            .field("is_stale", &self.is_stale)
            .field("telling", &self.telling.is_some())
            .finish()
    }
}

impl Trouble {
    /// Mistakes in its fields.
    pub fn mistakes(mistakes: Vec<Mistake>) -> Self {
        Self {
            mistakes,
            ..Self::default()
        }
    }

    /// Somebody changed its subject meanwhile.
    pub fn stale() -> Self {
        Self {
            is_stale: true,
            ..Self::default()
        }
    }

    /// Something else, which the form says above its fields.
    pub fn telling(telling: impl Fn(&Words) -> Notice + Send + Sync + 'static) -> Self {
        Self {
            telling: Some(Box::new(telling)),
            ..Self::default()
        }
    }

    /// Whether there is any.
    pub fn is_any(&self) -> bool {
        !self.mistakes.is_empty() || self.is_stale || self.telling.is_some()
    }
}

/// An error of a module that the form which caused it may explain.
pub trait Refused: Into<Failure> + Sized {
    /// What the form says when it is shown again; the error itself when it isn't for the form to say.
    fn trouble(self) -> Result<Trouble, Self>;
}

/// Mistakes as an API answers them.
pub fn invalid(mistakes: Vec<Mistake>) -> Failure {
    let told = |one: Mistake| {
        let text = format!("{} {}", one.key, one.value);
        FieldError::new(one.field, "invalid", text)
    };
    Failure::Invalid(mistakes.into_iter().map(told).collect())
}

/// The answer to a form: on to a page, or the form again with what is wrong.
pub async fn conclude<T, E: Refused>(
    result: Result<T, E>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Trouble) -> Result<Composed, Failure>,
) -> Result<Response, Failure> {
    match result.map_err(E::trouble) {
        Ok(done) => Ok(SeeOther(to(done)).into_response()),
        Err(Ok(trouble)) => Ok(FormAgain(again(trouble).await?).into_response()),
        Err(Err(error)) => Err(error.into()),
    }
}

/// The version of its subject that a form sends.
pub fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or(0)
}

/// A form on a page of its own.
#[derive(Debug)]
pub struct Asked {
    /// The page's title.
    pub title: String,
    /// What stands below it.
    pub lead: String,
    /// The page above: its name and its address.
    pub crumb: (String, String),
    /// Where the form is sent.
    pub action: String,
    /// What its button says.
    pub submit: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The version of what it changes; none for something new.
    pub version: Option<i64>,
    /// What it changes, to say what somebody else did meanwhile.
    pub subject: Option<Uuid>,
    /// What it sends unseen.
    pub hidden: Vec<(&'static str, String)>,
}

impl Asked {
    /// Of which subject the page wants to know the latest event: somebody changed it meanwhile.
    pub fn changed(&self, trouble: &Trouble) -> Option<Uuid> {
        self.subject.filter(|_| trouble.is_stale)
    }
}

impl Wording {
    /// The page of a form, with what was filled in and each mistake beside its field. When somebody
    /// changed its subject meanwhile, it says who did what: `latest`, of [`Asked::changed`].
    pub fn form_page(
        &self,
        cx: &Cx,
        asked: Asked,
        trouble: &Trouble,
        latest: Option<&Event>,
    ) -> Composed {
        let words = cx.words();
        let mut fields = asked.fields;
        for field in &mut fields {
            let of_field = trouble
                .mistakes
                .iter()
                .filter(|one| one.field == field.name);
            let all: Vec<String> = of_field.map(|one| mistake_text(&words, one)).collect();
            if !all.is_empty() {
                field.error = Some(all.join(" "));
            }
        }
        let elsewhere = trouble
            .mistakes
            .iter()
            .find(|one| !fields.iter().any(|field| field.name == one.field))
            .map(|one| ErrorSummary::general(&words, mistake_text(&words, one)));
        let mut shell = cx
            .shell(asked.title)
            .lead(asked.lead)
            .crumb(asked.crumb.0, asked.crumb.1);
        shell.mistaken = trouble.is_any();
        let mut form = Form::post(&shell, asked.action, asked.submit).fields(fields);
        if let Some(version) = asked.version {
            form = form.hidden("version", version.to_string());
        }
        for (name, value) in asked.hidden {
            form = form.hidden(name, value);
        }
        let form = form.summary(&words);
        let stale = trouble.is_stale.then(|| self.changed(&words, latest));
        let telling = trouble.telling.as_ref().map(|tell| tell(&words));
        Composed::new(shell)
            .maybe(stale)
            .maybe(telling)
            .maybe(elsewhere)
            .with(form)
    }

    /// Says that somebody changed it meanwhile.
    fn changed(&self, words: &Words, latest: Option<&Event>) -> Notice {
        let text = latest.map_or_else(String::new, |event| {
            let args = [
                ("what", self.event_title(words, event).into()),
                ("name", event.by_name.as_str().into()),
                ("reason", event.reason.as_str().into()),
            ];
            words.text_with(&self.key("changed-by"), &args)
        });
        Notice::new(Tone::Warning, words.text(&self.key("changed")), text)
    }
}
