-- Rows of the target that are not as the source has them, with the first column that differs; or that it does not have.
select s.row_no, concat_ws(' ', {stored_key}) as key, d.name, d.given, d.stored, count(*) over () as rows,
    count(s.row_no) over () as in_source
from {stored} as t
left join {stage} as s on {same_key}
cross join lateral (
    select v.name, v.given, v.stored
    from (values {pairs}) as v(nth, name, given, stored)
    where s.row_no is null or v.given collate "C" is distinct from v.stored collate "C"
    order by v.nth
    limit 1
) as d
order by s.row_no nulls last, {stored_key}
limit $1
