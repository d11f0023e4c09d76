//! A row of the generated table: staged as DMS writes it, and finished as the model of `jobs/orders` makes it.

/// The columns of the target, in the order of [`Order::finished`].
pub(crate) const COLUMNS: [&str; 11] = [
    "order_id",
    "customer_id",
    "quantity",
    "unit_price",
    "amount",
    "order_date",
    "updated_at",
    "currency",
    "customer",
    "product",
    "note",
];

/// The values of a row; none is NULL.
pub(crate) type Fields = [Option<String>; 11];

const CURRENCIES: [&str; 4] = ["eur", "usd", "PLN", "jpy"];
const STATUSES: [&str; 4] = ["new", "paid", "shipped", "returned"];
const FIRST_NAMES: [&str; 8] =
    ["Ida", "Étienne", "Lucía", "Nora", "Zoë", "Hollis", "Wojciech", "雪"];
const LAST_NAMES: [&str; 8] =
    ["Marsh", "Sorbier", "Abrantes", "O'Neill", "Tarn", "Żuraw", "van der Berg", "佐藤"];
const GOODS: [&str; 8] = [
    "Umbrella",
    "Kettle, 2 l",
    "Shelf 5\" oak",
    "Wool blanket",
    "Lampe \"Été\"",
    "Cable A\\B",
    "Paper, A4",
    "Bücherstütze",
];
const NOTES: [&str; 6] = [
    "",
    "leave it at the door",
    "call before, please",
    "gift: \"for Zoë\"",
    "bitte klingeln",
    "to the neighbour, if nobody opens",
];

/// One order in one of its versions.
#[derive(Debug)]
pub(crate) struct Order {
    id: u64,
    customer_id: u32,
    quantity: u32,
    cents: u32,
    date: String,
    updated: String,
    currency: &'static str,
    customer: String,
    product: String,
    note: Option<&'static str>,
    status: &'static str,
}

impl Order {
    /// The row of a key and a version, always the same.
    pub(crate) fn new(id: u64, version: u64) -> Self {
        let mut random = Random::new(id.wrapping_mul(1_000_003).wrapping_add(version));
        let mut date = |from: u32, years: u32| {
            let (year, month) = (from + random.below(years), 1 + random.below(12));
            format!("{year}-{month:02}-{:02}", 1 + random.below(28))
        };
        let (date, day) = (date(2019, 6), date(2025, 2));
        let (hour, minute) = (random.below(24), random.below(60));
        let (second, micros) = (random.below(60), random.below(1_000_000));
        Self {
            id,
            customer_id: random.below(200_000),
            quantity: 1 + random.below(40),
            cents: 99 + random.below(90_000),
            date,
            updated: format!("{day} {hour:02}:{minute:02}:{second:02}.{micros:06}"),
            currency: random.pick(&CURRENCIES),
            customer: format!("{} {}", random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES)),
            product: format!("{} no. {}", random.pick(&GOODS), random.below(5_000)),
            note: (random.below(2) == 0).then(|| random.pick(&NOTES)),
            status: random.pick(&STATUSES),
        }
    }

    /// As it is staged.
    pub(crate) fn staged(&self) -> Fields {
        let text = |text: &str| Some(text.to_owned());
        [
            Some(self.id.to_string()),
            Some(self.customer_id.to_string()),
            Some(self.quantity.to_string()),
            Some(decimal(u64::from(self.cents))),
            text(&self.date),
            text(&self.updated),
            text(self.currency),
            text(&self.customer),
            text(&self.product),
            self.note.map(str::to_owned),
            text(self.status),
        ]
    }

    /// As the target holds it.
    pub(crate) fn finished(&self) -> Fields {
        let [id, customer_id, quantity, price, date, updated, _, customer, product, note, _] =
            self.staged();
        let amount = decimal(u64::from(self.cents) * u64::from(self.quantity));
        let currency = self.currency.to_ascii_uppercase();
        [
            id,
            customer_id,
            quantity,
            price,
            Some(amount),
            date,
            updated,
            Some(currency),
            customer,
            product,
            note,
        ]
    }
}

fn decimal(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Xorshift: the same numbers on every machine.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give similar numbers; zero would give only zeros.
        let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self((mixed ^ (mixed >> 29)).max(1))
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The product of two 32-bit numbers, so its upper half is one.
        u32::try_from(((self.0 >> 32) * u64::from(end)) >> 32).unwrap_or(0)
    }

    /// An index into a list that is not empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let length = u32::try_from(length).expect("lists here are shorter than 4 billion");
        usize::try_from(self.below(length)).expect("an index into a list")
    }

    fn pick(&mut self, list: &[&'static str]) -> &'static str {
        list[self.index(list.len())]
    }
}
