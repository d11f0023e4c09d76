//! What the values of a column are, from some of them, and the type that holds each of them as it is written.

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};

use super::super::judge;
use super::fault::{At, Fault};
use super::kind::Kind;
use super::rows::Rows;
use super::scan::{Next, Scanner};

/// The values of a column, or of a field or the items within one. NULL says nothing.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Shape {
    has_booleans: bool,
    has_texts: bool,
    numbers: Option<Numbers>,
    items: Option<Box<Shape>>,
    fields: Option<Fields>,
}

/// The numbers of a column.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    are_integers: bool,
    are_doubles: bool,
    are_decimals: bool,
    /// The most digits before and behind a point.
    whole: usize,
    fraction: usize,
}

/// The fields of objects, in the order in which they were found.
#[derive(Debug, Clone)]
struct Fields {
    all: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
    /// More are not held.
    max: usize,
    /// Whether there were more, of which none is held then.
    are_too_many: bool,
}

/// Fields of an object, with those within them, of which a structure is made. The names of more are data, such as keys of rows.
const FIELDS_MAX: usize = 1000;
/// The same of the rows, as many as a table of MySQL has columns.
pub(in super::super) const COLUMNS_MAX: usize = 4096;

/// Looks at the first rows of a file's begin, which may end within one.
///
/// # Errors
/// What is no JSON, with its place.
pub(in super::super) fn look(
    bytes: &[u8],
    is_whole: bool,
    is_array: Option<bool>,
    rows_max: usize,
) -> Result<Shape, (At, Fault)> {
    let mut rows = Rows::new(is_array);
    rows.push(bytes);
    let fields = Fields { max: COLUMNS_MAX, ..Fields::default() };
    let mut shape = Shape { fields: Some(fields), ..Shape::default() };
    for _ in 0..rows_max {
        let Some((at, row)) = rows.next()? else {
            if is_whole {
                rows.end()?;
            }
            break;
        };
        let mut scanner = Scanner::new(row).map_err(|fault| (at, fault))?;
        let looked = shape.look_at(&mut scanner).and_then(|()| scanner.end());
        looked.map_err(|fault| (at, fault))?;
    }
    Ok(shape)
}

impl Shape {
    /// With one more value.
    fn look_at(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        match scanner.next()? {
            Next::Null => scanner.null()?,
            Next::Boolean => {
                scanner.boolean()?;
                self.has_booleans = true;
            }
            Next::Text => {
                scanner.text()?;
                self.has_texts = true;
            }
            Next::Number => {
                let number = Numbers::of(scanner.number()?);
                self.numbers = Some(self.numbers.map_or(number, |numbers| numbers.and(number)));
            }
            Next::List => {
                let items = self.items.get_or_insert_default();
                scanner.list(|scanner, index| {
                    items.look_at(scanner).map_err(|fault| fault.in_item(index))
                })?;
            }
            Next::Object => {
                let fields = self.fields.get_or_insert_default();
                // What is there twice is an error when it is read.
                scanner.object(|scanner, name| {
                    let looked = match fields.field(name) {
                        Some(field) => field.look_at(scanner),
                        None => scanner.written().map(drop),
                    };
                    looked.map_err(|fault| fault.within(name))
                })?;
            }
        }
        Ok(())
    }

    /// With the values of another file.
    pub(in super::super) fn and(&mut self, other: Self) {
        self.has_booleans |= other.has_booleans;
        self.has_texts |= other.has_texts;
        self.numbers = match (self.numbers, other.numbers) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        if let Some(items) = other.items {
            self.items.get_or_insert_default().and(*items);
        }
        if let Some(fields) = other.fields {
            let own = self.fields.get_or_insert_default();
            if fields.are_too_many {
                own.give_up();
            }
            for (name, shape) in fields.all {
                if let Some(field) = own.field(&name) {
                    field.and(shape);
                }
            }
        }
    }

    /// The columns of rows of this shape.
    pub(in super::super) fn columns(&self) -> Vec<(String, Kind)> {
        let fields = self.fields.iter().flat_map(|fields| &fields.all);
        fields.map(|(name, shape)| (name.clone(), shape.kind())).collect()
    }

