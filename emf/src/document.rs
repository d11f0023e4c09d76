//! A document: what one line holds.

use serde_json::{Map, Number, Value, json};

use crate::Namespace;

/// The unit of a metric, of those that CloudWatch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Of no unit that CloudWatch has.
    None,
}

impl Unit {
    pub(crate) const ALL: [Self; 5] =
        [Self::Count, Self::Bytes, Self::Milliseconds, Self::Seconds, Self::None];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
            Self::None => "None",
        }
    }
}

/// A value: a whole number stays one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Of things, bytes or times.
    Whole(u64),
    /// Of money.
    Real(f64),
}

impl From<u64> for Amount {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Amount {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// A document of metrics of one namespace and one moment.
#[derive(Debug, Clone)]
pub struct Emf {
    namespace: Namespace,
    at_ms: i64,
    dimensions: Value,
    metrics: Vec<Value>,
    members: Map<String, Value>,
}

impl Emf {
    /// One without metrics, of a moment in milliseconds since 1970. Each of the dimensions must become a [`Self::property`] of
    /// that name.
    #[must_use]
    pub fn new(namespace: &Namespace, at_ms: i64, dimensions: &[&[&str]]) -> Self {
        let (metrics, members) = (Vec::new(), Map::new());
        let namespace = namespace.clone();
        Self { namespace, at_ms, dimensions: json!(dimensions), metrics, members }
    }

    /// Adds a metric; one that is no number is left out.
    pub fn metric(&mut self, name: &str, unit: Unit, amount: impl Into<Amount>) {
        let number = match amount.into() {
            Amount::Whole(value) => Number::from(value),
            Amount::Real(value) => match Number::from_f64(value) {
                Some(number) => number,
                None => return,
            },
        };
        self.metrics.push(json!({"Name": name, "Unit": unit.as_str()}));
        let _previous = self.members.insert(name.to_owned(), Value::Number(number));
    }

    /// Adds what stands beside the metrics, to be found by a query of the logs.
    pub fn property(&mut self, name: &str, value: Value) {
        let _previous = self.members.insert(name.to_owned(), value);
    }

    /// The document in one line, without a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let directive = json!({
            "Namespace": self.namespace.as_str(),
            "Dimensions": self.dimensions,
            "Metrics": self.metrics,
        });
        let metadata = json!({
            "Timestamp": self.at_ms,
            "CloudWatchMetrics": [directive],
        });
        let mut document = self.members.clone();
        let _none = document.insert("_aws".to_owned(), metadata);
        Value::Object(document).to_string()
    }
}
