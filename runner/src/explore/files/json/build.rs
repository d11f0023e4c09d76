//! The arrays of columns, from the values of one row after the other.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, ListArray, NullBufferBuilder, StringBuilder, StructArray,
};
use datafusion::arrow::buffer::{OffsetBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::{DataType, FieldRef, Fields};
use datafusion::arrow::error::ArrowError;

use super::super::convert::Exact;
use super::fault::{Fault, Is, Path};
use super::kind::Kind;
use super::scan::{Next, Scanner};
use super::shape;

/// Values of one kind.
pub(super) enum Builder {
    Any(StringBuilder),
    Text(StringBuilder),
    Scalar { values: Exact, data_type: DataType, is_found: bool },
    List { items: Box<Builder>, item: FieldRef, ends: Vec<i32>, valid: NullBufferBuilder },
    Structure { named: Named, fields: Fields, is_found: bool, valid: NullBufferBuilder },
}

/// The values that objects have by name.
pub(super) struct Named {
    builders: Vec<Builder>,
    names: Vec<String>,
    /// Where they are, under the names as they are, and in lower case if a name may be written in any case.
    places: HashMap<String, usize>,
    in_lower: Option<HashMap<String, usize>>,
    /// The object that each was last seen in, and how many there were.
    seen: Vec<u64>,
    objects: u64,
}

type Result<T> = std::result::Result<T, Fault>;

impl Builder {
    /// For values of a kind. `None` if there are none of its type, which a declaration has told before.
    pub(super) fn new(kind: &Kind) -> Option<Self> {
        Some(match kind {
            Kind::Any => Self::Any(StringBuilder::new()),
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Found(data_type) => Self::Scalar {
                values: Exact::new(data_type)?,
                data_type: data_type.clone(),
                is_found: true,
            },
            Kind::Declared(data_type) => Self::Scalar {
                values: Exact::new(data_type)?,
                data_type: data_type.clone(),
                is_found: false,
            },
            Kind::List { item, of } => Self::List {
                items: Box::new(Self::new(of)?),
                item: FieldRef::clone(item),
                ends: vec![0],
                valid: NullBufferBuilder::new(0),
            },
            Kind::Structure { fields, is_found } => {
                let own = fields.iter().map(|(field, kind)| (field.name().clone(), kind.clone()));
                Self::Structure {
                    named: Named::new(&own.collect::<Vec<_>>(), !is_found)?,
                    fields: fields.iter().map(|(field, _)| FieldRef::clone(field)).collect(),
                    is_found: *is_found,
                    valid: NullBufferBuilder::new(0),
                }
            }
        })
    }

    /// Reads the value that stands next, whose cells the scanner counts.
    ///
    /// # Errors
    /// One that is none of this kind.
    fn read(&mut self, scanner: &mut Scanner<'_>) -> Result<()> {
        let next = scanner.next()?;
        if next == Next::Null {
            scanner.null()?;
            return scanner.take_cells(self.append_null());
        }
        scanner.take_cells(1)?;
        match (self, next) {
            (Self::Any(texts) | Self::Text(texts), Next::Text) => {
                texts.append_value(scanner.text()?);
            }
            (Self::Any(texts), _) => texts.append_value(scanner.written()?),
            (Self::Scalar { values, data_type, is_found }, _) => {
                scalar(values, data_type, *is_found, scanner, next)?;
            }
            (Self::List { items, ends, valid, .. }, Next::List) => {
                let begin = ends.last().copied().unwrap_or_default();
                let mut count = 0;
                scanner.list(|scanner, index| {
                    count += 1;
                    items.read(scanner).map_err(|fault| fault.in_item(index))
                })?;
                ends.push(begin + count);
                valid.append_non_null();
            }
            (Self::Structure { named, is_found, valid, .. }, Next::Object) => {
                let is_found = *is_found;
                named.object(scanner, |name| match is_found {
                    true => Err(Fault::unknown(name)),
                    false => Ok(()),
                })?;
                valid.append_non_null();
            }
            (this, next) => return Err(Fault::unfit(Is::Kind(next.name()), &this.data_type())),
        }
        Ok(())
    }

    /// Appends NULL, and tells how many cells it takes.
    fn append_null(&mut self) -> usize {
        match self {
            Self::Any(texts) | Self::Text(texts) => texts.append_null(),
            Self::Scalar { values, .. } => values.append_null(),
            Self::List { ends, valid, .. } => {
                ends.push(ends.last().copied().unwrap_or_default());
                valid.append_null();
            }
            Self::Structure { named, valid, .. } => {
                valid.append_null();
                return named.builders.iter_mut().map(Self::append_null).sum();
            }
        }
        1
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Any(_) | Self::Text(_) => DataType::Utf8,
            Self::Scalar { data_type, .. } => data_type.clone(),
            Self::List { item, .. } => DataType::List(FieldRef::clone(item)),
            Self::Structure { fields, .. } => DataType::Struct(fields.clone()),
        }
    }

    /// The values since the last call.
    fn finish(&mut self) -> std::result::Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Any(texts) | Self::Text(texts) => Arc::new(texts.finish()),
            Self::Scalar { values, .. } => values.finish(),
            Self::List { items, item, ends, valid } => {
                let (items, item) = (items.finish()?, FieldRef::clone(item));
                Arc::new(ListArray::try_new(item, offsets(ends), items, valid.finish())?)
            }
            Self::Structure { named, fields, valid, .. } => {
                Arc::new(StructArray::try_new(fields.clone(), named.finish()?, valid.finish())?)
            }
        })
    }
}

