-- Closures of a source that does not count reopenings: the closures of a ticket by their time, from 0.
update adopt_closure_events as e
set reopen_count = n.nth
from (
    select ctid as at, row_number() over (partition by dataset, ticket_id order by closed_at, observed_at, row_no) - 1 as nth
    from adopt_closure_events
) as n
where n.at = e.ctid
