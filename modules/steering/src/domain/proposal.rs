//! What a conference should speak of: each project with the reasons, in figures.

use jiff::civil::Date;
use ports::{IndicatorProgress, ProductSummary, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Finding, Limits, Ratings, Rule, finding};

/// A product that the conference may speak of, with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// It.
    pub product: ProductSummary,
    /// Its indicators; none when nothing measures promises here.
    pub indicators: Option<Vec<IndicatorProgress>>,
    /// Its money at risk, in cents.
    pub at_risk_cents: i64,
    /// Whether its latest opinion is unfavourable.
    pub is_unfavourable: bool,
    /// Recommendations whose day has passed.
    pub overdue: i64,
    /// Open alerts.
    pub alerts: i64,
    /// Why it was put on the agenda by an escalation or an alert.
    pub agenda: Vec<String>,
    /// What waits for it in other modules and whose day has passed, the longest overdue first.
    pub lapsed: Vec<String>,
}

/// Why a project is proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// An escalation or an alert put it on the agenda.
    Agenda {
        /// How many.
        count: usize,
        /// The first one's words.
        text: String,
    },
    /// Promises were missed or are behind.
    Impact {
        /// Missed ones.
        missed: usize,
        /// Those that are behind.
        behind: usize,
        /// The longest overdue of those that were missed, as the watch tells it.
        worst: Option<Finding>,
    },
    /// The latest opinion is unfavourable.
    Opinion,
    /// The cost or the duration drifts, as the watch tells it.
    Drift {
        /// With its figures.
        found: Finding,
    },
    /// Money is at risk, beyond a limit.
    Risk {
        /// In cents.
        at_risk_cents: i64,
    },
    /// Recommendations are overdue.
    Overdue {
        /// How many.
        count: i64,
    },
    /// Alerts are open.
    Alerts {
        /// How many.
        count: i64,
    },
    /// Days have passed that other modules watch: a declaration of accessibility or of security, a cost, a
    /// review that should have been made again.
    Lapsed {
        /// How many.
        count: usize,
        /// The longest overdue one's words.
        text: String,
    },
    /// Nothing was promised that can be measured, and it is being built.
    Promise,
}

impl Reason {
    /// The name of its weight among the rules.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Agenda { .. } => "agenda",
            Self::Impact { .. } => "impact",
            Self::Opinion => "opinion",
            Self::Drift { found } => found.rule().code(),
            Self::Risk { .. } => "risk",
            Self::Overdue { .. } => "overdue",
            Self::Alerts { .. } => "alerts",
            Self::Lapsed { .. } => "lapsed",
            Self::Promise => "promise",
        }
    }
}

/// The reasons that have a weight, in the order in which pages show them.
pub const WEIGHED: [&str; 10] = [
    "agenda", "impact", "opinion", "cost", "duration", "overdue", "risk", "alerts", "lapsed",
    "promise",
];

/// The numbers by which projects are ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalRules {
    /// Points of each reason, in the order of [`WEIGHED`].
    pub weights: [i64; 10],
    /// From where money at risk counts, in cents.
    pub risk_cents: i64,
    /// Most projects proposed.
    pub points_max: usize,
    /// The watch's limits of slips.
    pub limits: Limits,
}

impl Default for ProposalRules {
    fn default() -> Self {
        Self {
            weights: [6, 5, 4, 3, 2, 3, 2, 2, 1, 1],
            risk_cents: 1_000_000_000,
            points_max: 12,
            limits: Limits::default(),
        }
    }
}

impl ProposalRules {
    /// Points of a reason.
    pub fn weight(&self, reason: &Reason) -> i64 {
        let at = WEIGHED.iter().position(|code| *code == reason.code());
        at.map_or(0, |at| self.weights[at])
    }
}

/// A project that is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// Which.
    pub product: Uuid,
    /// Its name.
    pub title: String,
    /// Points of its reasons together.
    pub points: i64,
    /// Why: one at least, the heaviest first.
    pub reasons: Vec<Reason>,
}

/// Whether it is being built: it must have promised something by then.
fn is_being_built(product: &ProductSummary) -> bool {
    matches!(
        product.phase,
        Some("build" | "trial" | "rollout" | "construction" | "acceleration" | "consolidation")
    )
}

/// Why the conference should speak of a project; empty when nothing says so.
pub fn reasons(one: &Candidate, rules: &ProposalRules, today: Date) -> Vec<Reason> {
    let mut all = Vec::new();
    if let Some(first) = one.agenda.iter().min() {
        all.push(Reason::Agenda {
            count: one.agenda.len(),
            text: first.clone(),
        });
    }
    let indicators = one.indicators.as_deref().unwrap_or_default();
    let standing = |wanted| indicators.iter().filter(|i| i.standing == wanted).count();
    let (missed, behind) = (standing(Standing::Missed), standing(Standing::Behind));
    if missed + behind > 0 {
        all.push(Reason::Impact {
            missed,
            behind,
            worst: super::broken_promise(indicators),
        });
    }
    if one.is_unfavourable {
        all.push(Reason::Opinion);
    }
    for rule in [Rule::Cost, Rule::Duration] {
        let none = Ratings::default();
        let found = finding(rule, &one.product, &[], none, &rules.limits, today);
        all.extend(found.map(|found| Reason::Drift { found }));
    }
    if one.overdue > 0 {
        all.push(Reason::Overdue { count: one.overdue });
    }
    if one.at_risk_cents >= rules.risk_cents.max(1) {
        all.push(Reason::Risk {
            at_risk_cents: one.at_risk_cents,
        });
    }
    if one.alerts > 0 {
        all.push(Reason::Alerts { count: one.alerts });
    }
    if let Some(first) = one.lapsed.first() {
        all.push(Reason::Lapsed {
            count: one.lapsed.len(),
            text: first.clone(),
        });
    }
    let promised = indicators.iter().any(|one| one.target.is_some());
    if one.indicators.is_some() && !promised && is_being_built(&one.product) {
        all.push(Reason::Promise);
    }
    // What the rules give no weight counts for nothing.
    all.retain(|reason| rules.weight(reason) > 0);
    all.sort_by_key(|reason| std::cmp::Reverse(rules.weight(reason)));
    all
}

