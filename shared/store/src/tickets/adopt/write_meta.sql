-- The watermarks, in the form in which a drain writes them. The next drain goes on behind them.
update tickets.import_meta as t
set metadata = t.metadata || jsonb_strip_nulls(
    jsonb_build_object('source_max_key', s.source_max_key, 'content_max_ts', s.content_max_ts))
from adopt_import_meta as s
where s.dataset = t.dataset and s.source_max_key is not null and t.metadata ->> 'source_max_key' is null
