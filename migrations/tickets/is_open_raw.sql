-- Whether a ticket is open. The status wins over closed_at: a reopened ticket with an old closed_at is open. Without a
-- status that we know, a ticket is open as long as it has no closed_at.
create or replace function tickets.is_open_raw(raw jsonb) returns boolean
language plpgsql immutable strict parallel safe
as $$
begin
    return case lower((raw ->> 'normalized_status') collate "C")
        when 'closed' then false
        when 'open' then true
        when 'resolved' then false
        when 'cancelled' then false
        when 'canceled' then false
        when 'new' then true
        when 'assigned' then true
        when 'in_progress' then true
        when 'pending' then true
        when 'scheduled' then true
        else tickets.eat_ts(raw ->> 'closed_at') is null
    end;
end
$$;
