//! The table of docs/conformance.md is true: every module in it is a test here, and every test that
//! has a module's name is in it.

use std::collections::BTreeSet;

/// `oidcc-server` as a function's name.
fn function(module: &str) -> String {
    module.to_lowercase().replace('-', "_")
}

#[test]
fn the_table_of_conformance_is_true() {
    let table = std::fs::read_to_string("../../docs/conformance.md").unwrap();
    let listed: Vec<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`').map(|(module, _)| function(module)))
        .collect();
    let once: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(once.len(), listed.len(), "a module is in it twice");
    let mut tests = BTreeSet::new();
    for file in [
        "conformance.rs",
        "logout.rs",
        "fapi2/requests.rs",
        "fapi2/tokens.rs",
    ] {
        let text = std::fs::read_to_string(format!("tests/suite/{file}")).unwrap();
        let list = text
            .split_once("on_both_databases!(migrations() =>")
            .unwrap()
            .1;
        let list = list.split_once(");").unwrap().0;
        let names = list.split(',').map(|name| name.trim().to_owned());
        tests.extend(names.filter(|name| name.starts_with("oidcc_") || name.starts_with("fapi2_")));
    }
    let missing: Vec<_> = tests.difference(&once).collect();
    let untested: Vec<_> = once.difference(&tests).collect();
    assert!(
        missing.is_empty() && untested.is_empty(),
        "{missing:?} {untested:?}"
    );
    let basic = tests.iter().filter(|name| {
        name.starts_with("oidcc_")
            && !name.contains("_rp_initiated_")
            && !name.contains("_backchannel_")
    });
    assert_eq!(basic.count(), 38, "the Basic plan has 38 modules");
}
