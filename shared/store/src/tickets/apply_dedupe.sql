-- The last row of a ticket in a file wins: the others of this run leave the stage. The plan does not hang on what the
-- statistics say of a table that is filled and emptied all the time.
delete from tickets.stage
where ctid in (
    select s.at
    from (
        select ctid as at, row_number() over (partition by ticket_id order by line_no desc) as nth
        from tickets.stage where run = $1
    ) as s
    where s.nth > 1
)
