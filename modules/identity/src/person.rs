//! Who is signed in, what that proves, and what services may know of the person.

use jiff::Timestamp;
use ports::{PersonId, SessionSummary};

use crate::domain::{
    AuthorizationRequest, CLOCKS_DIFFER_SECONDS, Client, ErrorCode, Interaction, Level,
    PersonClaims, Profile, SignedInPerson, Step,
};
use crate::store::authorizations::Authorization;
use crate::store::{arrivals, providers};
use crate::{Identity, IdentityError};

impl Identity {
    /// The agent whose session a cookie is.
    pub(crate) async fn agent_signed_in(
        &self,
        cookie: Option<&str>,
    ) -> Result<Option<SignedInPerson>, IdentityError> {
        let Some(cookie) = cookie else {
            return Ok(None);
        };
        let session = self.accounts.session(cookie).await?;
        Ok(session.map(|session| {
            let begun_at = session.begun_at.as_microsecond();
            let proved = Proved::of(&session);
            SignedInPerson {
                person: session.person.0,
                session: session.id,
                auth_time: proved.auth_time,
                proved_at_micros: proved.at_latest_micros.min(begun_at),
                level: proved.level,
                methods: session.methods,
            }
        }))
    }

    /// A level that the session lacks may be proved at the provider that opened it: the person is
    /// sent there, once, before the service is told that it can't be reached.
    pub(crate) async fn or_at_the_provider(
        &self,
        step: Step,
        client: &Client,
        request: &AuthorizationRequest,
        person: Option<&SignedInPerson>,
        interaction: &Interaction,
    ) -> Result<Step, IdentityError> {
        let lacks = ErrorCode::UnmetAuthenticationRequirements;
        let is_lacking = match &step {
            Step::Refuse(error) => error.code == lacks,
            Step::SecondFactor => true,
            _ => false,
        };
        let Some(person) = person.filter(|_| is_lacking) else {
            return Ok(step);
        };
        let asked_at = interaction.asked_at_micros;
        let was_there = asked_at.is_some_and(|asked| person.proved_at_micros >= asked);
        if request.prompts.none || was_there {
            return Ok(step);
        }
        let Some(code) = self.accounts.provider_of(person.session).await? else {
            return Ok(step);
        };
        let must_reach = match client.draft.profile {
            Profile::France => &request.acr_values,
            Profile::Standard => &request.acr_essential,
        };
        let provider = providers::named(&self.db, &code).await?;
        let reaches = provider.is_some_and(|provider| {
            !provider.suspended && provider.draft.level_max.satisfies_any(must_reach)
        });
        Ok(if reaches {
            Step::SignIn { again: true }
        } else {
            step
        })
    }

    /// What is known of the agent of an authorization that still holds, as scopes tell it: not
    /// revoked, the account open, and the session going on unless the person agreed that it needn't.
    pub(crate) async fn agent_of(
        &self,
        authorization: &Authorization,
    ) -> Result<Option<PersonClaims>, IdentityError> {
        if authorization.revoked_at.is_some() {
            return Ok(None);
        }
        let session = (!authorization.offline).then_some(authorization.session);
        let person = PersonId(authorization.person);
        let Some(account) = self.accounts.account_in(person, session).await? else {
            return Ok(None);
        };
        let asks_provider = ["idp_id", "idp_acr"].into_iter().any(|claim| {
            let claims = &authorization.claims;
            let asked = claims.id_token.iter().chain(&claims.userinfo);
            authorization.scopes.has(claim) || asked.clone().any(|one| one.name == claim)
        });
        let session = authorization.session;
        // The person may have proved itself here since, by a password.
        let is_brokered = asks_provider && self.accounts.provider_of(session).await?.is_some();
        let opened = if is_brokered {
            arrivals::session(&self.db, session).await?
        } else {
            None
        };
        let idp_id = opened.as_ref().map(|opened| opened.provider.to_string());
        let idp_acr = opened.and_then(|opened| opened.idp_acr);
        Ok(Some({
            let (siret, unit) = match account.organisation {
                Some(organisation) => (organisation.siret, Some(organisation.name)),
                None => (None, None),
            };
            PersonClaims {
                uid: account.id.to_string(),
                name: account.name,
                email: account.email,
                email_verified: account.email_verified,
                siret,
                organizational_unit: unit,
                idp_id,
                idp_acr,
            }
        }))
    }
}

/// What a session proves.
struct Proved {
    level: Level,
    auth_time: i64,
    at_latest_micros: i64,
}

impl Proved {
    /// A session that a provider opened proves what was stored then, nothing more: neither its
    /// methods nor its beginning here make it stronger or fresher than the provider said.
    fn of(session: &SessionSummary) -> Self {
        let begun_at = session.begun_at.as_second();
        let Some(brokered) = &session.brokered else {
            return Self {
                level: Level::of_local_account(&session.methods),
                auth_time: begun_at,
                at_latest_micros: i64::MAX,
            };
        };
        let proved_at = brokered.proved_at.map(Timestamp::as_second);
        let auth_time = proved_at.unwrap_or(begun_at).min(begun_at);
        // The provider's clock may be behind ours, and tells whole seconds.
        let at_latest = proved_at.map(|at| at.saturating_add(CLOCKS_DIFFER_SECONDS + 1));
        Self {
            level: Level::parse(&brokered.level).unwrap_or(Level::LOWEST),
            auth_time,
            at_latest_micros: at_latest.map_or(i64::MAX, |at| at.saturating_mul(1_000_000)),
        }
    }
}
