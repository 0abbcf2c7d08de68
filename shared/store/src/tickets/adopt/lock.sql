-- Nobody else writes tickets, places or history until the transaction ends; readers are not held up.
lock table tickets.geo_clusters, tickets.geo_locations, tickets.geo_budget, tickets.inc, tickets.crq, tickets.closure_events,
    tickets.inc_daily_snapshot, tickets.crq_daily_snapshot in share row exclusive mode
