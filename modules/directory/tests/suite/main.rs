//! The directory on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod accounts;
mod browser;
mod factors;
mod pages;

use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, DirectoryError, SessionLimits, SignIn, Visit};
use jiff::SignedDuration;
use kit_access::{Actor, Holders, Permission};
use kit_db::{Db, Migration};
use kit_http::{Authenticator, Credentials};
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::{FixedClock, Source};
use kit_ui::{Catalogue, Locale, Words};
use ports::{NewOrganisation, OrganisationKind, Organisations, Parties};
use uuid::Uuid;

fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
    ]
    .concat()
}

kit_db::on_both_databases!(migrations() =>
    a_session_lives_and_ends, a_reset_link_works_once,
    a_closed_account_is_out_at_once, a_grant_reaches_what_is_below, organisations_are_found_by_any_name,
    an_open_account_is_found_by_its_address,
    two_people_at_once_do_not_overwrite, an_organisation_is_not_below_itself,
    only_an_administrator_changes_things, statements_prepare,
);

struct World {
    clock: Arc<FixedClock>,
    directory: Directory,
    jobs: Jobs,
}

const ROOT: fn() -> Actor = || Actor::system("test");
const EDIT: Permission = Permission {
    name: "t",
    holders: Holders::Roles(&[ports::roles::DIGITAL_DIRECTOR]),
};
const PASSWORD: &str = "un long mot de passe";

fn world(db: &Db) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(
        db.clone(),
        source,
        jobs.clone(),
        limits,
        "https://g.example",
    );
    World {
        clock,
        directory,
        jobs,
    }
}

fn words() -> Words {
    let catalogue = Catalogue::new(directory::WORDS).unwrap();
    Words::new(Arc::new(catalogue), Locale::Fr)
}

/// The tokens of the links of mails that wait, the newest first.
async fn links(jobs: &Jobs, before: &str) -> Vec<String> {
    let mails = jobs.newest(None, 100).await.unwrap();
    let texts = mails.iter().filter_map(|job| job.payload["text"].as_str());
    let token = |text: &str| {
        let (_, rest) = text.split_once(before)?;
        Some(rest.split_whitespace().next()?.to_owned())
    };
    texts.filter_map(token).collect()
}

/// The subjects of mails that wait, the newest first, with whom they go to.
async fn mails(jobs: &Jobs) -> Vec<(String, String)> {
    let mails = jobs.newest(None, 100).await.unwrap();
    let text = |job: &kit_jobs::Job, name: &str| job.payload[name].as_str().unwrap().to_owned();
    let told = mails
        .iter()
        .map(|job| (text(job, "subject"), text(job, "to")));
    told.collect()
}

async fn ada(directory: &Directory) -> Uuid {
    let id = directory
        .add_person(&ROOT(), "Ada", "ada@x.example", None)
        .await
        .unwrap();
    directory.set_password(id, PASSWORD).await.unwrap().unwrap();
    id
}

async fn actor(directory: &Directory, token: &str) -> Actor {
    let credentials = Credentials {
        session: Some(token.to_owned()),
        bearer: None,
    };
    directory.authenticate(&credentials).await.unwrap()
}

async fn token(directory: &Directory) -> String {
    match directory.sign_in(" ADA@x.example", PASSWORD).await.unwrap() {
        SignIn::Done(session) => session.token,
        other => panic!("{other:?}"),
    }
}

async fn a_session_lives_and_ends(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let first = token(&directory).await;
    assert_eq!(actor(&directory, &first).await.person_id(), Some(id));
    assert!(actor(&directory, "0").await.is_anonymous());
    directory.sign_out(&first).await.unwrap();
    assert!(actor(&directory, &first).await.is_anonymous());

    let idle = token(&directory).await;
    clock.advance(SignedDuration::from_hours(2));
    assert!(
        actor(&directory, &idle).await.is_anonymous(),
        "idle for too long"
    );

    let busy = token(&directory).await;
    for _ in 0..11 {
        clock.advance(SignedDuration::from_hours(1));
        assert!(!actor(&directory, &busy).await.is_anonymous());
    }
    clock.advance(SignedDuration::from_hours(1));
    assert!(
        actor(&directory, &busy).await.is_anonymous(),
        "twelve hours, however busy"
    );
    assert!(directory.forget_expired_sessions().await.unwrap() >= 1);
}

