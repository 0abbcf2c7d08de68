-- How an open ticket of this age (minutes; NULL: not known) stands against its target (minutes).
create or replace function tickets.sla_state(age integer, target integer, at_risk_fraction numeric) returns text
language sql immutable parallel safe
return case
    when age is null or target is null then 'unknown'
    when age > target then 'breached'
    when age >= at_risk_fraction * target then 'at_risk'
    else 'within'
end;
