//! What tells whether a table has the rows that it should have.

use std::fmt;
use std::str::FromStr;

use flate2::Crc;

use crate::order::{COLUMNS, Order};

/// The number of rows, and a checksum over all their values that does not depend on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) rows: u64,
    checksum: u64,
}

impl Fingerprint {
    /// Takes in a row as the target holds it.
    pub(crate) fn add(&mut self, order: &Order) {
        self.rows += 1;
        self.checksum += checksum(order);
    }

    /// Takes out a row that was added.
    pub(crate) fn remove(&mut self, order: &Order) {
        self.rows -= 1;
        self.checksum -= checksum(order);
    }

    /// The same of a table `orders`, as the server finds it.
    pub(crate) fn of_rows(rows: &[Vec<Option<String>>]) -> Self {
        let number = |index: usize| {
            let text = rows[0][index].as_deref().unwrap_or("0");
            text.parse().expect("counts and sums are whole numbers")
        };
        Self { rows: number(0), checksum: number(1) }
    }
}

/// The query whose only row [`Fingerprint::of_rows`] takes; `table` may be a query in parentheses.
pub(crate) fn query(columns: &[&str], table: &str) -> String {
    let values: Vec<String> =
        columns.iter().map(|column| format!("IFNULL({column}, '\\\\N')")).collect();
    format!(
        "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', {}))) FROM {table} AS fingerprinted",
        values.join(", ")
    )
}

/// The same query for the table that [`Order::finished`] describes.
pub(crate) fn query_of_orders() -> String {
    query(&COLUMNS, "orders")
}

fn checksum(order: &Order) -> u64 {
    let values = order.finished().map(|field| field.unwrap_or_else(|| "\\N".to_owned()));
    let mut crc = Crc::new();
    crc.update(values.join("|").as_bytes());
    u64::from(crc.sum())
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rows, self.checksum)
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (rows, checksum) = text.split_once(' ').ok_or(())?;
        let number = |text: &str| text.parse().map_err(|_| ());
        Ok(Self { rows: number(rows)?, checksum: number(checksum)? })
    }
}