async fn a_reset_link_works_once(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    ada(&directory).await;
    let session = token(&directory).await;
    let words = words();
    let visit = Visit::default();
    directory
        .ask_reset("nobody@x.example", &words)
        .await
        .unwrap();
    assert!(
        jobs.newest(None, 10).await.unwrap().is_empty(),
        "nobody is told who has an account"
    );
    for _ in 0..7 {
        directory.ask_reset("ada@x.example", &words).await.unwrap();
    }
    let links = links(&jobs, "/password/").await;
    assert_eq!(links.len(), 5, "a mailbox isn't filled");
    assert!(directory.reset_works(&links[0]).await.unwrap());
    let short = directory.use_reset(&links[0], "court", &visit).await;
    assert!(short.unwrap().unwrap().is_err());
    let changed = directory.use_reset(&links[0], "un autre mot de passe", &visit);
    assert!(matches!(changed.await.unwrap(), Some(Ok(_))));
    assert!(
        actor(&directory, &session).await.is_anonymous(),
        "open sessions end"
    );
    for link in &links {
        assert!(
            !directory.reset_works(link).await.unwrap(),
            "every older link is used up too"
        );
    }
    clock.advance(SignedDuration::from_mins(1));
    directory.ask_reset("ada@x.example", &words).await.unwrap();
    clock.advance(SignedDuration::from_hours(1));
    let link = &self::links(&jobs, "/password/").await[0];
    let late = directory.use_reset(link, "encore un mot de passe", &visit);
    assert_eq!(late.await.unwrap(), None);
}

async fn a_closed_account_is_out_at_once(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let session = token(&directory).await;
    directory.set_disabled(&ROOT(), id, true).await.unwrap();
    assert!(actor(&directory, &session).await.is_anonymous());
    assert_eq!(
        directory.sign_in("ada@x.example", PASSWORD).await.unwrap(),
        SignIn::Refused
    );
    directory.set_disabled(&ROOT(), id, false).await.unwrap();
    token(&directory).await;
}

fn form(name: &str, parent: Option<Uuid>) -> OrganisationForm {
    OrganisationForm {
        name: name.into(),
        acronym: String::new(),
        kind: "directorate".into(),
        siret: String::new(),
        parent: parent.map(|id| id.to_string()).unwrap_or_default(),
    }
}

async fn a_grant_reaches_what_is_below(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let top = directory
        .add_organisation(&ROOT(), &form("Top", None))
        .await
        .unwrap();
    let below = directory
        .add_organisation(&ROOT(), &form("Below", Some(top)))
        .await
        .unwrap();
    let aside = directory
        .add_organisation(&ROOT(), &form("Aside", None))
        .await
        .unwrap();
    let grant = directory
        .grant(&ROOT(), id, "digital-director", Some(top))
        .await
        .unwrap();
    let session = token(&directory).await;
    let someone = actor(&directory, &session).await;
    assert!(someone.may(&EDIT, Some(top)) && someone.may(&EDIT, Some(below)));
    assert!(!someone.may(&EDIT, Some(aside)) && !someone.may(&EDIT, None));
    directory.withdraw(&ROOT(), id, grant).await.unwrap();
    assert!(
        !actor(&directory, &session).await.may(&EDIT, Some(top)),
        "at once"
    );
    let unknown = directory.grant(&ROOT(), id, "king", None).await;
    assert!(matches!(unknown, Err(DirectoryError::Mistakes(m)) if m[0].field == "role"));
}

