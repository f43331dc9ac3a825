import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { rowCount } from './engine/database.ts'
import { quoteName, quoteText } from './engine/lexer.ts'
import { type EngineUnderTest, startEngine } from './engine-under-test.ts'
import { textValue } from './values/encode.ts'

describe.skipIf('missing' in inject('bigquery'))('the engine of the BigQuery emulator', () => {
  let under: EngineUnderTest
  let tables = 0

  /** A name of a new table. */
  const fresh = (): string => {
    tables += 1
    return `t${tables}`
  }
  const filled = async (): Promise<string> => {
    const name = fresh()
    await under.run(
      `create table ${name} (id string not null, n int64, score float64);` +
        `insert into ${name} (id, n, score) values ('a', 1, 1), ('b', 2, null), ('c', 3, 0.5)`,
    )
    return name
  }

  beforeAll(async () => {
    under = await startEngine()
  })
  afterAll(() => under.stop())

  describe('names', () => {
    test('of tables are found however they are written', async () => {
      const name = await filled()
      for (const path of [
        name,
        `ds.${name}`,
        `proj.ds.${name}`,
        `\`proj\`.\`ds\`.\`${name}\``,
        `\`proj.ds.${name}\``,
      ]) {
        expect(await under.rows(`select count(*) from ${path}`), path).toEqual([['3']])
      }
      expect(await under.refusal('select 1 from ds.missing')).toMatch(
        /^notFound: Not found: Table proj:ds\.missing was/,
      )
      expect(await under.refusal('select 1 from nowhere.t')).toMatch(
        /^notFound: Not found: Dataset proj:nowhere/,
      )
      expect(await under.refusal('select 1 from other.ds.t')).toMatch(/^accessDenied: /)
    })

    test('of tables stay aliases where they are read by a path', async () => {
      const name = await filled()
      expect(await under.rows(`select ${name}.id from \`proj.ds.${name}\` where ${name}.n = 1`)).toEqual([
        ['a'],
      ])
      const sql = `select ${name}.id from ds.${name} join proj.ds.${name} as other using (id) where ${name}.n > 2`
      expect(await under.rows(sql)).toEqual([['c']])
    })

    test('may be CTEs that hide tables, columns named like tables, and any character', async () => {
      const name = await filled()
      expect(await under.rows(`with ${name} as (select 7 as id) select id from ${name}`)).toEqual([['7']])
      expect(await under.rows(`select n as ${name} from ds.${name} where id = 'a'`)).toEqual([['1']])
      await under.run('create table `größe-1 x` as select 1 as `ß`')
      expect(await under.rows('select `ß` from ds.`größe-1 x`')).toEqual([['1']])
    })

    test('of columns keep to what BigQuery allows', async () => {
      expect(await under.refusal('select 1 as a, 2 as A')).toContain('Duplicate column names')
      expect(await under.refusal('create table x as select 1 as a, 2 as A')).toContain('duplicate name A')
      expect(await under.refusal('select 1 as `a.b`')).toContain('Invalid field name "a.b"')
      expect(await under.refusal('select 1 as _table_x')).toContain('Invalid field name "_table_x"')
      expect(await under.refusal(`select 1 as ${'x'.repeat(301)}`)).toContain('at most 300 characters')
    })
  })

  describe('statements', () => {
    test('insert, update and delete say how many rows they touched', async () => {
      const name = await filled()
      const [update] = await under.run(`update ${name} set n = n + 10 where id != 'c'`)
      expect(update?.affected).toEqual({ inserted: 0, updated: 2, deleted: 0 })
      const [from] = await under.run(
        `update ds.${name} as t set n = s.n from (select 'a' as id, 0 as n) as s where t.id = s.id`,
      )
      expect(from?.affected?.updated).toBe(1)
      const [deleted] = await under.run(`delete from ${name} where id = 'b'`)
      expect(deleted?.affected?.deleted).toBe(1)
      await under.run(`insert into ${name} (id, n) select id || id, n from ${name}`)
      expect(await under.rows(`select id, n from ${name} order by id`)).toEqual([
        ['a', '0'],
        ['aa', '0'],
        ['c', '3'],
        ['cc', '3'],
      ])
      const [truncated] = await under.run(`truncate table ${name}`)
      expect(truncated?.affected?.deleted).toBe(4)
    })

    test('merge fires the first clause that fits', async () => {
      const name = await filled()
      const [merged] = await under.run(`
        merge into ds.${name} as t
        using (select 'a' as id, 99 as n union all select 'd', case when true then 4 end) as s on t.id = s.id
        when matched and t.n > s.n then delete
        when matched then update set n = s.n, score = 7
        when not matched then insert (id, n) values (s.id, s.n)
        when not matched by source and t.id = 'b' then delete`)
      expect(merged?.affected).toEqual({ inserted: 1, updated: 1, deleted: 1 })
      expect(await under.rows(`select id, n, score from ${name} order by id`)).toEqual([
        ['a', '99', '7.0'],
        ['c', '3', '0.5'],
        ['d', '4', null],
      ])
      const twice = `merge ${name} t using (select 'a' as id union all select 'a') s on t.id = s.id when matched then update set n = 1`
      expect(await under.refusal(twice)).toContain('UPDATE/MERGE must match at most one source row')
    })

    test('make, replace and drop tables and views', async () => {
      const name = await filled()
      expect(await under.refusal(`create table ${name} (x int64)`)).toMatch(
        /^duplicate: Already Exists: Table proj:ds\./,
      )
      await under.run(`create table if not exists ${name} (x int64)`)
      await under.run(`create or replace view v_${name} as select id, n from ${name} where n > 1`)
      expect(await under.rows(`select v.n from ds.v_${name} as v order by n`)).toEqual([['2'], ['3']])
      await under.run(`insert into ${name} (id, n) values ('z', 9)`)
      expect(await under.rows(`select count(*) from v_${name}`)).toEqual([['3']])
      expect(await under.refusal(`create or replace table v_${name} as select 1 as x`)).toContain(
        'currently a VIEW',
      )
      expect(await under.refusal(`create or replace view ${name} as select 1 as x`)).toContain(
        'currently a TABLE',
      )
      expect(await under.refusal(`drop table v_${name}`)).toContain('currently a VIEW')
      await under.run(
        `drop view v_${name}; drop view if exists v_${name}; drop table ${name}; drop table if exists ${name}`,
      )
      expect(await under.refusal(`drop table ${name}`)).toMatch(/^notFound/)
    })

    test('replace a table by what is read of itself', async () => {
      const name = await filled()
      await under.run(
        `create or replace table ds.${name} as select id, n + 1 as n from ds.${name} union all select 'x', 0`,
      )
      expect(await under.rows(`select sum(n), count(*) from ${name}`)).toEqual([['9', '4']])
    })

    test('replace a table only with the same partitions and clusters', async () => {
      const name = fresh()
      await under.run(
        `create table ${name} partition by date(ts) cluster by id as select timestamp '2026-01-01' as ts, 1 as id`,
      )
      expect(await under.refusal(`create or replace table ${name} as select 1 as id`)).toContain(
        'different partitioning spec',
      )
      await under.run(
        `create or replace table ${name} partition by DATE(ts) cluster by id as select timestamp '2026-01-01' as ts, 2 as id`,
      )
      expect(await under.rows(`select id from ${name}`)).toEqual([['2']])
    })

    test('alter columns as far as BigQuery does', async () => {
      const name = await filled()
      await under.run(
        `alter table ${name} add column if not exists more string, add column big numeric(10, 2)`,
      )
      await under.run(`alter table ${name} add column if not exists MORE string`)
      await under.run(`alter table ${name} alter column n set data type float64`)
      expect(await under.refusal(`alter table ${name} alter column score set data type string`)).toContain(
        'assignable',
      )
      expect(await under.refusal(`alter table ${name} add column x int64 not null`)).toContain(
        'Cannot add required',
      )
      await under.run(`alter table ${name} drop column if exists score, drop column if exists nothing`)
      await under.run(`alter table ${name} rename column more to less`)
      const columns = `select column_name, data_type, is_nullable from ds.INFORMATION_SCHEMA.COLUMNS where table_name = '${name}' order by ordinal_position`
      expect(await under.rows(columns)).toEqual([
        ['id', 'STRING', 'NO'],
        ['n', 'FLOAT64', 'YES'],
        ['less', 'STRING', 'YES'],
        ['big', 'NUMERIC(10, 2)', 'YES'],
      ])
      expect(await under.rows(`select * from ${name} where id = 'a'`)).toEqual([['a', '1.0', null, null]])
      await under.run(`alter table ${name} rename to ${name}_renamed`)
      expect(await under.rows(`select count(*) from ${name}_renamed`)).toEqual([['3']])
    })

    test('keep arrays without NULL and required columns filled', async () => {
      const name = await filled()
      expect(await under.refusal(`insert into ${name} (n) values (1)`)).toContain(
        'Required field id cannot be null',
      )
      expect(await under.refusal(`update ${name} set id = null where true`)).toContain(
        'Required field id cannot be null',
      )
      expect(await under.refusal('select [1, null] as list')).toContain('Array cannot have a null element')
      await under.run(`create table arrays_${name} as select cast(null as array<int64>) as list`)
      expect(await under.rows(`select list is null from arrays_${name}`)).toEqual([['false']])
    })

    test('list tables and options, and make and drop datasets', async () => {
      await under.run("create schema if not exists other options (location = 'US')")
      await under.run(
        "create table other.a (x int64) options (description = 'it, (is) one', labels = [('a', 'b')])",
      )
      expect(
        await under.rows('select table_name, table_type from `proj`.other.INFORMATION_SCHEMA.TABLES'),
      ).toEqual([['a', 'BASE TABLE']])
      expect(
        await under.rows(
          'select option_name, option_value from other.INFORMATION_SCHEMA.TABLE_OPTIONS order by 1',
        ),
      ).toEqual([
        ['description', "'it, (is) one'"],
        ['labels', "[('a', 'b')]"],
      ])
      expect(await under.refusal('drop schema other')).toMatch(/^resourceInUse/)
      await under.run('drop schema other cascade; drop schema if exists other')
    })
  })

  describe('transactions', () => {
    test('undo all of it where one statement fails', async () => {
      const name = await filled()
      const failing = `begin transaction;\ndelete from ${name} where true;\nselect 1 / 0;\ncommit transaction`
      expect(await under.refusal(failing)).toContain('division by zero')
      expect(await under.rows(`select count(*) from ${name}`)).toEqual([['3']])
    })

    test('see their own changes and nobody else’s', async () => {
      const name = await filled()
      const session = under.newSession()
      await under.run('begin transaction', session)
      await under.run(`delete from ${name} where id = 'a'`, session)
      await under.run(`insert into ${name} (id) values ('z')`)
      const [seen] = await under.run(`select id from ${name}`, session)
      expect(rowCount(seen?.rows?.data ?? [])).toBe(2)
      expect(await under.rows(`select count(*) from ${name}`)).toEqual([['4']])
      expect(await under.refusal('commit transaction', session)).toContain('aborted due to concurrent update')
      expect(await under.rows(`select count(*) from ${name}`)).toEqual([['4']])
    })

    test('that only add rows do not stand in each other’s way', async () => {
      const name = await filled()
      const session = under.newSession()
      await under.run(`begin transaction; insert into ${name} (id) values ('y')`, session).catch(() => {})
      await under.run(`insert into ${name} (id) values ('z')`)
      const whole = `begin transaction; insert into ${name} (id) values ('x'); commit transaction`
      await Promise.all([
        under.run(whole),
        under.run(whole),
        under.run(`insert into ${name} (id) values ('w')`),
      ])
      expect(await under.rows(`select count(*) from ${name}`)).toEqual([['7']])
    })

    test('take no DDL of what lasts, and keep temporary tables to themselves', async () => {
      expect(
        await under.refusal('begin transaction; create table lasting (x int64); commit transaction'),
      ).toContain('transaction')
      const script =
        'begin transaction; create temp table passing as select 1 as x; commit transaction; select x + 1 from passing'
      expect(await under.rows(script)).toEqual([['2']])
      expect(await under.refusal('select x from passing')).toMatch(/^notFound/)
    })

    test('changes of one table at once are all kept', async () => {
      const name = await filled()
      await Promise.all(
        Array.from({ length: 8 }, () => under.run(`update ${name} set n = n + 1 where id = 'a'`)),
      )
      expect(await under.rows(`select n from ${name} where id = 'a'`)).toEqual([['9']])
    })
  })

  describe('what BigQuery refuses and its analyzer does not', () => {
    test.each([
      [
        'select a.id from L as a left join L as b on a.n > b.n',
        'LEFT OUTER JOIN cannot be used without a condition',
      ],
      [
        'select a.id from L as a full join L as b on a.id = b.id or a.n = b.n',
        'FULL OUTER JOIN cannot be used without',
      ],
      [
        'select a.id from L as a join L as b on a.id in (select id from L)',
        'Unsupported subquery with table in join predicate',
      ],
      [
        'select (select max(n) from L as b where b.n < a.n) from L as a',
        'Correlated subqueries that reference other tables',
      ],
      [
        'select (select n from L as b where b.id = a.id order by n limit 1) from L as a',
        'Correlated subqueries',
      ],
      ['select array_sum([1])', 'Function not found: ARRAY_SUM'],
      ['create table p (ts timestamp) partition by ts', 'PARTITION BY expression must be'],
      [
        'create table p (ts timestamp) partition by timestamp_trunc(ts, week)',
        'PARTITION BY expression must be',
      ],
      ['create table p (a int64, b int64, c int64, d int64, e int64) cluster by a, b, c, d, e', 'at most 4'],
      [
        'merge L as a using L as b on a.n > b.n when not matched then insert row',
        'LEFT OUTER JOIN cannot be used',
      ],
      ['delete from L', 'must have a WHERE clause'],
      ['select array_agg(id order by n nulls last) from L', 'NULLS LAST not supported with ascending'],
      [`select '${'x'.repeat(1024 * 1024)}'`, 'The query is too large'],
    ])('%s', async (sql, message) => {
      const name = await filled()
      const text = sql.length > 10_000 ? sql : sql.replaceAll(/\bL\b/g, name)
      expect(await under.refusal(text)).toContain(message)
    })

    test.each([
      'select a.id from L as a left join L as b on a.id = b.id and a.n > b.n',
      'select (select max(n) from L as b where b.id = a.id) from L as a',
      'select id from L as a where exists (select 1 from L as b where b.id = a.id and b.n < a.n)',
      'select array_agg(id ignore nulls order by n desc nulls last) from L',
      'select id, row_number() over (order by n nulls last) from L',
      'select id from L where id not in (select id from L where n > 1)',
      'select (select max(x) from unnest([n, 3]) as x where x > n) from L',
      'merge L as a using L as b on false when not matched then insert row',
    ])('but not %s', async (sql) => {
      await under.run(sql.replaceAll(/\bL\b/g, await filled()))
    })

    test('and says so where it cannot know', async () => {
      expect(await under.refusal('select approx_count_distinct(n) from unnest([1]) as n')).toMatch(
        /^notImplemented: /,
      )
      expect(await under.refusal('declare x int64')).toMatch(/^notImplemented: /)
      expect(Object.keys(under.log.counts().notVerifiable)).toContain(
        'the BigQuery emulator has no statement DECLARE X INT64',
      )
    })
  })

  test('positions of errors count from the start of the request', async () => {
    expect(await under.refusal('select\n  nope')).toBe('invalidQuery: Unrecognized name: nope at [2:3]')
    expect(await under.refusal('select 1;\n\nselect 2; select nope')).toBe(
      'invalidQuery: Unrecognized name: nope at [3:18]',
    )
  })

  test('intervals are written as BigQuery writes them', async () => {
    const intervals =
      "interval 1 month, interval -25 hour, make_interval(1, 2, 3, 4, 5, 6), interval '1.5' second"
    expect(await under.rows(`select ${intervals}`)).toEqual([
      ['0-1 0 0:0:0', '0-0 0 -25:0:0', '1-2 3 4:5:6', '0-0 0 0:0:1.500000'],
    ])
  })

  test('texts and names come back as they were, whatever is in them', async () => {
    const awkward = fc.constantFrom(
      ...[
        "'",
        '"',
        '\\',
        '\n',
        '\r',
        '\t',
        '`',
        '$$',
        '%',
        '?',
        ':x',
        '@p',
        '--',
        '#',
        '/*',
        '*/',
        ';',
        'é',
        '🙂',
      ],
      ...['\u2028', '\u0085', '\0', '\u0001', '\\n', "'''", '"""', 'r', 'b', '\ufeff', '${', '{{', 'Z', ' '],
    )
    const text = fc.array(awkward, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 20 }), async (texts) => {
        const cells = texts.map(
          (each, index) => `${quoteText(each)} as c${index}, ${quoteText(each)} = @p${index}`,
        )
        const parameters = texts.map((each, index) => ({
          name: `p${index}`,
          type: { kind: 'STRING' } as const,
          value: textValue(each),
        }))
        const [row] = await under.rows(`select ${cells.join(', ')}; select ${cells.join(', ')}`, parameters)
        expect(row).toEqual(texts.flatMap((each) => [each, 'true']))
      }),
      { numRuns: 30, seed: 1 },
    )
    const name = fc.stringMatching(/^[a-zéß _&%=+:'<>#|-]{1,20}$/).filter((each) => each.trim() !== '')
    await fc.assert(
      fc.asyncProperty(name, async (each) => {
        const [result] = await under.run(`select 1 as ${quoteName(each)}`)
        expect(result?.rows?.columns[0]?.name).toBe(each)
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  test('a statement that is known is asked about once, whatever dataset it is in', async () => {
    const questions = async (dataset: string, comment: string): Promise<number> => {
      await under.run(`create schema ${dataset}; create table ${dataset}.given as select 1 as id, 2 as n`)
      const before = under.asked()
      await under.run(
        `/* run ${comment} */ create or replace table ${dataset}.sums as select id, sum(n) as s from ${dataset}.given group by id`,
      )
      return under.asked() - before
    }
    expect(await questions('first', 'a')).toBe(3)
    expect(await questions('second', 'b')).toBe(1)
    const text = 'select id from second.given where n = '
    await under.run(`${text}1`)
    const before = under.asked()
    await under.run(`${text}1`)
    expect(under.asked() - before).toBe(1)
    expect(await under.refusal(`${text}'x'`)).toContain('No matching signature')
  })
})
