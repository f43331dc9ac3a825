import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../src/adapters/adapter.ts'
import { writtenRecords } from '../../src/compiler/syncs/written-records.ts'
import type { MappingValue, SyncInput } from '../../src/definitions/mapping.ts'
import { relation } from '../../src/ir/relation.ts'
import type { SyncColumn } from '../../src/ir/sync.ts'
import type { Change } from '../../src/sync/destination.ts'
import { jsonBatch, jsonRecord } from '../../src/sync/json-batch.ts'
import { compileMapping } from '../../src/sync/mapping/evaluate.ts'
import { textReads } from '../../src/sync/mapping/input-values.ts'
import { changedFields } from '../../src/sync/planned-changes.ts'
import { adversarialTexts } from '../support/adversarial.ts'
import { engines, type Place } from '../support/engines.ts'
import { seed } from '../support/seed.ts'
import { templates } from '../support/templates.ts'

const cases = Number(process.env.SYNC_CASES ?? 40)

/** By the type of a column, as `Dialect.toText` writes it. */
const texts = {
  text: fc.oneof(fc.constantFrom(...Object.values(adversarialTexts), '', 'x'.repeat(3_000)), fc.string()),
  number: fc.constantFrom(
    '0',
    '1',
    '-1.5',
    '0.1',
    '1e+20',
    '1.5e-07',
    '12345678901234567',
    'NaN',
    'Infinity',
    '-Infinity',
  ),
  integer: fc.constantFrom(
    '0',
    '-7',
    '999999999999999',
    '9007199254740991',
    '9007199254740992',
    '-9007199254740992',
    '9223372036854775807',
  ),
  boolean: fc.constantFrom('true', 'false'),
  timestamp: fc.constantFrom('2026-06-01T00:00:00Z', '1969-12-31T23:59:59.123456Z'),
  list: fc.array(fc.constantFrom('a', '"', 'ü\n'), { maxLength: 3 }).map((items) => JSON.stringify(items)),
} as const
const columns: readonly SyncColumn[] = Object.keys(texts).map((type) => ({
  name: `of ${type}`,
  input: `column ${type}`,
  type: type as SyncColumn['type'],
}))

const input = fc.constantFrom(...columns.map(({ type }): SyncInput => ({ kind: 'column', name: type })))
const constant = fc.record({
  kind: fc.constant('constant' as const),
  value: fc.oneof(fc.constantFrom(null, true, 0, -1.5), fc.constantFrom(...Object.values(adversarialTexts))),
})
const name = fc.constantFrom('a', 'b', 'c', '"', "it's", '{{x}}', '__proto__')
const { value } = fc.letrec<{ value: MappingValue; scalar: MappingValue; object: MappingValue }>((tie) => ({
  scalar: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('input' as const), input }),
    constant,
    fc.record({
      kind: fc.constant('coalesce' as const),
      of: fc.array(tie('scalar'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('template' as const),
      parts: fc.array(
        fc.oneof(
          fc.constantFrom(...Object.values(adversarialTexts)),
          fc.constantFrom(
            ...['text', 'timestamp'].map((type): SyncInput => ({ kind: 'column', name: type })),
          ),
        ),
        { maxLength: 4 },
      ),
    }),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    tie('scalar'),
    tie('object'),
    fc.record({ kind: fc.constant('list' as const), items: fc.array(tie('value'), { maxLength: 3 }) }),
  ),
  object: fc.record({
    kind: fc.constant('object' as const),
    members: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  }),
}))
const mapping = fc
  .dictionary(name, value, { maxKeys: 6 })
  .map((members): MappingValue => ({ kind: 'object', members }))

const row = fc.record({
  operation: fc.constantFrom<Change['operation']>('add', 'update'),
  key: texts.text,
  differing: fc.subarray(columns.map((_, index) => index)),
  sent: fc.boolean(),
  values: fc.tuple(...Object.values(texts).map((text) => fc.option<string>(text))),
})

