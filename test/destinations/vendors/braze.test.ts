import { expect, test } from 'vitest'
import { change, typeOf } from '../opened.ts'
import { served } from './served.ts'

const braze = served('braze', (url) => ({ api_key: 'k', url }))
const ann = { external_id: 'u1', email: 'ann@example.com', ltv: 12.5, likes: ['tea'] }
const bob = { external_id: 'u2', email: 'bob@example.com', ltv: null, likes: [] }

test('all attributes of who comes, only the changed ones of who is there', async () => {
  braze.says([['POST /users/track', { status: 201, body: { message: 'success', attributes_processed: 2 } }]])
  const changes = [change('add', 'p1', ann), change('update', 'p2', bob, { changed: ['ltv'] })]
  expect(await braze.write({}, changes)).toEqual([{ ok: true }, { ok: true }])
  braze.golden('track')
})

test('rows that Braze names by index are refused, counted without those that were not sent', async () => {
  braze.says([
    [
      'POST',
      {
        status: 201,
        body: {
          message: 'success',
          errors: [{ type: "'email' is not valid", input_array: 'attributes', index: 1 }],
        },
      },
    ],
  ])
  const changes = [change('add', 'p0', { ltv: 1 }), change('add', 'p1', ann), change('add', 'p2', bob)]
  expect(await braze.write({}, changes)).toMatchObject([
    { ok: false, reason: 'no external_id' },
    { ok: true },
    { ok: false, reason: 'refused', message: "'email' is not valid", retryable: false },
  ])
})

test('removal empties attributes of profiles that exist, or deletes them', async () => {
  await braze.write({}, [change('remove', 'p1', ann)])
  await braze.write({ on_remove: 'delete' }, [change('remove', 'p1', ann), change('remove', 'p2', bob)])
  const byEmail = { identifier: 'email', on_remove: 'delete' }
  await braze.write(byEmail, [change('remove', 'p1', ann)])
  braze.golden('remove')
})

test('people by alias; updates create nobody', async () => {
  const alias = { identifier: 'user_alias', alias_label: 'profile' }
  await braze.write(alias, [change('add', 'p1', { user_alias: 'a1', ltv: 1 })], { mode: 'update' })
  braze.golden('alias')
})

test('as many as a request holds', async () => {
  const { capabilities, settings } = await typeOf('braze')
  const own = { api_key: 'k', url: 'https://rest.example' }
  expect(capabilities(settings.parse(own)).batchRows).toBe(75)
  expect(capabilities(settings.parse({ ...own, on_remove: 'delete' })).batchRows).toBe(50)
  expect(settings.safeParse({ ...own, identifier: 'phone', on_remove: 'delete' }).success).toBe(false)
  expect(settings.safeParse({ ...own, identifier: 'user_alias' }).success).toBe(false)
})

test('checking tracks nothing; a key that is wrong is fatal', async () => {
  const { check, settings } = await typeOf('braze')
  const own = settings.parse({ api_key: 'k', url: braze.url })
  braze.says([['POST', { status: 400, body: { message: 'nothing to track' } }]])
  await check(own, new AbortController().signal)
  braze.says([['POST', { status: 401, body: { message: 'Invalid API key' } }]])
  await expect(check(own, new AbortController().signal)).rejects.toMatchObject({ kind: 'fatal' })
})
