-- Hours in the workplace, logged and confirmed, by programme and month
with stays as (
  select source, aggregate as stay, arg_max(event->'$.body.stay_scheduled'->>'$.programme_code',
                                            sequence) as programme
  from events where type = 'ca.jalon.stay-scheduled.v1' group by all),
days as (  -- of a day that is logged again, the last one counts
  select source, aggregate as stay, type, (time at time zone 'UTC')::date as day,
         arg_max(coalesce(event->'$.body.hours_logged'->>'$.minutes',
                          event->'$.body.hours_confirmed'->>'$.minutes')::integer,
                 sequence) as minutes
  from events
  where type in ('ca.jalon.hours-logged.v1', 'ca.jalon.hours-confirmed.v1')
  group by all)
select programme, strftime(day, '%Y-%m') as month,
       round(coalesce(sum(minutes) filter (type = 'ca.jalon.hours-logged.v1'), 0) / 60, 1)
         as hours_logged,
       round(coalesce(sum(minutes) filter (type = 'ca.jalon.hours-confirmed.v1'), 0) / 60, 1)
         as hours_confirmed,
       count(distinct stay) as stays
from days join stays using (source, stay)
group by all order by all
