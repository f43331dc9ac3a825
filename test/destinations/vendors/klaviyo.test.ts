import { expect, test } from 'vitest'
import type { Answer } from '../loopback.ts'
import { change } from '../opened.ts'
import { type Script, served } from './served.ts'

const klaviyo = served('klaviyo', (url) => ({ api_key: 'k', api_url: url, poll_seconds: 0.01 }))
const ann = { email: 'ann@example.com', first_name: 'Ann', ltv: 12.5 }
const bob = { email: 'bob@example.com', first_name: null, ltv: null }
const cyd = { email: 'cyd@example.com', first_name: 'Cyd', ltv: 3 }

function job(status: string, failed = 0): Answer {
  return {
    status: status === 'queued' ? 202 : 200,
    body: {
      data: { type: 'profile-bulk-import-job', id: 'j1', attributes: { status, failed_count: failed } },
    },
  }
}

/** A job that is looked at twice before it is done. */
function script(failed: number, errors: Answer): Script {
  const looks = [job('processing'), job('complete', failed)]
  return [
    ['POST /api/profile-bulk-import-jobs', job('queued')],
    ['POST /api/profile-import', { body: { data: { id: '01AAA' } } }],
    ['GET /api/profile-bulk-import-jobs/j1/import-errors', errors],
    ['GET /api/profile-bulk-import-jobs/j1', () => looks.shift() ?? job('complete', failed)],
  ]
}

test('an import into a list, waited for', async () => {
  klaviyo.says(script(0, {}))
  const changes = [change('add', 'p1', ann), change('update', 'p2', bob)]
  expect(await klaviyo.write({ list_id: 'VRgFBd' }, changes)).toEqual([{ ok: true }, { ok: true }])
  klaviyo.golden('import')
})

test('profiles that failed are refused, found by place or by what they held', async () => {
  const error = (more: object): object => ({
    type: 'import-error',
    id: 'e',
    attributes: { code: 'invalid', title: 'Invalid input', detail: 'not valid', ...more },
  })
  const errors = [
    error({ source: { pointer: '/data/attributes/profiles/data/1/attributes/email' } }),
    error({ source: { pointer: '/data' }, original_payload: { email: 'Cyd@example.com' } }),
  ]
  klaviyo.says(script(2, { body: { data: errors, links: { next: null } } }))
  const changes = [ann, bob, cyd].map((fields, at) => change('add', `p${at}`, fields))
  const wrong = { ok: false, reason: 'invalid', message: 'not valid', retryable: false }
  expect(await klaviyo.write({}, changes)).toEqual([{ ok: true }, wrong, wrong])
})

test('failures that are counted but not named are not called successes', async () => {
  klaviyo.says(script(1, { body: { data: [] } }))
  const changes = [change('add', 'p1', ann), change('add', 'p2', bob)]
  await expect(klaviyo.write({}, changes)).rejects.toMatchObject({ kind: 'rejected' })
})

test('a job that does not end in time may be tried again, as may one that was cancelled', async () => {
  klaviyo.says([
    ['POST', job('queued')],
    ['GET', job('processing')],
  ])
  const late = klaviyo.write({ wait_minutes: 0.01 }, [change('add', 'p1', ann)])
  await expect(late).rejects.toMatchObject({ kind: 'retryable', reason: 'time-out' })
  klaviyo.says([
    ['POST', job('queued')],
    ['GET', job('cancelled')],
  ])
  const cancelled = klaviyo.write({}, [change('add', 'p1', ann)])
  await expect(cancelled).rejects.toMatchObject({ kind: 'retryable', reason: 'job cancelled' })
})

test('removal takes out of the list, or empties properties', async () => {
  klaviyo.says([
    ['GET /api/profiles', { body: { data: [{ type: 'profile', id: '01AAA' }] } }],
    ['DELETE /api/lists', { status: 204, body: '' }],
    ['POST /api/profile-import', { body: { data: { id: '01AAA' } } }],
  ])
  await klaviyo.write({ list_id: 'VRgFBd' }, [change('remove', 'p1', ann), change('remove', 'p2', bob)])
  await klaviyo.write({}, [change('remove', 'p1', ann)])
  klaviyo.golden('remove')
})

test('emptying goes one by one: a profile that is refused stands alone, the rest waits when it is too much', async () => {
  const changes = ['a', 'b', 'c', 'd'].map((name) =>
    change('remove', name, { email: `${name}@example.com`, ltv: 1 }),
  )
  const answers: Answer[] = [{}, { status: 400, body: { errors: [] } }, { status: 429 }]
  klaviyo.says([['POST /api/profile-import', () => answers.shift() ?? {}]])
  expect(await klaviyo.write({}, changes)).toMatchObject([
    { ok: true },
    { ok: false, reason: 'HTTP 400', retryable: false },
    { ok: false, reason: 'too many requests', retryable: true },
    { ok: false, reason: 'too many requests', retryable: true },
  ])
  expect(klaviyo.received).toHaveLength(3)
  klaviyo.says([['POST', { status: 429, headers: { 'retry-after': '3' } }]])
  await expect(klaviyo.write({}, changes)).rejects.toMatchObject({ kind: 'retryable', retryAfterMs: 3_000 })
})
