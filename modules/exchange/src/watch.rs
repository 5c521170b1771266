//! Watching flows: counting what gateways brought, and letting rules act on it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use kit_ui::{Locale, Words, format};
use ports::exchange::{GatewayAlarm, GatewayAlarmKind, StopTarget};
use ports::roles::DATA_PRODUCER;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Effect, GatewaySign, Measured, Reach, Rule, RuleKind, Window, hour_of};
use crate::mails::{Told, plain};
use crate::rules::is_counted;
use crate::store::alerts::{self, AlertSource, KeptAlert};
use crate::store::rules::{self as store, HourPlace, KeptRule, Seen};
use crate::store::stops::{self, StoredStop};
use crate::store::{accreditations, apis, head};
use crate::{Exchange, ExchangeError};

/// Traces that are counted in one transaction.
const TRACES_AT_ONCE: u32 = 1_000;
/// Transactions for one log at one call: other logs come between.
const ROUNDS_MAX: usize = 50;
/// For how long calls by hour are kept, in days.
pub(crate) const HOURS_KEPT_DAYS: i64 = 100;
/// For how long the pseudonyms of a window are kept, in days: later traces of it count anew.
const SUBJECTS_KEPT_DAYS: i64 = 8;

/// Whose data, and whose calls: who is told follows from it.
type Concerned = (Option<Uuid>, Uuid);

/// What fires.
struct Firing {
    source: AlertSource,
    accreditation: Uuid,
    requester: String,
    window: (Timestamp, Timestamp),
    measured: Measured,
}

/// What a gateway saw by itself, and those who are told.
pub(crate) struct SeenAlarm {
    firing: Firing,
    told: Told,
}

impl Firing {
    fn concerned(&self) -> Concerned {
        (self.source.producer(), self.accreditation)
    }

    fn stops(&self) -> bool {
        matches!(&self.source, AlertSource::Rule { rule, api, .. } if rule.stops(*api).is_some())
    }
}

/// What one transaction came to.
enum Counted {
    /// So many traces were counted, so many alerts raised.
    Done(usize, u64),
    /// Nothing was done yet: those whom it concerns must be known first.
    Untold(BTreeSet<Concerned>),
}

/// Those who would be told, by whom it concerns.
type Prepared = BTreeMap<Concerned, BTreeSet<String>>;

impl Exchange {
    /// Counts the calls that came since the last time, and lets rules act; gives how many alerts were
    /// raised. Call it every few seconds; two processes may do so at once. Its work grows with the
    /// calls that are new, not with those that are kept.
    pub async fn watch_flows(&self) -> Result<u64, ExchangeError> {
        let mut raised = 0;
        for log in store::logs_with_news(&self.db).await? {
            for _ in 0..ROUNDS_MAX {
                let (read, some) = self.watch_some(&log).await?;
                raised += some;
                if read < TRACES_AT_ONCE as usize {
                    break;
                }
            }
        }
        Ok(raised)
    }

    async fn watch_some(&self, log: &str) -> Result<(usize, u64), ExchangeError> {
        let mut prepared = Prepared::new();
        loop {
            match self.count_some(log, &prepared).await? {
                Counted::Done(read, raised) => return Ok((read, raised)),
                Counted::Untold(concerned) => {
                    for one in concerned {
                        prepared.insert(one, self.told_of_alert(one).await?);
                    }
                }
            }
        }
    }

    async fn count_some(&self, log: &str, prepared: &Prepared) -> Result<Counted, ExchangeError> {
        let zone = Self::zone();
        let mut tx = self.db.begin().await?;
        let next = store::lock(&mut tx, log).await?;
        let seen = store::since(&mut tx, log, next, TRACES_AT_ONCE).await?;
        let Some(last) = seen.last() else {
            return Ok(Counted::Done(0, 0));
        };
        let next = last.index + 1;
        count_hours(&mut tx, &seen).await?;
        let mut firings = Vec::new();
        let apis: BTreeSet<Uuid> = seen.iter().map(|one| one.api).collect();
        for api in apis {
            for rule in store::on_of_api(&mut tx, api).await? {
                firings.extend(measure(&mut tx, &rule, &seen, &zone).await?);
            }
        }
        let untold: BTreeSet<Concerned> = firings
            .iter()
            .map(Firing::concerned)
            .filter(|one| !prepared.contains_key(one))
            .collect();
        if !untold.is_empty() {
            return Ok(Counted::Untold(untold));
        }
        if firings.iter().any(Firing::stops) {
            // Before the journal is locked, as every act does.
            head::bump(&mut tx).await?;
        }
        let mut raised = 0;
        for firing in firings {
            let told = prepared.get(&firing.concerned());
            let told = Told::from(told.cloned().unwrap_or_default());
            self.raise(&mut tx, firing, told).await?;
            raised += 1;
        }
        store::set_mark(&mut tx, log, next).await?;
        tx.commit().await?;
        Ok(Counted::Done(seen.len(), raised))
    }

