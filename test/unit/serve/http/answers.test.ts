import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { asOf, hostile } from './sample.ts'
import { basic, publish, type Served, serve, users } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

const path = `${users}/use_ann/traits`
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

describe('headers', () => {
  test('tell the request, and the release it was answered from', async () => {
    const { headers } = await served.get(path)
    expect(headers.get('request-id')).toMatch(uuid)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    const told = ['run-id', 'as-of', 'definitions', 'version'].map((name) => headers.get(`personas-${name}`))
    expect(told).toEqual(['run-1', asOf, 'd1', '1'])
  })

  test('the id of a request is ours', async () => {
    const headers = { authorization: basic(served.token), 'request-id': 'theirs' }
    const ids = await Promise.all([1, 2].map(() => served.get(path, { headers })))
    const [first, second] = ids.map((answer) => answer.headers.get('request-id'))
    expect([first, second]).toEqual([expect.stringMatching(uuid), expect.stringMatching(uuid)])
    expect(first).not.toBe(second)
  })

  test('a profile that is not found is told from a release, too', async () => {
    const { headers } = await served.get(`${users}/use_nobody/traits`)
    expect(headers.get('personas-version')).toBe('1')
  })

  test('the next publish is served at once', async () => {
    const own = await serve()
    onTestFinished(() => own.close())
    await own.get(path)
    await publish(own.store)
    expect((await own.get(path)).headers.get('personas-version')).toBe('2')
  })
})

describe('routes', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is not answered', async (method) => {
    for (const each of [path, '/health', '/openapi.json']) {
      const { status, body, headers } = await served.get(each, {
        method,
        headers: { 'content-type': 'no/such' },
        ...(method === 'OPTIONS' ? {} : { body: '{' }),
      })
      expect([status, body]).toEqual([
        405,
        { error: { code: 'method_not_allowed', message: 'Only GET and HEAD are answered.' } },
      ])
      expect(headers.get('allow')).toBe('GET, HEAD')
    }
  })

  test.each([
    '/',
    '/v1',
    `${users}/use_ann`,
    `${users}/use_ann/nothing`,
    `${path}/`,
    '/V1/spaces',
    '/__proto__',
  ])('%s is none', async (each) => {
    const { status, body, headers } = await served.get(each)
    expect([status, body]).toEqual([
      404,
      { error: { code: 'not_found', message: 'There is no such route.' } },
    ])
    expect(headers.get('request-id')).toMatch(uuid)
    expect((await served.get(each, { method: 'POST', body: '{' })).status).toBe(404)
  })
})

describe('what is no request', () => {
  test.each([
    ['hello\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n', 400],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET /\0 HTTP/1.1\r\nhost: a\r\n\r\n', 400],
  ])('%j is answered, and the connection ended', async (bytes, status) => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk
    })
    socket.write(bytes)
    await once(socket, 'close')
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nrequest-id: `, 's'))
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { code: 'invalid_request_error' },
    })
  })
})

describe('a store that fails', () => {
  test('500 without details; the log says where, not whose', async () => {
    const own = await serve({
      through: (reader) => ({
        ...reader,
        tokenName: (hash) => reader.tokenName(hash),
        read: ({ by }) => Promise.reject(new TypeError(`no room for ${JSON.stringify(by)}`)),
        release: () => reader.release(),
        close: () => reader.close(),
      }),
    })
    onTestFinished(() => own.close())
    const { status, body, headers } = await own.get(`${users}/email:secret@example.org/traits`)
    expect([status, body]).toEqual([
      500,
      { error: { code: 'internal_error', message: 'Something went wrong on our side.' } },
    ])
    expect(own.failed).toMatchObject([{ requestId: headers.get('request-id'), error: { name: 'TypeError' } }])
    expect(JSON.stringify(own.answered)).not.toContain('secret')
  })
})

describe('what is logged of a request', () => {
  test('its route, not whose profile it asked for', async () => {
    served.answered.length = 0
    const { headers } = await served.get(`${path}?include=vip`)
    for (const { type, value } of hostile) {
      await served.get(
        `${users}/${encodeURIComponent(type)}:${encodeURIComponent(value)}/events?include=${value}`,
      )
    }
    await served.get(`${users}/email:%zz/traits`)
    expect(served.answered[0]).toEqual({
      requestId: headers.get('request-id'),
      method: 'GET',
      route: '/v1/spaces/:space/collections/:collection/profiles/:profile/traits',
      status: 200,
      ms: expect.any(Number),
      token: 'test',
    })
    expect(served.answered.at(-1)).toMatchObject({ status: 400, token: undefined })
    expect(JSON.stringify(served.answered)).not.toMatch(/Ann|example|a:b|vip|%/)
  })

  test('and counted', async () => {
    const { text, headers } = await served.get('/metrics')
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    const route = '/v1/spaces/:space/collections/:collection/profiles/:profile/traits'
    expect(text).toMatch(`personas_http_requests_total{method="GET",route="${route}",status="200"} `)
    expect(text).toContain(`personas_http_request_duration_seconds_bucket{le="0.001",route="${route}"} `)
    expect(text).toMatch(/^personas_release_version 1$/m)
    expect(text).toMatch(/^personas_release_age_seconds -?\d/m)
    expect(text).toMatch(/^process_cpu_seconds_total /m)
    expect(text).not.toMatch(/example\.org|use_ann/)
  })
})
