-- What was landed, and whether each event was landed once
select count(*) as events, count(distinct id) as different from events
