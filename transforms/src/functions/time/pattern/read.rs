//! Text to the items of a pattern.

use super::PatternError;
use super::item::{Field, Item, Names, Number, Offset, Sign};

/// The most digits of a number.
const DIGITS: usize = 19;

/// Reads a pattern: first what Spark does with it, then as Java does.
pub(super) fn items(pattern: &str, parses: bool) -> Result<Vec<Item>, PatternError> {
    let with_era = pattern.split('\'').step_by(2).any(|part| part.contains('G'));
    for part in pattern.split('\'').step_by(2) {
        check(part, parses)?;
    }
    let mut reader = Reader { levels: vec![Level::default()], with_era, parses };
    reader.append(pattern)?;
    Ok(reader.finish())
}

/// Refuses what Spark does before Java sees it.
fn check(part: &str, parses: bool) -> Result<(), PatternError> {
    if let Some(letter) = part.chars().find(|c| "YWwuec".contains(*c)) {
        return Err(refused(format!(
            "`{letter}` counts in weeks, which Spark does not take since 3.0; use extract() instead"
        )));
    }
    if let Some(letter) =
        part.chars().find(|c| "ABnNp".contains(*c) || parses && "EFqQ".contains(*c))
    {
        return Err(refused(format!("Spark does not take the letter `{letter}`")));
    }
    for (letters, most) in [("GMLEQq", 4), ("y", 6)] {
        for letter in letters.chars() {
            if part.contains(&letter.to_string().repeat(most + 1)) {
                return Err(too_many(letter));
            }
        }
    }
    Ok(())
}

fn refused(why: impl Into<String>) -> PatternError {
    PatternError::Refused(why.into())
}

fn too_many(letter: char) -> PatternError {
    refused(format!("too many letters `{letter}`"))
}

/// The items of one pair of brackets.
#[derive(Default)]
struct Level {
    items: Vec<Item>,
    /// The number that numbers of fixed width follow at once.
    leader: Option<usize>,
}

impl Level {
    fn push(&mut self, item: Item) {
        self.items.push(item);
        self.leader = None;
    }

    /// Numbers that follow each other at once: those of fixed width get their digits, the one before them the others.
    fn number(&mut self, item: Item, fixed_width: Option<usize>) {
        let leader = self.leader.filter(|_| fixed_width.is_some()).unwrap_or(self.items.len());
        if let Some(before) = self.leader
            && let Some(Item::Number(number)) = self.items.get_mut(before)
        {
            number.reserved = fixed_width.map_or(0, |width| number.reserved + width);
        }
        self.items.push(item);
        self.leader = Some(leader);
    }
}

struct Reader {
    levels: Vec<Level>,
    with_era: bool,
    parses: bool,
}

