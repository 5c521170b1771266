//! A believable demo State: invented ministries, people, projects and start-ups, drawn from a fixed
//! seed, so that every demo shows the same world.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use kit_access::Actor;
use portfolio::{ImportFile, ListFilter, RebaselineForm, Sort};

use crate::app::Platform;
use crate::error::CommandError;

/// The demo's officer.
pub(crate) const OFFICER_EMAIL: &str = "camille.moreau@dinum.example";
/// The officer's name.
pub(crate) const OFFICER_NAME: &str = "Camille Moreau";
/// The officer's password: the demo listens on this machine alone.
pub(crate) const OFFICER_PASSWORD: &str = "demo gouvernail 2026";

/// Acronym and name.
const MINISTRIES: [(&str, &str); 8] = [
    ("MEF", "Ministère de l’Économie et des Finances"),
    ("MI", "Ministère de l’Intérieur"),
    ("MJ", "Ministère de la Justice"),
    ("MEN", "Ministère de l’Éducation nationale"),
    ("MC", "Ministère de la Culture"),
    ("MINARM", "Ministère des Armées"),
    ("MTES", "Ministère de la Transition écologique"),
    ("MCAS", "Ministères chargés des Affaires sociales"),
];

const THINGS: [&str; 14] = [
    "Paie des agents",
    "Guichet des aides",
    "Registre des dossiers",
    "Archives numériques",
    "Réseau radio",
    "Portail des démarches",
    "Gestion des stocks",
    "Suivi des contrôles",
    "Identité des agents",
    "Facturation",
    "Cartographie des risques",
    "Parcours des élèves",
    "Casier et procédures",
    "Ressources humaines",
];
const SUFFIXES: [&str; 6] = ["ALPHA", "NOVA", "HORIZON", "ATLAS", "CAP", "SOCLE"];
const AREAS: [&str; 6] = [
    "Ressources humaines",
    "Relation avec l’usager",
    "Gestion financière",
    "Sécurité",
    "Infrastructure",
    "Éducation",
];
const PHASES: [&str; 5] = [
    "Cadrage",
    "Conception / Réalisation",
    "Expérimentation",
    "Déploiement",
    "Terminé",
];
/// The place of the last one.
const DONE: usize = 4;

/// A small generator (Knuth's MMIX linear congruence): the demo is the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

struct Project {
    name: String,
    ministry: usize,
    area: &'static str,
    start: Date,
    cost: u64,
    tenths_of_years: u64,
    phase: usize,
    /// Editions in which it was being rolled out.
    rollouts: u32,
    /// After how many of them it is done.
    rolled_out_after: u32,
    leaves_after: usize,
    enters_at: usize,
}

/// Fills an empty database with the demo State; a filled one is left alone.
pub(crate) async fn fill(platform: &Platform) -> Result<(), CommandError> {
    if platform
        .directory
        .person_by_email(OFFICER_EMAIL)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let actor = Actor::system("demo");
    let mut draw = Draw(2_026);
    let mut projects: Vec<Project> = projects(&mut draw);
    let first = platform
        .source
        .today()
        .saturating_sub(30.months())
        .first_of_month();
    for edition in 0..5_usize {
        let on = first.saturating_add((i32::try_from(edition).unwrap_or(0) * 6).months());
        let csv = edition_csv(&mut draw, &mut projects, edition, on);
        let name = format!("panorama-demo-{on}.csv");
        let file = ImportFile {
            name: &name,
            bytes: csv.as_bytes(),
        };
        platform
            .portfolio
            .import_panorama(&actor, file, None, false)
            .await?;
    }
    let startups = startups(&mut draw, platform.source.today());
    platform
        .portfolio
        .import_beta_gouv(&actor, &startups, false)
        .await?;
    rebaseline(platform, &actor).await?;
    let service = crate::demo_services::register(platform, &actor).await?;
    Box::pin(crate::demo_impact::fill(platform, &actor, service)).await?;
    Box::pin(crate::demo_exchange::fill(platform, &actor)).await?;
    people(platform, &actor).await?;
    let conferences = crate::demo_conferences::of(platform, &actor).await?;
    if let Some(conferences) = &conferences {
        Box::pin(conferences.last_year()).await?;
    }
    Box::pin(crate::demo_steering::fill(platform, &actor)).await?;
    if let Some(conferences) = &conferences {
        Box::pin(conferences.this_year()).await?;
    }
    Box::pin(crate::demo_brigade::fill(platform, &actor)).await?;
    Box::pin(crate::demo_startups::fill(platform, &actor)).await?;
    Box::pin(crate::demo_observatory::fill(platform, &actor)).await?;
    Box::pin(crate::demo_costs::fill(platform, &actor)).await?;
    Box::pin(crate::demo_contracts::fill(platform)).await
}

