import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/adapters/adapter.ts'
import { dropIndexes, stateTables } from '../../../src/identity/state.ts'
import { identityRelation, type TableName } from '../../../src/identity/tables.ts'
import { fastEngines, type Place } from '../../support/engines.ts'
import { type GivenEvent, type GivenRun, giveEvents, runIdentity, type Warehouse } from './identity-run.ts'
import { defaults, event } from './short-text.ts'
import { withPlace } from './with-place.ts'

const events = ['u=u1 e=e1', 'a=a1', 'u=u2 e=e1', 'a=a1 e=e1 phone=5', 'u=-1', 'a=a2 a=a3'].map(event)
const [earlier, later] = [events.slice(0, 3), events.slice(3)]

async function take(
  { adapter, workSchema }: Pick<Place, 'workSchema'> & { readonly adapter: Warehouse },
  given: readonly GivenEvent[],
  run: GivenRun,
): Promise<void> {
  await giveEvents(adapter, workSchema, given, run)
  await runIdentity(adapter, { workSchema, rules: defaults })
}

/** As `take`. @returns what was given, which is empty once it is taken in */
async function takeAndTell(
  place: Place,
  given: readonly GivenEvent[],
  run: GivenRun,
): Promise<Readonly<Record<'newEvents' | 'newEventIdentifiers' | 'newLateEvents', readonly string[]>>> {
  await giveEvents(place.adapter, place.workSchema, given, run)
  const told = {
    newEvents: await rowsOf(place, 'newEvents'),
    newEventIdentifiers: await rowsOf(place, 'newEventIdentifiers'),
    newLateEvents: await rowsOf(place, 'newLateEvents'),
  }
  await runIdentity(place.adapter, { workSchema: place.workSchema, rules: defaults })
  for (const table of ['newEvents', 'newEventIdentifiers', 'newLateEvents'] as const) {
    expect(await rowsOf(place, table)).toEqual([])
  }
  return told
}

/** Rows as JSON, sorted. */
async function rowsOf({ adapter, workSchema }: Place, table: TableName): Promise<readonly string[]> {
  const rows = await adapter.query(
    `select * from ${adapter.dialect.relation(identityRelation(workSchema, table))}`,
  )
  return rows.map(text).toSorted()
}

const text = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

async function stateOf(place: Place): Promise<Readonly<Record<string, readonly string[]>>> {
  const state: Record<string, readonly string[]> = {}
  for (const table of stateTables) state[table] = await rowsOf(place, table)
  return state
}

