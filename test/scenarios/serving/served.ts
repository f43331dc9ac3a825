import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PublishResult, publishProfiles } from '../../../src/serve/publish/publish.ts'
import { openStore } from '../../../src/serve/store/open-store.ts'
import { type Collection, type ProfileStore, parts } from '../../../src/serve/store/store.ts'
import type { Engine } from '../../support/engines.ts'
import { type Scenario, withScenario } from '../../support/scenario.ts'

export interface Serving {
  readonly scenario: Scenario
  readonly store: ProfileStore
  publish(how?: {
    readonly full?: boolean
    readonly remembers?: boolean
    readonly into?: ProfileStore
    readonly profilesAtOnce?: number
    /** Told what is sent. */
    readonly compiled?: (files: ReadonlyMap<string, string>) => void
  }): Promise<PublishResult>
  /** All that a store serves, by collection and id. */
  served(store?: ProfileStore): Promise<Readonly<Record<string, unknown>>>
  /** A store of its own, closed with the rest. */
  another(): Promise<ProfileStore>
}

/** A scenario with an embedded store to publish to. */
export async function withServing(engine: Engine, use: (serving: Serving) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'personas-serving-'))
  const opened: ProfileStore[] = []
  const another = async (): Promise<ProfileStore> => {
    const store = await openStore({ type: 'embedded', path: join(folder, String(opened.length)) })
    opened.push(store)
    return store
  }
  try {
    await withScenario(engine, async (scenario) => {
      const store = await another()
      try {
        await use({
          scenario,
          store,
          another,
          async publish({
            full = false,
            remembers = true,
            into = store,
            profilesAtOnce = 200_000,
            compiled = () => {},
          } = {}) {
            const { serving } = await scenario.compile()
            if (serving === undefined) throw new Error('it does not compile')
            return publishProfiles({
              plan: serving(),
              warehouse: scenario.adapter,
              target: 'here',
              store: into,
              remembers,
              profilesAtOnce,
              full,
              signal: new AbortController().signal,
              report: () => {},
              compiled,
            })
          },
          served: (from = store) => servedBy(scenario, from),
        })
      } finally {
        const { ident } = scenario.adapter.dialect
        await scenario.adapter.execute(`drop schema if exists ${ident(`${scenario.schema}_sync`)} cascade`)
      }
    })
  } finally {
    for (const store of opened) await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function servedBy(scenario: Scenario, store: ProfileStore): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  const ids: Readonly<Record<Collection, readonly string[]>> = {
    users: (await scenario.rows('select segment_id as id from {schema}.id_graph')).map(({ id }) =>
      String(id),
    ),
    accounts: (await scenario.rows('select account_id as id from {schema}.account_traits')).map(({ id }) =>
      String(id),
    ),
  }
  for (const collection of ['users', 'accounts'] as const) {
    for (const id of [...ids[collection]].sort()) {
      const { profile } = await store.read({ collection, by: { id }, parts, linked: 20 })
      found[`${collection} ${id}`] = profile ?? 'not served'
    }
  }
  return found
}
