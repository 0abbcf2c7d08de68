-- The rows of the source whose key the target does not have.
insert into tickets.{table} ({columns})
select {columns} from {stage} as s
where not exists (select from {held} as t where {same_key})
order by s.row_no
