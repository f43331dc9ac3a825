import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { rowCount } from './engine/database.ts'
import { type EngineUnderTest, startEngine } from './engine-under-test.ts'

describe.skipIf('missing' in inject('bigquery'))('changes in the engine of the BigQuery emulator', () => {
  let under: EngineUnderTest

  beforeAll(async () => {
    under = await startEngine()
  })
  afterAll(() => under.stop())

  describe('statements', () => {
    test('insert, update and delete say how many rows they touched', async () => {
      const name = await under.filledTable()
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
      const name = await under.filledTable()
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
      const name = await under.filledTable()
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
      const name = await under.filledTable()
      await under.run(
        `create or replace table ds.${name} as select id, n + 1 as n from ds.${name} union all select 'x', 0`,
      )
      expect(await under.rows(`select sum(n), count(*) from ${name}`)).toEqual([['9', '4']])
    })

    test('replace a table only with the same partitions and clusters', async () => {
      const name = under.newName()
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
      const name = await under.filledTable()
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
      const name = await under.filledTable()
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
      const name = await under.filledTable()
      const failing = `begin transaction;\ndelete from ${name} where true;\nselect 1 / 0;\ncommit transaction`
      expect(await under.refusal(failing)).toContain('division by zero')
      expect(await under.rows(`select count(*) from ${name}`)).toEqual([['3']])
    })

    test('see their own changes and nobody else’s', async () => {
      const name = await under.filledTable()
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
      const name = await under.filledTable()
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
      const name = await under.filledTable()
      await Promise.all(
        Array.from({ length: 8 }, () => under.run(`update ${name} set n = n + 1 where id = 'a'`)),
      )
      expect(await under.rows(`select n from ${name} where id = 'a'`)).toEqual([['9']])
    })
  })
})
