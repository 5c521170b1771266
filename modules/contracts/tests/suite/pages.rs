//! Pages, as people see them.

use kit_db::Db;

use crate::world::{migrations, world};

kit_db::on_both_databases!(migrations() => every_page_opens, statements_prepare);

async fn statements_prepare(db: Db) {
    for statement in contracts::statements() {
        db.prepare(&statement).await.unwrap();
    }
}

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    let (fund, call) = world.fund().await;
    let own = (world.product, world.indicator);
    let application = world.apply(call, own, "600 000").await.unwrap();
    let id = world.in_force(None).await;
    let waiting = world.to_sign(None).await;
    world.observe("2026-03-01", "65").await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let (product, one) = (world.product, format!("/contracts/{id}"));
    for path in [
        "/contracts".to_owned(),
        "/contracts?state=in-force&kind=money".to_owned(),
        "/contracts/new".to_owned(),
        "/contracts/new?kind=money".to_owned(),
        format!("/contracts/new?kind=money&product={product}"),
        format!("/contracts/new?kind=human&product={product}"),
        one.clone(),
        format!("{one}/versions/1"),
        format!("{one}/versions/1/contract.pdf"),
        format!("{one}/text"),
        format!("{one}/acts/amend"),
        format!("/contracts/{waiting}/acts/sign-directorate"),
        format!("{one}/clauses/accessibility"),
        format!("{one}/review"),
        format!("{one}/publication"),
        format!("{one}/tranches/1/release"),
        format!("{one}/tranches/1/hold"),
        format!("{one}/tranches/1/pay"),
        "/contracts/published".to_owned(),
        "/funds".to_owned(),
        "/funds/new".to_owned(),
        format!("/funds/{fund}"),
        format!("/funds/{fund}/calls/new"),
        format!("/calls/{call}"),
        format!("/calls/{call}/apply"),
        format!("/calls/{call}/apply?product={product}"),
        "/applications".to_owned(),
        format!("/applications/{application}"),
        format!("/applications/{application}/acts/select"),
        "/api/v1/contracts".to_owned(),
        format!("/api/v1{one}"),
        format!("/api/v1{one}/tranches"),
        "/api/v1/funds".to_owned(),
    ] {
        let page = world.app.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(!page.body.contains('⟦'), "{path}: {}", page.body);
    }
    let release = format!("{one}/tranches/1/release");
    let seen = world.tranche_version(id, 1).await.to_string();
    let fields = [("version", seen.as_str()), ("reason", "")];
    let done = world.app.post(&release, &release, &cookies, &fields).await;
    assert_eq!((done.status.as_u16(), done.location), (303, one.clone()));
    let again = world.app.post(&one, &release, &cookies, &fields).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("rien n’est libéré deux fois"),
        "{}",
        again.body
    );
    let stranger = world.signed_in("stan.stranger@x.example").await;
    assert_eq!(world.app.get(&one, &stranger).await.status, 403);
}
