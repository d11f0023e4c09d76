use transforms::session::session_state;
use transforms::source::{no_files, parse_sources};

use super::*;

fn request(from: &[&str], tables: &[&str]) -> Request {
    Request {
        job: "shop".parse().unwrap(),
        jobs: "sql".to_owned(),
        from: from.iter().map(|from| (*from).to_owned()).collect(),
        database: (!tables.is_empty()).then(|| "mysql://me@h/db".to_owned()),
        tables: tables.iter().map(|table| table.parse().unwrap()).collect(),
        key: None,
        target: None,
    }
}

#[test]
fn a_request_names_what_to_make_a_job_from() {
    for (from, tables) in
        [(&["a"][..], &[][..]), (&[], &["t"]), (&["a", "b"], &["t", "u"]), (&["a", "b"], &[])]
    {
        check_request(&request(from, tables)).unwrap();
    }
    for (from, tables) in [(&[][..], &[][..]), (&["a"], &["t", "u"]), (&["a", "b"], &["t"])] {
        assert!(check_request(&request(from, tables)).is_err(), "{from:?} {tables:?}");
    }
    let two = Request { key: Some(vec!["id".to_owned()]), ..request(&["a", "b"], &[]) };
    assert!(check_request(&two).is_err());
    let alone = Request { database: None, ..request(&[], &["t"]) };
    assert!(check_request(&alone).is_err());
}

#[test]
fn a_table_is_below_the_staging_folder() {
    assert_eq!(below_staging("shop", "orders"), "${STAGING}/shop/orders/");
    assert_eq!(below_staging("shop", "a${X}"), "${STAGING}/shop/a$${X}/");
}

#[tokio::test]
async fn any_name_of_a_column_is_declared_as_it_is() {
    let words = datafusion::sql::sqlparser::keywords::ALL_KEYWORDS;
    let mut columns: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    columns
        .extend(["a b", "a`b", "1st", "größe", "-- x", "a\"b", "name", "data"].map(str::to_owned));
    columns.sort();
    columns.dedup();
    let definition = Definition {
        schema: String::new(),
        columns: columns
            .iter()
            .map(|name| database::Defined {
                name: name.clone(),
                sql_type: "INT".to_owned(),
                remark: Some("x\ny".to_owned()),
            })
            .collect(),
        key: vec!["select".to_owned(), "a`b".to_owned()],
        findings: Vec::new(),
    };
    let named = Named { model: "m".to_owned(), location: "/it's".to_owned(), key: None };
    let draft = Draft::of_definition(named, &definition, None).unwrap();
    let state = session_state(transforms::sql::Dialect::Spark, 1, std::sync::Arc::default());
    let drafts = [draft];
    let sources =
        parse_sources(&state, "sources.sql", &ddl::sources(TITLE, &sources(&drafts)), &no_files)
            .await
            .unwrap();
    let names: Vec<&str> =
        sources[0].schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, columns);
    assert_eq!(sources[0].key_names().collect::<Vec<_>>(), ["select", "a`b"]);
    assert_eq!(sources[0].location, "/it's");
}