    /// Those who keep the data, those who call, those who decide.
    async fn told_of_alert(
        &self,
        (producer, accreditation): Concerned,
    ) -> Result<BTreeSet<String>, ExchangeError> {
        let mut told = Told::default();
        let one = accreditations::find(&self.db, accreditation).await?;
        match (producer, &one) {
            (Some(producer), _) => {
                self.tell_holders(&mut told, DATA_PRODUCER, producer)
                    .await?;
            }
            (None, Some(one)) => self.tell_producers(&mut told, one).await?,
            (None, None) => {}
        }
        if let Some(one) = &one {
            self.tell_contacts(&mut told, one).await?;
        }
        self.tell_instructors(&mut told, None).await?;
        Ok(told.into())
    }

    /// Raises an alert in the transaction that counted, and stops what its rule stops.
    async fn raise(&self, tx: &mut Tx, firing: Firing, told: Told) -> Result<(), ExchangeError> {
        let words = &self.mail_words;
        let reason = why(
            words,
            Locale::Fr,
            &firing.source,
            &firing.measured,
            firing.window,
        );
        let mut alert = KeptAlert {
            id: self.source.new_id(),
            source: firing.source,
            accreditation: firing.accreditation,
            requester: firing.requester,
            window: firing.window,
            measured: firing.measured,
            fired_at: self.source.now(),
            stop: None,
            handled: None,
        };
        let mut key = "exchange-told-alert";
        let mut about = String::new();
        if let AlertSource::Rule {
            rule,
            producer,
            api,
            ..
        } = &alert.source
        {
            let of = apis::find(&mut *tx, *api).await?;
            about = of.map(|api| api.profile.name).unwrap_or_default();
            if let Some(reach) = rule.stops(*api) {
                key = "exchange-told-alert-stop";
                let stopped = (*producer, alert.accreditation, reach);
                let stop = self.stop_by_rule(tx, stopped, &rule.name, &reason).await?;
                alert.stop = Some(stop);
            }
        }
        if !alerts::insert(tx, &alert).await? {
            // It fired before.
            return Ok(());
        }
        let link = format!("{}/exchange/alerts/{}", self.settings.public_url, alert.id);
        let what = words.text(key);
        let text = self.mail_text(&what, &plain(&about), &reason, &link);
        self.enqueue(tx, told, &what, &text).await?;
        let change = Change::new("exchange.alert.raise", "alert", alert.id)
            .of(alert.source.producer())
            .after(json!({
                "source": alert.source.name(),
                "accreditation": alert.accreditation,
                "from": alert.window.0.to_string(),
                "to": alert.window.1.to_string(),
                "measured": alert.measured,
                "stop": alert.stop,
            }));
        let actor = Actor::system("rule");
        self.journal.append(tx, &actor, change).await?;
        Ok(())
    }