    /// Whether no column has been found.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.all.is_empty() && !fields.are_too_many)
    }

    /// Whether the rows have more columns, with the fields within them, than are read.
    pub(in super::super) fn has_too_many_columns(&self) -> bool {
        self.fields
            .as_ref()
            .is_some_and(|fields| fields.are_too_many || fields.leaves() > COLUMNS_MAX)
    }

    /// What is read as a text because its values are of several kinds, as statements name it.
    pub(in super::super) fn mixed(&self) -> Vec<String> {
        self.written(|shape| shape.kinds() > 1)
    }

    /// What is read as a text because its objects have too many different fields.
    pub(in super::super) fn wide(&self) -> Vec<String> {
        self.written(|shape| shape.kinds() == 1 && shape.is_wide())
    }

    /// What is read as a text for a reason.
    fn written(&self, is_why: fn(&Self) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        let fields = self.fields.iter().flat_map(|fields| &fields.all);
        fields.for_each(|(name, shape)| shape.add(&name.to_lowercase(), is_why, &mut found));
        found
    }

    fn add(&self, path: &str, is_why: fn(&Self) -> bool, found: &mut Vec<String>) {
        if is_why(self) {
            found.push(path.to_owned());
        }
        if self.kinds() > 1 || self.is_wide() {
            return;
        }
        if let Some(items) = &self.items {
            items.add(&format!("{path}[]"), is_why, found);
        }
        for (name, shape) in self.fields.iter().flat_map(|fields| &fields.all) {
            shape.add(&format!("{path}.{name}"), is_why, found);
        }
    }

    /// Whether objects have too many different fields for a structure.
    fn is_wide(&self) -> bool {
        let fields = self.fields.as_ref();
        fields.is_some_and(|fields| fields.are_too_many || fields.leaves() > FIELDS_MAX)
    }

    /// How many columns of single values there are within.
    fn leaves(&self) -> usize {
        match self {
            _ if self.kinds() > 1 => 1,
            Self { items: Some(items), .. } => items.leaves(),
            Self { fields: Some(fields), .. } => match fields.leaves() {
                leaves if leaves > FIELDS_MAX => 1,
                leaves => leaves.max(1),
            },
            _ => 1,
        }
    }

    /// How many kinds of values there are.
    fn kinds(&self) -> usize {
        let kinds = [
            self.has_booleans,
            self.has_texts,
            self.numbers.is_some(),
            self.items.is_some(),
            self.fields.is_some(),
        ];
        kinds.into_iter().filter(|is_there| *is_there).count()
    }

    /// What the values are read as, so that each is as it is written.
    fn kind(&self) -> Kind {
        match self {
            _ if self.kinds() > 1 || self.is_wide() => Kind::Any,
            Self { has_booleans: true, .. } => Kind::Found(DataType::Boolean),
            Self { numbers: Some(numbers), .. } => numbers.kind(),
            Self { items: Some(items), .. } => Kind::list(items.kind()),
            // An object without fields cannot be a structure.
            Self { fields: Some(fields), .. } if fields.all.is_empty() => Kind::Any,
            Self { fields: Some(fields), .. } => {
                let all = fields.all.iter();
                Kind::structure(all.map(|(name, shape)| (name.clone(), shape.kind())).collect())
            }
            _ => Kind::Text,
        }
    }
}

impl Fields {
    /// The values of a field, which is added if it is not known; `None` if there are too many.
    fn field(&mut self, name: &str) -> Option<&mut Shape> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.are_too_many => return None,
            None if self.all.len() >= self.max => {
                self.give_up();
                return None;
            }
            None => {
                let place = self.all.len();
                self.places.insert(name.to_owned(), place);
                self.all.push((name.to_owned(), Shape::default()));
                place
            }
        };
        Some(&mut self.all[place].1)
    }

    /// There are too many.
    fn give_up(&mut self) {
        self.are_too_many = true;
        self.all = Vec::new();
        self.places = HashMap::new();
    }

    fn leaves(&self) -> usize {
        self.all.iter().map(|(_, shape)| shape.leaves()).sum()
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new(), max: FIELDS_MAX, are_too_many: false }
    }
}

/// Whether a type that was found holds a number as it is written.
pub(super) fn holds(data_type: &DataType, number: &str) -> bool {
    match data_type {
        DataType::Decimal128(..) => Numbers::of(number).are_decimals,
        other => judge::fits(number, other),
    }
}

impl Numbers {
    fn of(written: &str) -> Self {
        let digits = written.trim_start_matches('-');
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        // DECIMAL has no zero that is less than nothing.
        let is_minus_zero =
            written.starts_with('-') && digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        Self {
            are_integers: judge::fits(written, &DataType::Int64),
            are_doubles: judge::fits(written, &DataType::Float64),
            are_decimals: !digits.contains(['e', 'E']) && !is_minus_zero,
            whole: whole.trim_start_matches('0').len(),
            fraction: fraction.len(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            are_integers: self.are_integers && other.are_integers,
            are_doubles: self.are_doubles && other.are_doubles,
            are_decimals: self.are_decimals && other.are_decimals,
            whole: self.whole.max(other.whole),
            fraction: self.fraction.max(other.fraction),
        }
    }

    fn kind(self) -> Kind {
        /// As many digits as a DECIMAL has.
        const DIGITS_MAX: usize = DECIMAL128_MAX_PRECISION as usize;
        if self.are_integers {
            return Kind::Found(DataType::Int64);
        }
        // A number that is written without a point is to be shown so.
        if self.are_doubles && (self.fraction > 0 || !self.are_decimals) {
            return Kind::Found(DataType::Float64);
        }
        match i8::try_from(self.fraction) {
            Ok(scale) if self.are_decimals && self.whole + self.fraction <= DIGITS_MAX => {
                Kind::Found(DataType::Decimal128(DECIMAL128_MAX_PRECISION, scale))
            }
            _ => Kind::Any,
        }
    }
}
