//! Pages of sign-in: for people on their way to a service, for operators, for one's own data.

mod connect;
mod device;
mod own;
mod service_advanced;
mod service_form;
mod services;
mod upstream;

use kit_http::{ModuleRoutes, Routes};

use crate::Identity;
use crate::access::{ANSWER_DEVICES, CONNECT, EDIT_SERVICES, OWN_SERVICES, READ_SERVICES};

pub(crate) use connect::{bare, consent_page};

pub(crate) fn routes(identity: Identity) -> ModuleRoutes {
    Routes::new("identity")
        .get("/connect/{ticket}", &CONNECT, connect::show)
        .post("/connect/{ticket}", &CONNECT, connect::answer)
        .post("/connect/sign-out", &CONNECT, connect::sign_out)
        .get("/device", &CONNECT, device::show)
        .post("/device", &CONNECT, device::typed)
        .get("/device/{code}", &ANSWER_DEVICES, device::ask)
        .post("/device/{code}", &ANSWER_DEVICES, device::answer)
        .get("/sign-in/with/{code}", &CONNECT, upstream::start)
        .get("/sign-in/return/{code}", &CONNECT, upstream::come_back)
        .get("/account/services", &OWN_SERVICES, own::show)
        .post("/account/services/withdraw", &OWN_SERVICES, own::withdraw)
        .get("/services", &READ_SERVICES, services::list)
        .post("/services", &EDIT_SERVICES, services::register)
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
