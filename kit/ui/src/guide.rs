//! What leads a person through something: the steps of a long form, and the question before an act
//! that can't be undone.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::composed::Form;
use crate::words::Words;

/// The steps of a long form or of a work, with the one that is under way. Write it in a template
/// as `{{ steps }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/steps.html")]
pub struct Steps {
    words: Words,
    /// What the steps lead to, for screen readers.
    pub label: String,
    /// Their names, in order.
    pub names: Vec<String>,
    /// The place of the step under way, from 0; all are done when it is beyond the last.
    pub current: usize,
}

impl HtmlSafe for Steps {}

impl Steps {
    /// Steps of which `current` (from 0) is under way.
    pub fn new(
        words: &Words,
        label: impl Into<String>,
        names: Vec<String>,
        current: usize,
    ) -> Self {
        Self {
            words: words.clone(),
            label: label.into(),
            names,
            current,
        }
    }

    fn is_done(&self, place: &usize) -> bool {
        *place < self.current
    }

    fn is_current(&self, place: &usize) -> bool {
        *place == self.current
    }
}

/// The question before an act: what it changes, the form that does it and the way back. Write it
/// in a template as `{{ confirm }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/confirm.html")]
pub struct Confirm {
    /// The question.
    pub title: String,
    /// What will change, and whether it can be undone.
    pub text: String,
    /// The form that does it; its button says what it does.
    pub form: Form,
    /// The way back: label and address.
    pub cancel: (String, String),
}

impl HtmlSafe for Confirm {}

impl Confirm {
    /// A question, with the form that answers yes and the link that answers no.
    pub fn new(
        title: impl Into<String>,
        text: impl Into<String>,
        form: Form,
        cancel_label: impl Into<String>,
        cancel_href: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            form,
            cancel: (cancel_label.into(), cancel_href.into()),
        }
    }
}