    /// Stops an accreditation's calls for a producer's data as far as a rule reaches; gives the stop, or
    /// the one that stops all of it already.
    async fn stop_by_rule(
        &self,
        tx: &mut Tx,
        (producer, accreditation, reach): (Uuid, Uuid, Reach),
        rule: &str,
        reason: &str,
    ) -> Result<Uuid, ExchangeError> {
        let target = StopTarget::Accreditation(accreditation);
        if let Some(live) = stops::live_of(tx, producer, &target, reach.api()).await? {
            return Ok(live);
        }
        let target_name = accreditations::find(&mut *tx, accreditation)
            .await?
            .map(|one| format!("n° {} {}", one.number, one.title));
        let by = [("name", rule.into())];
        let stop = StoredStop {
            id: self.source.new_id(),
            producer: Some(producer),
            target,
            target_name: target_name.unwrap_or_default(),
            api: reach.api(),
            reason: reason.to_owned(),
            since: self.source.now(),
            stopped_by: self.mail_words.text_with("exchange-by-rule", &by),
            ended: None,
        };
        stops::insert(tx, &stop).await?;
        let change = Change::new("exchange.flow.stop", "stop", stop.id)
            .of(stop.producer)
            .after(crate::stops::told_stop(&stop));
        let actor = Actor::system("rule");
        self.journal.append(tx, &actor, change).await?;
        Ok(stop.id)
    }

    /// What gateways saw by themselves, with those who are told of it; each accreditation, kind and hour
    /// once.
    pub(crate) async fn prepare_alarms(
        &self,
        alarms: &[GatewayAlarm],
    ) -> Result<Vec<SeenAlarm>, ExchangeError> {
        let zone = Self::zone();
        let mut seen = BTreeMap::new();
        for alarm in alarms {
            let sign = match alarm.kind {
                GatewayAlarmKind::ManyPeople => GatewaySign::ManyPeople,
                GatewayAlarmKind::Suspended => GatewaySign::Suspended,
            };
            let window = Window::Hour.bounds(alarm.at, &zone);
            // In the same order everywhere: two reports never wait for each other.
            seen.insert((alarm.accreditation, sign, window.0), window);
        }
        let mut prepared = Vec::new();
        for ((accreditation, sign, _), window) in seen {
            let requester = match accreditations::find(&self.db, accreditation).await? {
                Some(one) => head::party(&self.db, one.requester).await?,
                None => None,
            };
            let firing = Firing {
                source: AlertSource::Gateway(sign),
                accreditation,
                requester: requester.map(|party| party.siret).unwrap_or_default(),
                window,
                measured: Measured {
                    calls: 0,
                    refused: 0,
                    value: 0,
                },
            };
            let told = self.told_of_alert(firing.concerned()).await?;
            prepared.push(SeenAlarm {
                firing,
                told: Told::from(told),
            });
        }
        Ok(prepared)
    }

    /// Raises what a gateway saw, unless it was raised in that hour.
    pub(crate) async fn raise_alarm(
        &self,
        tx: &mut Tx,
        alarm: SeenAlarm,
    ) -> Result<(), ExchangeError> {
        self.raise(tx, alarm.firing, alarm.told).await
    }

    /// Forgets calls by hour and pseudonyms that no window needs any more.
    pub(crate) async fn forget_watched(&self) -> Result<(), ExchangeError> {
        let ago = |days: i64| self.source.now() - SignedDuration::from_hours(24 * days);
        store::forget(&self.db, ago(SUBJECTS_KEPT_DAYS), ago(HOURS_KEPT_DAYS)).await?;
        Ok(())
    }
}

/// Adds to the counts of hours, in the same order everywhere.
async fn count_hours(tx: &mut Tx, seen: &[Seen]) -> Result<(), ExchangeError> {
    let mut counts: BTreeMap<HourPlace, (u32, u32)> = BTreeMap::new();
    for one in seen {
        if let Some(accreditation) = one.accreditation
            && is_counted(one.problem.as_deref())
        {
            let place = (one.api, accreditation, hour_of(one.at), one.operation);
            let counted = counts.entry(place).or_default();
            counted.0 += 1;
            counted.1 += u32::from((400..500).contains(&one.status));
        }
    }
    for (place, counted) in counts {
        store::count_hour(tx, place, counted).await?;
    }
    Ok(())
}

/// What is new in a window: who asks, and about whom.
#[derive(Default)]
struct News<'s> {
    requester: String,
    people: BTreeSet<&'s str>,
}

