//! A service asks for two factors and the account has one: how to get the second.

use kit_http::Cx;
use kit_ui::{Actions, Composed, WordArg};

use super::bare;
use crate::authorize::StepUp;

/// What is read instead of a refusal that the person couldn't do anything about. The service is told
/// when the person goes back without.
pub(crate) fn step_up_page(cx: &Cx, lack: &StepUp) -> Composed {
    let words = cx.words();
    let name = [("service", WordArg::from(lack.service.as_str()))];
    let shell = bare(cx, words.text("identity-step-up-title"))
        .lead(words.text_with("identity-step-up-lead", &name));
    Composed::new(shell)
        .text(words.text("identity-step-up-how"))
        .with(Actions(vec![
            (words.text("identity-step-up-add"), "/account".to_owned()),
            (
                words.text("identity-step-up-resume"),
                format!("/connect/{}", lack.ticket),
            ),
            (
                words.text_with("identity-step-up-return", &name),
                lack.refusal.clone(),
            ),
        ]))
}
