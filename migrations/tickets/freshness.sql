-- How fresh a dataset is; times as ISO 8601 text in EAT, the lag in minutes. All keys are there, whatever is known.
create or replace function tickets.freshness(p_dataset text) returns jsonb
language sql stable
as $$
    select jsonb_build_object(
        'source_max_key', max(m.metadata ->> 'source_max_key'),
        'last_success_at', tickets.iso_eat(max(m.last_success_at)),
        'content_max_ts', tickets.iso_eat(max(content.at)),
        'lag_minutes', tickets.age_minutes(max(content.at), tickets.now()))
    from tickets.import_meta as m
    cross join lateral (select tickets.eat_ts(m.metadata ->> 'content_max_ts') as at) as content
    where m.dataset = p_dataset
$$;
