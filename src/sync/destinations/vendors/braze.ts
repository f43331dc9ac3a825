import { z } from 'zod'
import { type Change, DeliveryError, destinationType, type FieldValue } from '../../destination.ts'
import {
  askJson,
  baseUrl,
  everyMode,
  identified,
  isRemoval,
  type Row,
  type Rows,
  refused,
  refusedSomewhere,
  sendJson,
  untested,
  without,
} from './vendor.ts'

const identifiers = ['external_id', 'email', 'phone', 'user_alias', 'braze_id'] as const
const settings = z
  .strictObject({
    api_key: z.string().min(1).describe('REST API key with `users.track`, and `users.delete` for deleting'),
    url: baseUrl.describe('REST endpoint of the instance: `https://rest.iad-01.braze.com`'),
    identifier: z
      .enum(identifiers)
      .default('external_id')
      .describe('the field that says who a record is about; the mapping must give it'),
    alias_label: z.string().min(1).optional().describe('label of the aliases, with `user_alias`'),
    on_remove: z
      .enum(['clear', 'delete'])
      .default('clear')
      .describe('empty the mapped attributes, or delete the profile'),
  })
  .refine(({ identifier, alias_label: label }) => identifier !== 'user_alias' || label !== undefined, {
    error: '`user_alias` needs `alias_label`',
    path: ['alias_label'],
  })
  .refine(({ identifier, on_remove: how }) => identifier !== 'phone' || how !== 'delete', {
    error: 'Braze deletes nobody by phone number',
    path: ['on_remove'],
  })
type Settings = z.output<typeof settings>

const answered = z.object({
  message: z.string().default('success'),
  errors: z
    .array(
      z.union([
        z.string(),
        z.object({
          type: z.string().default('refused'),
          input_array: z.string().optional(),
          index: z.int().min(0).optional(),
        }),
      ]),
    )
    .default([]),
})

/** Attributes of profiles; Braze charges for each attribute sent, so updates carry only what changed. */
export const braze = destinationType<Settings>({
  type: 'braze',
  summary: 'attributes of profiles in Braze',
  note: untested,
  takes: 'The identifier, and attributes. An update sends only what changed. Null empties an attribute.',
  settings,
  secrets: ['api_key'],
  example: { api_key: "{{ env_var 'BRAZE_KEY' }}", url: 'https://rest.iad-01.braze.com' },
  capabilities: ({ on_remove: how }) => ({
    modes: everyMode,
    batchRows: how === 'delete' ? 50 : 75,
    concurrency: 4,
    rate: { requests: 250, perMs: 3_000 },
    repeated: 'harmless',
    visible: 'batch',
  }),
  async check(own) {
    // Nothing to track: whoever is let in is told so with 400.
    await sendJson(`${own.url}/users/track`, {
      json: { attributes: [] },
      ...as(own),
      accept: (status) => status === 400,
    })
  },
  async open(own, { mode }) {
    return {
      async write(changes) {
        const batch = identified(changes, own.identifier)
        if (batch.rows.length === 0) return batch.results
        if (isRemoval(changes) && own.on_remove === 'delete') await deleteAll(own, batch)
        else await track(own, batch, mode === 'update')
        return batch.results
      },
      async close() {},
    }
  },
})

async function track(own: Settings, batch: Rows, existingOnly: boolean): Promise<void> {
  const attributes = batch.rows.map((row) => ({
    ...whoOf(own, row),
    _update_existing_only: existingOnly || row.change.operation === 'remove',
    ...attributesOf(row.change, own.identifier),
  }))
  const answer = await askJson(`${own.url}/users/track`, answered, { json: { attributes }, ...as(own) })
  if (answer.message !== 'success') throw new DeliveryError('rejected', 'Braze', answer.message)
  for (const error of answer.errors) {
    if (typeof error === 'string') refusedSomewhere(batch, 'refused', error)
    else {
      const row = error.index === undefined ? undefined : batch.rows[error.index]
      if (row === undefined) refusedSomewhere(batch, 'refused', error.type)
      else batch.results[row.index] = refused('refused', error.type)
    }
  }
}

function attributesOf({ operation, fields, changed }: Change, identifier: string): Change['fields'] {
  const own = without(fields, [identifier])
  switch (operation) {
    case 'add':
      return own
    case 'update':
      return changed.length === 0
        ? own
        : Object.fromEntries(Object.entries(own).filter(([name]) => changed.includes(name)))
    case 'remove':
      return Object.fromEntries(Object.keys(without(own, identifiers)).map((name) => [name, null]))
  }
}

async function deleteAll(own: Settings, { rows }: Rows): Promise<void> {
  const json = Object.fromEntries([deletedBy(own, rows)])
  await sendJson(`${own.url}/users/delete`, { json, ...as(own) })
}

function deletedBy(own: Settings, rows: readonly Row[]): readonly [string, readonly FieldValue[]] {
  switch (own.identifier) {
    case 'external_id':
      return ['external_ids', rows.map(({ id }) => id)]
    case 'braze_id':
      return ['braze_ids', rows.map(({ id }) => id)]
    case 'user_alias':
      return ['user_aliases', rows.map((row) => aliasOf(own, row))]
    case 'email':
    case 'phone':
      return [
        'email_addresses',
        rows.map(({ id }) => ({ email: id, prioritization: ['most_recently_updated'] })),
      ]
  }
}

function whoOf(own: Settings, row: Row): Change['fields'] {
  return { [own.identifier]: own.identifier === 'user_alias' ? aliasOf(own, row) : row.id }
}

function aliasOf({ alias_label: label = '' }: Settings, { id }: Row): Change['fields'] {
  return { alias_name: id, alias_label: label }
}

function as({ api_key: key }: Settings): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { authorization: `Bearer ${key}` } }
}
