-- Rows of the source: all, and those whose key the target has.
select count(*) as given, count(*) filter (where exists (select from {held} as t where {same_key})) as held
from {stage} as s
