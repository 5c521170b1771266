//! The proof of a call about oneself: there at once where its log is kept beside the platform, asked of its
//! gateway otherwise.

use jiff::SignedDuration;
use kit_http::{
    Body, Cx, Download, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Query, Response,
    SeeOther, State,
};
use kit_ui::{Composed, Form, Notice, Shell, Tone, format};

use super::citizens::{PlaceQuery, access_address, access_page, place_address, sure};
use super::words::mistake_text;
use crate::citizens::Access;
use crate::domain::{ContestForm, Mistake};
use crate::proofs::ProofOffer;
use crate::{Exchange, ExchangeError};

/// The proof of one call: asked for, and given as a file.
pub(super) const PROOF: &str = "/citizen/access/proof";
/// A gateway that lives answers before.
const LATE: SignedDuration = SignedDuration::from_mins(2);

/// How to come to the proof of a call, on its page.
pub(super) async fn proof_part(
    exchange: &Exchange,
    cx: &Cx,
    (shell, mut page): (&Shell, Composed),
    access: &Access,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (log, index) = (&access.kept.log, access.kept.index);
    for mistake in mistakes.iter().filter(|one| one.field == "proof") {
        let title = words.text("exchange-citizen-proof-refused");
        let text = mistake_text(&words, mistake);
        page = page.with(Notice::new(Tone::Error, title, text));
    }
    let file = |page: Composed| {
        let href = place_address(PROOF, log, index);
        page.link(words.text("exchange-citizen-proof-file"), href)
    };
    Ok(match exchange.proof_offer(log, index).await? {
        ProofOffer::None => page,
        ProofOffer::Here => file(page),
        ProofOffer::Askable => {
            let submit = words.text("exchange-citizen-proof-ask");
            let form = Form::post(shell, PROOF, submit)
                .hidden("log", log)
                .hidden("index", index.to_string());
            page.text(words.text("exchange-citizen-proof-ask-text"))
                .with(form)
        }
        ProofOffer::Waiting(asked_at) => {
            let at = format::instant(cx.locale, asked_at);
            let args = [("at", at.into())];
            let title = words.text("exchange-citizen-proof-waiting");
            let text = words.text_with("exchange-citizen-proof-waiting-text", &args);
            page = page.with(Notice::new(Tone::Info, title, text));
            if cx.now() > asked_at + LATE {
                page = page.text(words.text("exchange-citizen-proof-late"));
            }
            let again = words.text("exchange-citizen-proof-again");
            page.link(again, access_address(log, index))
        }
        ProofOffer::There(until) => {
            let until = format::instant(cx.locale, until);
            let args = [("until", until.into())];
            let title = words.text("exchange-citizen-proof-there");
            let text = words.text_with("exchange-citizen-proof-there-text", &args);
            file(page.with(Notice::new(Tone::Success, title, text)))
        }
        ProofOffer::Gone => page.with(Notice::new(
            Tone::Warning,
            words.text("exchange-citizen-proof-gone"),
            words.text("exchange-citizen-proof-gone-text"),
        )),
        ProofOffer::Wrong => page.with(Notice::new(
            Tone::Error,
            words.text("exchange-citizen-proof-wrong"),
            words.text("exchange-citizen-proof-wrong-text"),
        )),
    })
}

/// What proves that the call stands in its log: whoever has the log's key can check it.
pub(super) async fn file(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    Query(asked): Query<PlaceQuery>,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let proof = exchange.access_proof(&who, &asked.log, asked.index).await?;
    let told = serde_json::json!({
        "log": asked.log,
        "log_index": asked.index,
        "row": String::from_utf8_lossy(&proof.row),
        "salt": crate::clients::hexadecimal(&proof.salt),
        "inclusion": proof.inclusion,
    });
    let download = Download {
        file_name: format!(
            "{}-{}.json",
            cx.words().text("exchange-citizen-proof-name"),
            asked.index
        ),
        content_type: "application/json",
        body: Body::from(told.to_string()),
    };
    Ok(download.into_response())
}

/// Asks the gateway for it.
pub(super) async fn ask(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let log = fields.text("log");
    let index = fields
        .text("index")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    match exchange.ask_proof(&who, log, index).await {
        Ok(()) => Ok(SeeOther(access_address(log, index)).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let access = exchange.access(&who, log, index).await?;
            let typed = ContestForm::default();
            let page = access_page(&exchange, &cx, &access, &typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
