//! What several pages say in the same way, and the page of every form.

use kit_acts::{Asked, Trouble};
use kit_http::{Cx, Failure};
use kit_ui::{Composed, Timeline, Tone};

use crate::store::events;
use crate::{Contracts, ContractsError, Event, WORDING};

/// What happened, the latest first: what, by whom, why.
pub(super) fn timeline(cx: &Cx, events: &[Event]) -> Timeline {
    WORDING.timeline(cx, events, tone)
}

/// Whether what happened is good news or bad.
fn tone(act: &str) -> Option<Tone> {
    let is_bad = matches!(
        act,
        "void" | "hold" | "terminate" | "clause-not-met" | "review-stop" | "review-suspend"
    );
    let is_good = matches!(
        act,
        "signed" | "in-force" | "amended" | "release" | "pay" | "select" | "clause-met"
    );
    if is_bad {
        Some(Tone::Warning)
    } else {
        is_good.then_some(Tone::Success)
    }
}

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    contracts: &Contracts,
    cx: &Cx,
    asked: Asked,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let latest = match asked.changed(trouble) {
        Some(subject) => events::EVENTS
            .latest(&contracts.db, subject)
            .await
            .map_err(ContractsError::from)?,
        None => None,
    };
    Ok(WORDING.form_page(cx, asked, trouble, latest.as_ref()))
}

/// Ministries by id and name, those that the actor can choose.
pub(super) async fn ministries(
    contracts: &Contracts,
    cx: &Cx,
) -> Result<Vec<(String, String)>, Failure> {
    let known = contracts.known_ministries(&cx.actor).await?;
    let all = contracts.ports.organisations.all(None).await;
    let all = all.map_err(ContractsError::from)?.into_iter();
    let mut options = vec![(String::new(), cx.words().text("contracts-any"))];
    options.extend(
        all.filter(|one| known.contains(&one.id.0))
            .map(|one| (one.id.0.to_string(), one.name)),
    );
    Ok(options)
}
