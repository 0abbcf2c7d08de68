-- Before an update of a closed ticket that opens it again.
create or replace function tickets.count_reopening() returns trigger
language plpgsql
as $$
begin
    new.reopen_count := old.reopen_count + 1;
    return new;
end
$$;
