use mysql_async::ServerError;

use super::*;
use crate::target::mysql::tls::RDS_ADVICE;

fn said(code: u16, message: &str) -> Error {
    let error = ServerError { code, state: "23000".to_owned(), message: message.to_owned() };
    Failure::from(mysql_async::Error::Server(error)).about(&"shop.sales").into()
}

#[test]
fn values_in_the_servers_text_are_not_passed_on() {
    for (code, message) in [
        (1062, "Duplicate entry 's3cret-1' for key 'sales.PRIMARY'"),
        (1366, "Incorrect integer value: 's3cret' for column 'amount' at row 1"),
        (1292, "Incorrect datetime value: 's3cret' for column 'at' at row 1"),
        (1644, "a trigger says s3cret"),
        (1526, "Table has no partition for value s3cret"),
    ] {
        let error = said(code, message);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        assert!(error.to_string().contains(&code.to_string()));
    }
}

#[test]
fn the_index_of_a_duplicate_is_named_and_never_its_value() {
    for (message, index) in [
        ("Duplicate entry 'x' for key 'sales.one_title'", Some("one_title")),
        ("Duplicate entry 'x' for key 'PRIMARY'", Some("PRIMARY")),
        ("Duplicate entry 'for key 's3cret'' for key 'k'", Some("k")),
        ("something else", None),
    ] {
        assert_eq!(index_of(1062, message), index, "{message}");
        assert_eq!(index_of(1406, message), None, "{message}");
    }
}

#[test]
fn the_column_is_named() {
    for (message, column) in [
        ("Data too long for column 'na me' at row 7", Some("na me")),
        (
            "Incorrect integer value: 'for column 'x' at' for column 'amount' at row 1",
            Some("amount"),
        ),
        (
            "Incorrect integer value: 'x' for column `shop`.`sales`.`amount` at row 1",
            Some("amount"),
        ),
        ("Column 'id' cannot be null", Some("id")),
        (
            "Invalid JSON text: \"Invalid value.\" at position 0 in value for column 'sales.doc'.",
            Some("doc"),
        ),
        ("Duplicate entry 'column 'x' ' for key 'k'", None),
        ("Deadlock found", None),
    ] {
        assert_eq!(column_of(message), column, "{message}");
    }
}

#[test]
fn kinds_say_what_the_user_can_do() {
    for (code, kind) in [
        (1045, Kind::Usage),
        (1049, Kind::Usage),
        (1142, Kind::Usage),
        (1205, Kind::Temporary),
        (1213, Kind::Temporary),
        (1290, Kind::Temporary),
        (1836, Kind::Temporary),
        (1114, Kind::Temporary),
        (1005, Kind::Failed),
        (1062, Kind::Refused),
        (1406, Kind::Refused),
        (1264, Kind::Refused),
        (3819, Kind::Refused),
        (1452, Kind::Refused),
        (1153, Kind::Failed),
        (9999, Kind::Failed),
    ] {
        assert_eq!(said(code, "text").kind(), kind, "{code}");
    }
}

#[test]
fn a_table_that_finds_no_room_is_a_full_storage() {
    let text = "Can't create table `shop`.`t` (errno: 135 \"No more room in record file\")";
    assert_eq!(said(1005, text).kind(), Kind::Temporary);
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_apart() {
    let failed =
        |kind: ErrorKind| Failure::from(mysql_async::Error::from(std::io::Error::from(kind)));
    assert!(failed(ErrorKind::InvalidData).is_untrusted());
    assert!(!failed(ErrorKind::ConnectionReset).is_untrusted());
    let error = Error::from(failed(ErrorKind::InvalidData).advise(RDS_ADVICE));
    assert_eq!(error.kind(), Kind::Usage);
    let next = error.next_step().unwrap();
    assert!(next.contains("global-bundle.pem") && next.contains("UNGLUE_RDS_CA"), "{next}");
}

#[test]
fn a_server_that_does_not_answer_is_temporary() {
    let refused = std::io::Error::from(ErrorKind::ConnectionRefused);
    let error = Error::from(Failure::from(mysql_async::Error::from(refused)));
    assert_eq!(error.kind(), Kind::Temporary);
}
