//! Contracts of the demo State: a fund with two calls, a contract in force whose first tranche can be
//! released, one that is negotiated, one to sign, one that ended.

use contracts::Contracts;
use contracts::domain::{
    Act, ApplicationAct, ApplicationForm, CallForm, CheckForm, DecisionForm, Doctrine, FundForm,
    Kind, ReasonForm, Side, TermsForm,
};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use kit_access::{Actor, Grant, Reach, Role};
use kit_time::Source;
use portfolio::domain::ProductKind;
use portfolio::{ListFilter, Sort};
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER};
use ports::{IndicatorProgress, ProductId, Progress as _};
use uuid::Uuid;

use crate::app::Platform;
use crate::demo::OFFICER_EMAIL;
use crate::error::CommandError;

/// Who signs for the directorate and for ministries: people of the demo.
const SIGNATORIES: [(&str, &str, Role); 2] = [
    ("Camille Moreau", OFFICER_EMAIL, PORTFOLIO_OFFICER),
    (
        "Jeanne Riou",
        "jeanne.riou@ministere.example",
        DIGITAL_DIRECTOR,
    ),
];

/// Contracts as they were some days ago.
struct Past<'p> {
    platform: &'p Platform,
    directorate: Actor,
    ministry: Actor,
}

fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

fn because(reason: &str) -> ReasonForm {
    ReasonForm {
        reason: reason.to_owned(),
    }
}

impl Past<'_> {
    /// The day, and contracts on it.
    fn ago(&self, days: i64) -> (Date, Contracts) {
        let at = self.platform.source.now() - SignedDuration::from_hours(24 * days);
        // A seed of its own for each day: ids are drawn from it.
        let source = Source::fixed(at, 11_000 + days.unsigned_abs());
        let on = source.today();
        (on, self.platform.contracts.clone().with_source(source))
    }

    async fn promises(&self, product: Uuid) -> Result<Vec<IndicatorProgress>, CommandError> {
        let today = self.platform.source.today();
        let port = self.platform.impact.port();
        let found = port.indicators(ProductId(product), today).await;
        Ok(found.map_err(contracts::ContractsError::from)?)
    }

    /// A text about a product's promises, from a day to another.
    fn text(
        &self,
        (kind, title): (Kind, &str),
        promises: &[IndicatorProgress],
        (from, to): (Date, Date),
    ) -> TermsForm {
        let mut form = self.platform.contracts.template(kind, title);
        form.set(
            "purpose",
            "Livrer un premier service utile, le mesurer, puis l’ouvrir à tous.",
        );
        form.set("directorate_signatory", SIGNATORIES[0].0);
        form.set("ministry_body", "Ministère porteur du produit");
        form.set("ministry_signatory", SIGNATORIES[1].0);
        let complete = promises.iter().filter(|one| {
            one.baseline.is_some() && one.target.is_some_and(|(_, due)| due.is_some())
        });
        let ids: Vec<String> = complete.map(|one| one.id.to_string()).collect();
        form.set("indicators", ids.join(","));
        form.set_day("starts", from);
        form.set_day("ends", to);
        if kind == Kind::Human {
            form.set("days_coaching", "20");
            form.set("days_accessibility", "12");
        }
        form
    }

    async fn version(&self, id: Uuid) -> Result<(i64, String), CommandError> {
        let file = self
            .platform
            .contracts
            .contract(&self.directorate, id)
            .await?;
        let hash = file.latest().map(|one| one.sha256.clone());
        Ok((file.contract.version, hash.unwrap_or_default()))
    }

    async fn step(
        &self,
        contracts: &Contracts,
        id: Uuid,
        act: Act,
        why: &str,
    ) -> Result<(), CommandError> {
        let (seen, _) = self.version(id).await?;
        Ok(contracts
            .step(&self.directorate, id, seen, act, &because(why))
            .await?)
    }

    async fn sign(&self, contracts: &Contracts, id: Uuid) -> Result<(), CommandError> {
        for (actor, side) in [
            (&self.ministry, Side::Ministry),
            (&self.directorate, Side::Directorate),
        ] {
            let (seen, hash) = self.version(id).await?;
            contracts.sign(actor, id, seen, side, &hash).await?;
        }
        Ok(())
    }
}

