//! Who a browser's person is, agent or citizen, and what is known of the person.

use ports::PersonId;

use crate::domain::{Audience, AuthorizationRequest, Client, Person, PersonClaims, SignedInPerson};
use crate::store::authorizations::Authorization;
use crate::{Identity, IdentityError};

/// The cookies with which a browser says who its person is: those of agents and of citizens open
/// nothing of each other.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Brought<'c> {
    /// The platform's session cookie.
    pub(crate) agent: Option<&'c str>,
    /// The cookie of a citizen's session.
    pub(crate) citizen: Option<&'c str>,
}

impl Identity {
    /// Whose session a cookie is.
    pub(crate) async fn signed_in(
        &self,
        audience: Audience,
        brought: Brought<'_>,
    ) -> Result<Option<SignedInPerson>, IdentityError> {
        if audience == Audience::Citizens {
            let session = self.citizen_session(brought.citizen).await?;
            return Ok(session.map(|session| SignedInPerson {
                person: session.citizen,
                session: session.id,
                auth_time: session.auth_time,
                proved_at_micros: session.begun_at.as_microsecond(),
                level: session.level,
                methods: session.methods,
            }));
        }
        self.agent_signed_in(brought.agent).await
    }

    /// Whether the person is the one that the service named, when it named one.
    pub(crate) async fn is_expected(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        person: &SignedInPerson,
    ) -> Result<Option<bool>, IdentityError> {
        let subject = self.subject(client, person.person).await?;
        let mut expected = None;
        if let Some(hint) = &request.id_token_hint {
            let hint = self.read_hint(hint).await?;
            let fits = hint
                .is_some_and(|hint| hint.client_id == client.client_id && hint.subject == subject);
            expected = Some(fits);
        }
        let claims = request.claims.id_token.iter();
        for claim in claims.filter(|claim| claim.name == "sub") {
            if let Some(value) = &claim.value {
                expected = Some(expected.unwrap_or(true) && *value == subject);
            }
        }
        Ok(expected)
    }

    /// What is known of the person of an authorization that still holds, as scopes tell it: not
    /// revoked, the account open, and the session going on unless the person agreed that it needn't.
    pub(crate) async fn person_of(
        &self,
        client: &Client,
        authorization: &Authorization,
    ) -> Result<Option<Person>, IdentityError> {
        if client.draft.audience == Audience::Agents {
            let agent = self.agent_of(authorization).await?;
            return Ok(agent.map(Person::Agent));
        }
        if authorization.revoked_at.is_some() {
            return Ok(None);
        }
        // Nothing is known of a citizen without its session.
        let known = self.citizen_in(authorization.person, authorization.session);
        Ok(known.await?.map(Person::Citizen))
    }

    /// What a person reads of itself before a service is told.
    pub(crate) async fn person_asked(
        &self,
        audience: Audience,
        person: &SignedInPerson,
    ) -> Result<Option<Person>, IdentityError> {
        if audience == Audience::Citizens {
            let known = self.citizen_in(person.person, person.session).await?;
            return Ok(known.map(Person::Citizen));
        }
        let account = self.accounts.account(PersonId(person.person)).await?;
        Ok(account.map(|account| {
            let (siret, unit) = match account.organisation {
                Some(organisation) => (organisation.siret, Some(organisation.name)),
                None => (None, None),
            };
            Person::Agent(PersonClaims {
                uid: account.id.to_string(),
                name: account.name,
                email: account.email,
                email_verified: account.email_verified,
                siret,
                organizational_unit: unit,
                idp_id: None,
                idp_acr: None,
            })
        }))
    }
}
