//! Starts the tasks that run the jobs whose objects events tell of.