/// The windows of a rule that new calls touch, by accreditation.
fn touched<'s>(
    kept: &KeptRule,
    on_since: Timestamp,
    seen: &'s [Seen],
    zone: &TimeZone,
) -> BTreeMap<(Uuid, (Timestamp, Timestamp)), News<'s>> {
    let mut touched: BTreeMap<_, News<'s>> = BTreeMap::new();
    for one in seen {
        let is_watched = one.api == kept.api
            && kept.operation.is_none_or(|of| of == one.operation)
            && is_counted(one.problem.as_deref());
        let Some(accreditation) = one.accreditation.filter(|_| is_watched) else {
            continue;
        };
        let window = kept.rule.window.bounds(one.at, zone);
        // What had ended when it was switched on is the past.
        if window.1 <= on_since {
            continue;
        }
        let news = touched.entry((accreditation, window)).or_default();
        if news.requester.is_empty() {
            news.requester = one.requester.clone().unwrap_or_default();
        }
        news.people.extend(one.subject.as_deref());
    }
    touched
}

/// The windows of a rule that new calls touch and that are too much, and that didn't fire yet.
async fn measure(
    tx: &mut Tx,
    kept: &KeptRule,
    seen: &[Seen],
    zone: &TimeZone,
) -> Result<Vec<Firing>, ExchangeError> {
    let rule = &kept.rule;
    let Some(on_since) = kept.on_since else {
        return Ok(Vec::new());
    };
    let source = || AlertSource::Rule {
        id: kept.id,
        rule: rule.clone(),
        producer: kept.producer,
        api: kept.api,
        operation: kept.operation,
    };
    let mut firings = Vec::new();
    for ((accreditation, window), News { requester, people }) in touched(kept, on_since, seen, zone)
    {
        let place = (kept.id, accreditation, window.0);
        let mut counted = 0;
        if rule.kind == RuleKind::Enumeration {
            // Nothing more is kept of a window that fired.
            if alerts::fired(tx, &source(), accreditation, window).await? {
                continue;
            }
            for subject in people {
                store::add_subject(tx, place, subject).await?;
            }
            counted = store::subjects(tx, place).await?;
        }
        let of = (kept.api, kept.operation);
        let hours = store::hours(&mut *tx, of, accreditation, window).await?;
        let measured = rule.measure(&hours, counted, zone);
        if rule.is_over(&measured) && !alerts::fired(tx, &source(), accreditation, window).await? {
            firings.push(Firing {
                source: source(),
                accreditation,
                requester,
                window,
                measured,
            });
        }
    }
    Ok(firings)
}

/// Why an alert was raised, and what its rule stopped.
pub(crate) fn why(
    words: &Words,
    locale: Locale,
    source: &AlertSource,
    measured: &Measured,
    (from, to): (Timestamp, Timestamp),
) -> String {
    let count = |number: u64| format::count(locale, i64::try_from(number).unwrap_or(i64::MAX));
    let (key, name, limit) = match source {
        AlertSource::Rule { rule, .. } => (why_key(rule), rule.name.as_str(), rule.limit),
        AlertSource::Gateway(GatewaySign::ManyPeople) => ("exchange-why-many-people", "", 0),
        AlertSource::Gateway(GatewaySign::Suspended) => ("exchange-why-suspended", "", 0),
    };
    let args = [
        ("name", name.into()),
        ("value", count(measured.value).into()),
        ("calls", count(measured.calls).into()),
        ("refused", count(measured.refused).into()),
        ("limit", count(limit).into()),
        ("from", format::instant(locale, from).into()),
        ("to", format::instant(locale, to).into()),
    ];
    let why = words.text_with(key, &args);
    match stops_key(source) {
        Some(key) => format!("{why} {}", words.text(key)),
        None => why,
    }
}

/// What was stopped by what was raised, in one sentence.
fn stops_key(source: &AlertSource) -> Option<&'static str> {
    let AlertSource::Rule { rule, .. } = source else {
        return None;
    };
    match rule.effect {
        Effect::Alert => None,
        Effect::SuspendApi => Some("exchange-why-stops-api"),
        Effect::Suspend => Some("exchange-why-stops-producer"),
    }
}

fn why_key(rule: &Rule) -> &'static str {
    match rule.kind {
        RuleKind::Volume => "exchange-why-volume",
        RuleKind::Hours => "exchange-why-hours",
        RuleKind::Errors => "exchange-why-errors",
        RuleKind::Enumeration => "exchange-why-enumeration",
    }
}
