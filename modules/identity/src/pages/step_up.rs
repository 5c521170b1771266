//! A service asks for two factors and the account has one: how to get the second.

use kit_http::Cx;
use kit_ui::{Actions, Composed, Form, WordArg};

use super::bare;
use crate::authorize::StepUp;

/// What is read instead of a refusal that the person couldn't do anything about. The service is told
/// when the person goes back without.
pub(crate) fn step_up_page(cx: &Cx, lack: &StepUp) -> Composed {
    let words = cx.words();
    let name = [("service", WordArg::from(lack.service.as_str()))];
    let shell = bare(cx, words.text("identity-step-up-title"))
        .lead(words.text_with("identity-step-up-lead", &name));
    let leave = words.text_with("identity-step-up-return", &name);
    let resume = format!("/connect/{}", lack.ticket);
    let mut actions = vec![
        (words.text("identity-step-up-add"), "/account".to_owned()),
        (words.text("identity-step-up-resume"), resume.clone()),
    ];
    let page = Composed::new(shell.clone()).text(words.text("identity-step-up-how"));
    match &lack.refusal {
        Some(address) => {
            actions.push((leave, address.clone()));
            page.with(Actions(actions))
        }
        None => {
            let form = Form::post(&shell, resume, leave).hidden("decision", "deny");
            page.with(Actions(actions)).with(form)
        }
    }
}
