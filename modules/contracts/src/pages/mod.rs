//! Pages of contracts and funds.

mod applications;
mod contracts;
mod drafting;
mod forms;
mod funds;
mod pdf;
mod public;
mod text;
mod words;

use kit_acts::{Refused, Trouble};
use kit_http::{Failure, ModuleRoutes, Routes};

use crate::access::{APPLY, COMMENT, CONDUCT, FUND, PROPOSE, READ, READ_PUBLIC, RELEASE};
use crate::{Contracts, ContractsError};

pub(crate) fn routes(contracts: Contracts) -> ModuleRoutes {
    contract_routes(Routes::new("contracts"))
        .with_state(contracts.clone())
        .merge(fund_routes(Routes::new("contracts")).with_state(contracts))
}

fn contract_routes(routes: Routes<Contracts>) -> Routes<Contracts> {
    routes
        .get("/contracts", &READ, contracts::list)
        .get("/contracts/new", &PROPOSE, drafting::show_new)
        .post("/contracts/new", &PROPOSE, drafting::draft)
        .get("/contracts/published", &READ_PUBLIC, public::list)
        .get("/contracts/published/{id}", &READ_PUBLIC, public::show)
        .get("/contracts/{id}", &READ, contracts::show)
        .get("/contracts/{id}/text", &PROPOSE, drafting::show_text)
        .post("/contracts/{id}/text", &PROPOSE, drafting::propose)
        .get(
            "/contracts/{id}/versions/{number}",
            &READ,
            contracts::version,
        )
        .get(
            "/contracts/{id}/versions/{number}/contract.pdf",
            &READ,
            pdf::version,
        )
        .get("/contracts/{id}/acts/{act}", &COMMENT, forms::show_act)
        .post("/contracts/{id}/acts/{act}", &COMMENT, forms::act)
        .get(
            "/contracts/{id}/clauses/{doctrine}",
            &CONDUCT,
            forms::show_check,
        )
        .post("/contracts/{id}/clauses/{doctrine}", &CONDUCT, forms::check)
        .get("/contracts/{id}/review", &CONDUCT, forms::show_review)
        .post("/contracts/{id}/review", &CONDUCT, forms::review)
        .get("/contracts/{id}/publication", &CONDUCT, forms::show_plan)
        .post("/contracts/{id}/publication", &CONDUCT, forms::plan)
        .get(
            "/contracts/{id}/tranches/{number}/{act}",
            &RELEASE,
            forms::show_tranche,
        )
        .post(
            "/contracts/{id}/tranches/{number}/{act}",
            &RELEASE,
            forms::tranche,
        )
}

fn fund_routes(routes: Routes<Contracts>) -> Routes<Contracts> {
    routes
        .get("/funds", &READ, funds::list)
        .get("/funds/new", &FUND, funds::show_new)
        .post("/funds/new", &FUND, funds::open)
        .get("/funds/{id}", &READ, funds::show)
        .get("/funds/{id}/calls/new", &FUND, funds::show_call_new)
        .post("/funds/{id}/calls/new", &FUND, funds::open_call)
        .get("/calls/{id}", &READ, funds::call)
        .get("/calls/{id}/apply", &APPLY, applications::show_apply)
        .post("/calls/{id}/apply", &APPLY, applications::apply)
        .get("/applications", &READ, applications::applications)
        .get("/applications/{id}", &READ, applications::application)
        .get(
            "/applications/{id}/acts/{act}",
            &APPLY,
            applications::show_decide,
        )
        .post(
            "/applications/{id}/acts/{act}",
            &APPLY,
            applications::decide,
        )
}

impl From<ContractsError> for Failure {
    fn from(error: ContractsError) -> Self {
        match error {
            ContractsError::NotFound => Self::NotFound,
            ContractsError::Denied(denied) => denied.into(),
            ContractsError::Stale | ContractsError::Impossible => Self::Conflict(String::new()),
            ContractsError::Mistakes(mistakes) => kit_acts::invalid(mistakes),
            ContractsError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

impl Refused for ContractsError {
    fn trouble(self) -> Result<Trouble, Self> {
        match self {
            Self::Mistakes(mistakes) => Ok(Trouble::mistakes(mistakes)),
            Self::Stale => Ok(Trouble::stale()),
            error => Err(error),
        }
    }
}
