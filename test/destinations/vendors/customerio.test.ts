import { expect, test } from 'vitest'
import { change } from '../opened.ts'
import { served } from './served.ts'

const customerio = served('customerio', (url) => ({ site_id: 's', api_key: 'k', api_url: url }))
const ann = { id: 'u1', email: 'ann@example.com', ltv: 12.5 }
const bob = { id: 'u2', email: 'bob@example.com', ltv: null }

test('people', async () => {
  const changes = [change('add', 'p1', ann), change('update', 'p2', bob, { changed: ['ltv'] })]
  expect(await customerio.write({}, changes)).toEqual([{ ok: true }, { ok: true }])
  customerio.golden('people')
})

test('rows that are named by index are refused, counted without those that were not sent', async () => {
  customerio.says([
    [
      'POST /api/v2/batch',
      {
        status: 207,
        body: {
          errors: [{ batch_index: 1, reason: 'invalid', field: 'email', message: 'must be an address' }],
        },
      },
    ],
  ])
  const large = { id: 'u0', note: 'x'.repeat(40_000) }
  const changes = [change('add', 'p0', large), change('add', 'p1', ann), change('add', 'p2', bob)]
  expect(await customerio.write({}, changes)).toMatchObject([
    { ok: false, reason: 'too large', retryable: false },
    { ok: true },
    { ok: false, reason: 'invalid', message: 'email: must be an address', retryable: false },
  ])
})

test('removal empties attributes, or deletes', async () => {
  await customerio.write({}, [change('remove', 'p1', ann)])
  await customerio.write({ on_remove: 'delete' }, [change('remove', 'p1', ann)])
  customerio.golden('remove')
})

test('accounts as objects', async () => {
  const settings = { identifier: 'object_id', object_type_id: '2' }
  await customerio.write(settings, [change('add', 'a1', { object_id: 'acme', plan: 'pro' })])
  customerio.golden('objects')
})
