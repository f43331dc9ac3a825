import { expect, test } from 'vitest'
import { change, typeOf } from '../opened.ts'
import { type Script, served, signal } from './served.ts'

const google = served('google_customer_match', (url) => ({
  customer_id: '123',
  login_customer_id: '999',
  user_list_id: '42',
  developer_token: 'd',
  client_id: 'c',
  client_secret: 's',
  refresh_token: 'r',
  ad_user_data: 'GRANTED',
  ad_personalization: 'DENIED',
  api_url: url,
  token_url: `${url}/token`,
}))
const address = { first_name: 'Ann', last_name: 'Lee', country_code: 'us', postal_code: '94045' }
const ann = { email: ['Ann.Lee@gmail.com', 'ann@example.com'], phone: '+1 650 555 1212', ...address }
const bob = { email: 'bob@example.com', first_name: 'Bob' }
let made = 0
const script: Script = [
  ['POST /token', { body: { access_token: 'a', expires_in: 3599 } }],
  [
    'POST /v23/customers/123/offlineUserDataJobs:create',
    () => {
      made += 1
      return { body: { resourceName: `customers/123/offlineUserDataJobs/${made}` } }
    },
  ],
]

test('jobs are created once for each way, filled by batches, and run at the end', async () => {
  made = 0
  google.says(script)
  const session = await google.session({})
  await session.write([change('add', 'p1', ann)], signal)
  await session.write([change('add', 'p2', bob)], signal)
  await session.write([change('remove', 'p3', bob)], signal)
  expect(google.received.some(({ path }) => path.endsWith(':run'))).toBe(false)
  await session.finish?.(signal)
  expect(google.received.map(({ body }) => body).join('')).not.toMatch(/@example|650|"Ann"/)
  google.golden('members')
})

test('operations that failed are refused, found by their index', async () => {
  google.says([
    ...script,
    [
      'POST /v23/customers/123/offlineUserDataJobs',
      {
        body: {
          partialFailureError: {
            code: 3,
            message: 'Multiple errors',
            details: [
              {
                '@type': 'type.googleapis.com/google.ads.googleads.v23.errors.GoogleAdsFailure',
                errors: [
                  {
                    errorCode: { offlineUserDataJobError: 'INVALID_SHA256_FORMAT' },
                    message: 'not a hash',
                    location: {
                      fieldPathElements: [
                        { fieldName: 'operations', index: 1 },
                        { fieldName: 'create' },
                        { fieldName: 'user_identifiers', index: 0 },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        },
      },
    ],
  ])
  const changes = [change('add', 'p0', {}), change('add', 'p1', ann), change('add', 'p2', bob)]
  const session = await google.session({})
  expect(await session.write(changes, signal)).toEqual([
    { ok: false, reason: 'no identifier', message: 'nothing to match anybody by', retryable: false },
    { ok: true },
    { ok: false, reason: 'invalid sha256 format', message: 'not a hash', retryable: false },
  ])
})

test('nothing to send makes no job', async () => {
  await google.write({}, [])
  expect(google.received).toEqual([])
})

test('what is wrong with the list or the credentials stops the sync', async () => {
  google.says([
    ['POST /token', { body: { access_token: 'a' } }],
    ['POST', { status: 400, body: { error: { message: 'no such list' } } }],
  ])
  await expect(google.write({}, [change('add', 'p1', ann)])).rejects.toMatchObject({ kind: 'fatal' })
  google.says([['POST /token', { status: 400, body: { error: 'invalid_grant' } }]])
  await expect(google.write({}, [change('add', 'p1', ann)])).rejects.toMatchObject({ kind: 'fatal' })
})

test('checking looks for the list', async () => {
  const { check, settings } = await typeOf('google_customer_match')
  const own = settings.parse({
    customer_id: '123',
    user_list_id: '42',
    developer_token: 'd',
    access_token: 'a',
    api_url: google.url,
  })
  google.says([['POST', { body: { results: [{ userList: { id: '42' } }] } }]])
  await check(own, signal)
  google.says([['POST', { body: {} }]])
  await expect(check(own, signal)).rejects.toMatchObject({ kind: 'fatal', reason: 'list' })
})
