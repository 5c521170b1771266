//! What happens next with a request: the person signs in, agrees, or the service gets its answer.

use uuid::Uuid;

use super::audience::Audience;
use super::client::{Client, Profile};
use super::error::{ErrorCode, OAuthError};
use super::level::Level;
use super::request::AuthorizationRequest;
use super::scope::Scopes;

/// The live session of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInPerson {
    /// The person.
    pub person: Uuid,
    /// The session, by its public id.
    pub session: Uuid,
    /// When the person proved who it is, in seconds since 1970.
    pub auth_time: i64,
    /// The same to the microsecond, to tell what came before the request.
    pub proved_at_micros: i64,
    /// How: values of RFC 8176.
    pub methods: Vec<String>,
    /// What that proves.
    pub level: Level,
}

/// What the person has done since the request came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interaction {
    /// When the request came, in microseconds since 1970; none while nobody was asked anything.
    pub asked_at_micros: Option<i64>,
    /// Whether the person has just agreed.
    pub has_agreed: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Sign in; anew when somebody is signed in already.
    SignIn {
        /// Whether a live session isn't enough.
        again: bool,
    },
    /// Ask whether these may be told.
    Consent(Scopes),
    /// Prove a second factor: with one, the level that is asked for is reached.
    SecondFactor,
    /// Give the service its code.
    Answer,
    /// Tell the service that it can't be done.
    Refuse(OAuthError),
}

fn refuse(code: ErrorCode, description: &str) -> Step {
    Step::Refuse(OAuthError::new(code, description))
}