/// The project that slipped most was given a new baseline: both stay visible.
async fn rebaseline(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let worst = platform
        .portfolio
        .list(&ListFilter::default(), (Sort::Slip, true), None, 1)
        .await?;
    let Some(product) = worst.products.first() else {
        return Ok(());
    };
    let on = platform.source.today().saturating_sub(5.months());
    let parts = [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ];
    let millions = product.cost_cents.unwrap_or_default() / 100_000_000;
    let form = RebaselineForm {
        effective_on: parts,
        cost: millions.max(1).to_string(),
        duration: String::new(),
        reason: "Le comité de pilotage a ajouté trois régions au périmètre et revu le calendrier."
            .to_owned(),
    };
    platform
        .portfolio
        .rebaseline(actor, product.id, &form)
        .await?;
    Ok(())
}

fn projects(draw: &mut Draw) -> Vec<Project> {
    let mut projects = Vec::new();
    for (at, thing) in THINGS.iter().enumerate() {
        for copy in 0..4_usize {
            // Most end one or two editions after their rollout began.
            let rolled_out_after = [1, 1, 2, 9][(at + copy) % 4];
            let suffix = SUFFIXES[(at + copy * 5) % SUFFIXES.len()];
            projects.push(Project {
                name: format!("{suffix} {thing}"),
                ministry: draw.below(MINISTRIES.len() as u64) as usize,
                area: draw.of(&AREAS),
                start: date(2016 + draw.below(8) as i16, 1 + draw.below(12) as i8, 1),
                cost: 30 + draw.below(draw_limit(copy)),
                tenths_of_years: 20 + draw.below(60),
                phase: draw.below(4) as usize,
                rollouts: 0,
                rolled_out_after,
                leaves_after: if draw.below(5) == 0 {
                    1 + draw.below(4) as usize
                } else {
                    9
                },
                enters_at: if draw.below(4) == 0 {
                    draw.below(5) as usize
                } else {
                    0
                },
            });
        }
    }
    projects
}

/// A few projects are very large, as in life. In tenths of millions.
fn draw_limit(copy: usize) -> u64 {
    [150, 300, 900, 3_000][copy]
}

fn edition_csv(draw: &mut Draw, projects: &mut [Project], edition: usize, on: Date) -> String {
    let mut csv = String::from(
        "Ministère porteur;Ministère nom complet;Nom du projet;Projet interministériel;\
         Description et objectifs du projet;Début;Durée prévisionnelle en année;\
         Phase du projet en cours;Coût estimé;Zone fonctionnelle;Date de publication\n",
    );
    for (at, project) in projects.iter_mut().enumerate() {
        if edition > 0 {
            drift(draw, project);
        }
        if edition < project.enters_at || edition >= project.leaves_after {
            continue;
        }
        let (acronym, ministry) = MINISTRIES[project.ministry];
        let framing = project.phase == 0;
        // One project comes back under a longer name: somebody has to say that it is the same.
        let name = if edition == 4 && at == 5 {
            format!("{} phase II", project.name)
        } else {
            project.name.clone()
        };
        let decimal = |tenths: u64| format!("{},{}", tenths / 10, tenths % 10);
        let cost = if framing {
            "En cadrage".to_owned()
        } else {
            decimal(project.cost)
        };
        let years = if framing {
            "En cadrage".to_owned()
        } else {
            decimal(project.tenths_of_years)
        };
        let inter = if at % 7 == 0 { "Oui" } else { "Non" };
        let start = project.start;
        csv.push_str(&format!(
            "{acronym};{ministry};{name};{inter};{}\u{a0}: projet inventé pour la démonstration.;\
             {:02}/{:02}/{};{years};{};{cost};{};{:02}/{:02}/{}\n",
            project.name,
            start.day(),
            start.month(),
            start.year(),
            PHASES[project.phase],
            project.area,
            on.day(),
            on.month(),
            on.year()
        ));
    }
    csv
}

