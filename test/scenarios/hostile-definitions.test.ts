import { describe, expect, test } from 'vitest'
import type { Adapter, Value } from '../../src/adapters/adapter.ts'
import type { CompiledNode } from '../../src/ir/node.ts'
import { renderSteps } from '../../src/runner/compiled-files.ts'
import { adversarialTexts } from '../support/adversarial.ts'
import type { Engine } from '../support/engines.ts'
import { engines, fastEngines, type Scenario, withScenario } from '../support/scenario.ts'

/*
 * Texts of definitions never become SQL: with hostile ones the statements have the tokens they have with harmless ones, and
 * they run and mean what the texts say.
 */

interface Texts {
  readonly event: string
  readonly value: string
  readonly property: string
  readonly column: string
  readonly blocked: string
  readonly schema: string
  readonly table: string
  readonly description: string
}

const harmless: Texts = {
  event: 'Plain',
  value: 'plain',
  property: 'plain',
  column: 'plain',
  blocked: 'plain',
  schema: 'raw',
  table: 'plain',
  description: 'plain',
}

/** A name can hold no dot in `schema.table`, and differs by more than letter case; callers indent SQL, so it has no line ends. */
function asName(text: string, engine: Engine['name']): string {
  // BigQuery takes few characters in names that are no letters.
  const refused = engine === 'bigquery' ? /[^A-Za-z0-9]/gu : /[.{}\p{Cc}]/gu
  return `n${text.replaceAll(refused, '_')}`.slice(0, 20)
}

/** JSON is YAML. Braces are written as the default of an expression, so that they stay. */
function definitions(texts: Texts): string {
  return JSON.stringify({
    sources: [
      {
        name: 'raw',
        format: 'table',
        table: `${texts.schema}.${texts.table}`,
        type: 'track',
        event: { column: 'event' },
        id: 'id',
        timestamp: 'at',
        identifiers: { user_id: 'person' },
        properties: { [texts.property]: texts.column },
      },
    ],
    identity: {
      identifiers: [{ type: 'user_id', blocked: [{ exact: texts.blocked }, '-1'] }],
    },
    traits: [
      {
        name: 'seen',
        type: 'count',
        event: texts.event,
        where: [{ property: texts.property, one_of: [texts.value, 'also'] }],
        description: texts.description,
        owner: texts.description,
        tags: [texts.description],
        meta: { note: texts.description },
      },
      { name: 'last_value', type: 'last', event: texts.event, property: texts.property },
    ],
    audiences: [
      {
        name: 'members',
        match: { event: texts.event, where: [{ property: texts.property, equals: texts.value }] },
      },
      { name: 'others', match: { trait: 'last_value', contains: texts.value } },
    ],
  }).replaceAll('{{', "{{ env_var 'NO_SUCH_VARIABLE' '{{' }}")
}

async function defineWith(scenario: Scenario, texts: Texts): Promise<void> {
  await scenario.define({ 'models/all.json.yml': definitions(texts) })
}

async function load(scenario: Scenario, texts: Texts, rows: readonly (readonly Value[])[]): Promise<void> {
  const { adapter } = scenario
  const schema = scenario.schemaOf(texts.schema)
  for (const sql of adapter.dialect.createSchema(schema)) await adapter.execute(sql)
  const columns = ['id', 'at', 'event', 'person', texts.column].map((name) => ({
    name,
    type: name === 'at' ? ('timestamp' as const) : ('text' as const),
  }))
  async function* all(): AsyncGenerator<readonly Value[]> {
    yield* rows
  }
  await adapter.load({ schema, name: texts.table }, columns, all())
}

async function drop(adapter: Adapter, schema: string): Promise<void> {
  await adapter.execute(`drop schema if exists ${adapter.dialect.ident(schema)} cascade`)
}

/** What is left of SQL without what literals and names say: `L` for a text, however it is written, `N` for a name. */
function shape(nodes: readonly CompiledNode[]): string {
  const text = String.raw`(?:E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|chr\(\d+\))`
  return (
    nodes
      .map(({ steps }) => renderSteps(steps))
      .join('\n')
      .replaceAll(
        /\/\*.*?\*\/|--[^\n]*|E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|chr\(\d+\)/gs,
        (token) => {
          if (token.startsWith('--') || token.startsWith('/*')) return ' '
          return token.startsWith('"') ? ' N ' : ' L '
        },
      )
      .replaceAll(new RegExp(text, 'g'), ' L ')
      .replaceAll(/\(\s*L\s*(\|\|\s*L\s*)+\)|L\s*(\|\|\s*L\s*)+/g, ' L ')
      .replaceAll(/\b(?!L\b|N\b)[a-z_][a-z0-9_]*\b/g, (word) => (isOurs.has(word) ? word : 'N'))
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/ ?([^\w ]) ?/g, '$1')
      // A column is renamed where its name is not that of the property.
      .replaceAll('N.N as N', 'N.N')
      .replaceAll(/[N]+( N)*/g, 'N')
  )
}

