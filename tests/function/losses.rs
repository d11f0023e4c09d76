//! Whatever fails on its way, an object that was staged is applied: by what AWS brings again, never by luck.

use libtest_mimic::Trial;

use super::world::{Container, World};
use crate::support::Shared;
use crate::support::ecs::Trouble;

/// What goes wrong while the message of an object is on its way.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A call of the function to ECS, so often that the SDK gives up, or less.
    Call(&'static str, Trouble, usize),
    /// The function dies while it waits for an answer.
    FunctionDies(&'static str, Trouble),
    /// The task does not come to its end.
    Task(Container),
    /// The object comes while a task that was started for another is in this state.
    Meanwhile(Other),
}

/// How far another task is when the object comes.
#[derive(Debug, Clone, Copy)]
enum Other {
    /// It has been started, and its image is not there yet.
    Pending,
    /// It has looked, and ECS has not noticed yet that it runs.
    HasLooked,
    /// The same, and it fails.
    HasLookedAndDies,
}

/// More than the SDK tries.
const FOR_GOOD: usize = 10;

const STEPS: [(&str, Step); 18] = [
    ("run_is_throttled_once", Step::Call("RunTask", Trouble::THROTTLED, 1)),
    ("run_is_throttled", Step::Call("RunTask", Trouble::THROTTLED, FOR_GOOD)),
    ("there_is_no_capacity", Step::Call("RunTask", Trouble::NO_CAPACITY, 1)),
    ("run_is_lost", Step::Call("RunTask", Trouble::LostBefore, FOR_GOOD)),
    ("the_answer_of_run_is_lost", Step::Call("RunTask", Trouble::LostAnswer, FOR_GOOD)),
    ("list_is_throttled", Step::Call("ListTasks", Trouble::THROTTLED, FOR_GOOD)),
    ("list_is_lost", Step::Call("ListTasks", Trouble::LostBefore, FOR_GOOD)),
    ("the_function_dies_before_list", Step::FunctionDies("ListTasks", Trouble::HangsBefore)),
    ("the_function_dies_before_run", Step::FunctionDies("RunTask", Trouble::HangsBefore)),
    ("the_function_dies_after_run", Step::FunctionDies("RunTask", Trouble::HangsAfter)),
    ("the_task_never_starts", Step::Task(Container::NeverStarts)),
    ("the_task_is_killed_before_it_looks", Step::Task(Container::KilledAt("run.locked"))),
    ("the_task_is_killed_before_it_writes", Step::Task(Container::KilledAt("run.planned"))),
    ("the_task_is_killed_after_it_wrote", Step::Task(Container::KilledAt("run.written"))),
    ("the_store_does_not_answer", Step::Task(Container::WithoutStore)),
    ("another_task_is_pending", Step::Meanwhile(Other::Pending)),
    ("another_task_has_looked", Step::Meanwhile(Other::HasLooked)),
    ("another_task_has_looked_and_dies", Step::Meanwhile(Other::HasLookedAndDies)),
];

type Test = fn(&Shared);

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    let of_step = STEPS.map(|(name, step)| {
        let servers = Shared::clone(servers);
        Trial::test(format!("function::losses::no_object_is_lost_where::{name}"), move || {
            no_object_is_lost(&servers, step);
            Ok(())
        })
    });
    let others: [(&str, Test); 2] = [
        ("a_burst_starts_one_task", a_burst_starts_one_task),
        ("an_old_object_is_named_to_a_task", an_old_object_is_named_to_a_task),
    ];
    let others = others.map(|(name, test)| {
        let servers = Shared::clone(servers);
        Trial::test(format!("function::losses::{name}"), move || {
            test(&servers);
            Ok(())
        })
    });
    of_step.into_iter().chain(others).collect()
}

/// A table that is loaded and has had its first changes.
fn loaded(servers: &Shared) -> World<'_> {
    let mut world = World::new(servers);
    world.put("LOAD00000001.csv", "1,a\n2,b\n");
    world.change("U,2,c\n");
    world.settle();
    world.check(&["1|a", "2|c"]);
    assert_eq!(world.ecs.tasks().len(), 1, "two objects at once are one task");
    world
}

fn no_object_is_lost(servers: &Shared, step: Step) {
    let mut world = loaded(servers);
    match step {
        Step::Call(action, trouble, times) => {
            world.change("I,3,a\n");
            world.ecs.trouble(action, trouble, times);
            world.deliver();
            world.ecs.forget_troubles();
        }
        Step::FunctionDies(action, trouble) => {
            world.change("I,3,a\n");
            world.ecs.trouble(action, trouble, 1);
            world.kill_while_it_calls(action);
            assert_eq!(world.waiting(), 1);
        }
        Step::Task(container) => {
            world.change("I,3,a\n");
            world.deliver();
            assert_eq!(world.waiting(), 0, "the task has its message");
            world.run_tasks(container);
        }
        Step::Meanwhile(other) => meanwhile(&mut world, other),
    }
    world.settle();
    world.check(&["1|a", "2|c", "3|a"]);
}

fn meanwhile(world: &mut World<'_>, other: Other) {
    world.change("U,1,a\n");
    world.deliver();
    let tasks = world.ecs.tasks().len();
    if let Other::HasLooked | Other::HasLookedAndDies = other {
        // ECS shows the task as it was before.
        let container = match other {
            Other::HasLookedAndDies => Container::KilledAt("run.decided"),
            _ => Container::Runs,
        };
        let ended = world.run_unnoticed(container);
        world.change("I,3,a\n");
        world.deliver();
        assert_eq!(world.waiting(), 1, "whether it was seen is not known, so it comes again");
        world.notice(ended);
    } else {
        world.change("I,3,a\n");
        world.deliver();
        assert_eq!(world.ecs.tasks().len(), tasks, "while a task is pending, none is started");
    }
}

fn a_burst_starts_one_task(servers: &Shared) {
    let mut world = loaded(servers);
    for minute in 0..20 {
        world.change(&format!("I,{},n\n", 100 + minute));
        if minute % 4 == 0 {
            world.deliver();
        }
    }
    world.deliver();
    assert_eq!(world.ecs.tasks().len(), 2, "one for all of them");
    world.settle();
    assert_eq!(world.ecs.tasks().len(), 2, "what came while it was pending was its business too");
    let rows = world.site.rows("SELECT count(*) FROM t");
    assert_eq!(rows, ["22"]);
}

/// Runs look at what is recent; so an object that is not must be told of, and no task that was started for another will do.
fn an_old_object_is_named_to_a_task(servers: &Shared) {
    let mut world = loaded(servers);
    world.change("U,1,b\n");
    world.deliver();
    world.put("20251231-000000000.csv", "I,3,a\n");
    world.settle();
    world.check(&["1|b", "2|c", "3|a"]);
    let command = world.ecs.tasks().pop().unwrap().command();
    assert!(command.iter().any(|word| word.ends_with("/20251231-000000000.csv")), "{command:?}");
}