describe.each(fastEngines.map((engine) => ({ engine })))(
  'state of identity on $engine.name',
  ({ engine }) => {
    test('indexes are there once a batch is in, also after a rebuild; without them a batch is taken in all the same', async () => {
      await withPlace(engine, async (place) => {
        const { adapter, workSchema } = place
        const drops = dropIndexes(adapter.dialect, workSchema).map(({ sql }) => sql)
        // Without `if exists`, so that it says whether it was there.
        const dropAll = async (): Promise<void> => {
          for (const sql of drops) await adapter.execute(sql.replace(' if exists', ''))
        }
        await take(place, earlier, { runId: 'run_1' })
        await dropAll()
        await take(place, later, { runId: 'run_2' })
        const grown = await rowsOf(place, 'stateLinks')
        await dropAll()
        await take(place, events, { runId: 'run_3', fullRefresh: true })
        await dropAll()
        expect(await rowsOf(place, 'stateLinks')).toHaveLength(grown.length)
      })
    })

    test('a batch that fails as it is taken in leaves nothing, and goes in whole when it is run again', async () => {
      await withPlace(engine, async (place) => {
        const { adapter, workSchema } = place
        await take(place, earlier, { runId: 'run_1' })
        const before = await stateOf(place)
        const failing: Warehouse = {
          dialect: adapter.dialect,
          execute: (sql) => adapter.execute(sql),
          query: (sql) => adapter.query(sql),
          load: (...given) => adapter.load(...given),
          transaction: (statements) => adapter.transaction([...statements, 'select * from not_there']),
        }
        for (const fullRefresh of [false, true]) {
          const run = take({ adapter: failing, workSchema }, later, { runId: 'run_2', fullRefresh })
          await expect(run).rejects.toThrow(/not_there/i)
          expect(await stateOf(place)).toEqual(before)
        }

        await take(place, later, { runId: 'run_2' })
        const after = await stateOf(place)
        expect(after).not.toEqual(before)
        await withPlace(engine, async (other) => {
          await take(other, earlier, { runId: 'run_1' })
          await take(other, later, { runId: 'run_2' })
          expect(after).toEqual(await stateOf(other))
        })
      })
    })

    test('events are kept as they were given, until a full refresh', async () => {
      await withPlace(engine, async (place) => {
        const given: Record<'events' | 'eventIdentifiers', readonly string[]> = {
          events: [],
          eventIdentifiers: [],
        }
        for (const [batch, fullRefresh] of [
          [earlier, false],
          [later, false],
          [earlier, true],
        ] as const) {
          const told = await takeAndTell(place, batch, { fullRefresh })
          const taken = { events: told.newEvents, eventIdentifiers: told.newEventIdentifiers }
          for (const table of ['events', 'eventIdentifiers'] as const) {
            given[table] = fullRefresh ? taken[table] : [...given[table], ...taken[table]].toSorted()
            expect(given[table].length).toBeGreaterThan(0)
            expect(await rowsOf(place, table)).toEqual(given[table])
          }
        }
      })
    })

    test('late events are kept as they were given, until a full refresh', async () => {
      await withPlace(engine, async (place) => {
        const late = async (): Promise<readonly string[]> => await rowsOf(place, 'stateLateEvents')
        const { newLateEvents: first } = await takeAndTell(place, earlier, {
          lateEvents: [{ arrival: 3, batch: 1, after: 2 }],
        })
        expect(await late()).toEqual(first)
        expect(first).toHaveLength(1)
        const { newLateEvents: second } = await takeAndTell(place, later, {
          lateEvents: [{ arrival: 6, batch: 2, after: 5 }],
        })
        expect(await late()).toEqual([...first, ...second].toSorted())
        expect(await late()).toHaveLength(2)
        await take(place, events, { fullRefresh: true })
        expect(await late()).toEqual([])
      })
    })

    test('batches and a rebuild give one certificate', async () => {
      await withPlace(engine, async (place) => {
        const certificate = async (): Promise<Row | undefined> => {
          const [row] = await place.adapter.query(
            `select events, identifiers, profiles, merged_profiles, violations, largest_cluster, cluster_sizes, partition_hash
           from ${place.adapter.dialect.relation(identityRelation(place.workSchema, 'certificate'))}`,
          )
          return row
        }
        await take(place, earlier, { runId: 'run_1' })
        await take(place, later, { runId: 'run_2' })
        const batches = await certificate()
        expect(batches).toMatchObject({
          events: 6n,
          identifiers: 7n,
          profiles: 3n,
          merged_profiles: 1n,
          violations: 3n,
          largest_cluster: 4n,
          cluster_sizes:
            '1: 1, 2: 1, 3: 0, 4-5: 1, 6-10: 0, 11-30: 0, 31-100: 0, 101-300: 0, 301-1000: 0, 1001+: 0',
        })
        await take(place, events, { runId: 'run_3', fullRefresh: true })
        expect(await certificate()).toEqual(batches)
      })
    })

    test('a violation tells the run that found it', async () => {
      await withPlace(engine, async (place) => {
        await take(place, earlier, { runId: 'run_1' })
        await take(place, later, { runId: 'run_2' })
        const table = place.adapter.dialect.relation(identityRelation(place.workSchema, 'violations'))
        const rows = await place.adapter.query(
          `select run_id, event_id from ${table} order by event_id, run_id`,
        )
        expect(rows).toEqual([
          { run_id: 'run_1', event_id: 'e3' },
          { run_id: 'run_2', event_id: 'e5' },
          { run_id: 'run_2', event_id: 'e5' },
        ])
      })
    })
  },
)
