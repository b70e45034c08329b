-- The records that were landed: the school, and the number of the record in its partition
select distinct source, substr(sequence, 11, 20)::bigint as seq from events
