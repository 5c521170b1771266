//! A citizen's browser: it chooses the mock provider and says that its person is Élodie.

use super::form::Form;
use super::{Answer, Browser};

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// The first address of a page that begins so, as a browser would follow it.
pub(crate) fn link(page: &str, beginning: &str) -> Option<String> {
    let rest = between(page, &format!("href=\"{beginning}"), "\"")?;
    let rest = rest.replace("&#38;", "&").replace("&amp;", "&");
    Some(format!("{beginning}{rest}"))
}

/// Signed in as Élodie, surely enough to see who looked at her data.
pub(crate) fn signed_in(address: &str) -> Browser {
    let mut browser = Browser::new(address);
    let own = format!("http://{address}");
    let begun = "/citizen/sign-in?return_to=%2Fcitizen%2Faccesses";
    let mut answer = browser.get(begun).unwrap();
    for _ in 0..20 {
        let to = answer.header("location").next().map(str::to_owned);
        answer = match to {
            Some(to) => {
                let path = to.strip_prefix(&own).unwrap_or(&to);
                browser.get(path).unwrap()
            }
            None if answer.body.contains("name=\"person\"") => say_who(&mut browser, &answer),
            None => match link(&answer.body, "/sign-in/with/") {
                Some(path) => browser.get(&path).unwrap(),
                None if answer.status == 200 => return browser,
                None => panic!("{} {}", answer.status, answer.body),
            },
        };
    }
    panic!("the browser goes round and round");
}

fn say_who(browser: &mut Browser, page: &Answer) -> Answer {
    let action = between(&page.body, "action=\"/mock/", "\"").unwrap();
    let action = format!("/mock/{}", action.replace("&#38;", "&"));
    let token = between(&page.body, "name=\"csrf_token\" value=\"", "\"").unwrap();
    let form = Form::of(&[
        ("csrf_token", token),
        ("person", "elodie"),
        ("level", "eidas2"),
        ("case", "usual"),
    ]);
    browser.post(&action, &form).unwrap()
}