/// Fills it in, once products, promises and people are there.
pub(crate) async fn fill(platform: &Platform) -> Result<(), CommandError> {
    let mut actors = Vec::new();
    for (name, email, role) in SIGNATORIES {
        let Some(person) = platform.directory.person_by_email(email).await? else {
            return Ok(());
        };
        let grant = Grant {
            role: role.0.to_owned(),
            reach: Reach::State,
        };
        actors.push(Actor::person(person, name, vec![grant]));
    }
    let [directorate, ministry] =
        <[Actor; 2]>::try_from(actors).unwrap_or_else(|_| [Actor::anonymous(), Actor::anonymous()]);
    let past = Past {
        platform,
        directorate,
        ministry,
    };
    let products = async |kind| {
        let filter = ListFilter {
            kind: Some(kind),
            ..ListFilter::default()
        };
        let sort = (Sort::Title, false);
        platform.portfolio.list(&filter, sort, None, 6).await
    };
    let startups = products(ProductKind::StartUp).await?;
    let projects = products(ProductKind::LargeProject).await?;
    let named = |page: &portfolio::ListPage, at: usize| {
        let found = page.products.get(at)?;
        Some((found.id, found.description.title.clone()))
    };
    let (Some(paid), Some(signing)) = (named(&startups, 0), named(&startups, 1)) else {
        return Ok(());
    };
    let (Some(talking), Some(over)) = (named(&projects, 0), named(&projects, 1)) else {
        return Ok(());
    };
    in_force(&past, &paid, &talking).await?;
    negotiated(&past, &talking).await?;
    to_sign(&past, &signing).await?;
    ended(&past, &over).await?;
    Ok(platform.contracts.keep_house().await?)
}

/// A fund with two calls, and the contract of what the first selected.
async fn in_force(
    past: &Past<'_>,
    (product, title): &(Uuid, String),
    other: &(Uuid, String),
) -> Result<(), CommandError> {
    let promises = past.promises(*product).await?;
    let automatic = promises.iter().find(|one| one.automatic);
    let (Some(counted), Some(told)) = (automatic, promises.iter().find(|one| !one.automatic))
    else {
        return Ok(());
    };
    let (opens, contracts) = past.ago(220);
    let form = FundForm {
        name: "Fonds de transformation des démarches".to_owned(),
        purpose: "Financer ce qui change la vie des usagers, tranche après tranche, sur résultats."
            .to_owned(),
        envelope: "10 000 000".to_owned(),
    };
    let fund = contracts.open_fund(&past.directorate, &form).await?;
    let today = past.platform.source.today();
    let call = |title: &str, opens: Date, closes: Date| CallForm {
        title: title.to_owned(),
        criteria: "Un impact mesuré, une équipe en place, les doctrines appliquées.".to_owned(),
        opens: typed(opens),
        closes: typed(closes),
    };
    let form = call("Premier appel", opens, opens.saturating_add(60.days()));
    let first = contracts.open_call(&past.directorate, fund, &form).await?;
    let (opens, now) = past.ago(15);
    let form = call("Second appel", opens, today.saturating_add(45.days()));
    let second = now.open_call(&past.directorate, fund, &form).await?;
    let (_, contracts) = past.ago(200);
    let form = ApplicationForm {
        amount: "650 000".to_owned(),
        contribution: "Ouvrir le service à tous les départements.".to_owned(),
        indicator: counted.id.to_string(),
    };
    let application = contracts
        .apply(&past.ministry, first, *product, &form)
        .await?;
    let (_, contracts) = past.ago(150);
    let form = DecisionForm {
        reasons: "L’usage est mesuré par la plateforme elle-même.".to_owned(),
        granted: "600 000".to_owned(),
    };
    let select = ApplicationAct::Select;
    contracts
        .decide(&past.directorate, application, 1, select, &form)
        .await?;
    let (from, contracts) = past.ago(120);
    let to = today.saturating_add(14.months());
    let mut form = past.text((Kind::Money, title), &promises, (from, to));
    for (number, amount, indicator, share) in [
        ("1", "250 000", counted.id, "80"),
        ("2", "350 000", told.id, "100"),
    ] {
        form.set(&format!("tranche{number}_amount"), amount);
        form.set(&format!("tranche{number}_indicator"), indicator.to_string());
        form.set(&format!("tranche{number}_share"), share);
    }
    let actor = &past.directorate;
    let id = contracts
        .draft(actor, *product, Kind::Money, Some(application), &form)
        .await?;
    past.step(&contracts, id, Act::Negotiate, "").await?;
    past.step(&contracts, id, Act::Settle, "").await?;
    past.sign(&contracts, id).await?;
    let (_, contracts) = past.ago(40);
    for (doctrine, state, evidence) in [
        (
            Doctrine::FreeSoftware,
            "met",
            "Le code est publié sous licence libre.",
        ),
        (
            Doctrine::Accessibility,
            "not-met",
            "L’audit publié donne 71\u{a0}% des critères.",
        ),
    ] {
        let form = CheckForm {
            state: state.to_owned(),
            evidence: evidence.to_owned(),
        };
        contracts.check(actor, id, doctrine, 0, &form).await?;
    }
    let promises = past.promises(other.0).await?;
    if let Some(promise) = promises.iter().find(|one| one.target.is_some()) {
        let (_, contracts) = past.ago(5);
        let form = ApplicationForm {
            amount: "900 000".to_owned(),
            contribution: "Répondre en vingt jours plutôt qu’en soixante.".to_owned(),
            indicator: promise.id.to_string(),
        };
        contracts
            .apply(&past.ministry, second, other.0, &form)
            .await?;
    }
    Ok(())
}

