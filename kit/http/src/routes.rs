//! A module's routes, each with the permission that it demands.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use kit_access::{Actor, Permission};

use crate::Failure;
use crate::stack::prove;

/// One line of the table of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// The module that serves it.
    pub module: &'static str,
    /// `GET`, `POST`…
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: String,
    /// The permission that it demands.
    pub permission: Permission,
    /// Whether other sites and programs call it: see [`Routes::protocol`].
    pub is_protocol: bool,
}

/// Routes under construction. `S` is the module's state.
#[derive(Debug)]
pub struct Routes<S> {
    module: &'static str,
    router: Router<S>,
    table: Vec<RouteInfo>,
}

/// Routes ready to be served.
#[derive(Debug, Default)]
pub struct ModuleRoutes {
    /// What answers.
    pub router: Router,
    /// What it demands, for the test that lists every route with its permission.
    pub table: Vec<RouteInfo>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new(module: &'static str) -> Self {
        Self {
            module,
            router: Router::new(),
            table: Vec::new(),
        }
    }

    /// Adds a route that is read.
    #[must_use]
    pub fn get<H, T>(self, path: &str, permission: &'static Permission, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.route(Method::GET, path, permission, handler)
    }

    /// Adds a route that changes something.
    #[must_use]
    pub fn post<H, T>(self, path: &str, permission: &'static Permission, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.route(Method::POST, path, permission, handler)
    }

    /// Adds a route of any method.
    ///
    /// The guard refuses an actor who holds the permission nowhere; the store refuses one who
    /// doesn't hold it on the row.
    #[must_use]
    pub fn route<H, T>(
        self,
        method: Method,
        path: &str,
        permission: &'static Permission,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(method, path, permission, handler, false)
    }

    /// Adds a route of a protocol, which other sites and programs call by design: a form that
    /// arrives there needs no proof that it comes from a page of ours. Such a handler must take
    /// nothing that changes something on the word of a cookie alone.
    #[must_use]
    pub fn protocol<H, T>(
        self,
        method: Method,
        path: &str,
        permission: &'static Permission,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(method, path, permission, handler, true)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        path: &str,
        permission: &'static Permission,
        handler: H,
        is_protocol: bool,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let guard = middleware::from_fn(move |request: Request, next: Next| async move {
            guarded(permission, request, next).await
        });
        self.router = self.router.route(
            path,
            // A method that isn't routed is refused as such, before anything is proved.
            on(filter, handler)
                .layer(guard)
                .layer(middleware::from_fn(prove)),
        );
        self.table.push(RouteInfo {
            module: self.module,
            method,
            path: path.to_owned(),
            permission: *permission,
            is_protocol,
        });
        self
    }

    /// Closes the table.
    pub fn with_state(self, state: S) -> ModuleRoutes {
        ModuleRoutes {
            router: self.router.with_state(state),
            table: self.table,
        }
    }
}

impl ModuleRoutes {
    /// The routes of both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// The paths of protocols, for [`crate::Site::protocol_paths`].
    pub fn protocol_paths(&self) -> std::collections::HashSet<String> {
        let protocol = self.table.iter().filter(|route| route.is_protocol);
        protocol.map(|route| route.path.clone()).collect()
    }

    /// The table as text, sorted: what the snapshot test keeps.
    pub fn permission_table(&self) -> String {
        let mut lines: Vec<String> = self
            .table
            .iter()
            .map(|route| {
                let holders = match route.permission.holders {
                    kit_access::Holders::Everybody => "everybody".to_owned(),
                    kit_access::Holders::SignedIn => "signed in".to_owned(),
                    kit_access::Holders::Roles(roles) => roles
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                };
                format!(
                    "{} {} | {} | {holders}",
                    route.method, route.path, route.permission.name
                )
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }
}

async fn guarded(permission: &'static Permission, request: Request, next: Next) -> Response {
    // Without an actor the stack is mounted wrongly: nobody is let in.
    let allowed = match request.extensions().get::<Actor>() {
        Some(actor) => actor.demand_somewhere(permission),
        None => Actor::anonymous().demand(permission, None),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(denied) => Failure::from(denied).into_response(),
    }
}
