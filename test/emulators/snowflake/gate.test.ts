import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type TestSession } from './session.ts'

let session: TestSession
beforeAll(async () => {
  session = await openSession()
  await session.rows(`create table tracks (id varchar, user_id varchar, event varchar, ts timestamp_ntz, revenue float, props variant);
    create table identifies (user_id varchar, email varchar, n number);
    create table "Odd" ("name" varchar, NAME varchar);
    insert into tracks (id, user_id, event, ts, revenue) values ('1', 'u1', 'a', '2026-10-01 01:00:00', 10), ('2', 'u2', 'b', '2026-10-02', null)`)
})
afterAll(() => session.close())

/** What Snowflake documents and a compiler might write. */
const accepted: readonly string[] = [
  'create or replace transient table db.public.out cluster by (user_id) as select user_id, ts from db.public.tracks',
  'create or replace table "Quoted" as select "name", NAME as upper_name from "Odd"',
  "merge into identifies as t using (select 'u1' as user_id, 'e' as email, false as del) as s on t.user_id = s.user_id when matched and s.del then delete when matched and t.email is distinct from s.email then update set t.email = s.email when not matched then insert (user_id, email) values (s.user_id, s.email)",
  'select user_id, row_number() over (partition by user_id order by ts desc) as rn from tracks qualify rn = 1',
  'select lag(ts) ignore nulls over (partition by user_id order by ts) as prev from tracks',
  "select count_if(event = 'a') as n, count(distinct iff(event = 'a', id, null)) as d from tracks",
  'select user_id, array_agg(event) within group (order by ts desc)[0]::varchar as last from tracks group by user_id',
  "select props:sku::varchar as a, props:items[0].price::float as b, props['sku']::string as c, get_path(props, 'a.b') as d from tracks",
  "select id from tracks where ts >= dateadd(day, -30, '2026-11-01'::timestamp_ntz)",
  "select id from tracks where ts >= '2026-11-01'::timestamp_ntz - interval '30 days, 1 hour'",
  "select 'it''s' as a, 'it\\'s' as b, $$raw \\d 'q' \"$$ as c -- a comment\n/* and another */ // and a third",
  'select t.user_id, f.value::varchar as tag, f.index from tracks t, lateral flatten(input => t.props:tags) f',
  'select t.user_id, f.key from tracks t, lateral flatten(input => t.props, outer => true, recursive => false) as f',
  "select t.id from tracks t, table(flatten(input => t.props, mode => 'ARRAY')) f",
  "select event rlike 'a.*' as a, regexp_substr(event, '(\\\\w+)$', 1, 1, 'e', 1) as b from tracks",
  'select user_id from tracks minus select user_id from identifies',
  'select user_id from tracks except select user_id from identifies intersect select user_id from tracks',
  'select * exclude (props, revenue) from tracks',
  'select t.* exclude props from tracks t',
  "select column1 as a, column2 as b from values (1, 'a'), (2, 'b')",
  'insert overwrite into identifies (user_id) select user_id from tracks',
  'delete from identifies using tracks where identifies.user_id = tracks.user_id',
  'update identifies set n = 1 from tracks t where t.user_id = identifies.user_id',
  'select row_number() over (order by null) as n from table(generator(rowcount => 5))',
  'select a.id from tracks a left join identifies b using (user_id)',
  'select coalesce(a.user_id, b.user_id) from tracks a full outer join identifies b on a.user_id = b.user_id',
  'select (select max(ts) from tracks) as latest, exists (select 1 from tracks) as found',
  'select id from tracks t where exists (select 1 from identifies i where i.user_id = t.user_id)',
  'select id from tracks where user_id not in (select user_id from identifies where user_id is not null)',
  "select id from tracks where (user_id, event) in (('u1', 'a'), ('u2', 'b'))",
  'select user_id, count(*) from tracks group by 1 having count(*) > 0 order by 2 desc nulls last limit 10 offset 1',
  'with a as (select 1 as x), b (y) as (select x + 1 from a) select y from b union all select x from a',
  'create or replace view seen copy grants as select id from tracks',
  'create or replace temporary table tmp as select 1 as x',
  'alter table identifies add column if not exists score float, other varchar',
  'alter table identifies drop column if exists nowhere',
  "alter session set query_tag = 'x' timezone = 'UTC'",
  "begin transaction; insert into identifies (user_id) values ('x'); rollback",
  "show tables like 'TRA%' in schema db.public",
  'describe table tracks',
  'explain select 1',
  'truncate table if exists nowhere',
  'drop schema if exists nowhere cascade',
  'create schema if not exists db.other; use schema db.public',
  'select current_database(), current_warehouse(), current_version()',
]

