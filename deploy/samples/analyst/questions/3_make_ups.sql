-- Make-ups owed, planned, done and discharged, by module, and the days from owed to done
with required as (
  select source, aggregate as make_up, min(time) as required_at,
         arg_max(event->'$.body.make_up_required'->>'$.modules[*]', sequence) as modules
  from events where type = 'ca.jalon.make-up-required.v1' group by all),
state as (  -- the last one counts
  select source, aggregate as make_up, arg_max(type, sequence) as last,
         max(time) filter (type = 'ca.jalon.make-up-completed.v1') as completed_at
  from events where type like 'ca.jalon.make-up-%' group by all)
select module, count(*) as required,
       count(*) filter (last = 'ca.jalon.make-up-required.v1') as outstanding,
       count(*) filter (last = 'ca.jalon.make-up-planned.v1') as planned,
       count(*) filter (last = 'ca.jalon.make-up-completed.v1') as completed,
       count(*) filter (last = 'ca.jalon.make-up-discharged.v1') as discharged,
       median(date_diff('day', required_at, completed_at)) as days_to_completion
from (select *, unnest(modules) as module from required) join state using (source, make_up)
group by all order by all