/// One that is negotiated, with comments and a second text.
async fn negotiated(
    past: &Past<'_>,
    (product, title): &(Uuid, String),
) -> Result<(), CommandError> {
    let promises = past.promises(*product).await?;
    let (from, contracts) = past.ago(18);
    let mut form = past.text(
        (Kind::Human, title),
        &promises,
        (from, from.saturating_add(1.year())),
    );
    let actor = &past.directorate;
    let id = contracts
        .draft(actor, *product, Kind::Human, None, &form)
        .await?;
    past.step(&contracts, id, Act::Negotiate, "").await?;
    let (_, contracts) = past.ago(11);
    let said = because("Vingt jours de coaching ne suffisent pas\u{a0}: il en faut trente.");
    contracts.comment(&past.ministry, id, &said).await?;
    let (_, contracts) = past.ago(6);
    form.set("days_coaching", "30");
    let (seen, _) = past.version(id).await?;
    let note = because("Trente jours de coaching");
    contracts.propose(actor, id, seen, &form, &note).await?;
    let said = because("D’accord, à condition que l’équipe du ministère soit complète.");
    Ok(contracts.comment(actor, id, &said).await?)
}

/// One that waits for both signatures.
async fn to_sign(past: &Past<'_>, (product, title): &(Uuid, String)) -> Result<(), CommandError> {
    let promises = past.promises(*product).await?;
    let (from, contracts) = past.ago(8);
    let form = past.text(
        (Kind::Human, title),
        &promises,
        (from, from.saturating_add(9.months())),
    );
    let actor = &past.directorate;
    let id = contracts
        .draft(actor, *product, Kind::Human, None, &form)
        .await?;
    past.step(&contracts, id, Act::Negotiate, "").await?;
    past.step(&contracts, id, Act::Settle, "").await
}

/// One that came to its end.
async fn ended(past: &Past<'_>, (product, title): &(Uuid, String)) -> Result<(), CommandError> {
    let promises = past.promises(*product).await?;
    let (from, contracts) = past.ago(400);
    let (to, _) = past.ago(30);
    let form = past.text((Kind::Human, title), &promises, (from, to));
    let actor = &past.directorate;
    let id = contracts
        .draft(actor, *product, Kind::Human, None, &form)
        .await?;
    past.step(&contracts, id, Act::Negotiate, "").await?;
    past.step(&contracts, id, Act::Settle, "").await?;
    past.sign(&contracts, id).await?;
    let (_, contracts) = past.ago(20);
    let why = "L’appui est terminé\u{a0}: la cible n’est pas atteinte, l’équipe continue seule.";
    past.step(&contracts, id, Act::End, why).await
}
