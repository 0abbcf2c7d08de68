-- Of the rows of a cache that have one key only the best stays: a manual one, else the newer one. Gives those whose
-- point or status is another one than that of the row that stays.
with ranked as (
    select ctid as at, row_no, given_key, status, lat, lng,
        row_number() over best as nth,
        first_value(row_no) over best as kept_row,
        first_value(given_key) over best as kept_key,
        first_value(status) over best as kept_status,
        first_value(lat) over best as kept_lat,
        first_value(lng) over best as kept_lng
    from {stage}
    window best as (partition by {key} order by status = 'manual' desc, last_attempt_at desc nulls last, row_no)
), gone as (
    delete from {stage} using ranked where ranked.at = {stage}.ctid and ranked.nth > 1
    returning ranked.*
)
select row_no, given_key, kept_row, kept_key
from gone
where (status, lat, lng) is distinct from (kept_status, kept_lat, kept_lng)
order by row_no
