//! What is needed of each job, after all messages of an invocation.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use events::ToldObject;
use staged::job::JobName;

use crate::ask::Ask;
use crate::restart::Stopped;
use crate::routes::Routes;
use crate::told::Told;

/// Why an object is for no job.
pub const DELETED: &str = "it was deleted";

/// What one message needs of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The index of the message in its invocation.
    pub message: usize,
    /// Who it is for the token of `RunTask`: the same message, when it comes again, has the same.
    pub identity: String,
    /// When it was told: nothing of it is newer.
    pub newest: DateTime<Utc>,
    /// What the task is to be told.
    pub told: Told,
    /// The part that a task finds only if it is told.
    pub must_be_told: Told,
    /// The sizes of the objects, as far as they are told.
    pub bytes: u64,
    /// The task that stopped, if it is that which is told.
    pub stopped: Option<Box<Stopped>>,
}

/// The needs of all jobs.
#[derive(Debug, Default)]
pub struct Needs {
    /// By job, in the order of the messages.
    pub by_job: BTreeMap<JobName, Vec<Need>>,
    /// Objects for no job, and why.
    pub ignored: Vec<(String, &'static str)>,
}

/// A message that is understood.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its index in the invocation.
    pub index: usize,
    /// See [`Need::identity`].
    pub identity: &'a str,
    /// When it was sent; nothing that it tells happened later.
    pub sent: DateTime<Utc>,
}

impl Needs {
    /// Adds what a message asks for. `routes` is not looked at for what names its jobs itself.
    pub fn add(&mut self, message: Message<'_>, ask: Ask, routes: Option<&Routes>) {
        match ask {
            Ask::Nothing(_) => {}
            Ask::Objects(objects, _) => self.add_objects(message, objects, routes),
            Ask::Jobs(jobs) => {
                for job in jobs.into_iter().collect::<BTreeSet<_>>() {
                    self.push(job, message.need(message.sent));
                }
            }
            Ask::AllJobs(at) => {
                for job in routes.map(Routes::all).unwrap_or_default() {
                    self.push(job.clone(), message.need(at.unwrap_or(message.sent)));
                }
            }
            Ask::Stopped(stopped) => {
                let need = message.need(stopped.at.unwrap_or(message.sent));
                let need = Need { stopped: Some(stopped.clone()), ..need };
                self.push(stopped.job, need);
            }
        }
    }

    fn push(&mut self, job: JobName, need: Need) {
        self.by_job.entry(job).or_default().push(need);
    }

    fn add_objects(
        &mut self,
        message: Message<'_>,
        objects: Vec<ToldObject>,
        routes: Option<&Routes>,
    ) {
        let mut of_message: BTreeMap<&JobName, Need> = BTreeMap::new();
        for object in objects {
            let url = object.to_string();
            if object.is_gone {
                self.ignored.push((url, DELETED));
                continue;
            }
            let found = routes.map_or_else(|| Ok(BTreeSet::new()), |routes| routes.jobs(&url));
            let jobs = match found {
                Ok(jobs) => jobs,
                Err(reason) => {
                    self.ignored.push((url, reason));
                    continue;
                }
            };
            let at = object.time.unwrap_or(message.sent);
            let size = object.size.unwrap_or(0);
            let told = Told { objects: BTreeSet::from([url]), list_all: false };
            for job in jobs {
                let need = of_message.entry(job).or_insert_with(|| message.need(at));
                need.newest = need.newest.max(at);
                need.must_be_told.add(&told.must_be_told(at));
                need.told.add(&told);
                need.bytes = need.bytes.saturating_add(size);
            }
        }
        for (job, need) in of_message {
            self.push(job.clone(), need);
        }
    }
}

impl Message<'_> {
    fn need(&self, newest: DateTime<Utc>) -> Need {
        Need {
            message: self.index,
            identity: self.identity.to_owned(),
            newest,
            told: Told::default(),
            must_be_told: Told::default(),
            bytes: 0,
            stopped: None,
        }
    }
}
