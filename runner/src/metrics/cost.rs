//! What a run costs, beside what AWS Glue would ask for at least. Both are billed by the second, at least one minute.

use std::time::Duration;

use crate::error::{Error, Result};

const SECONDS_MIN: f64 = 60.0;
const SECONDS_OF_HOUR: f64 = 3600.0;

/// Sizes and prices, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Of the task; without its size nothing is told of its cost.
    vcpu: Option<f64>,
    memory_gb: Option<f64>,
    vcpu_hour: f64,
    gb_hour: f64,
    glue_dpu: f64,
    dpu_hour: f64,
}

impl Rates {
    /// Reads them from the environment. Without prices those of us-east-1 hold: Fargate on Linux/x86, and two DPU of Glue, the
    /// fewest of a Spark job.
    ///
    /// # Errors
    /// Kind `Usage` for what is no number, or negative.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let number = |name: &str| {
            let text = variable(name).filter(|text| !text.trim().is_empty());
            text.map(|text| match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
                _ => Err(Error::usage(format!("the variable {name} is not a number"))
                    .hint("write it like 0.25, or leave it out; see docs/operations.md")),
            })
            .transpose()
        };
        Ok(Self {
            vcpu: number("UNGLUE_VCPU")?,
            memory_gb: number("UNGLUE_MEMORY_GB")?,
            vcpu_hour: number("UNGLUE_PRICE_VCPU_HOUR")?.unwrap_or(0.04048),
            gb_hour: number("UNGLUE_PRICE_GB_HOUR")?.unwrap_or(0.004_445),
            glue_dpu: number("UNGLUE_GLUE_DPU")?.unwrap_or(2.0),
            dpu_hour: number("UNGLUE_PRICE_DPU_HOUR")?.unwrap_or(0.44),
        })
    }

    /// Of a task that lived so long.
    pub(super) fn of_task(&self, duration: Duration) -> Option<f64> {
        let hour = self.vcpu? * self.vcpu_hour + self.memory_gb? * self.gb_hour;
        Some(hour * billed_hours(duration))
    }

    /// Of a job of Glue that runs as long as this.
    pub(super) fn of_glue(&self, duration: Duration) -> f64 {
        self.glue_dpu * self.dpu_hour * billed_hours(duration)
    }
}

fn billed_hours(duration: Duration) -> f64 {
    duration.as_secs_f64().ceil().max(SECONDS_MIN) / SECONDS_OF_HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Rates> {
        let value = |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, v)| *v);
        Rates::read(&|name| value(name).map(str::to_owned))
    }

    fn assert_dollars(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
    }

    #[test]
    fn a_minute_is_billed_at_least_and_a_second_that_began_is_billed() {
        let rates = read(&[("UNGLUE_VCPU", "0.25"), ("UNGLUE_MEMORY_GB", "0.5")]).unwrap();
        let minute = (0.25 * 0.04048 + 0.5 * 0.004_445) / 60.0;
        for (milliseconds, minutes) in [(1, 1.0), (60_000, 1.0), (119_001, 2.0), (120_000, 2.0)] {
            let duration = Duration::from_millis(milliseconds);
            assert_dollars(rates.of_task(duration).unwrap(), minute * minutes);
            assert_dollars(rates.of_glue(duration), 2.0 * 0.44 / 60.0 * minutes);
        }
    }

    #[test]
    fn prices_are_those_of_the_environment() {
        let rates = read(&[
            ("UNGLUE_VCPU", " 2 "),
            ("UNGLUE_MEMORY_GB", "4"),
            ("UNGLUE_PRICE_VCPU_HOUR", "0.1"),
            ("UNGLUE_PRICE_GB_HOUR", "0.01"),
            ("UNGLUE_GLUE_DPU", "10"),
            ("UNGLUE_PRICE_DPU_HOUR", "0.5"),
        ]);
        let (rates, hour) = (rates.unwrap(), Duration::from_secs(3600));
        assert_dollars(rates.of_task(hour).unwrap(), 0.24);
        assert_dollars(rates.of_glue(hour), 5.0);
    }

    #[test]
    fn without_the_size_of_the_task_nothing_is_told_and_what_is_no_number_is_refused() {
        let rates = read(&[("UNGLUE_VCPU", "1"), ("UNGLUE_MEMORY_GB", "")]).unwrap();
        assert_eq!(rates.of_task(Duration::from_secs(1)), None);
        for wrong in ["one", "-1", "NaN", "inf"] {
            let error = read(&[("UNGLUE_VCPU", wrong)]).unwrap_err();
            assert_eq!(error.to_string(), "the variable UNGLUE_VCPU is not a number");
        }
    }
}