describe.each(engines)('records written in the warehouse, on $name', (engine) => {
  let place: Place
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(() => place.drop())

  test(`are those the sync would write; ${cases} mappings, seed ${seed}`, async () => {
    const { adapter, schema } = place
    const { dialect } = adapter
    const changes = relation(schema, 'changes')
    const draws = fc.record({
      mapping,
      removalMapping: mapping,
      rows: fc.array(row, { minLength: 1, maxLength: 12 }),
      removals: fc.boolean(),
      nulls: fc.constantFrom<'send' | 'drop'>('send', 'drop'),
      size: fc.integer({ min: 1, max: 5 }),
    })
    for (const sql of dialect.createSchema(schema)) await adapter.execute(sql)
    await fc.assert(
      fc.asyncProperty(draws, async ({ rows, removals, size, ...maps }) => {
        const written = writtenRecords(
          { dialect, templates },
          { ...maps, records: { columns }, definition: { nulls: maps.nulls } },
          changes,
        )
        if (dialect.json === undefined) {
          expect(written).toBeUndefined()
          return
        }
        const operationOf = (told: Change['operation']) => (removals ? 'remove' : told)
        const marksOf = (differing: readonly number[]) => differing.map((index) => `${index} `).join('')
        async function* loaded(): AsyncGenerator<readonly Value[]> {
          for (const [index, { operation, key, differing, sent, values }] of rows.entries())
            yield [
              index + 1,
              operationOf(operation),
              key,
              marksOf(differing),
              `key ${index}`,
              sent ? 'send' : 'hold',
              ...values,
            ]
        }
        const named = ['operation', 'record_key', 'changed_columns', 'idempotency_key', 'disposition']
        await adapter.load(
          changes,
          [
            { name: 'seq', type: 'integer' },
            ...[...named, ...columns.map((column) => column.name)].map(
              (column) => ({ name: column, type: 'text' }) as const,
            ),
          ],
          loaded(),
        )
        for (const sql of written?.prepare ?? []) await adapter.execute(sql)
        const form = { removals, rows: size, head: '"of":"us",', before: '<', between: '\n', behind: '>' }
        const found = await adapter.query(written?.batches({ first: 1, last: rows.length }, form) ?? '')

        const fieldsOf = compileMapping(
          removals ? maps.removalMapping : maps.mapping,
          textReads(columns, 0),
          maps.nulls,
        )
        const changedOf = changedFields(maps.mapping, columns)
        const all = rows.map(
          ({ operation, key, differing, values }, index): Change => ({
            operation: operationOf(operation),
            key,
            fields: fieldsOf(values),
            changed: operationOf(operation) === 'update' ? changedOf(marksOf(differing)) : [],
            idempotencyKey: `key ${index}`,
          }),
        )
        const parsed = (record: string): unknown => JSON.parse(record)
        const batched = Array.from({ length: Math.ceil(rows.length / size) }, (_, batch) =>
          all.filter((_, index) => Math.floor(index / size) === batch && rows[index]?.sent),
        ).filter((batch) => batch.length > 0)
        expect(found.map(({ body }) => String(body).slice(1, -1).split('\n').map(parsed))).toEqual(
          batched.map((batch) => batch.map((change) => parsed(jsonRecord(change, form.head)))),
        )
        expect(found.map(({ row_count: count }) => Number(count))).toEqual(
          batched.map(({ length }) => length),
        )
        expect(found.map(({ batch_key: key }) => key)).toEqual(
          batched.map((batch) => jsonBatch(batch, form).key),
        )
      }),
      { numRuns: cases, seed },
    )
  })

  test.each<MappingValue>([
    { kind: 'lower', of: { kind: 'input', input: { kind: 'column', name: 'text' } } },
    { kind: 'decode', of: { kind: 'input', input: { kind: 'column', name: 'text' } } },
    { kind: 'hash', as: 'email', of: { kind: 'input', input: { kind: 'column', name: 'text' } } },
    { kind: 'template', parts: [{ kind: 'column', name: 'number' }] },
    { kind: 'input', input: { kind: 'column', name: 'nowhere' } },
  ])('what only a sync can do is left to it: $kind', (of) => {
    const map: MappingValue = { kind: 'object', members: { deep: { kind: 'list', items: [of] } } }
    const how = {
      mapping: map,
      removalMapping: map,
      records: { columns },
      definition: { nulls: 'send' },
    } as const
    const { adapter, schema } = place
    expect(
      writtenRecords({ dialect: adapter.dialect, templates }, how, relation(schema, 'changes')),
    ).toBeUndefined()
  })
})