/// Half of the projects hold, some slip, a few slip far, a few are made smaller.
fn drift(draw: &mut Draw, project: &mut Project) {
    if project.phase == DONE {
        return;
    }
    let percent = match draw.below(20) {
        0 => 145,
        1..=3 => 115,
        4..=7 => 105,
        8 => 92,
        _ => 100,
    };
    project.cost = project.cost * percent / 100;
    if percent > 100 {
        project.tenths_of_years += 1 + draw.below(8);
    }
    if project.phase < 3 && draw.below(3) == 0 {
        project.phase += 1;
    } else if project.phase == 3 {
        project.rollouts += 1;
        project.phase += usize::from(project.rollouts == project.rolled_out_after);
    }
}

const NEEDS: [&str; 12] = [
    "Mon aide au logement",
    "Dossier simple",
    "Places en crèche",
    "Eau claire",
    "Trajets partagés",
    "Bourse en un clic",
    "Repérage des décrochages",
    "Stage pour tous",
    "Rénovation facile",
    "Numéro unique",
    "Alerte rappel",
    "Inspection mobile",
];

fn startups(draw: &mut Draw, today: Date) -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    for (slug, name) in [
        ("fabrique-nord", "Fabrique du Nord"),
        ("atelier-social", "Atelier des Affaires sociales"),
        ("incubateur-territoires", "Incubateur des territoires"),
    ] {
        let text = format!("---\ntitle: {name}\n---\nIncubateur inventé pour la démonstration.\n");
        files.push(("incubators".to_owned(), slug.to_owned(), text.into_bytes()));
    }
    for at in 0..48_usize {
        let need = NEEDS[at % NEEDS.len()];
        let name = match at / NEEDS.len() {
            0 => need.to_owned(),
            round => format!("{need} {}", ["", "Jeunes", "Pro", "Seniors"][round]),
        };
        let incubator = draw
            .of(&["fabrique-nord", "atelier-social", "incubateur-territoires"])
            .to_owned();
        let mut on = today.saturating_sub((400 + draw.below(1_800) as i64).days());
        let mut phases = String::new();
        for phase in [
            "investigation",
            "construction",
            "acceleration",
            "consolidation",
        ] {
            phases.push_str(&format!("  - name: {phase}\n    start: {on}\n"));
            let next = on.saturating_add((90 + draw.below(500) as i64).days());
            if next > today || draw.below(6) == 0 {
                break;
            }
            on = next;
            if draw.below(4) == 0 {
                let end = if phase == "investigation" {
                    "abandon-investigation"
                } else {
                    "abandon"
                };
                phases.push_str(&format!("  - name: {end}\n    start: {on}\n"));
                break;
            }
        }
        let page = |draw: &mut Draw, part: &str, chances: u64| {
            if draw.below(10) < chances {
                format!("{part}_url: https://startup-{at}.example/{part}\n")
            } else {
                String::new()
            }
        };
        let pages = [
            page(draw, "stats", 6),
            page(draw, "budget", 4),
            page(draw, "impact", 4),
        ];
        let text = format!(
            "---\ntitle: {name}\nmission: Rendre ce droit plus simple à obtenir\n\
             incubator: {incubator}\nphases:\n{phases}{}usertypes:\n  - particulier\n---\n\
             Start-up d’État inventée pour la démonstration.\n",
            pages.concat()
        );
        files.push((
            "startups".to_owned(),
            format!("demo-{at:02}"),
            text.into_bytes(),
        ));
    }
    files
}

async fn people(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let directory = &platform.directory;
    for (name, email, roles) in [
        (
            OFFICER_NAME,
            OFFICER_EMAIL,
            &[ports::roles::ADMINISTRATOR, ports::roles::PORTFOLIO_OFFICER][..],
        ),
        (
            "Inès Carpentier",
            "ines.carpentier@dinum.example",
            &[ports::roles::PORTFOLIO_OFFICER],
        ),
        (
            "Malo Le Goff",
            "malo.legoff@interieur.example",
            &[ports::roles::READER],
        ),
        ("Sacha Dubreuil", "sacha.dubreuil@culture.example", &[]),
    ] {
        let person = directory.add_person(actor, name, email, None).await?;
        for role in roles {
            directory.grant(actor, person, role.0, None).await?;
        }
        // The same password for all: a demo is for trying every role.
        let set = directory.set_password(person, OFFICER_PASSWORD).await?;
        if set.is_err() {
            return Err(CommandError::Usage(
                "the demo's password is refused".to_owned(),
            ));
        }
    }
    Ok(())
}
