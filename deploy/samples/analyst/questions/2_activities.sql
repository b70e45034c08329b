-- Activities planned, and what became of them, by sequence; of stays that have started
with scheduled as (
  select source, aggregate as stay,
         arg_max(event->'$.body.stay_scheduled', sequence) as plan
  from events where type = 'ca.jalon.stay-scheduled.v1' group by all),
started as (
  select distinct source, aggregate as stay from events where type = 'ca.jalon.stay-started.v1'),
planned as (
  select source, stay, plan->>'$.sequence_id' as sequence_id,
         unnest(plan->>'$.activities[*].activity') as activity
  from scheduled semi join started using (source, stay)),
outcomes as (  -- the last one counts
  select source, aggregate as stay, activity, arg_max(type, sequence) as outcome
  from (select *, coalesce(event->'$.body.activity_completed'->>'$.activity',
                           event->'$.body.activity_partly_performed'->>'$.activity',
                           event->'$.body.activity_not_performed'->>'$.activity') as activity
        from events)
  where activity is not null group by all),
names as (
  select source, aggregate as sequence_id,
         arg_max(event->'$.body.sequence_published'->'$.definition'->>'$.code', sequence) as code
  from events where type = 'ca.jalon.sequence-published.v1' group by all)
select code as sequence_code, count(distinct stay) as stays, count(*) as planned,
       count(*) filter (outcome = 'ca.jalon.activity-completed.v1') as completed,
       count(*) filter (outcome = 'ca.jalon.activity-partly-performed.v1') as partly,
       count(*) filter (outcome = 'ca.jalon.activity-not-performed.v1') as not_performed,
       count(*) filter (outcome is null) as not_reported
from planned left join outcomes using (source, stay, activity)
     left join names using (source, sequence_id)
group by all order by all