/** Words whose place among the tokens matters; all others are names. */
const isOurs = new Set(
  'select from where and or not in is null case when then else end join inner left cross on group by order as create drop table view insert into values delete update alter truncate union all with distinct having limit cast begin commit do if exists'.split(
    ' ',
  ),
)

const entries = Object.entries(adversarialTexts)

describe.each(engines)('hostile texts in definitions on $name', (engine) => {
  // How it reads literals and names is that of the others; those of BigQuery are held against its engine one by one.
  const told = engine.name === 'bigquery' ? (): void => {} : test
  told('give the tokens that harmless ones give', { timeout: 300_000 }, async () => {
    await withScenario(engine, async (scenario) => {
      const compiled = async (texts: Texts): Promise<readonly string[]> => {
        await defineWith(scenario, texts)
        await load(scenario, texts, [])
        const { manifest, problems } = await scenario.compile()
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
        await drop(scenario.adapter, scenario.schemaOf(texts.schema))
        // Views are made in the order of their names.
        return shape(manifest.nodes).split(';').sort()
      }
      const wanted = await compiled(harmless)
      expect(wanted.length).toBeGreaterThan(100)
      for (const [what, text] of entries) {
        const name = asName(text, engine.name)
        const texts: Texts = {
          ...{ event: text, value: text, blocked: text, description: text },
          ...{ property: name.replaceAll('$', '_'), column: name, schema: name, table: name },
        }
        // A statement at a time: a difference is seen where it is.
        expect([what, ...(await compiled(texts))]).toEqual([what, ...wanted])
      }
    })
  })

  test('run, and mean what they say', { timeout: 300_000 }, async () => {
    const every = fastEngines.includes(engine) ? 3 : 8
    for (const [what, text] of entries.filter((_, index) => index % every === 0 || index < 3)) {
      await withScenario(engine, async (scenario) => {
        const name = asName(text, engine.name)
        const texts: Texts = {
          ...{ event: text, value: text, blocked: `${text.trim()}!`, description: text },
          ...{ property: name.replaceAll('$', '_'), column: name, schema: name, table: name },
        }
        await defineWith(scenario, texts)
        const row = (id: string, person: string, value: string, event = text): readonly Value[] => [
          id,
          '2026-05-01T00:00:00Z',
          event,
          person,
          value,
        ]
        await load(scenario, texts, [
          row('1', text.trim() || 'x', text),
          row('2', 'u2', 'another'),
          row('3', `${text.trim()}!`, text),
          row('4', 'u4', text, 'Another'),
        ])
        try {
          await scenario.run('2026-06-01T00:00:00Z')
          const traits = await scenario.rows(
            'select ids.value, traits.seen, traits.last_value, traits.members from {schema}.profile_traits as traits ' +
              'inner join {schema}.user_identifiers as ids on ids.canonical_segment_id = traits.canonical_segment_id',
          )
          const of = (value: string) => traits.find((found) => found.value === value)
          expect([what, of(text.trim() || 'x')]).toMatchObject([
            what,
            { seen: 1, last_value: text, members: true },
          ])
          expect([what, of('u2')]).toMatchObject([
            what,
            { seen: null, last_value: 'another', members: false },
          ])
          expect([what, of('u4')?.members]).toEqual([what, false])
          const refused = await scenario.rows(
            'select reason, identifier_value from {schema}.identity_violations',
          )
          expect([what, refused]).toEqual([
            what,
            expect.arrayContaining([{ reason: 'ID value blocked', identifier_value: `${text.trim()}!` }]),
          ])
        } finally {
          // The views of events stand on the source table.
          await drop(scenario.adapter, scenario.schemaOf(texts.schema))
        }
      })
    }
  })

  test('events and audiences may be called what tables of our own are called', async () => {
    await withScenario(engine, async (scenario) => {
      const names = ['Identifiers', 'Profiles', 'Rows', 'Identifies', 'Tracks']
      const slugs = names.map((name) => name.toLowerCase())
      const traits = names.map(
        (event, index) => `  - { name: ${slugs[index]}, type: count, event: ${event} }\n`,
      )
      await scenario.define({
        'models/a.yml': `sources: [{ name: web, format: segment, schema: web }]\ntraits:\n${traits.join('')}audiences:\n  - { name: members, match: { trait: rows, equals: 1 } }\n`,
      })
      const at = '2026-05-01T00:00:00Z'
      await scenario.give({
        'web.tracks': names.map((event) => ({ user_id: 'u1', event_text: event, timestamp: at })),
      })
      await scenario.run('2026-06-01T00:00:00Z', 'run_1')
      await scenario.run('2026-06-02T00:00:00Z', 'run_2')
      expect(
        await scenario.rows(
          `select members, ${slugs.map(scenario.adapter.dialect.ident).join(', ')} from {schema}.profile_traits`,
        ),
      ).toEqual([{ members: true, ...Object.fromEntries(slugs.map((slug) => [slug, 1])) }])
    })
  })
})