/** With the code of Snowflake where it refuses, and of "unsupported feature" where only we do. */
const refused: readonly (readonly [sql: string, code: string])[] = [
  ['select `id` from tracks', '001003'],
  ["select countif(event = 'a') from tracks", '002140'],
  ['select safe_cast(id as int64) from tracks', '001003'],
  ["select sum(revenue) filter (where event = 'a') from tracks", '001003'],
  ['select x from tracks, unnest(tracks.tags) as x', '000002'],
  ['select distinct on (id) id from tracks', '001003'],
  ["insert into identifies (user_id) values ('1') on conflict (user_id) do nothing", '001003'],
  ['select id from tracks except distinct select user_id from identifies', '001003'],
  ['select id from tracks except all select user_id from identifies', '001003'],
  [
    'merge into identifies t using tracks s on t.user_id = s.user_id when not matched by source then delete',
    '001003',
  ],
  ['select timestamp_sub(ts, interval 30 day) from tracks', '001003'],
  ["select props->>'a' from tracks", '001003'],
  ['select cast(id as int64) from tracks', '000002'],
  ['select date_diff(day, ts, ts) from tracks', '002140'],
  ['select id from tracks limit all', '001003'],
  ["select 'a' 'b'", '001003'],
  ["select 'open", '001003'],
  ['select "open', '001003'],
  ['select 1 /* open', '001003'],
  ['select 1,', '001003'],
  ['select from tracks', '001003'],
  ['select order from tracks', '001003'],
  ['select 1 as select', '001003'],
  ['select id from tracks group by 1 window w as (order by id)', '001003'],
  ['select nope from tracks', '000904'],
  ['select t.nope from tracks t', '000904'],
  ['select tracks.id from tracks t', '000904'],
  ['select "id" from tracks', '000904'],
  ['select user_id from tracks a join identifies b on a.user_id = b.user_id', '002028'],
  ['select * from nowhere', '002003'],
  ['select * from nowhere.nothing', '002003'],
  ['drop table nowhere', '002003'],
  ['select user_id, count(*) from tracks', '000979'],
  ['select user_id from tracks where count(*) > 1', '000603'],
  ['select hash(id) from tracks', '002140'],
  ['select 1 where 1', '000002'],
  ["select id from tracks where revenue = 'abc'", '000002'],
  ["select id from tracks where ts > '2026-01-01'", '000002'],
  ['select lower(1)', '001044'],
  ["select 'a' || 1", '001044'],
  ["select 1 + 'a'", '001044'],
  ['select sum(event) from tracks', '001044'],
  ['select dateadd(fortnight, 1, ts) from tracks', '001006'],
  ['select left()', '000938'],
  ["select 'x'::number", '100038'],
  ["select 'maybe'::boolean", '100037'],
  ["select 'x'::timestamp_ntz", '100035'],
  ["select 'x'::date", '100040'],
  ['select 1000::number(3, 0)', '100046'],
  ["select '1000'::number(3, 0)", '100132'],
  ["select parse_json('{')", '100069'],
  ['select parse_json(\'{"a": 1, "a": 2}\')', '100069'],
  ['select (select id from tracks)', '090150'],
  ["insert into identifies (user_id) select 'a', 'b'", '002020'],
  ["insert into identifies (n) values ('x')", '100038'],
  ["insert into tracks (props) values (parse_json('1'))", '002014'],
  ["insert into tracks (props) select 'x'", '002023'],
  ['create table tracks (id varchar)', '002002'],
  ['create or replace view tracks as select 1 as x', '002002'],
  ['create table unnamed as select 1 + 1', '002022'],
  ['create table twice as select 1 as a, 2 as a', '002025'],
  ['alter table identifies alter column email set data type number', '002108'],
  ['alter table identifies alter column n set data type number(38, 2)', '002108'],
  ['alter table identifies add column email varchar', '001430'],
  ['select id from tracks t where exists (select 1 from identifies i where i.user_id > t.user_id)', '002031'],
  ['select (select i.email from identifies i where i.user_id = t.user_id) from tracks t', '002031'],
  ['select (select i.email from identifies i where i.user_id = t.user_id limit 1) from tracks t', '002031'],
  ["select regexp_like(event, 'a(?=b)') from tracks", '000002'],
  ["select regexp_like(event, 'a+?') from tracks", '000002'],
  ["select regexp_like(event, '\\\\x41') from tracks", '000002'],
  ["alter session set timezone = 'Europe/Rome'", '000002'],
  ['alter session set nonsense = 1', '001003'],
  ["create dynamic table d target_lag = '1 hour' warehouse = wh as select 1 as x", '000002'],
  ['copy into tracks from (select 1)', '000002'],
  ['put file:///a/b.csv @~/stage', '000002'],
  ['execute immediate $$ begin return 1; end $$', '000002'],
  ['select seq4() from table(generator(rowcount => 5))', '002140'],
  ['select approx_count_distinct(id) from tracks', '002140'],
  ['select row_number() over (partition by id) from tracks', '000002'],
  ['select cast(1e10 as varchar)', '000002'],
  ["select '2026-01-01 00:00:00.123456789'::timestamp_ntz", '000002'],
  ["select '5 May 2026'::timestamp_ntz", '000002'],
  ["select 'a\0b'", '000002'],
  ["select '\\0'", '000002'],
]

