//! Who may do what: deny unless granted.
//!
//! A module's `access.rs` is one table of [`Permission`]s, each with the [`Role`]s that hold it. A
//! person holds roles by [`Grant`]s: a role on an organisation and all below it, or on the whole
//! State. The router refuses a request whose actor holds the route's permission nowhere; the store
//! then demands the permission on the organisation of the row that it fetched
//! ([`Actor::demand`]), so that no route can forget.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The name of a role, such as `portfolio-officer`. Roles are listed in the floor `ports`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Role(pub &'static str);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Who holds a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holders {
    /// Anybody, signed in or not: open data.
    Everybody,
    /// Any person who is signed in.
    SignedIn,
    /// Whoever holds one of these roles, within the role's organisations.
    Roles(&'static [Role]),
}

/// One line of a module's table of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// `module.noun.verb`.
    pub name: &'static str,
    /// Who holds it.
    pub holders: Holders,
}

/// The organisations over which a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The whole State.
    State,
    /// An organisation and all below it, already unfolded.
    Organisations(Arc<HashSet<Uuid>>),
}

impl Reach {
    fn covers(&self, organisation: Option<Uuid>) -> bool {
        match (self, organisation) {
            (Self::State, _) => true,
            (Self::Organisations(ids), Some(id)) => ids.contains(&id),
            // What belongs to no organisation belongs to the State.
            (Self::Organisations(_), None) => false,
        }
    }
}

/// A role and where it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role's name, as stored.
    pub role: String,
    /// Where it is held.
    pub reach: Reach,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Somebody who is not signed in.
    Anonymous,
    /// A person of the directory.
    Person {
        /// Its id in the directory.
        id: Uuid,
        /// Its name, as shown in the header and in histories.
        name: String,
    },
    /// The platform itself: a job, a subscriber, a command of the operator.
    System(&'static str),
}

/// Who acts, with its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who it is.
    pub identity: Identity,
    /// What it was granted.
    pub grants: Arc<Vec<Grant>>,
}

/// The actor may not do this here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("permission {permission} is not granted")]
pub struct Denied {
    /// The permission that was demanded.
    pub permission: &'static str,
    /// Whether signing in could change the answer.
    pub anonymous: bool,
}

impl Actor {
    /// Somebody who is not signed in.
    pub fn anonymous() -> Self {
        Self {
            identity: Identity::Anonymous,
            grants: Arc::default(),
        }
    }

    /// The platform itself, which may do everything. `name` says which part of it acts.
    pub fn system(name: &'static str) -> Self {
        Self {
            identity: Identity::System(name),
            grants: Arc::default(),
        }
    }

    /// A person with grants.
    pub fn person(id: Uuid, name: impl Into<String>, grants: Vec<Grant>) -> Self {
        Self {
            identity: Identity::Person {
                id,
                name: name.into(),
            },
            grants: Arc::new(grants),
        }
    }

    /// The person's id, when the actor is one.
    pub fn person_id(&self) -> Option<Uuid> {
        match self.identity {
            Identity::Person { id, .. } => Some(id),
            Identity::Anonymous | Identity::System(_) => None,
        }
    }

