//! The family of a browser, for people who ask themselves whether it was theirs. What a browser says
//! of itself is kept no more exactly than that: an exact text would tell devices apart, which
//! nobody needs here.

/// A browser, as far as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    /// Its family; empty when not known.
    pub family: &'static str,
    /// Its operating system; empty when not known.
    pub system: &'static str,
}

/// Families, by what their texts hold; one that others imitate stands after them.
const FAMILIES: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems, likewise.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Bytes of the text that are looked at.
const TEXT_BYTES_MAX: usize = 500;

impl Browser {
    /// The family of a `User-Agent`.
    pub fn of_user_agent(text: &str) -> Self {
        let end = text.floor_char_boundary(TEXT_BYTES_MAX);
        let text = &text[..end];
        let find = |known: &[(&str, &'static str)]| {
            let found = known.iter().find(|(sign, _)| text.contains(sign));
            found.map_or("", |(_, name)| *name)
        };
        Self {
            family: find(&FAMILIES),
            system: find(&SYSTEMS),
        }
    }

    /// What is kept of it, and shown: `Firefox, Windows`; empty when nothing is known.
    pub fn name(self) -> String {
        let known = [self.family, self.system];
        let known: Vec<&str> = known.into_iter().filter(|name| !name.is_empty()).collect();
        known.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_family_only() {
        for (text, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36",
                "Chrome, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/18.5 Safari/605.1.15",
                "Safari, macOS",
            ),
            ("curl/8.5.0", ""),
            ("", ""),
        ] {
            assert_eq!(Browser::of_user_agent(text).name(), name);
        }
        let long = "é".repeat(10_000);
        assert_eq!(Browser::of_user_agent(&long).name(), "");
    }
}
