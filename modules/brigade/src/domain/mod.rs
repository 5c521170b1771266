//! Types and decisions of the brigade: pure, today arrives as a parameter.

mod calendar;
mod codes;
mod days;
mod fields;
mod file;
mod forms;
mod life;
mod matching;
mod weeks;

pub use calendar::{CalendarEntry, calendar};
pub use codes::{Employer, RequestOrigin, SkillLevel};
pub use days::{DayRefusal, Recorded, check_day};
pub use file::{REPORT_BYTES_MAX, ReportFile, report_file};
pub use forms::{
    AXES, AnswerForm, AssignmentForm, DayForm, ExpertForm, ExpertiseForm, ExtensionForm,
    MissionForm, PeriodForm, RecommendForm, ReportForm, RequestForm,
};
pub use kit_acts::Mistake;
pub use life::{MissionAct, MissionState, RequestAct, RequestState};
pub use matching::{Candidate, Proposal, propose};
pub use weeks::{Availability, FULL_WEEK, Period, Weeks, is_worked, monday, mondays, spread};

pub(crate) use forms::{ExpertRead, MissionRead};