describe('passes', () => {
  test.each(accepted)('%s', async (sql) => {
    await session.rows(sql)
  })
})

describe('is refused', () => {
  for (const [sql, code] of refused) {
    test(`${code} ${sql}`, async () => {
      await expect(session.rows(sql)).rejects.toMatchObject({ code })
    })
  }

  test('a merge that matches a row twice', async () => {
    await session.rows("insert overwrite into identifies (user_id) values ('twice')")
    const sql =
      "merge into identifies t using (select 'twice' as u union all select 'twice') s on t.user_id = s.u when matched then update set n = 1"
    await expect(session.rows(sql)).rejects.toMatchObject({ code: '100090' })
  })

  test('a view over a table that grew under its star', async () => {
    await session.rows(
      'create or replace table base (a number); create or replace view starred as select * from base; alter table base add column b number',
    )
    await expect(session.rows('select * from starred')).rejects.toMatchObject({ code: '002057' })
  })

  test('text beyond the length that a literal gave its column', async () => {
    await session.rows("create or replace table short as select 'abc' as name, 1 as n")
    await expect(session.rows("insert into short values ('abcd', 1)")).rejects.toMatchObject({
      code: '100078',
    })
    await expect(session.rows("insert into short values ('ab', 10)")).rejects.toMatchObject({
      code: '100046',
    })
  })
})

test('every statement is counted, those that differ in digits once', async () => {
  const before = session.engine.log.counts
  await session.rows('select 1001 as counted')
  await session.rows('select 1002 as counted')
  await expect(session.rows('select counted from nowhere')).rejects.toThrow('does not exist')
  const after = session.engine.log.counts
  expect([after.executed - before.executed, after.refused - before.refused]).toEqual([1, 1])
})

describe('literals', () => {
  const nasty = [
    "'",
    '"',
    '\\',
    '\n',
    '\r',
    '\t',
    '\u0001',
    '\u2028',
    '🙂',
    'é',
    '--',
    '/*',
    '*/',
    '//',
    '$$',
    '{{',
    '}}',
    ';',
    '?',
    ':1',
    '%',
    '_',
    '`',
    'select',
    ' ',
  ]
  const text = fc
    .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary' })), { maxLength: 12 })
    .map((parts) =>
      parts
        .join('')
        .replaceAll('\0', '')
        .replaceAll(/\p{Surrogate}/gu, ''),
    )

  test('a text comes back as it went, alone and among others', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (one, two) => {
        const quoted = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
        expect(await session.rows(`select ${quoted(one)}, ${quoted(two)} /* ' */`)).toEqual([[one, two]])
      }),
      { numRuns: 150 },
    )
  })

  test('so does a name', async () => {
    await fc.assert(
      fc.asyncProperty(
        text.filter((name) => name !== ''),
        async (name) => {
          const quoted = `"${name.replaceAll('"', '""')}"`
          const [column] = await session.types(`select ${quoted} from (select 1 as ${quoted}) as t`)
          expect(column?.startsWith(name)).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a backslash escapes', async () => {
    expect(await session.value("'\\t\\n\\r\\x41\\u00e9\\101\\q\\\\\\''")).toBe("\t\n\rAéAq\\'")
  })
})
