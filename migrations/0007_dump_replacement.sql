-- A load that is to replace another carries what it was judged by, in case it has to be judged again, and the link
-- that its verdict asks for. Once it has taken its place it is a load like any other.
alter table dump.load add column replacement jsonb;
alter table dump.load add constraint load_replacement_whole
    check (num_nulls(replaces, base_version, replacement) in (0, 3));

-- Replacements that failed are looked for when they are old enough to be swept.
create index load_replacement on dump.load (ended_at) where replaces is not null;
