-- The window of a dashboard: (since, until], as bounds on closed_at, and the two ends as they are told to the reader.
create or replace function tickets.dashboard_window(
    p_window text, p_from date, p_to date,
    out since timestamptz, out until timestamptz, out told_from timestamptz, out told_to timestamptz
)
language plpgsql stable
as $$
begin
    until := tickets.now();
    case coalesce(p_window, '7d')
        when '24h' then since := until - interval '24 hours';
        when '7d' then since := until - interval '168 hours';
        when '30d' then since := until - interval '720 hours';
        when 'today' then since := tickets.eat_day(until)::timestamp at time zone interval '03:00';
        when 'custom' then
            if p_from is null or p_to is null or p_from > p_to then
                raise exception 'window custom needs p_from and p_to, in this order'
                    using errcode = 'invalid_parameter_value';
            end if;
            told_from := p_from::timestamp at time zone interval '03:00';
            told_to := (p_to + 1)::timestamp at time zone interval '03:00';
            -- Times are whole microseconds: [from, to) is (from - 1, to - 1].
            since := told_from - interval '1 microsecond';
            until := told_to - interval '1 microsecond';
            return;
        else
            raise exception 'unknown window: %', p_window using errcode = 'invalid_parameter_value';
    end case;
    told_from := since;
    told_to := until;
end
$$;
