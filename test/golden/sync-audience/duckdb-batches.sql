select
  min(written.seq) as first_seq,
  max(written.seq) as last_seq,
  count(*) as row_count,
  concat(
    '[',
    string_agg(written.record, ',' order by written.seq),
    ']'
  ) as body,
  md5(string_agg(written.idempotency_key, '' order by written.seq)) as batch_key
from (
  select
    changes.seq,
    changes.idempotency_key,
    concat(
      '{"operation":"',
      changes.operation,
      '","key":',
      cast(to_json(changes.record_key) as text),
      ',"idempotency_key":"',
      changes.idempotency_key,
      '"',
      case when changes.operation = 'update' then coalesce(',"changed":[' || nullif(concat_ws(',', case when contains(' ' || changes.changed_columns, ' 0 ') then '"email"' end, case when contains(' ' || changes.changed_columns, ' 1 ') then '"all"' end, case when contains(' ' || changes.changed_columns, ' 2 ') then '"last"' end, case when contains(' ' || changes.changed_columns, ' 3 ') then '"spent"' end, case when contains(' ' || changes.changed_columns, ' 4 ') then '"buyer"' end, case when contains(' ' || changes.changed_columns, ' 5 ') then '"id"' end), '') || ']', '') else '' end,
      ',"fields":{"email":',
      coalesce(cast(to_json(changes.identifier_email) as text), 'null'),
      ',"all":',
      coalesce(changes.identifier_user_id, 'null'),
      ',"last":',
      coalesce(cast(to_json(changes.identifier_anonymous_id) as text), 'null'),
      ',"spent":',
      coalesce(case when changes.trait_spent in ('NaN', 'Infinity', '-Infinity') then cast(to_json(changes.trait_spent) as text) else changes.trait_spent end, 'null'),
      ',"buyer":',
      coalesce(changes.audience_buyers, 'null'),
      ',"id":',
      coalesce(cast(to_json(changes.id) as text), 'null'),
      '}}'
    ) as record
  from personas_sync.changes_s as changes
  where changes.disposition = 'send'
    and changes.seq between 1 and 4000
) as written
group by floor((written.seq - 1) / 1000)
order by first_seq