impl Reader {
    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn append(&mut self, pattern: &str) -> Result<(), PatternError> {
        let mut rest = pattern.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                'a'..='z' | 'A'..='Z' => {
                    let mut count = 1;
                    while rest.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    self.letters(c, count)?;
                }
                '\'' => self.quoted(&mut rest)?,
                '[' => {
                    self.level().leader = None;
                    self.levels.push(Level::default());
                }
                ']' if self.levels.len() > 1 => self.close(),
                ']' => return Err(refused("`]` without `[`")),
                '{' | '}' | '#' => return Err(refused(format!("`{c}` is reserved; quote it"))),
                other => self.level().push(Item::Literal(other)),
            }
        }
        Ok(())
    }

    fn quoted(
        &mut self,
        rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<(), PatternError> {
        let mut empty = true;
        loop {
            match rest.next() {
                None => return Err(refused("a quote is not closed")),
                Some('\'') if rest.next_if_eq(&'\'').is_none() => break,
                Some(c) => self.level().push(Item::Literal(c)),
            }
            empty = false;
        }
        if empty {
            self.level().push(Item::Literal('\''));
        }
        Ok(())
    }

    fn close(&mut self) {
        let Some(closed) = self.levels.pop() else { return };
        if !closed.items.is_empty() {
            self.level().push(Item::Optional(closed.items));
        }
    }

    fn finish(mut self) -> Vec<Item> {
        while self.levels.len() > 1 {
            self.close();
        }
        self.levels.pop().map(|level| level.items).unwrap_or_default()
    }

    fn number(&mut self, field: Field, min: usize, max: usize, sign: Sign) {
        let number = Number { field, min, max, sign, reserved: 0, reduced: false };
        let fixed = (min == max && sign == Sign::None).then_some(max);
        self.level().number(Item::Number(number), fixed);
    }

    fn fraction(&mut self, min: usize, max: usize) -> Result<(), PatternError> {
        if max > 9 {
            return Err(too_many('S'));
        }
        let item = Item::Fraction(min, max);
        if min == max {
            self.level().number(item, Some(max));
        } else {
            self.level().push(item);
        }
        Ok(())
    }

    fn letters(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        match (letter, count) {
            ('y', 2) => {
                let field = self.year();
                let number =
                    Number { field, min: 2, max: 2, sign: Sign::None, reserved: 0, reduced: true };
                self.level().number(Item::Number(number), Some(2));
            }
            ('y', 1 | 3) => {
                let field = self.year();
                self.number(field, count, DIGITS, Sign::Normal);
            }
            ('y', _) => {
                let field = self.year();
                self.number(field, count, DIGITS, Sign::ExceedsPad);
            }
            ('M' | 'L', 3 | 4) => self.text(Names::months(count == 4)),
            ('Q' | 'q', 3 | 4) => self.text(Names::quarters(count == 4)),
            ('E', _) => self.text(Names::weekdays(count == 4)),
            ('G', _) => self.text(Names::eras(count == 4)),
            ('a', 1) => self.text(Names::HALVES),
            // For Java a fraction has just as many digits as letters; Spark reads up to as many.
            ('S', _) => return self.fraction(if self.parses { 1 } else { count }, count),
            ('F', 1) => self.number(Field::AlignedDay, 1, DIGITS, Sign::Normal),
            ('D', 2 | 3) => self.number(Field::DayOfYear, count, 3, Sign::None),
            ('z', 1..=4) => self.level().push(Item::ZoneName { full: count == 4 }),
            ('V', 2) => self.level().push(Item::ZoneId),
            ('O', 1 | 4) => self.level().push(Item::LocalOffset { full: count == 4 }),
            ('Z' | 'X' | 'x', _) => return self.offset(letter, count),
            _ => return self.plain(letter, count),
        }
        Ok(())
    }

    /// One letter is a number of any width, two one of two digits.
    fn plain(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let field = match letter {
            'M' | 'L' => Field::Month,
            'Q' | 'q' => Field::Quarter,
            'd' => Field::Day,
            'D' => Field::DayOfYear,
            'h' => Field::ClockHalfHour,
            'H' => Field::Hour,
            'k' => Field::ClockHour,
            'K' => Field::HalfHour,
            'm' => Field::Minute,
            's' => Field::Second,
            'a' | 'F' | 'z' | 'V' | 'O' => {
                return Err(refused(format!("wrong number of letters `{letter}`")));
            }
            _ => return Err(refused(format!("the letter `{letter}` has no meaning; quote it"))),
        };
        match count {
            1 => self.number(field, 1, DIGITS, Sign::Normal),
            2 => self.number(field, 2, 2, Sign::None),
            _ => return Err(too_many(letter)),
        }
        Ok(())
    }

    fn offset(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let zero = match (letter, count) {
            ('Z', 1..=3) => "+0000",
            ('Z', 4) => {
                self.level().push(Item::LocalOffset { full: true });
                return Ok(());
            }
            ('Z', 5) | ('X', 1..=5) => "Z",
            ('x', 1) => "+00",
            ('x', 2 | 4) => "+0000",
            ('x', 3 | 5) => "+00:00",
            _ => return Err(too_many(letter)),
        };
        let offset = Offset {
            colon: matches!(count, 3 | 5) && letter != 'Z' || (letter, count) == ('Z', 5),
            minutes_needed: letter == 'Z' || count > 1,
            seconds: count > 3,
            zero,
        };
        self.level().push(Item::Offset(offset));
        Ok(())
    }

    fn text(&mut self, names: Names) {
        self.level().push(Item::Text(names));
    }

    /// With an era in the pattern, years are counted within it.
    fn year(&self) -> Field {
        if self.with_era { Field::YearOfEra } else { Field::Year }
    }
}
