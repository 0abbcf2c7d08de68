//! What holds for every judgement, whatever is stored.
#![expect(clippy::unwrap_used, reason = "tests")]

use landfall_dumps::guard::{DumpStatus, Facts, OwnerSource, ShaOwner, StoredDump, Upload, Verdict, judge};
use proptest::prelude::*;

use super::scene::{links, stamp, stored, upload};

const STATUSES: [DumpStatus; 4] =
    [DumpStatus::Running, DumpStatus::Complete, DumpStatus::Partial, DumpStatus::Failed];
const SOURCES: [OwnerSource; 3] = [OwnerSource::Dispatched, OwnerSource::Lost, OwnerSource::Settled];

fn any_time() -> impl Strategy<Value = String> {
    prop_oneof![
        (17_u32..20, 0_u32..24).prop_map(|(day, hour)| format!("2025-01-{day} {hour:02}:00:00")),
        (17_u32..20).prop_map(|day| format!("2025-01-{day}")),
    ]
}

fn any_dump() -> impl Strategy<Value = StoredDump> {
    let names = ("north|south", "a|b", "NE[12]|UNKNOWN", "(T-[12](/HC-[12])? ){0,3}");
    (1_i64..9, any_time(), names, prop::sample::select(STATUSES.to_vec())).prop_map(
        |(id, time, (network, origin, ne, of), status)| StoredDump {
            capture: stamp(&time),
            network: network.parse().unwrap(),
            origin: origin.parse().unwrap(),
            nes: [ne.parse().unwrap()].into(),
            status,
            ..stored(id, &of)
        },
    )
}

fn any_upload() -> impl Strategy<Value = Upload> {
    (any_dump(), "T-[12](/HC-[12])?", any::<bool>()).prop_map(|(like, link, overwrite)| {
        let link = links(&link).remove(0);
        let StoredDump { origin, capture, nes, .. } = like;
        Upload { ticket: link.ticket, hc_id: link.hc_id, origin, capture, nes, overwrite, ..upload() }
    })
}

fn any_owner() -> impl Strategy<Value = ShaOwner> {
    (any_dump(), "acme|zzz-rival", prop::sample::select(SOURCES.to_vec()), any::<bool>()).prop_map(
        |(dump, customer, source, rows)| ShaOwner {
            customer: customer.parse().unwrap(),
            dump,
            source,
            has_resumable_rows: rows,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_replaced_unasked_and_no_other_customer_is_touched(
        upload in any_upload(),
        owner in prop::option::of(any_owner()),
        dumps in prop::collection::vec(any_dump(), 0..5),
    ) {
        let facts = Facts { upload: &upload, sha_owner: owner.as_ref(), dumps: &dumps, hc_holders: &dumps };
        let verdict = judge(facts).verdict;
        let known = |id| dumps.iter().chain(owner.iter().map(|owner| &owner.dump)).find(|dump| dump.id == id);
        match &verdict {
            Verdict::Overwrite { dump, .. } => {
                prop_assert!(upload.overwrite);
                prop_assert!(known(*dump).is_some());
            }
            Verdict::Create { snapshot_seq, .. } => {
                prop_assert!(owner.is_none(), "known content is never created again");
                prop_assert!(*snapshot_seq >= 1);
            }
            Verdict::Skip { dump } | Verdict::Link { dump, .. } | Verdict::Resume { dump, .. } => {
                prop_assert_eq!(Some(*dump), owner.as_ref().map(|owner| owner.dump.id));
            }
            Verdict::Reject { text, .. } => prop_assert!(!text.contains("rival")),
        }
        let foreign = owner.as_ref().is_some_and(|owner| owner.customer != upload.customer);
        let refused = matches!(verdict, Verdict::Reject { .. });
        prop_assert!(!foreign || refused);
    }
}
