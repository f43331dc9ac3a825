import { expect, test } from 'vitest'
import type { SessionContext } from '../../../src/sync/destination.ts'
import { change } from '../opened.ts'
import { served } from './served.ts'

const meta = served('meta_audience', (url) => ({ access_token: 't', api_url: url }))
const context: Partial<SessionContext> = {
  fields: ['email', 'phone', 'first_name', 'country', 'external_id'].map((name) => ({ name, type: 'text' })),
}
const ann = { email: ' Ann@Example.com', phone: '+1 (650) 555-1212', first_name: 'Ann', country: 'US' }
const bob = { email: 'bob@example.com', phone: null, first_name: null, country: 'de', external_id: 'p2' }
const changes = [
  change('add', 'p1', ann, { idempotencyKey: 'one' }),
  change('add', 'p2', bob, { idempotencyKey: 'two' }),
]
const audience = { audience_id: '77' }

test('members by hashes, with a session that is the same when it is sent again', async () => {
  meta.says([['POST', { body: { audience_id: '77', num_received: 2, num_invalid_entries: 0 } }]])
  const results = await meta.write(audience, changes, context)
  expect(results).toEqual([{ ok: true }, { ok: true }])
  expect(meta.received[0]?.body).not.toMatch(/example\.com|650|Ann/i)
  meta.golden('add')
})

test('removal', async () => {
  const leaving = changes.map((each) => ({ ...each, operation: 'remove' as const }))
  expect(await meta.write(audience, leaving, context)).toEqual([{ ok: true }, { ok: true }])
  meta.golden('remove')
})

test('without an id, the audience of that name is found, or created', async () => {
  const settings = { ad_account_id: '1234' }
  meta.says([
    [
      'GET',
      {
        body: {
          data: [
            { id: '78', name: 'peoples' },
            { id: '77', name: 'people' },
          ],
        },
      },
    ],
    ['POST /v25.0/77/users', {}],
  ])
  await meta.write(settings, changes, context)
  meta.says([
    ['GET', { body: { data: [] } }],
    ['POST /v25.0/act_1234/customaudiences', { body: { id: '90' } }],
    ['POST /v25.0/90/users', {}],
  ])
  await meta.write(settings, changes.slice(1), context)
  meta.golden('ensure')
})

test('invalid entries that are not named: the batch is halved, a single row is refused', async () => {
  meta.says([['POST', { body: { num_received: 2, num_invalid_entries: 1 } }]])
  await expect(meta.write(audience, changes, context)).rejects.toMatchObject({ kind: 'rejected' })
  expect(await meta.write(audience, changes.slice(0, 1), context)).toMatchObject([
    { ok: false, reason: 'invalid' },
  ])
})

test('a row with nothing to match by is refused, the others are sent', async () => {
  const nobody = change('add', 'p3', { email: '', phone: null })
  expect(await meta.write(audience, [nobody, ...changes], context)).toMatchObject([
    { ok: false, reason: 'no identifier' },
    { ok: true },
    { ok: true },
  ])
})

test.each([
  [{ code: 190, message: 'expired' }, 'fatal'],
  [{ code: 200, message: 'permissions' }, 'fatal'],
  [{ code: 80_003, message: 'too many calls' }, 'retryable'],
  [{ code: 100, message: 'blocked', is_transient: true }, 'retryable'],
  [{ code: 100, message: 'Invalid parameter', error_user_msg: 'Audience upload blocked' }, 'rejected'],
])('an error of 400 means what its code says: %o is %s', async (error, kind) => {
  meta.says([['POST', { status: 400, body: { error } }]])
  await expect(meta.write(audience, changes, context)).rejects.toMatchObject({ kind })
})

test('a field that matches nobody is a mistake of the mapping', async () => {
  const fields = [{ name: 'shoe_size', type: 'text' as const }]
  await expect(meta.write(audience, changes, { fields })).rejects.toMatchObject({ kind: 'fatal' })
})
