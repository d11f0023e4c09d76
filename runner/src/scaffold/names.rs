//! Names in the files that are written: of sources, models and columns, quoted where SQL needs it. Pure.

use datafusion::sql::sqlparser::keywords::ALL_KEYWORDS;

/// The longest name of a model. `_staged` is added for the source, and the ledger has 64 characters.
const NAME_LENGTH_MAX: usize = 50;

/// Keywords that are usual as columns' names, and are read as such without quotes.
const PLAIN_KEYWORDS: [&str; 34] = [
    "action",
    "address",
    "author",
    "body",
    "category",
    "city",
    "code",
    "comment",
    "content",
    "country",
    "count",
    "currency",
    "data",
    "date",
    "day",
    "description",
    "email",
    "id",
    "key",
    "language",
    "location",
    "month",
    "name",
    "owner",
    "password",
    "role",
    "state",
    "status",
    "text",
    "title",
    "type",
    "value",
    "version",
    "year",
];

/// A name for a model, and with it for its table and its file, from a folder's or a table's name. It is free with its source's.
pub(crate) fn model(name: &str, taken: &[String]) -> String {
    let free = |name: &str| !is_taken(name, taken) && !is_taken(&source(name), taken);
    numbered(&plain(name), free)
}

/// The same for a model that has no source of its own.
pub(crate) fn table(name: &str, taken: &[String]) -> String {
    numbered(&plain(name), |name| !is_taken(name, taken))
}

/// A name for a source that has no model of its own.
pub(crate) fn staged(name: &str, taken: &[String]) -> String {
    source(&numbered(&plain(name), |name| !is_taken(&source(name), taken)))
}

/// A name for a helper, from what people call it.
pub(crate) fn helper(name: &str, taken: &[String]) -> String {
    let plain = plain(name);
    let words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    numbered(&format!("_{}", words.join("_")), |name| !is_taken(name, taken))
}

/// What a file, a table and SQL can have as a name.
fn plain(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(NAME_LENGTH_MAX)
        .collect();
    let plain = plain.trim_matches('_');
    // A leading `_` marks a helper, sources.sql is the file of the declarations, and unglue_… are the ledger's tables.
    let needs_prefix = !plain.starts_with(|c: char| c.is_ascii_lowercase())
        || plain == "sources"
        || plain.starts_with("unglue_");
    if needs_prefix { format!("t_{plain}") } else { plain.to_owned() }
}

fn is_taken(name: &str, taken: &[String]) -> bool {
    taken.iter().any(|known| known == name)
}

/// The name, or the first one with a number behind it that is free.
fn numbered(plain: &str, free: impl Fn(&str) -> bool) -> String {
    std::iter::once(plain.to_owned())
        .chain((2..).map(|number| format!("{plain}_{number}")))
        .find(|name| free(name))
        .unwrap_or_else(|| plain.to_owned())
}

/// The name of the source that a model selects from.
pub(crate) fn source(model: &str) -> String {
    format!("{model}_staged")
}

/// The last part of a location, or of a table's name.
pub(crate) fn last_part(text: &str) -> &str {
    text.trim_end_matches('/').rsplit(['/', '.']).next().unwrap_or_default()
}

/// Columns' names as they are declared: in lower case, since names are compared so everywhere, unless two would be the same.
pub(crate) fn columns(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.to_lowercase()).collect()
}

/// A column's name in the SQL of a job's files.
pub(crate) fn quoted(name: &str) -> String {
    variables(&typed(name))
}

/// A column's name in SQL that is typed, where there are no variables.
pub(crate) fn typed(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let is_keyword = || ALL_KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if is_plain && (PLAIN_KEYWORDS.contains(&name) || !is_keyword()) {
        return name.to_owned();
    }
    format!("`{}`", name.replace('`', "``"))
}

/// A text in a model's SQL, which is Spark's: a backslash takes the meaning from a quote and from another backslash.
pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// A text in a declaration of a source, where a backslash is a backslash.
pub(crate) fn declared_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// With `${` as it is: variables are replaced in all of a job's files.
pub(crate) fn variables(text: &str) -> String {
    text.replace("${", "$${")
}

/// A comment's text: one line, without variables.
pub(crate) fn comment(text: &str) -> String {
    variables(&text.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_name_is_one_that_a_file_a_table_and_sql_can_have() {
        let taken = ["orders", "orders_2", "orders_2_staged"].map(str::to_owned);
        for (name, model_name) in [
            ("Customers", "customers"),
            ("order-items", "order_items"),
            ("_log", "log"),
            ("2024", "t_2024"),
            ("sources", "t_sources"),
            ("unglue_ledger", "t_unglue_ledger"),
            ("ÜBER", "ber"),
            ("", "t_"),
            ("orders", "orders_3"),
            ("orders_2_staged", "orders_2_staged_2"),
        ] {
            assert_eq!(model(name, &taken), model_name, "{name}");
        }
        assert_eq!(model(&"x".repeat(100), &[]).len(), NAME_LENGTH_MAX);
    }

    #[test]
    fn a_helper_is_called_as_people_call_it() {
        let taken = ["_join", "_join_2", "orders_staged"].map(str::to_owned);
        for (name, helper_name) in [
            ("Change Schema (Apply Mapping)", "_change_schema_apply_mapping"),
            ("Join", "_join_3"),
            ("日本", "_t"),
        ] {
            assert_eq!(helper(name, &taken), helper_name);
        }
        assert_eq!(table("Orders", &taken), "orders", "its source is another's");
        assert_eq!(model("Orders", &taken), "orders_2");
        assert_eq!(staged("Orders", &taken), "orders_2_staged");
        assert_eq!(staged("Join", &["join".to_owned()]), "join_staged");
    }

    #[test]
    fn names_are_quoted_where_sql_would_read_them_otherwise() {
        for (name, sql) in [
            ("id", "id"),
            ("order", "`order`"),
            ("a b", "`a b`"),
            ("a`b", "`a``b`"),
            ("größe", "`größe`"),
            ("$x${Y}", "`$x$${Y}`"),
            ("1st", "`1st`"),
        ] {
            assert_eq!(quoted(name), sql);
            assert_eq!(typed(name), sql.replace("$$", "$"));
        }
    }

    #[tokio::test]
    async fn a_text_in_sql_is_read_back_as_it_was() {
        let state = transforms::session::session_state(
            transforms::sql::Dialect::Spark,
            1,
            std::sync::Arc::default(),
        );
        for value in ["it's", r"\d+\.\\ '", r"C:\new\", r"\'", "a\nb", "\"x\"", "", "größe"] {
            let sql = format!("SELECT {} AS x", text(value));
            // Spark takes texts beside each other as one.
            assert_eq!(sql.replace(r"\\", "").replace(r"\'", "").matches('\'').count(), 2, "{sql}");
            let parsed =
                transforms::sql::parse_select(transforms::sql::Dialect::Spark, "f", &sql).unwrap();
            let plan = transforms::sql::plan(&state, "f", parsed).await.unwrap();
            let shown = plan.expressions().remove(0).to_string();
            assert!(shown.contains(&format!("(\"{value}\")")), "{value:?}: {shown}");
        }
    }

    #[test]
    fn the_last_part_of_a_place_names_the_table() {
        for place in ["s3://b/shop/orders/", "shop/orders", "public.orders", "orders"] {
            assert_eq!(last_part(place), "orders", "{place}");
        }
    }

    #[test]
    fn comments_stay_in_their_line() {
        assert_eq!(comment("a\n; DROP\r${X}"), "a ; DROP $${X}");
    }
}