/// Where the lists end that were built, of which none is left.
fn offsets(ends: &mut Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(ends, vec![0])))
}

/// A value of a type that is neither a list nor an object nor any text.
fn scalar(
    values: &mut Exact,
    data_type: &DataType,
    is_found: bool,
    scanner: &mut Scanner<'_>,
    next: Next,
) -> Result<()> {
    let is_number = data_type.is_numeric();
    let fits = match next {
        Next::Number if is_number => {
            let number = scanner.number()?;
            if is_found && !shape::holds(data_type, number) {
                return Err(Fault::unfit(Is::Value(None), data_type));
            }
            values.append(number)
        }
        Next::Boolean if *data_type == DataType::Boolean => values.append(scanner.boolean()?),
        // A text is none of a type that was found: `"7"` is no number.
        Next::Text if !is_found => values.append(&scanner.text()?),
        _ => return Err(Fault::unfit(Is::Kind(next.name()), data_type)),
    };
    fits.map_err(|fault| Fault::unfit(Is::Value(Some(fault)), data_type))
}

impl Named {
    /// For objects with values of these names.
    pub(super) fn new(columns: &[(String, Kind)], any_case: bool) -> Option<Self> {
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let places = || names.iter().enumerate().rev();
        let lowered = |(place, name): (usize, &String)| (name.to_lowercase(), place);
        Some(Self {
            builders: columns.iter().map(|(_, kind)| Builder::new(kind)).collect::<Option<_>>()?,
            places: places().map(|(place, name)| (name.clone(), place)).collect(),
            in_lower: any_case.then(|| places().map(lowered).collect()),
            seen: vec![0; names.len()],
            names,
            objects: 0,
        })
    }

    /// Reads an object, whose cells the scanner counts: what it does not name is NULL. Values of other names are passed over, if
    /// `other` lets them be.
    ///
    /// # Errors
    /// A value that does not fit, one that is there twice, and more cells than a row may have.
    pub(super) fn object(
        &mut self,
        scanner: &mut Scanner<'_>,
        mut other: impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        self.objects += 1;
        scanner.object(|scanner, name| {
            let Some(place) = self.place(name) else {
                other(name)?;
                return scanner.written().map(drop);
            };
            if std::mem::replace(&mut self.seen[place], self.objects) == self.objects {
                return Err(Fault::twice(name));
            }
            let read = self.builders[place].read(scanner);
            read.map_err(|fault| fault.within(&self.names[place]))
        })?;
        for (builder, seen) in self.builders.iter_mut().zip(&self.seen) {
            if *seen != self.objects {
                scanner.take_cells(builder.append_null())?;
            }
        }
        Ok(())
    }

    fn place(&self, name: &str) -> Option<usize> {
        let in_lower = || self.in_lower.as_ref()?.get(&name.to_lowercase());
        self.places.get(name).or_else(in_lower).copied()
    }

    /// The values since the last call, in the order of the names.
    pub(super) fn finish(&mut self) -> std::result::Result<Vec<ArrayRef>, ArrowError> {
        self.builders.iter_mut().map(Builder::finish).collect()
    }
}

impl Fault {
    fn unfit(is: Is, wanted: &DataType) -> Self {
        Self::Unfit { path: Path::default(), is, wanted: wanted.clone() }
    }

    fn twice(name: &str) -> Self {
        Self::Twice(Path::of(name))
    }

    fn unknown(name: &str) -> Self {
        Self::Unknown(Path::of(name))
    }
}
