import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { quoteName, quoteText } from './engine/lexer.ts'
import { type EngineUnderTest, startEngine } from './engine-under-test.ts'
import { textValue } from './values/encode.ts'

describe.skipIf('missing' in inject('bigquery'))('the engine of the BigQuery emulator', () => {
  let under: EngineUnderTest

  beforeAll(async () => {
    under = await startEngine()
  })
  afterAll(() => under.stop())

  describe('names', () => {
    test('of tables are found however they are written', async () => {
      const name = await under.filledTable()
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
      const name = await under.filledTable()
      expect(await under.rows(`select ${name}.id from \`proj.ds.${name}\` where ${name}.n = 1`)).toEqual([
        ['a'],
      ])
      const sql = `select ${name}.id from ds.${name} join proj.ds.${name} as other using (id) where ${name}.n > 2`
      expect(await under.rows(sql)).toEqual([['c']])
    })

    test('may be CTEs that hide tables, columns named like tables, and any character', async () => {
      const name = await under.filledTable()
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
      const name = await under.filledTable()
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
      await under.run(sql.replaceAll(/\bL\b/g, await under.filledTable()))
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
