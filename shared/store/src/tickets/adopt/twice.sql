-- Rows of the source whose key an earlier row has.
select s.row_no, s.key, s.first_row, count(*) over () as rows
from (
    select row_no, concat_ws(' ', {key}) as key,
        first_value(row_no) over same_key as first_row, row_number() over same_key as nth
    from {stage}
    window same_key as (partition by {key} order by row_no)
) as s
where s.nth > 1
order by s.row_no
limit $1
