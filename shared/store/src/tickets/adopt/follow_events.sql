-- The reopenings of tickets that have closures: a closed ticket's last closure is its present one, an open ticket was
-- opened again after its last one. So no closure is captured twice, and the next one is captured.
update {stage} as t
set reopen_count = case when tickets.is_open_raw(t.raw) then e.last + 1 else e.last end
from (
    select ticket_id, max(reopen_count) as last from adopt_closure_events where dataset = $1 group by ticket_id
) as e
where e.ticket_id = t.ticket_id
