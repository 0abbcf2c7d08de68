//! Which stage a dead message was sent to: the name of its queue says so.

use landfall_domain::Stage;

/// The stage that the name of a queue contains; the ARN ends with that name.
///
/// `arn:aws:sqs:eu-north-1:123456789012:landfall-plan-archive-dead` is plan-archive's.
pub(crate) fn stage_of(arn: &str) -> Option<Stage> {
    let name = arn.rsplit(':').next()?;
    Stage::ALL.into_iter().find(|stage| name.contains(stage.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_queue_tells_its_stage_whatever_stands_around_it() {
        let arn = |name: &str| format!("arn:aws:sqs:eu-north-1:123456789012:{name}");
        let table = [
            ("plan-archive", Some(Stage::PlanArchive)),
            ("landfall-plan-archive-dead", Some(Stage::PlanArchive)),
            ("prod-parse-member-DLQ", Some(Stage::ParseMember)),
            ("receive-object-1a2b", Some(Stage::ReceiveObject)),
            ("landfall-dead", None),
            ("", None),
        ];
        for (name, stage) in table {
            assert_eq!(stage_of(&arn(name)), stage, "{name}");
        }
        assert_eq!(stage_of(""), None);
        assert_eq!(stage_of("arn:aws:sqs:plan-archive:123456789012:other"), None, "the name alone counts");
    }
}