/// The projects that a conference should speak of, the most pressing first: by points, then by the
/// money at risk, the cost and the id. None without a reason.
pub fn propose(candidates: &[Candidate], rules: &ProposalRules, today: Date) -> Vec<Proposed> {
    let mut all: Vec<(&Candidate, Proposed)> = candidates
        .iter()
        .map(|one| {
            let reasons = reasons(one, rules, today);
            let proposed = Proposed {
                product: one.product.id.0,
                title: one.product.title.clone(),
                points: reasons.iter().map(|reason| rules.weight(reason)).sum(),
                reasons,
            };
            (one, proposed)
        })
        .filter(|(_, proposed)| !proposed.reasons.is_empty())
        .collect();
    let rank = |(one, proposed): &(&Candidate, Proposed)| {
        (
            -proposed.points,
            -one.at_risk_cents,
            -one.product.cost_cents.unwrap_or(0),
            proposed.product,
        )
    };
    all.sort_by_key(rank);
    all.truncate(rules.points_max);
    all.into_iter().map(|(_, proposed)| proposed).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ports::ProductId;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 6, 1);

    fn indicator(standing: Standing, has_target: bool) -> IndicatorProgress {
        IndicatorProgress {
            id: Uuid::from_u128(9),
            product: ProductId(Uuid::nil()),
            name: "Délai".into(),
            unit: "jours".into(),
            more_is_better: false,
            level: "useful",
            automatic: false,
            source: String::new(),
            baseline: None,
            target: has_target.then_some((15.0, None)),
            latest: None,
            standing,
        }
    }

    prop_compose! {
        fn any_candidate()(
            id in 1..40_u128, phase in prop::sample::select(vec![None, Some("build"), Some("done")]),
            slip in prop::option::of(-0.5..2.0_f64), cost in prop::option::of(0..9_000_000_000_i64),
            at_risk in 0..9_000_000_000_i64, is_unfavourable in any::<bool>(),
            overdue in 0..3_i64, alerts in 0..3_i64,
            standing in prop::option::of(prop::sample::select(Standing::ALL.to_vec())),
            agenda in prop::collection::vec("[a-z]{1,4}", 0..3),
            lapsed in prop::collection::vec("[a-z]{1,4}", 0..2),
        ) -> Candidate {
            Candidate {
                product: ProductSummary {
                    id: ProductId(Uuid::from_u128(id)),
                    kind: "large-project",
                    title: format!("Projet {id}"),
                    phase,
                    ministry: None,
                    policy_priority: String::new(),
                    baseline_cents: Some(1_000),
                    cost_cents: cost,
                    cost_slip: slip,
                    duration_slip: slip.map(|slip| slip / 2.0),
                    estimated_on: None,
                },
                indicators: standing.map(|one| vec![indicator(one, one != Standing::Unknown)]),
                at_risk_cents: at_risk,
                is_unfavourable,
                overdue,
                alerts,
                agenda,
                lapsed,
            }
        }
    }

    fn once(candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut seen = std::collections::BTreeSet::new();
        let mut all = candidates;
        all.retain(|one| seen.insert(one.product.id.0));
        all
    }

    proptest! {
        #[test]
        fn the_order_of_the_input_changes_nothing(
            (one, two) in prop::collection::vec(any_candidate(), 0..30)
                .prop_map(once)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            let rules = ProposalRules::default();
            prop_assert_eq!(propose(&one, &rules, TODAY), propose(&two, &rules, TODAY));
        }

        #[test]
        fn nothing_without_a_reason_is_proposed(
            all in prop::collection::vec(any_candidate(), 0..30).prop_map(once), points_max in 0..20_usize
        ) {
            let rules = ProposalRules { points_max, ..ProposalRules::default() };
            let proposed = propose(&all, &rules, TODAY);
            prop_assert!(proposed.len() <= points_max);
            prop_assert!(proposed.iter().all(|one| !one.reasons.is_empty() && one.points > 0));
            prop_assert!(proposed.windows(2).all(|two| two[0].points >= two[1].points));
            if points_max >= all.len() {
                let with = all.iter().filter(|one| !reasons(one, &rules, TODAY).is_empty()).count();
                prop_assert_eq!(proposed.len(), with, "and none with one is left out");
            }
        }
    }
}
