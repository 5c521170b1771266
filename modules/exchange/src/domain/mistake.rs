//! A mistake in what a person filled in.

/// A mistake in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field's name, as sent.
    pub field: &'static str,
    /// The key of its words.
    pub key: &'static str,
    /// What the words name: the value that is wrong, or the limit.
    pub value: String,
}

impl Mistake {
    /// A mistake whose words name nothing.
    pub fn new(field: &'static str, key: &'static str) -> Self {
        Self::about(field, key, "")
    }

    /// A mistake whose words name a value.
    pub fn about(field: &'static str, key: &'static str, value: impl ToString) -> Self {
        Self {
            field,
            key,
            value: value.to_string(),
        }
    }
}

/// Fields read one after the other, their mistakes kept.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) mistakes: Vec<Mistake>,
}

impl Reader {
    pub(crate) fn wrong(&mut self, field: &'static str, key: &'static str, value: impl ToString) {
        self.mistakes.push(Mistake::about(field, key, value));
    }

    /// A text without surrounding blanks, of at most `chars_max` characters.
    pub(crate) fn text(
        &mut self,
        field: &'static str,
        text: &str,
        is_required: bool,
        chars_max: usize,
    ) -> String {
        let text = text.trim();
        if is_required && text.is_empty() {
            self.wrong(field, "exchange-mistake-missing", "");
        }
        if text.contains('\0') {
            // PostgreSQL keeps none.
            self.wrong(field, "exchange-mistake-nul", "");
        }
        if text.chars().count() > chars_max {
            self.wrong(field, "exchange-mistake-long", chars_max);
        }
        text.to_owned()
    }

    /// A whole number between two.
    pub(crate) fn number(
        &mut self,
        field: &'static str,
        text: &str,
        (low, high): (u64, u64),
    ) -> u64 {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '\u{a0}')
            .collect();
        match digits.parse::<u64>() {
            Ok(number) if (low..=high).contains(&number) => number,
            _ => {
                self.wrong(field, "exchange-mistake-number", format!("{low} – {high}"));
                low
            }
        }
    }

    /// An address of the web, which may be empty.
    pub(crate) fn address(&mut self, field: &'static str, text: &str) -> String {
        let text = self.text(field, text, false, 500);
        if !text.is_empty() && !is_web(&text) {
            self.wrong(field, "exchange-mistake-url", &text);
        }
        text
    }
}

/// Whether a text is an absolute `https` (or `http`) address without a name and password in it.
pub(crate) fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}
