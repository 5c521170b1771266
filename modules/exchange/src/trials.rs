//! Trying an operation at the address that its producer offers for trials, with invented data. Nothing
//! proves to that address who asks, and what comes back is masked as a gateway would.

use std::sync::Arc;

use kit_egress::{Egress, Request};
use mask::{Fields, Mask};
use serde_json::Value;

use crate::catalogue::WholeApi;
use crate::domain::{Operation, Trial, is_real, sample};
use crate::{Exchange, ExchangeError};

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tried {
    /// The producer offers no address for trials: an answer made from the description.
    Sample(String),
    /// An answer with its status and type; a body that isn't JSON, or that of a refusal, is left out
    /// as gateways do.
    Answer(u16, String, Option<String>),
    /// Nobody answered.
    Unreachable,
}

impl Exchange {
    /// With the door through which addresses for trials are asked; without it, samples alone.
    #[must_use]
    pub fn with_trials(mut self, egress: Egress) -> Self {
        self.egress = Some(egress);
        self
    }

    /// Tries an operation.
    pub(crate) async fn try_operation(
        &self,
        whole: &WholeApi,
        operation: &Operation,
        trial: &Trial,
    ) -> Result<Tried, ExchangeError> {
        let paths: Vec<&str> = whole
            .scopes
            .iter()
            .filter(|scope| trial.scopes.contains(&scope.code))
            .flat_map(|scope| &scope.fields)
            .filter(|(of, _)| *of == operation.id)
            .map(|(_, path)| path.as_str())
            .collect();
        let profile = &whole.api.profile;
        let is_offered =
            !profile.test_url.is_empty() && !is_real(&profile.test_url, &profile.upstreams);
        let Some(egress) = self.egress.as_ref().filter(|_| is_offered) else {
            let text = sample(&operation.described).to_string();
            return Ok(Tried::Sample(
                shown(text.as_bytes(), &paths).unwrap_or_default(),
            ));
        };
        let base = profile.test_url.trim_end_matches('/');
        let url = format!("{base}{}", trial.target(&operation.described));
        let request = if operation.described.method == "POST" {
            let body = trial.body(&operation.described).to_string();
            Request::post(&url, "application/json", body)
        } else {
            Request::get(&url)
        };
        match egress.send(request.accept("application/json")).await {
            Ok(answer) => {
                let is_json = answer.media_type().is_some_and(|kind| {
                    kind == "application/json"
                        || kind.starts_with("application/") && kind.ends_with("+json")
                });
                let body = (answer.is_success() && is_json)
                    .then(|| shown(&answer.body, &paths))
                    .flatten();
                let kind = answer.content_type.unwrap_or_default();
                Ok(Tried::Answer(answer.status, kind, body))
            }
            Err(error) => {
                let (api, error) = (whole.api.id, &error as &dyn std::error::Error);
                tracing::info!(%api, error, "exchange.trial.fail");
                Ok(Tried::Unreachable)
            }
        }
    }
}

/// The envelope of an answer with the opened fields alone, laid out for reading; none when it isn't
/// JSON.
fn shown(text: &[u8], paths: &[&str]) -> Option<String> {
    let fields = Fields::new(paths.iter().copied()).ok()?;
    let mut mask = Mask::new(Arc::new(fields));
    let mut kept = Vec::new();
    mask.push(text, &mut kept).ok()?;
    mask.finish(&mut kept).ok()?;
    let data: Value = serde_json::from_slice(&kept).ok()?;
    serde_json::to_string_pretty(&serde_json::json!({ "data": data })).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_opened_fields_are_shown() {
        let text = br#"{"a":1,"b":{"c":2,"d":3}}"#;
        let told: Value = serde_json::from_str(&shown(text, &["b.c"]).unwrap()).unwrap();
        assert_eq!(told, serde_json::json!({"data": {"b": {"c": 2}}}));
        assert_eq!(shown(b"<html>", &["a"]), None);
    }
}
