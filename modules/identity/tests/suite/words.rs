//! What people read.

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = identity::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages", "src/mock", "src/protocol", "src/domain"] {
        for file in std::fs::read_dir(folder).unwrap() {
            sources.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        }
    }
    let built = [
        "identity-field-",
        "identity-hint-",
        "identity-audience-",
        "identity-service-audience-",
        "identity-mock-title-",
        "identity-mock-case-",
        "identity-try-column-",
        "identity-try-claim-",
        "identity-try-userinfo",
        "identity-try-header",
        "identity-try-id-token",
        "identity-profile-",
        "identity-method-",
        "identity-subject-",
        "identity-rule-",
        "identity-grant-",
        "identity-demand-",
        "identity-scope-",
        "identity-column-",
        "identity-level-",
        "identity-outcome-",
        "identity-upstream-",
        "identity-provider-field-",
        "identity-provider-hint-",
        "identity-provider-rule-",
        "identity-provider-method-",
        "identity-provider-profile-",
        "identity-audience-",
        "identity-foreign-",
        "identity-cause-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}
