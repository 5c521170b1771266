//! Calls as they reach a gateway, and what gateways are told.

use std::net::{IpAddr, Ipv4Addr};

use gateway::SignedSnapshot;
use gateway::domain::{Book, Networks, Purposed, caller_of, forwarded_query, segments, values_of};
use ports::exchange::Snapshot;
use siret::is_siret;

use crate::{Target, text};

/// A path, a query and the addresses of proxies: what is meant doesn't depend on who reads, and
/// what is for the gateway never goes on to a producer.
pub(crate) const REQUEST: Target = Target {
    name: "request",
    check: |bytes| {
        let whole = text(bytes);
        let (target, forwarded) = whole.split_once('\n').unwrap_or((whole, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if let Ok(read) = segments(path) {
            assert!(
                read.meant
                    .iter()
                    .all(|meant| !meant.contains('/') && meant != "..")
            );
            let below = read.below();
            assert!(below.is_empty() || segments(below).is_ok(), "{below}");
        }
        if let Ok(purposed) = Purposed::read(query) {
            assert!(is_siret(&purposed.recipient));
        }
        let forwarded_on = forwarded_query(query);
        for name in ["context", "object", "recipient"] {
            assert_eq!(values_of(&forwarded_on, name).count(), 0, "{forwarded_on}");
        }
        let proxies = Networks::parse(&["127.0.0.0/8".to_owned()]).expect("a network");
        let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let _ = caller_of(proxy, Some(forwarded), &proxies);
        assert_eq!(caller_of(stranger, Some(forwarded), &proxies), stranger);
    },
    words: &[
        "/",
        "//",
        "..",
        "%2e%2e",
        "%2F",
        "%00",
        "?",
        "&",
        "=",
        "context=",
        "object=",
        "recipient=",
        "c%6fntext=",
        "21750001600019",
        "+",
        ";",
        "\n",
        "127.0.0.1, ",
        "::1",
    ],
};

/// What the control plane tells: nothing unsigned is believed, and whatever was signed, what of it
/// can't be used is left out.
pub(crate) const SNAPSHOT: Target = Target {
    name: "snapshot",
    check: |bytes| {
        assert!(SignedSnapshot(text(bytes).to_owned()).open(&[]).is_err());
        if let Ok(snapshot) = serde_json::from_slice::<Snapshot>(bytes) {
            let _ = Book::new(snapshot);
        }
    },
    words: &[
        "{",
        "}",
        "[",
        "]",
        "null",
        "\"",
        "0",
        "-1",
        "\"\"",
        "/{id}",
        "{",
        "*",
        "..",
        "127.0.0.1/33",
    ],
};
