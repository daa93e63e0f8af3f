//! Thousands of schedules, chosen at random and by priorities that change a few times.

use panarc_core::Error;
use panarc_model::archive::line::line;
use panarc_model::build::table::{Task, feed};
use shuttle::{check_pct, check_random};

const SCHEDULES: usize = 3000;

fn everywhere(work: impl Fn() + Send + Sync + Copy + 'static) {
    check_random(work, SCHEDULES);
    check_pct(work, SCHEDULES, 3);
}

const NEVER: usize = usize::MAX;

#[test]
fn weight_stays_below_its_limit_and_all_tasks_are_done() {
    everywhere(|| {
        let tasks =
            [(3, Task::Free(3)), (2, Task::Pass(2)), (3, Task::Free(3)), (1, Task::Pass(1)), (4, Task::Free(4))];
        let (done, most) = feed(5, 2, &tasks, NEVER).unwrap();
        assert_eq!(done, tasks.len());
        assert!(most <= 5, "{most}");
    });
}

#[test]
fn a_weight_beyond_the_limit_goes_alone() {
    everywhere(|| {
        let tasks = [(1, Task::Free(1)), (9, Task::Pass(9)), (1, Task::Free(1))];
        let (done, most) = feed(4, 2, &tasks, NEVER).unwrap();
        assert_eq!((done, most), (3, 9));
    });
}

#[test]
fn what_two_tasks_share_or_becomes_more_is_given_back_once_and_nobody_waits_for_ever() {
    everywhere(|| {
        let tasks = [(2, Task::Grow(2)), (3, Task::Share(3)), (2, Task::Grow(2)), (4, Task::Pass(4))];
        let (done, most) = feed(4, 2, &tasks, NEVER).unwrap();
        assert_eq!(done, tasks.len());
        // One chunk that becomes segments is there twice for a moment.
        assert!(most <= 8, "{most}");
    });
}

#[test]
fn a_limit_that_is_lowered_holds_from_then_on_and_stops_nothing() {
    everywhere(|| {
        let tasks =
            [(0, Task::Tighten), (0, Task::Tighten), (3, Task::Free(3)), (2, Task::Pass(2)), (2, Task::Free(2))];
        let (done, most) = feed(8, 2, &tasks, NEVER).unwrap();
        assert_eq!(done, tasks.len());
        assert!(most <= 8, "{most}");
    });
}

#[test]
fn the_first_failure_ends_it() {
    everywhere(|| {
        let tasks = [(3, Task::Free(3)), (3, Task::Fail), (3, Task::Free(3)), (3, Task::Free(3))];
        let error = feed(3, 2, &tasks, NEVER).unwrap_err();
        assert!(matches!(error, Error::Internal(_)), "{error}");
        let error = feed(3, 1, &[(3, Task::Pass(3)), (3, Task::Free(3))], 1).unwrap_err();
        assert!(matches!(error, Error::Interrupted), "{error}");
    });
}

#[test]
fn results_come_in_order() {
    everywhere(|| {
        let (taken, result) = line((3, 4), 7, NEVER, false, NEVER);
        result.unwrap();
        assert_eq!(taken, (0..7).collect::<Vec<_>>());
    });
}

#[test]
fn the_first_error_in_order_ends_the_line() {
    everywhere(|| {
        let (taken, result) = line((3, 4), 7, 4, false, NEVER);
        assert!(matches!(result, Err(Error::Corrupt(_))));
        assert_eq!(taken, (0..4).collect::<Vec<_>>());
        let (taken, result) = line((2, 3), 5, NEVER, false, 2);
        assert!(matches!(result, Err(Error::Parameter(_))));
        assert_eq!(taken, (0..2).collect::<Vec<_>>());
    });
}

/// Others may wait for the same source, so the results before are not waited for; what is taken is in order all the same.
#[test]
fn a_source_that_fails_ends_the_line_at_once() {
    everywhere(|| {
        let (taken, result) = line((3, 4), 7, 4, true, NEVER);
        assert!(matches!(result, Err(Error::Source(_))));
        assert!(taken.len() <= 4);
        assert_eq!(taken, (0..taken.len()).collect::<Vec<_>>());
    });
}
