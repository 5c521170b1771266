//! Time to an event when some have not ended yet: the Kaplan-Meier estimator (1958), with
//! Greenwood's variance and the log-log confidence interval of Kalbfleisch and Prentice.

/// One spell: how long it lasted, and whether it ended by the event or was still open (censored)
/// when last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// Its length, in days.
    pub days: i64,
    /// Whether the event ended it.
    pub ended: bool,
}

/// One step of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// After so many days.
    pub days: i64,
    /// Spells that had lasted until then.
    pub at_risk: usize,
    /// Spells that ended then.
    pub events: usize,
    /// The share expected to last longer.
    pub survival: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

/// The curve: one step for each day on which a spell ended, in order.
pub fn kaplan_meier(spells: &[Spell]) -> Vec<Step> {
    let mut sorted: Vec<Spell> = spells
        .iter()
        .copied()
        .filter(|spell| spell.days >= 0)
        .collect();
    sorted.sort_unstable_by_key(|spell| spell.days);
    let mut steps = Vec::new();
    let (mut survival, mut greenwood) = (1.0_f64, 0.0_f64);
    let mut at = 0;
    while at < sorted.len() {
        let days = sorted[at].days;
        let at_risk = sorted.len() - at;
        let same = sorted[at..].iter().take_while(|spell| spell.days == days);
        let events = same.clone().filter(|spell| spell.ended).count();
        at += same.count();
        if events == 0 {
            continue;
        }
        let (n, d) = (at_risk as f64, events as f64);
        survival *= 1.0 - d / n;
        if at_risk > events {
            greenwood += d / (n * (n - d));
        }
        let (low, high) = interval(survival, greenwood);
        steps.push(Step {
            days,
            at_risk,
            events,
            survival,
            low,
            high,
        });
    }
    steps
}

/// `S^exp(±1.96 · sqrt(greenwood) / ln S)`; the point itself at 0 and 1, where it isn't defined.
fn interval(survival: f64, greenwood: f64) -> (f64, f64) {
    if survival <= 0.0 || survival >= 1.0 {
        return (survival, survival);
    }
    let spread = (1.959_963_985 * greenwood.sqrt() / survival.ln()).abs();
    (survival.powf(spread.exp()), survival.powf((-spread).exp()))
}

/// The day by which half are expected to have ended; `None` when the curve never falls that low.
pub fn median_days(steps: &[Step]) -> Option<i64> {
    // Half of an even number may be a hair above one half in floating point.
    steps
        .iter()
        .find(|step| step.survival <= 0.5 + 1e-12)
        .map(|step| step.days)
}

/// How many spells had lasted at least `days`.
pub fn at_risk(spells: &[Spell], days: i64) -> usize {
    spells.iter().filter(|spell| spell.days >= days).count()
}

/// The median of the spells that have ended: what one sees without looking at the open ones.
pub fn median_ended_days(spells: &[Spell]) -> Option<f64> {
    let mut days: Vec<i64> = spells.iter().filter(|s| s.ended).map(|s| s.days).collect();
    days.sort_unstable();
    let middle = days.len() / 2;
    match days.len() {
        0 => None,
        n if n % 2 == 1 => Some(days[middle] as f64),
        _ => Some((days[middle - 1] + days[middle]) as f64 / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Remission of leukaemia under 6-mercaptopurine, in weeks (Freireich and others, 1963), the
    /// worked example of most textbooks.
    fn freireich() -> Vec<Spell> {
        let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|days| Spell { days, ended: true });
        let open =
            [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|days| Spell { days, ended: false });
        ended.into_iter().chain(open).collect()
    }

    #[test]
    fn the_textbooks_example() {
        let steps = kaplan_meier(&freireich());
        let found: Vec<_> = steps
            .iter()
            .map(|s| (s.days, s.at_risk, (s.survival * 1e4).round() / 1e4))
            .collect();
        assert_eq!(
            found,
            [
                (6, 21, 0.8571),
                (7, 17, 0.8067),
                (10, 15, 0.7529),
                (13, 12, 0.6902),
                (16, 11, 0.6275),
                (22, 7, 0.5378),
                (23, 6, 0.4482),
            ]
        );
        assert_eq!(median_days(&steps), Some(23));
        // R's survfit(conf.type = "log-log") at week 6.
        assert!((steps[0].low - 0.6197).abs() < 1e-3 && (steps[0].high - 0.9516).abs() < 1e-3);
        assert_eq!(at_risk(&freireich(), 10), 15);
    }

    #[test]
    fn nothing_says_nothing() {
        assert!(kaplan_meier(&[]).is_empty());
        assert_eq!(median_days(&[]), None);
        assert_eq!(
            median_ended_days(&[Spell {
                days: 3,
                ended: false
            }]),
            None
        );
    }

    proptest! {
        #[test]
        fn the_curve_only_falls_and_stays_in_its_interval(
            raw in prop::collection::vec((0..500_i64, any::<bool>()), 0..60)
        ) {
            let spells: Vec<Spell> =
                raw.into_iter().map(|(days, ended)| Spell { days, ended }).collect();
            let steps = kaplan_meier(&spells);
            for pair in steps.windows(2) {
                prop_assert!(pair[1].survival < pair[0].survival && pair[1].days > pair[0].days);
            }
            for step in steps {
                prop_assert!((0.0..=1.0).contains(&step.survival));
                prop_assert!(step.low <= step.survival + 1e-12 && step.survival <= step.high + 1e-12);
            }
        }
    }
}
