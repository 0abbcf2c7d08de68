-- Open incidents, and those closed in a window. p_cluster: a cluster's name or key, NULL for all;
-- p_status: of the open ones, NULL for all; p_window: 24h, 7d, 30d, today, or custom with p_from and p_to (days in EAT,
-- both included), else 22023 is raised.
create or replace function reporting.fn_inc_dashboard(
    p_cluster text default null, p_status text default null, p_window text default '7d', p_from date default null,
    p_to date default null
) returns jsonb
language sql stable
as $$ select tickets.dashboard('inc', p_cluster, p_status, p_window, p_from, p_to) $$;