async fn organisations_are_found_by_any_name(db: Db) {
    let World { directory, .. } = world(&db);
    let port = directory.organisations_port();
    let named = |name, acronym, aliases| NewOrganisation {
        kind: OrganisationKind::Ministry,
        name,
        acronym,
        aliases,
    };
    let mut tx = db.begin().await.unwrap();
    let first = port
        .ensure(
            &mut tx,
            &ROOT(),
            named("Ministère de la Culture", "MC", &["MCC"]),
        )
        .await
        .unwrap();
    for (name, acronym) in [
        ("ministere de la culture", ""),
        ("", "MC"),
        ("Culture et Communication", "MCC"),
    ] {
        let found = port
            .ensure(&mut tx, &ROOT(), named(name, acronym, &[]))
            .await
            .unwrap();
        assert_eq!(found, first, "{name} {acronym}");
    }
    let other = port
        .ensure(&mut tx, &ROOT(), named("Armées", "MAr", &[]))
        .await
        .unwrap();
    assert_ne!(other, first);
    tx.commit().await.unwrap();
    assert_eq!(
        port.all(Some(OrganisationKind::Ministry))
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        port.all(Some(OrganisationKind::Operator))
            .await
            .unwrap()
            .len(),
        0
    );
}

async fn two_people_at_once_do_not_overwrite(db: Db) {
    let World { directory, .. } = world(&db);
    let id = directory
        .add_organisation(&ROOT(), &form("A", None))
        .await
        .unwrap();
    let version = directory.organisation(id).await.unwrap().version;
    directory
        .change_organisation(&ROOT(), id, version, &form("B", None))
        .await
        .unwrap();
    let late = directory
        .change_organisation(&ROOT(), id, version, &form("C", None))
        .await;
    assert!(matches!(late, Err(DirectoryError::Stale)));
    assert_eq!(directory.organisation(id).await.unwrap().name, "B");
    let history = Journal::of_subject(&db, "organisation", id, None, 10)
        .await
        .unwrap();
    let actions: Vec<_> = history.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "directory.organisation.change",
            "directory.organisation.add"
        ]
    );
}

async fn an_organisation_is_not_below_itself(db: Db) {
    let World { directory, .. } = world(&db);
    let top = directory
        .add_organisation(&ROOT(), &form("Top", None))
        .await
        .unwrap();
    let below = directory
        .add_organisation(&ROOT(), &form("Below", Some(top)))
        .await
        .unwrap();
    let ring = directory
        .change_organisation(&ROOT(), top, 1, &form("Top", Some(below)))
        .await;
    assert!(matches!(ring, Err(DirectoryError::Mistakes(m)) if m[0].field == "parent"));
    let twin = directory
        .add_organisation(&ROOT(), &form("TOP", None))
        .await;
    assert!(matches!(twin, Err(DirectoryError::Mistakes(m)) if m[0].field == "name"));
}

async fn only_an_administrator_changes_things(db: Db) {
    let World { directory, .. } = world(&db);
    let nobody = Actor::anonymous();
    let added = directory.add_organisation(&nobody, &form("A", None)).await;
    assert!(matches!(added, Err(DirectoryError::Denied(_))));
    let person = directory
        .add_person(&nobody, "A", "a@x.example", None)
        .await;
    assert!(matches!(person, Err(DirectoryError::Denied(_))));
    let id = ada(&directory).await;
    assert!(matches!(
        directory.person(&nobody, id).await,
        Err(DirectoryError::Denied(_))
    ));
    assert!(matches!(
        directory.grant(&nobody, id, "reader", None).await,
        Err(DirectoryError::Denied(_))
    ));
}

async fn an_open_account_is_found_by_its_address(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let port = directory.parties_port();
    let found = port.addressee_of_email(" Ada@X.example").await.unwrap();
    let told = found.map(|one| (one.id.0, one.name, one.email));
    assert_eq!(told, Some((id, "Ada".into(), "ada@x.example".into())));
    for nobody in ["ida@x.example", "ada", "", "%"] {
        let found = port.addressee_of_email(nobody).await.unwrap();
        assert_eq!(found, None, "{nobody}");
    }
    directory.set_disabled(&ROOT(), id, true).await.unwrap();
    assert_eq!(
        port.addressee_of_email("ada@x.example").await.unwrap(),
        None
    );
}

async fn statements_prepare(db: Db) {
    for statement in directory::statements() {
        db.prepare(&statement).await.unwrap();
    }
}

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = directory::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/domain"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let built = [
        "role-",
        "organisation-kind-",
        "directory-organisation-",
        "directory-role",
        "directory-place",
        "directory-granted-",
        "directory-factor-",
        "directory-passkey-",
        "directory-session-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}
