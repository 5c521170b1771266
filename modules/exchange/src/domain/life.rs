//! The life of an accreditation: a request that is worked on, and what was granted.
//!
//! ```text
//!   draft ──submit──▶ submitted ──approve──▶ approved, version n + 1 in force
//!     ▲                 │  ▲ │
//!     │   changes asked ▼  │ └─refuse──▶ refused (what was granted stays as it was)
//!     │              to change
//!     └──reopen── approved, refused or withdrawn
//!
//!   in force ──suspend──▶ suspended ──resume──▶ in force;  in force or suspended ──revoke──▶ revoked
//!   in force or suspended ──its time is over──▶ expired
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Its author fills it in.
    Draft,
    /// It waits for a decision.
    Submitted,
    /// Its author was asked to change it.
    ToChange,
    /// It was refused.
    Refused,
    /// It was approved: what it says is in the version in force.
    Approved,
    /// Its author took it back.
    Withdrawn,
    /// It was put away: nothing is done with it any more.
    Archived,
}

impl RequestState {
    /// Every state, in the order in which pages offer them.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Submitted,
        Self::ToChange,
        Self::Approved,
        Self::Refused,
        Self::Withdrawn,
        Self::Archived,
    ];

    /// Its name in columns, addresses and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::ToChange => "to-change",
            Self::Refused => "refused",
            Self::Approved => "approved",
            Self::Withdrawn => "withdrawn",
            Self::Archived => "archived",
        }
    }

    /// The state of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Whether its author may change what it says.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::ToChange)
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// A first accreditation.
    First,
    /// More, or other than what was granted.
    Extension,
    /// The same for longer.
    Renewal,
}

impl RequestKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::First, Self::Extension, Self::Renewal];

    /// Its name in columns and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Extension => "extension",
            Self::Renewal => "renewal",
        }
    }

    /// The kind of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// Where what was granted stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It can be used.
    InForce,
    /// It can't be used for now.
    Suspended,
    /// It was taken away.
    Revoked,
    /// Its time is over.
    Expired,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::InForce, Self::Suspended, Self::Revoked, Self::Expired];

    /// Its name in columns, addresses and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// The standing of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// The version in force, from 1.
    pub version: u32,
    /// Where it stands.
    pub standing: Standing,
    /// Until when.
    pub valid_until: Timestamp,
}

/// Where an accreditation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The request.
    pub request: RequestState,
    /// What it is for.
    pub kind: RequestKind,
    /// What was granted, if anything was.
    pub granted: Option<Granted>,
}

/// Something that is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Its author sends the request.
    Submit,
    /// Its author takes it back.
    Withdraw,
    /// Its author puts it away.
    Archive,
    /// Its author works on it again, to extend it or after a refusal.
    Reopen,
    /// Its author asks for the same for longer: sent at once.
    Renew,
    /// The instructor asks its author to change it.
    AskChanges,
    /// The instructor refuses it.
    Refuse,
    /// The instructor approves it until an instant.
    Approve(Timestamp),
    /// The instructor gives it to another organisation, which takes the place of the first one.
    Transfer,
    /// The directorate suspends what was granted.
    Suspend,
    /// The directorate lets it go on.
    Resume,
    /// The directorate takes it away.
    Revoke,
    /// Its time is over.
    Expire,
}

impl Act {
    /// Its name in addresses, forms and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Withdraw => "withdraw",
            Self::Archive => "archive",
            Self::Reopen => "reopen",
            Self::Renew => "renew",
            Self::AskChanges => "ask-changes",
            Self::Refuse => "refuse",
            Self::Approve(_) => "approve",
            Self::Transfer => "transfer",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
            Self::Expire => "expire",
        }
    }

    /// Whether it is its author's to do; else the directorate's.
    pub fn is_authors(self) -> bool {
        matches!(
            self,
            Self::Submit | Self::Withdraw | Self::Archive | Self::Reopen | Self::Renew
        )
    }

    /// Whether it needs a reason, which its author reads.
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::AskChanges | Self::Refuse | Self::Suspend | Self::Revoke | Self::Transfer
        )
    }
}

/// The act isn't possible as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} isn't possible now", .0.code())]
pub struct Impossible(pub Act);

