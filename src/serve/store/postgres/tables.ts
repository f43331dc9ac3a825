import pg from 'pg'
import { type Part, parts } from '../store.ts'

/** Of what is in the tables. Another one is refused, since it may mean anything. */
export const format = 2

export interface Tables {
  readonly schema: string
  readonly store: string
  readonly profiles: string
  readonly lookups: string
  readonly suppressed: string
  readonly pending: string
  readonly tokens: string
}

export function tablesOf(schema: string): Tables {
  const quoted = pg.escapeIdentifier(schema)
  return {
    schema: quoted,
    store: `${quoted}.store`,
    profiles: `${quoted}.profiles`,
    lookups: `${quoted}.lookups`,
    suppressed: `${quoted}.suppressed`,
    pending: `${quoted}.pending`,
    tokens: `${quoted}.tokens`,
  }
}

/** Names of columns are those of parts. */
export const partColumns: readonly Part[] = parts

/** What is staged, and what is kept of it. `id` is JSON text, `digest` one of all that is kept. */
export const profileColumns = [
  'key',
  'collection',
  'id',
  'digest',
  'lookups',
  'exacts',
  'link_keys',
  ...partColumns,
] as const

export const definitions: Readonly<Record<(typeof profileColumns)[number], string>> = {
  key: 'bytea',
  collection: 'text',
  id: 'text collate "C"',
  digest: 'bytea',
  lookups: 'bytea[]',
  exacts: 'bytea[]',
  link_keys: 'bytea[]',
  traits: 'text',
  trait_classes: 'text',
  trait_sources: 'text',
  external_ids: 'text',
  events: 'text',
  metadata: 'text',
  links: 'text',
}

/** In order; each leaves what is there. */
export function createTables(tables: Tables): readonly string[] {
  const columns = profileColumns.map((name) => `${name} ${definitions[name]}`).join(', ')
  return [
    `create schema if not exists ${tables.schema}`,
    `create table if not exists ${tables.store} (
      only_row boolean primary key default true check (only_row),
      format integer not null,
      id text not null,
      release text
    )`,
    `create table if not exists ${tables.profiles} (${columns}, primary key (key))`,
    `create table if not exists ${tables.lookups} (
      key bytea, owner bytea, collection text not null, primary key (key, owner)
    )`,
    `create table if not exists ${tables.suppressed} (key bytea primary key)`,
    `create table if not exists ${tables.pending} (key bytea primary key)`,
    `create table if not exists ${tables.tokens} (
      name text primary key, hash text not null unique, created_at text not null
    )`,
  ]
}
