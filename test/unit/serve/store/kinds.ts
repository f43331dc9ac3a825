import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import type { ServingStore } from '../../../../src/config/config.ts'

/** A place for a store that only this test knows, where none is yet. */
export interface Place {
  readonly store: ServingStore
  drop(): Promise<void>
}

export interface Kind {
  readonly name: ServingStore['type']
  place(): Promise<Place>
}

let places = 0

export const kinds: readonly Kind[] = [
  {
    name: 'embedded',
    async place() {
      const folder = mkdtempSync(join(tmpdir(), 'personas-store-'))
      return {
        store: { type: 'embedded', path: join(folder, 'made', 'on demand') },
        drop: async () => rmSync(folder, { recursive: true }),
      }
    },
  },
  {
    name: 'postgres',
    async place() {
      places += 1
      const url = inject('postgresUrl')
      const schema = `Serving "${process.pid}" ${places}`
      return {
        store: { type: 'postgres', url, schema },
        async drop() {
          const client = new pg.Client({ connectionString: url })
          await client.connect()
          await client.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`)
          await client.end()
        },
      }
    },
  },
]
