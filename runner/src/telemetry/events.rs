//! The events of `tracing` as lines of JSON.

use std::error::Error;
use std::fmt::{self, Debug};

use serde_json::{Map, Number, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The crate's own format nests fields and spans, and knows no run where a background task logs.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields { message, mut others } = fields;
        // Events of the crate `log` bear these in place of their own; paths of files are of no use.
        let of_log = others.remove("log.target");
        others.retain(|name, _| !name.starts_with("log."));
        let metadata = event.metadata();
        let module = of_log.as_ref().and_then(Value::as_str).unwrap_or(metadata.target());
        let level = metadata.level().as_str();
        writeln!(writer, "{}", super::json(level, Some(module), &message, others))
    }
}

/// What an event holds.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => {
                let _previous = self.others.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, Number::from_f64(value).map_or(Value::Null, Value::Number));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set(field, value.to_string().into());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing::{info, warn};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn events_are_lines_of_one_shape_inside_of_spans_and_outside() {
        let kept = Kept::default();
        let subscriber =
            tracing_subscriber::fmt().with_writer(kept.clone()).event_format(JsonLines).finish();
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("run", job = "j").entered();
            info!(rows = 3_u64, share = 0.5, is_late = true, object = "a b", "applied object");
            let error = std::io::Error::other("broken\npipe");
            warn!(error = %error, "left");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [first, second] = lines.as_slice() else { panic!("{text}") };
        assert_eq!(
            (&first["level"], &first["message"]),
            (&"INFO".into(), &"applied object".into())
        );
        assert_eq!((&first["rows"], &first["share"]), (&3.into(), &0.5.into()));
        assert_eq!((&first["is_late"], &first["object"]), (&true.into(), &"a b".into()));
        assert_eq!(first["module"], "runner::telemetry::events::tests");
        assert_eq!((&second["level"], &second["error"]), (&"WARN".into(), &"broken\npipe".into()));
    }
}