/// Decides. `expected` says whether the session's person is the one that the service named, when it
/// named one; `agreed` is what the person agreed to tell this service before.
///
/// Sources: OpenID Connect Core 3.1.2.1 (prompt, `max_age`), 3.1.2.3 and 3.1.2.4; OpenID Connect
/// Unmet Authentication Requirements.
pub fn decide(
    client: &Client,
    request: &AuthorizationRequest,
    person: Option<&SignedInPerson>,
    expected: Option<bool>,
    agreed: &Scopes,
    interaction: &Interaction,
    now_seconds: i64,
) -> Step {
    let silent = request.prompts.none;
    let Some(person) = person else {
        return if silent {
            refuse(ErrorCode::LoginRequired, "nobody is signed in")
        } else {
            Step::SignIn { again: false }
        };
    };
    // Proved since the request came: whatever was asked for is fresh enough.
    let is_fresh = interaction
        .asked_at_micros
        .is_some_and(|asked| person.proved_at_micros >= asked);
    let too_old = request
        .max_age
        .is_some_and(|max_age| now_seconds - person.auth_time > max_age);
    let wants_anew = request.prompts.login || request.prompts.select_account;
    if (too_old || wants_anew) && !is_fresh {
        return if silent {
            refuse(
                ErrorCode::LoginRequired,
                "the sign-in is older than max_age",
            )
        } else {
            Step::SignIn { again: true }
        };
    }
    if expected == Some(false) {
        // Somebody else signed in even so: the service must not get that person's data.
        return if silent || is_fresh {
            refuse(ErrorCode::LoginRequired, "another person is signed in")
        } else {
            Step::SignIn { again: true }
        };
    }
    let is_citizen = client.draft.audience == Audience::Citizens;
    let must_reach = match client.draft.profile {
        Profile::Standard if !is_citizen => &request.acr_essential,
        _ => &request.acr_values,
    };
    let reaches = [must_reach, &request.acr_essential]
        .into_iter()
        .all(|asked| person.level.satisfies_any(asked));
    if !reaches && is_citizen && !silent && !is_fresh {
        // Another provider, or another way of the same one, may prove more.
        return Step::SignIn { again: true };
    }
    if !reaches {
        let with_both = person.level.with_second_factor();
        let would = [must_reach, &request.acr_essential]
            .into_iter()
            .all(|asked| with_both.satisfies_any(asked));
        if would && !silent && !is_citizen {
            return Step::SecondFactor;
        }
        return refuse(
            ErrorCode::UnmetAuthenticationRequirements,
            "the person's account doesn't reach the level asked for",
        );
    }
    // A citizen always reads what a service is told, once.
    let asks_consent = client.draft.asks_consent || is_citizen;
    let is_missing = asks_consent && !request.scopes.are_in(agreed);
    // Keeping access while the person is away is agreed to each time that it is asked for
    // (OpenID Connect Core 11), if the person is asked at all.
    let asks_offline = client.draft.asks_consent && request.scopes.is_offline();
    if (is_missing || asks_offline || request.prompts.consent) && !interaction.has_agreed {
        return if silent {
            refuse(ErrorCode::ConsentRequired, "the person hasn't agreed yet")
        } else {
            Step::Consent(request.scopes.clone())
        };
    }
    Step::Answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::{Params, read_request};
    use crate::domain::test_client;

    const NOW: i64 = 1_800_000_000;

    fn person(seconds_ago: i64) -> SignedInPerson {
        SignedInPerson {
            person: Uuid::from_u128(1),
            session: Uuid::from_u128(2),
            auth_time: NOW - seconds_ago,
            proved_at_micros: (NOW - seconds_ago) * 1_000_000,
            methods: vec!["pwd".into()],
            level: Level::of_local_account(&["pwd".into()]),
        }
    }

    fn asked_seconds_ago(seconds: i64) -> Interaction {
        Interaction {
            asked_at_micros: Some((NOW - seconds) * 1_000_000),
            has_agreed: false,
        }
    }

    fn step(
        more: &str,
        person: Option<&SignedInPerson>,
        expected: Option<bool>,
        interaction: &Interaction,
    ) -> Step {
        let client = test_client();
        let query = format!(
            "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fs.example%2Fcb&scope=openid+email{more}"
        );
        let request = read_request(
            &client,
            "https://g.example",
            &Params::parse(query.as_bytes()),
        )
        .unwrap();
        let agreed = Scopes::parse("openid email");
        decide(
            &client,
            &request,
            person,
            expected,
            &agreed,
            interaction,
            NOW,
        )
    }

    fn code_of(step: Step) -> Option<&'static str> {
        match step {
            Step::Refuse(error) => Some(error.code.as_str()),
            _ => None,
        }
    }

    #[test]
    fn nobody_is_asked_what_is_known() {
        let first = Interaction::default();
        assert_eq!(step("", None, None, &first), Step::SignIn { again: false });
        assert_eq!(step("", Some(&person(60)), None, &first), Step::Answer);
        let silent = step("&prompt=none", None, None, &first);
        assert_eq!(code_of(silent), Some("login_required"));
    }

    #[test]
    fn an_old_proof_is_made_anew_once() {
        let first = Interaction::default();
        let anew = Step::SignIn { again: true };
        for more in ["&prompt=login", "&max_age=59", "&prompt=select_account"] {
            assert_eq!(step(more, Some(&person(60)), None, &first), anew, "{more}");
            let back = step(more, Some(&person(60)), None, &asked_seconds_ago(100));
            assert_eq!(back, Step::Answer, "{more}: signed in since");
            let not_yet = step(more, Some(&person(60)), None, &asked_seconds_ago(10));
            assert_eq!(not_yet, anew, "{more}: signed in before");
        }
        assert_eq!(
            step("&max_age=60", Some(&person(60)), None, &first),
            Step::Answer
        );
        let silent = step("&max_age=59&prompt=none", Some(&person(60)), None, &first);
        assert_eq!(code_of(silent), Some("login_required"));
    }

    #[test]
    fn another_person_is_not_told_in_the_place_of_the_one_named() {
        let first = Interaction::default();
        let other = Some(false);
        let anew = step("", Some(&person(60)), other, &first);
        assert_eq!(anew, Step::SignIn { again: true });
        let silent = step("&prompt=none", Some(&person(60)), other, &first);
        assert_eq!(code_of(silent), Some("login_required"));
        let still = step("", Some(&person(5)), other, &asked_seconds_ago(10));
        assert_eq!(code_of(still), Some("login_required"));
    }

    #[test]
    fn consent_is_asked_for_what_was_not_agreed_to() {
        let asked = |more: &str| step(more, Some(&person(60)), None, &Interaction::default());
        let more = "&prompt=consent";
        assert!(matches!(asked(more), Step::Consent(_)));
        let client = test_client();
        let query = "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fs.example%2Fcb\
            &scope=openid+email&prompt=none";
        let request = read_request(
            &client,
            "https://g.example",
            &Params::parse(query.as_bytes()),
        )
        .unwrap();
        let none = Scopes::parse("openid");
        let first = Interaction::default();
        let silent = decide(
            &client,
            &request,
            Some(&person(60)),
            None,
            &none,
            &first,
            NOW,
        );
        assert_eq!(code_of(silent), Some("consent_required"));
    }

    #[test]
    fn a_second_factor_is_asked_for_where_it_is_what_lacks() {
        let asked = |values: &str, more: &str, person: &SignedInPerson| {
            let claims = format!(
                "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C\
                 %22values%22%3A%5B%22{values}%22%5D%7D%7D%7D{more}"
            );
            step(&claims, Some(person), None, &Interaction::default())
        };
        let mut person = person(60);
        assert_eq!(asked("eidas1-mfa", "", &person), Step::SecondFactor);
        let silent = asked("eidas1-mfa", "&prompt=none", &person);
        assert_eq!(code_of(silent), Some("unmet_authentication_requirements"));
        let higher = asked("eidas2", "", &person);
        assert_eq!(code_of(higher), Some("unmet_authentication_requirements"));
        person.level = person.level.with_second_factor();
        assert_eq!(asked("eidas1-mfa", "", &person), Step::Answer);
    }

    #[test]
    fn a_citizen_may_prove_more_and_is_never_taken_for_more() {
        let mut client = test_client();
        client.draft.audience = Audience::Citizens;
        client.draft.asks_consent = false;
        let step = |level: &str, asked: &str, agreed: &str, interaction: &Interaction| {
            let query = format!(
                "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fs.example%2Fcb&scope=openid+email&acr_values={asked}"
            );
            let request = read_request(
                &client,
                "https://i.example",
                &Params::parse(query.as_bytes()),
            )
            .unwrap();
            let mut citizen = person(60);
            citizen.level = Level::parse(level).unwrap();
            let agreed = Scopes::parse(agreed);
            let citizen = Some(&citizen);
            decide(&client, &request, citizen, None, &agreed, interaction, NOW)
        };
        let first = Interaction::default();
        let (all, anew) = ("openid email", Step::SignIn { again: true });
        assert_eq!(step("eidas2", "eidas2", all, &first), Step::Answer);
        assert_eq!(step("eidas1", "eidas2", all, &first), anew);
        let since = asked_seconds_ago(100);
        let refused = step("eidas1", "eidas2", all, &since);
        assert_eq!(code_of(refused), Some("unmet_authentication_requirements"));
        assert_eq!(step("eidas1", "eidas2+eidas1", all, &first), Step::Answer);
        assert_eq!(step("eidas1", "eidas4", all, &first), anew);
        assert!(matches!(
            step("eidas3", "", "openid", &first),
            Step::Consent(_)
        ));
    }

    #[test]
    fn a_level_out_of_reach_is_refused() {
        let claims = "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%5B%22eidas2%22%5D%7D%7D%7D";
        let refused = step(claims, Some(&person(60)), None, &Interaction::default());
        assert_eq!(code_of(refused), Some("unmet_authentication_requirements"));
        let voluntary = step(
            "&acr_values=eidas2",
            Some(&person(60)),
            None,
            &Interaction::default(),
        );
        assert_eq!(voluntary, Step::Answer);
    }
}
