import { expect, test } from 'vitest'
import { change } from '../opened.ts'
import { served } from './served.ts'

const hubspot = served('hubspot', (url) => ({ access_token: 't', api_url: url }))
const ann = { email: 'ann@example.com', firstname: 'Ann', spent: 12.5, vip: true, likes: ['tea', 'figs'] }
const bob = { email: 'bob@example.com', firstname: null, spent: 0, vip: false, likes: [] }

test('upserts by the id property, each row with a trace of its own', async () => {
  hubspot.says([
    ['POST /crm/v3/objects/contacts/batch/upsert', { body: { status: 'COMPLETE', results: [] } }],
  ])
  const results = await hubspot.write({}, [change('add', 'p1', ann), change('update', 'p2', bob)])
  expect(results).toEqual([{ ok: true }, { ok: true }])
  hubspot.golden('upsert')
})

test('rows that HubSpot names by trace or id are refused, the others taken', async () => {
  hubspot.says([
    [
      'POST',
      {
        status: 207,
        body: {
          status: 'COMPLETE',
          results: [{ id: '1' }],
          numErrors: 2,
          errors: [
            {
              status: 'error',
              category: 'VALIDATION_ERROR',
              message: 'Property values were not valid',
              context: { objectWriteTraceId: ['p2'] },
            },
            {
              status: 'error',
              category: 'CONFLICT',
              message: 'exists already',
              context: { ids: ['cyd@example.com'] },
            },
          ],
        },
      },
    ],
  ])
  const cyd = { ...ann, email: 'cyd@example.com' }
  const changes = [ann, bob, cyd, { firstname: 'Nobody' }].map((fields, at) =>
    change('add', `p${at + 1}`, fields),
  )
  expect(await hubspot.write({}, changes)).toEqual([
    { ok: true },
    { ok: false, reason: 'validation error', message: 'Property values were not valid', retryable: false },
    { ok: false, reason: 'conflict', message: 'exists already', retryable: false },
    { ok: false, reason: 'no email', message: 'the mapping gives no `email`', retryable: false },
  ])
})

test('an error of no row in particular: the batch is halved, a single row is refused', async () => {
  hubspot.says([['POST', { status: 207, body: { errors: [{ category: 'OTHER', message: 'no' }] } }]])
  const changes = [change('add', 'p1', ann), change('add', 'p2', bob)]
  await expect(hubspot.write({}, changes)).rejects.toMatchObject({ kind: 'rejected' })
  expect(await hubspot.write({}, changes.slice(0, 1))).toMatchObject([{ ok: false, reason: 'other' }])
})

test('removal empties what was mapped, and a record that is gone is no error', async () => {
  hubspot.says([
    [
      'POST /crm/v3/objects/contacts/batch/update',
      {
        status: 207,
        body: {
          errors: [{ category: 'OBJECT_NOT_FOUND', message: 'x', context: { ids: ['bob@example.com'] } }],
        },
      },
    ],
  ])
  const results = await hubspot.write({}, [change('remove', 'p1', ann), change('remove', 'p2', bob)])
  expect(results).toEqual([{ ok: true }, { ok: true }])
  hubspot.golden('clear')
})

test('removal archives those that are there, where settings say so', async () => {
  hubspot.says([
    ['POST /crm/v3/objects/companies/batch/read', { body: { results: [{ id: '501' }] } }],
    ['POST /crm/v3/objects/companies/batch/archive', { status: 204, body: '' }],
  ])
  const settings = { object: 'companies', id_property: 'domain', on_remove: 'archive' }
  const changes = ['a.example', 'b.example'].map((domain) => change('remove', domain, { domain }))
  expect(await hubspot.write(settings, changes)).toEqual([{ ok: true }, { ok: true }])
  hubspot.golden('archive')
})

test('a static list holds what came, and loses what left', async () => {
  hubspot.says([
    ['POST /crm/v3/objects/contacts/batch/upsert', { body: { results: [{ id: '101' }, { id: '102' }] } }],
    ['POST /crm/v3/objects/contacts/batch/read', { body: { results: [{ id: '101' }] } }],
    ['PUT', { body: { recordIdsMissing: [], recordsIdsAdded: ['101'], recordIdsRemoved: [] } }],
  ])
  await hubspot.write({ list_id: '12' }, [change('add', 'p1', ann), change('add', 'p2', bob)])
  await hubspot.write({ list_id: '12' }, [change('remove', 'p1', ann)])
  hubspot.golden('list')
})
