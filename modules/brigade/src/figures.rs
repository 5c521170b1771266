//! How the brigade does: how fast it answers, days asked, agreed and spent, what became of what it
//! recommended.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::Actor;

use crate::access::STAFF;
use crate::store::{figures as store, missions};
use crate::{Brigade, BrigadeError};

/// Days within which a request is to be answered.
pub(crate) const ANSWER_DAYS: i32 = 10;
/// Most closed missions whose recommendations are looked at.
const MISSIONS_MAX: u32 = 200;

/// Half days of an expertise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DaysOf {
    /// Half days that requests asked for.
    pub asked: i64,
    /// Half days of missions that were agreed.
    pub agreed: i64,
    /// Half days that were spent.
    pub spent: i64,
}

/// How the brigade did over twelve months.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    /// From which day on requests are counted.
    pub since: Date,
    /// Requests that were answered.
    pub answered: usize,
    /// Those of them that were answered within ten days.
    pub answered_in_time: usize,
    /// Requests that wait longer than that.
    pub waiting: i64,
    /// Days from the request to its answer: the median; none when nothing was answered.
    pub waited_days_median: Option<f64>,
    /// Half days by the code of the expertise.
    pub days: BTreeMap<String, DaysOf>,
    /// Closed missions that gave recommendations, and those of them whose recommendations were all
    /// verified; none when nothing tells.
    pub verified: Option<(usize, usize)>,
}

/// The middle of some days; the mean of the two middle ones of an even number.
fn median(mut days: Vec<i32>) -> Option<f64> {
    days.sort_unstable();
    let (low, high) = (days.len().checked_sub(1)? / 2, days.len() / 2);
    Some(f64::midpoint(f64::from(days[low]), f64::from(days[high])))
}

impl Brigade {
    /// How the brigade did over the last twelve months.
    pub async fn outcomes(&self, actor: &Actor) -> Result<Outcomes, BrigadeError> {
        actor.demand(&STAFF, None)?;
        let today = self.source.today();
        let since = today.saturating_sub(1.year());
        let waited = store::waited(&self.db, since).await?;
        let waited: Vec<i32> = waited
            .into_iter()
            .map(|(asked, answered)| (answered - asked).get_days())
            .collect();
        let mut days: BTreeMap<String, DaysOf> = BTreeMap::new();
        let [asked, agreed, spent] = store::by_expertise(&self.db, since).await?;
        for (code, half_days) in asked {
            days.entry(code).or_default().asked = half_days;
        }
        for (code, half_days) in agreed {
            days.entry(code).or_default().agreed = half_days;
        }
        for (code, half_days) in spent {
            days.entry(code).or_default().spent = half_days;
        }
        let mut verified = None;
        if self.recommends() {
            let (mut gave, mut kept) = (0, 0);
            for mission in missions::closed(&self.db, MISSIONS_MAX).await? {
                let all = self.recommendations(mission).await?;
                gave += usize::from(!all.is_empty());
                let is_kept = !all.is_empty() && all.iter().all(|one| one.status == "verified");
                kept += usize::from(is_kept);
            }
            verified = Some((gave, kept));
        }
        Ok(Outcomes {
            since,
            answered: waited.len(),
            answered_in_time: waited.iter().filter(|days| **days <= ANSWER_DAYS).count(),
            waiting: store::waiting(&self.db, today.saturating_sub(ANSWER_DAYS.days())).await?,
            waited_days_median: median(waited),
            days,
            verified,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9, 1, 4]), Some(4.0));
        assert_eq!(median(vec![9, 1, 4, 6]), Some(5.0));
    }
}
