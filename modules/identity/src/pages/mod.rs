//! Pages of sign-in: for people on their way to a service, for operators, for one's own data.

pub(crate) mod citizen;
mod connect;
mod device;
mod incidents;
mod own;
mod provider_form;
mod providers;
mod service_advanced;
mod service_form;
mod services;
mod step_up;
mod upstream;

use kit_http::{ModuleRoutes, Routes};

use crate::Identity;
use crate::access::{
    ANSWER_DEVICES, CITIZEN, CONNECT, EDIT_PROVIDERS, EDIT_SERVICES, OWN_SERVICES, READ_PROVIDERS,
    READ_SERVICES,
};

pub(crate) use connect::{bare, consent_page};
pub(crate) use step_up::step_up_page;

pub(crate) fn routes(identity: Identity) -> ModuleRoutes {
    Routes::new("identity")
        .get("/connect/{ticket}", &CONNECT, connect::show)
        .post("/connect/{ticket}", &CONNECT, connect::answer)
        .post("/connect/sign-out", &CONNECT, connect::sign_out)
        .get("/device", &CONNECT, device::show)
        .post("/device", &CONNECT, device::typed)
        .get("/device/{code}", &ANSWER_DEVICES, device::ask)
        .post("/device/{code}", &ANSWER_DEVICES, device::answer)
        .get(citizen::SPACE, &CITIZEN, citizen::space)
        .get(citizen::SIGN_IN, &CITIZEN, citizen::choose)
        .post("/citizen/sessions", &CITIZEN, citizen::end_session)
        .post("/citizen/sign-out", &CITIZEN, citizen::sign_out)
        .post("/citizen/withdraw", &CITIZEN, citizen::withdraw)
        .get("/sign-in/with/{code}", &CONNECT, upstream::start)
        .get("/sign-in/return/{code}", &CONNECT, upstream::come_back)
        .get("/sign-in/choose/{ticket}", &CONNECT, upstream::show_choice)
        .post("/sign-in/choose/{ticket}", &CONNECT, upstream::choose)
        .get("/sign-out/with/{ticket}", &CONNECT, upstream::sign_out)
        .get("/sign-out/return", &CONNECT, upstream::signed_out_there)
        .get("/account/services", &OWN_SERVICES, own::show)
        .post("/account/services/withdraw", &OWN_SERVICES, own::withdraw)
        .get("/providers", &READ_PROVIDERS, providers::list)
        .post("/providers", &EDIT_PROVIDERS, providers::register)
        .get("/providers/new", &EDIT_PROVIDERS, providers::show_new)
        .get("/providers/incidents", &READ_PROVIDERS, incidents::list)
        .get("/providers/{id}", &READ_PROVIDERS, providers::show)
        .get(
            "/providers/{id}/edit",
            &EDIT_PROVIDERS,
            providers::show_edit,
        )
        .post("/providers/{id}/edit", &EDIT_PROVIDERS, providers::change)
        .post("/providers/{id}/try", &EDIT_PROVIDERS, providers::try_now)
        .post(
            "/providers/{id}/suspended",
            &EDIT_PROVIDERS,
            providers::suspend,
        )
        .get("/services", &READ_SERVICES, services::list)
        .post("/services", &EDIT_SERVICES, services::register)
        .post(
            "/services/citizen-key",
            &EDIT_SERVICES,
            services::rotate_citizen_key,
        )
        .get("/services/new", &EDIT_SERVICES, services::show_new)
        .post("/services/keys", &EDIT_SERVICES, services::rotate_keys)
        .get("/services/{id}", &READ_SERVICES, services::show)
        .get("/services/{id}/edit", &EDIT_SERVICES, services::show_edit)
        .post("/services/{id}/edit", &EDIT_SERVICES, services::change)
        .post(
            "/services/{id}/secret",
            &EDIT_SERVICES,
            services::replace_secret,
        )
        .post(
            "/services/{id}/suspended",
            &EDIT_SERVICES,
            services::suspend,
        )
        .with_state(identity)
}
