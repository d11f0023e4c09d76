//! The job that is played with: its files, and what changes in them.

use std::fmt::Write as _;

use super::Player;

impl Player<'_> {
    pub(super) fn write_job(&mut self) {
        let ddl: String = self
            .tables
            .iter()
            .map(|table| table.source.ddl(&self.subject.location(table.source.name)))
            .collect();
        self.subject.write("sources.sql", &ddl);
        writeln!(self.log, "{}", ddl.replace("\n", " ").replace("; ", ";\n")).unwrap();
        self.write_config();
        for index in 0..self.models.len() {
            self.write_model(index);
        }
    }

    pub(super) fn write_config(&mut self) {
        // Histories are short and tables small, so that they are emptied often.
        let guard = "[guard]\nallow_empty = true\n";
        let mut config = format!("late_window_minutes = {}\n", self.late_window_minutes);
        if self.has_rejects {
            let location = self.subject.rejects_location();
            writeln!(config, "rejected_rows = 10000\nrejects = {location:?}").unwrap();
        }
        config.push_str(guard);
        for (index, model) in self.models.iter().enumerate() {
            let key = match self.keyless.contains(&index) {
                true => Some(Vec::new()),
                false => model.named_key.clone(),
            };
            if let Some(key) = key {
                writeln!(config, "[model.{}]\nkey = {key:?}", model.name).unwrap();
            }
        }
        self.subject.write("job.toml", &config);
        writeln!(self.log, "job.toml: {}", config.replace('\n', " ")).unwrap();
    }

    pub(super) fn write_model(&mut self, index: usize) {
        let (name, sql) = (&self.models[index].name, self.sql(index));
        self.subject.write(&format!("{name}.sql"), sql);
        let line = format!("{name}.sql: {sql}");
        writeln!(self.log, "{line}").unwrap();
    }

    pub(super) fn sql(&self, index: usize) -> &str {
        let model = &self.models[index];
        if self.edited.contains(&index) { &model.edited } else { &model.sql }
    }

    /// All that determines a model's rows, given its sources.
    pub(super) fn meaning(&self, index: usize) -> String {
        let mut text = format!("{} {}", self.keyless.contains(&index), self.sql(index));
        for (other, model) in self.models.iter().enumerate() {
            if self.models[index].over.contains(&model.name) {
                text.push_str(self.sql(other));
            }
        }
        text
    }

    pub(super) fn edit(&mut self, model: u8) {
        let index = usize::from(model) % self.models.len();
        if !self.edited.remove(&index) {
            self.edited.insert(index);
        }
        self.write_model(index);
    }

    /// Not beside a table that cannot be exchanged: there a missing one is refused.
    pub(super) fn drop_table(&mut self, model: u8) {
        let name = self.models[usize::from(model) % self.models.len()].name.clone();
        if self.obstructed.is_empty() && self.written.remove(&name).is_some() {
            writeln!(self.log, "drop table {name}").unwrap();
            self.subject.drop_table(&name);
        }
    }

    pub(super) fn rekey(&mut self, model: u8) {
        let index = usize::from(model) % self.models.len();
        if self.models[index].has_key && !self.keyless.remove(&index) {
            self.keyless.insert(index);
        }
        self.write_config();
    }

    pub(super) fn obstruct(&mut self, model: u8) {
        let tables = self.models.iter().filter(|model| !model.is_helper());
        let tables: Vec<String> = tables.map(|model| model.name.clone()).collect();
        let name = &tables[usize::from(model) % tables.len()];
        let all_there = tables.iter().all(|table| self.written.contains_key(table));
        if all_there && !self.obstructed.contains(name) && self.subject.obstruct(name) {
            writeln!(self.log, "trigger on {name}").unwrap();
            self.obstructed.insert(name.clone());
        }
    }
}
