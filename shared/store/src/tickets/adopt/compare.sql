-- For each column how many tickets have another value than the source had made of the same raw, and the first of them.
select {columns}
from tickets.{table} as t
join {stage} as s on s.ticket_id = t.ticket_id
