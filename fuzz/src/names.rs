use staged::change_time;
use transforms::dms::{Classified, ObjectKind, classify};

/// A key below a table's folder.
pub fn object_name(data: &[u8]) {
    let Ok(key) = std::str::from_utf8(data) else { return };
    let Classified::Object(name) = classify(key) else { return };
    assert_eq!(classify(key), Classified::Object(name.clone()), "the answer is always the same");
    match name.kind {
        ObjectKind::Change => assert!(change_time(&name.order).is_some(), "a change has a time"),
        ObjectKind::FullLoad => assert_eq!(change_time(&name.order), None, "a full load has none"),
    }
}
