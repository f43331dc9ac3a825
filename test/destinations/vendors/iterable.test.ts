import { expect, test } from 'vitest'
import { change } from '../opened.ts'
import { served } from './served.ts'

const iterable = served('iterable', (url) => ({ api_key: 'k', api_url: url }))
const ann = { email: 'ann@example.com', userId: 'u1', ltv: 12.5 }
const bob = { email: 'bob@example.com', userId: 'u2', ltv: null }
const cyd = { email: 'cyd@example.com', userId: 'u3', ltv: 1 }

test('users', async () => {
  iterable.says([['POST', { body: { successCount: 2, failCount: 0, failedUpdates: {} } }]])
  const changes = [change('add', 'p1', ann), change('update', 'p2', bob)]
  expect(await iterable.write({}, changes)).toEqual([{ ok: true }, { ok: true }])
  iterable.golden('users')
})

test('users that failed are refused, each with what is wrong', async () => {
  iterable.says([
    [
      'POST',
      {
        body: {
          successCount: 1,
          failCount: 2,
          invalidEmails: [],
          failedUpdates: { forgottenEmails: ['BOB@example.com'], conflictUserIds: ['u3'] },
        },
      },
    ],
  ])
  const changes = [ann, bob, cyd].map((fields, at) => change('add', `p${at}`, fields))
  expect(await iterable.write({}, changes)).toMatchObject([
    { ok: true },
    { ok: false, reason: 'forgotten emails', retryable: false },
    { ok: false, reason: 'conflict user ids', retryable: true },
  ])
})

test('failures that are counted but not named are not called successes', async () => {
  iterable.says([['POST', { body: { successCount: 1, failCount: 1 } }]])
  const changes = [change('add', 'p1', ann), change('add', 'p2', bob)]
  await expect(iterable.write({}, changes)).rejects.toMatchObject({ kind: 'rejected' })
})

test('a list, by user id', async () => {
  const settings = { list_id: 4711, identifier: 'userId' }
  await iterable.write(settings, [change('add', 'p1', ann)])
  await iterable.write(settings, [change('remove', 'p1', ann)])
  iterable.golden('list')
})

test('removal without a list empties fields', async () => {
  await iterable.write({}, [change('remove', 'p1', ann)])
  iterable.golden('clear')
})
