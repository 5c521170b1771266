//! A form of a page, read as a browser reads it: every field with the value that it shows.

/// Fields in the order of the page.
#[derive(Clone, Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// What a program sends.
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(
            pairs
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Types into a field that the page has.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let field = self.0.iter_mut().find(|(known, _)| known == name);
        field.unwrap_or_else(|| panic!("no field {name}")).1 = value.to_owned();
    }

    pub(crate) fn encoded(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        pairs.join("&")
    }
}

fn escaped(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        if safe(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// The form that is sent to `action`.
pub(crate) fn read(page: &str, action: &str) -> Form {
    let form = page
        .split("<form ")
        .find(|form| attribute(form, "action").as_deref() == Some(action))
        .and_then(|form| form.split("</form>").next())
        .unwrap_or_else(|| panic!("no form for {action}:\n{page}"));
    let mut fields = Vec::new();
    let mut chooser = None;
    for part in form.split('<').skip(1) {
        let tag = part.split([' ', '>']).next().unwrap_or_default();
        let text = part.split_once('>').map_or("", |(_, text)| text);
        let name = attribute(part, "name").unwrap_or_default();
        let value = attribute(part, "value").unwrap_or_default();
        let has = |word| {
            part.split('>')
                .next()
                .is_some_and(|tag| tag.ends_with(word))
        };
        match tag {
            "input" => {
                let kind = attribute(part, "type").unwrap_or_default();
                let chosen = !matches!(kind.as_str(), "radio" | "checkbox") || has(" checked");
                if chosen && kind != "file" {
                    fields.push((name, value));
                }
            }
            "textarea" => fields.push((name, plain(text))),
            "select" => chooser = Some((name, false)),
            "option" => {
                if let Some((name, filled)) = &mut chooser {
                    if !*filled {
                        fields.push((name.clone(), value));
                        *filled = true;
                    } else if has(" selected") {
                        fields.retain(|(known, _)| known != name);
                        fields.push((name.clone(), value));
                    }
                }
            }
            "/select" => chooser = None,
            _ => {}
        }
    }
    Form(fields)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let after = tag.split_once(&format!("{name}=\""))?.1;
    after.split('"').next().map(plain)
}

/// Without the escapes of HTML that the templates write.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (escape, sign) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escape, sign);
    }
    text
}