impl Life {
    /// A request that nobody has sent yet.
    pub fn begun() -> Self {
        Self {
            request: RequestState::Draft,
            kind: RequestKind::First,
            granted: None,
        }
    }

    /// Whether it can be used at an instant.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.granted.is_some_and(|granted| {
            granted.standing == Standing::InForce && now < granted.valid_until
        })
    }

    /// What it becomes by an act.
    pub fn after(self, act: Act, now: Timestamp) -> Result<Self, Impossible> {
        use RequestState::{Approved, Archived, Draft, Refused, Submitted, ToChange, Withdrawn};
        let impossible = Impossible(act);
        let request = |request| Ok(Self { request, ..self });
        let standing = self.granted.map(|granted| granted.standing);
        match (act, self.request) {
            (Act::Submit, Draft | ToChange) => request(Submitted),
            (Act::Withdraw, Submitted | ToChange) => request(Withdrawn),
            // An unfinished extension of something in force is put away alone.
            (Act::Withdraw, Draft) if self.granted.is_some() => request(Withdrawn),
            (Act::Archive, Draft | Refused | Withdrawn | Approved)
                if !matches!(standing, Some(Standing::InForce | Standing::Suspended)) =>
            {
                request(Archived)
            }
            (Act::Reopen, Approved | Refused | Withdrawn)
                if standing != Some(Standing::Revoked) =>
            {
                let kind = match self.granted {
                    Some(_) => RequestKind::Extension,
                    None => RequestKind::First,
                };
                Ok(Self {
                    request: Draft,
                    kind,
                    ..self
                })
            }
            (Act::Renew, Approved | Refused | Withdrawn)
                if matches!(standing, Some(Standing::InForce | Standing::Expired)) =>
            {
                Ok(Self {
                    request: Submitted,
                    kind: RequestKind::Renewal,
                    ..self
                })
            }
            (Act::AskChanges, Submitted) => request(ToChange),
            (Act::Refuse, Submitted) => request(Refused),
            (Act::Approve(until), Submitted)
                if until > now && standing != Some(Standing::Revoked) =>
            {
                Ok(self.approved(until))
            }
            (Act::Transfer, Approved | Refused | Withdrawn) => match self.granted {
                Some(granted) if granted.standing != Standing::Revoked => {
                    let version = granted.version + 1;
                    Ok(Self {
                        granted: Some(Granted { version, ..granted }),
                        ..self
                    })
                }
                _ => Err(impossible),
            },
            (Act::Suspend, _) => self.stand(impossible, &[Standing::InForce], Standing::Suspended),
            (Act::Resume, _) => self.stand(impossible, &[Standing::Suspended], Standing::InForce),
            (Act::Revoke, _) => {
                let from = [Standing::InForce, Standing::Suspended, Standing::Expired];
                let revoked = self.stand(impossible, &from, Standing::Revoked)?;
                // Nothing is extended that was taken away.
                let request = match revoked.request {
                    Draft | Submitted | ToChange => Withdrawn,
                    other => other,
                };
                Ok(Self { request, ..revoked })
            }
            (Act::Expire, _)
                if self
                    .granted
                    .is_some_and(|granted| granted.valid_until <= now) =>
            {
                let from = [Standing::InForce, Standing::Suspended];
                self.stand(impossible, &from, Standing::Expired)
            }
            _ => Err(impossible),
        }
    }

    fn approved(self, valid_until: Timestamp) -> Self {
        let standing = match self.granted.map(|granted| granted.standing) {
            // An extension doesn't lift a suspension.
            Some(Standing::Suspended) => Standing::Suspended,
            _ => Standing::InForce,
        };
        let version = self.granted.map_or(0, |granted| granted.version) + 1;
        Self {
            request: RequestState::Approved,
            granted: Some(Granted {
                version,
                standing,
                valid_until,
            }),
            ..self
        }
    }

    fn stand(
        self,
        impossible: Impossible,
        from: &[Standing],
        standing: Standing,
    ) -> Result<Self, Impossible> {
        match self.granted {
            Some(granted) if from.contains(&granted.standing) => Ok(Self {
                granted: Some(Granted {
                    standing,
                    ..granted
                }),
                ..self
            }),
            _ => Err(impossible),
        }
    }
}

#[cfg(test)]
mod tests;