    /// The name of who acts, as histories keep it; empty when nobody is signed in.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Person { name, .. } => name,
            Identity::System(part) => part,
            Identity::Anonymous => "",
        }
    }

    /// Whether nobody is signed in.
    pub fn is_anonymous(&self) -> bool {
        self.identity == Identity::Anonymous
    }

    /// Whether the actor holds `permission` on `organisation` (`None`: what belongs to the State).
    pub fn may(&self, permission: &Permission, organisation: Option<Uuid>) -> bool {
        self.holds(permission, |grant| grant.reach.covers(organisation))
    }

    /// Whether the actor holds `permission` somewhere: what a route can ask before a row is known.
    pub fn may_somewhere(&self, permission: &Permission) -> bool {
        self.holds(permission, |_| true)
    }

    /// Refuses unless the actor holds `permission` on `organisation`.
    pub fn demand(
        &self,
        permission: &Permission,
        organisation: Option<Uuid>,
    ) -> Result<(), Denied> {
        if self.may(permission, organisation) {
            Ok(())
        } else {
            Err(self.denied(permission))
        }
    }

    /// Refuses unless the actor holds `permission` somewhere.
    pub fn demand_somewhere(&self, permission: &Permission) -> Result<(), Denied> {
        if self.may_somewhere(permission) {
            Ok(())
        } else {
            Err(self.denied(permission))
        }
    }

    /// Where the actor holds `permission`: what a list filters by.
    pub fn reach(&self, permission: &Permission) -> Reach {
        if matches!(self.identity, Identity::System(_)) {
            return Reach::State;
        }
        let roles = match permission.holders {
            Holders::Everybody => return Reach::State,
            Holders::SignedIn if !self.is_anonymous() => return Reach::State,
            Holders::SignedIn => return Reach::Organisations(Arc::default()),
            Holders::Roles(roles) => roles,
        };
        let mut all = HashSet::new();
        for grant in self
            .grants
            .iter()
            .filter(|grant| roles.iter().any(|r| r.0 == grant.role))
        {
            match &grant.reach {
                Reach::State => return Reach::State,
                Reach::Organisations(ids) => all.extend(ids.iter().copied()),
            }
        }
        Reach::Organisations(Arc::new(all))
    }

    fn holds(&self, permission: &Permission, covers: impl Fn(&Grant) -> bool) -> bool {
        if matches!(self.identity, Identity::System(_)) {
            return true;
        }
        match permission.holders {
            Holders::Everybody => true,
            Holders::SignedIn => !self.is_anonymous(),
            Holders::Roles(roles) => self
                .grants
                .iter()
                .any(|grant| roles.iter().any(|role| role.0 == grant.role) && covers(grant)),
        }
    }

    fn denied(&self, permission: &Permission) -> Denied {
        Denied {
            permission: permission.name,
            anonymous: self.is_anonymous(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICER: Role = Role("officer");
    const READ: Permission = Permission {
        name: "t.row.read",
        holders: Holders::Everybody,
    };
    const EDIT: Permission = Permission {
        name: "t.row.edit",
        holders: Holders::Roles(&[OFFICER]),
    };
    const SAVE: Permission = Permission {
        name: "t.view.save",
        holders: Holders::SignedIn,
    };

    fn officer_of(ids: &[u128]) -> Actor {
        let ids = ids.iter().map(|id| Uuid::from_u128(*id)).collect();
        let reach = Reach::Organisations(Arc::new(ids));
        Actor::person(
            Uuid::from_u128(9),
            "Ada",
            vec![Grant {
                role: "officer".into(),
                reach,
            }],
        )
    }

    #[test]
    fn nobody_holds_what_was_not_granted() {
        let nobody = Actor::anonymous();
        assert!(nobody.may(&READ, None));
        assert!(!nobody.may_somewhere(&EDIT));
        assert!(!nobody.may(&SAVE, None));
        let denied = nobody.demand(&EDIT, None).unwrap_err();
        assert_eq!(
            denied,
            Denied {
                permission: "t.row.edit",
                anonymous: true
            }
        );
        let other = Actor::person(
            Uuid::from_u128(9),
            "Ada",
            vec![Grant {
                role: "reader".into(),
                reach: Reach::State,
            }],
        );
        assert!(!other.may_somewhere(&EDIT));
    }

    #[test]
    fn a_grant_reaches_its_organisations_and_no_other() {
        let officer = officer_of(&[1, 2]);
        assert!(officer.may(&EDIT, Some(Uuid::from_u128(2))));
        assert!(!officer.may(&EDIT, Some(Uuid::from_u128(3))));
        assert!(
            !officer.may(&EDIT, None),
            "what belongs to the State needs a grant on the State"
        );
        assert!(officer.may_somewhere(&EDIT));
        let Reach::Organisations(ids) = officer.reach(&EDIT) else {
            panic!("a bounded reach")
        };
        assert_eq!(ids.len(), 2);
    }

    #[test]
    fn a_grant_on_the_state_reaches_everything() {
        let chief = Actor::person(
            Uuid::from_u128(9),
            "Ada",
            vec![Grant {
                role: "officer".into(),
                reach: Reach::State,
            }],
        );
        assert!(chief.may(&EDIT, None) && chief.may(&EDIT, Some(Uuid::from_u128(3))));
        assert_eq!(chief.reach(&EDIT), Reach::State);
        assert!(Actor::system("job").may(&EDIT, None));
    }
}
