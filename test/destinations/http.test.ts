import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change, RowResult, Session, SessionContext } from '../../src/sync/destination.ts'
import { type Answer, type Loopback, openLoopback, type Received } from './loopback.ts'
import { awkward, change, opened, typeOf } from './opened.ts'
import { type Http, vendors } from './vendors/contract.ts'

const signal = new AbortController().signal
let loopback: Loopback
beforeEach(async () => {
  loopback = await openLoopback()
})
afterEach(() => loopback.close())

const people: readonly Http[] = [
  {
    type: 'webhook',
    settings: (url) => ({ url, timeout_seconds: 1 }),
    row: (key, text) => change('add', key, { email: text }),
  },
  {
    type: 'segment',
    settings: (url) => ({ url: `${url}/v1/batch`, write_key: 'wk' }),
    context: { about: { kind: 'audience', name: 'vip' } },
    row: (key, text) => change('add', key, { ids: { user_id: [key] }, traits: { name: text } }),
  },
  ...vendors,
]

describe.each(people)('$type over HTTP', (http) => {
  const { type, settings, context, row } = http
  const carries = (request: Received): boolean => http.carries?.(request) ?? true
  const carrying = (): readonly Received[] => loopback.received.filter(carries)
  const failing = (answer: Answer): void => {
    loopback.answer = (request) => (carries(request) ? answer : http.answer?.(request))
  }
  beforeEach(() => {
    loopback.answer = (request) => http.answer?.(request)
  })
  const session = (): Promise<Session> => opened(type, settings(loopback.url), context)
  const write = async (changes: readonly Change[]): Promise<readonly RowResult[]> => {
    const own = await session()
    try {
      return await own.write(changes, signal)
    } finally {
      await own.close()
    }
  }

  test('a result for each row, whatever the text', async () => {
    const rows = awkward.map((text, index) => row(`k${index}`, text))
    expect(await write(rows)).toEqual(rows.map(() => ({ ok: true })))
    const sent = loopback.received.map(({ body }) => body).join('')
    for (const text of awkward) expect(sent).toContain(http.shown?.(text) ?? JSON.stringify(text))
  })

  test('the same changes are the same request', async () => {
    const rows = [row('a', 'x'), row('b', 'y')]
    await write(rows)
    await write(rows)
    const [first, second] = carrying()
    expect(second?.body).toBe(first?.body)
    expect(first?.body).not.toBe('')
  })

  test('an empty batch asks for nothing that could go wrong', async () => {
    expect(await write([])).toEqual([])
  })

  test.each([
    [429, { 'retry-after': '7' }, { kind: 'retryable', retryAfterMs: 7_000 }],
    [429, {}, { kind: 'retryable', retryAfterMs: undefined }],
    [503, {}, { kind: 'retryable' }],
    [500, {}, { kind: 'retryable' }],
    [401, {}, { kind: 'fatal' }],
    [403, {}, { kind: 'fatal' }],
    [400, {}, { kind: 'rejected' }],
    [302, { location: 'http://elsewhere.example/' }, { kind: 'rejected' }],
  ])('status %i with %o', async (status, headers, expected) => {
    failing({ status, headers, body: 'why' })
    await expect(write([row('a', 'x')])).rejects.toMatchObject({ name: 'DeliveryError', ...expected })
    expect(carrying()).toHaveLength(1)
  })

  test.each(['before', 'within'] as const)(
    'a connection that breaks %s the answer may be tried again',
    async (breaks) => {
      failing({ breaks })
      await expect(write([row('a', 'x')])).rejects.toMatchObject({
        kind: 'retryable',
        reason: 'no connection',
      })
    },
  )

  test('nobody there', async () => {
    const own = await session()
    await loopback.close()
    await expect(own.write([row('a', 'x')], signal)).rejects.toMatchObject({ kind: 'retryable' })
    loopback = await openLoopback()
  })

  test('no secret and no row is in what an error says', async () => {
    failing({ status: 400, body: { error: 'no' } })
    const error: unknown = await write([row('a', 'very private')]).catch((caught: unknown) => caught)
    expect(JSON.stringify(error) + String(error)).not.toMatch(/very private|wk|s3cret/)
  })
})

describe('webhook', () => {
  test('an answer that comes too late may be tried again', async () => {
    loopback.answer = () => ({ afterMs: 1_500 })
    const own = await opened('webhook', { url: loopback.url, timeout_seconds: 1 })
    await expect(own.write([change('add', 'a', {})], signal)).rejects.toMatchObject({
      kind: 'retryable',
      reason: 'time-out',
    })
  })

  test('signs the body, and names the batch', async () => {
    const own = await opened('webhook', { url: loopback.url, secret: 'secret' })
    await own.write([change('add', 'a', { n: 1 }, { idempotencyKey: 'one' })], signal)
    const { headers, body } = loopback.received[0] ?? {}
    expect(headers?.['x-signature']).toBe(
      createHmac('sha1', 'secret')
        .update(body ?? '')
        .digest('hex'),
    )
    expect(headers?.['x-signature-256']).toBe(
      createHmac('sha256', 'secret')
        .update(body ?? '')
        .digest('hex'),
    )
    expect(headers?.['idempotency-key']).toMatch(/^[0-9a-f]{32}$/)
    expect(JSON.parse(body ?? '')).toEqual({
      sync: 'people',
      run_id: '20260601T000000Z-abcdef',
      records: [{ operation: 'add', key: 'a', idempotency_key: 'one', fields: { n: 1 } }],
    })
  })

  test('a record a line', async () => {
    const own = await opened('webhook', { url: loopback.url, format: 'ndjson' })
    await own.write([change('add', 'a', { n: 1 }), change('remove', 'b', { n: null })], signal)
    const lines = (loopback.received[0]?.body ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { sync: 'people', operation: 'add', key: 'a', fields: { n: 1 } },
      { sync: 'people', operation: 'remove', key: 'b', fields: { n: null } },
    ])
  })

  test('rows that the receiver names are refused, the others taken', async () => {
    loopback.answer = () => ({
      body: { errors: [{ index: 1, reason: 'bad email', message: 'x', retryable: true }] },
    })
    const own = await opened('webhook', { url: loopback.url })
    expect(
      await own.write([change('add', 'a', {}), change('add', 'b', {}), change('add', 'c', {})], signal),
    ).toEqual([{ ok: true }, { ok: false, reason: 'bad email', message: 'x', retryable: true }, { ok: true }])
  })
})

describe('segment calls', () => {
  const calls = async (context: Partial<SessionContext>, changes: readonly Change[], settings = {}) => {
    const own = await opened('segment', { url: loopback.url, write_key: 'wk', ...settings }, context)
    await own.write(changes, signal)
    return loopback.received.flatMap(({ body }) => JSON.parse(body).batch)
  }
  const ids = { user_id: ['u7'], email: ['a@b.example', 'c@d.example'], anonymous_id: ['x'] }
  const vip: Partial<SessionContext> = { about: { kind: 'audience', name: 'vip_customers' } }

  test('one call for each identifier: true on entering, false to all on leaving', async () => {
    const sent = await calls(
      vip,
      [change('add', 'p1', { ids, traits: {} }), change('remove', 'p2', { ids, traits: {} })],
      { track: false },
    )
    expect(sent).toMatchObject([
      { type: 'identify', userId: 'u7', traits: { vip_customers: true } },
      { type: 'identify', userId: 'u7', traits: { vip_customers: true, email: 'a@b.example' } },
      { type: 'identify', userId: 'u7', traits: { vip_customers: true, email: 'c@d.example' } },
      { type: 'identify', userId: 'u7', traits: { vip_customers: false } },
      { type: 'identify', userId: 'u7', traits: { vip_customers: false, email: 'a@b.example' } },
      { type: 'identify', userId: 'u7', traits: { vip_customers: false, email: 'c@d.example' } },
    ])
    expect(new Set(sent.map((call: { messageId: string }) => call.messageId)).size).toBe(6)
    expect(sent[0].context.personas).toEqual({
      computation_class: 'audience',
      computation_id: 'people',
      computation_key: 'vip_customers',
    })
    expect(loopback.received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('wk:').toString('base64')}`)
  })

  test('entered and exited as events', async () => {
    const only = { user_id: ['u7'], email: ['a@b.example'] }
    const sent = await calls(
      vip,
      [
        change('add', 'p', { ids: only, traits: { spent: 5 } }),
        change('remove', 'p', { ids: only, traits: {} }),
      ],
      { identify: false },
    )
    expect(sent).toMatchObject([
      {
        type: 'track',
        userId: 'u7',
        event: 'Audience Entered',
        properties: { audience_key: 'vip_customers', vip_customers: true, spent: 5 },
      },
      {
        type: 'track',
        userId: 'u7',
        event: 'Audience Entered',
        context: { traits: { email: 'a@b.example' } },
      },
      { type: 'track', event: 'Audience Exited', properties: { vip_customers: false } },
      { type: 'track', event: 'Audience Exited', properties: { vip_customers: false } },
    ])
  })

  test('a row that qualified a member: track alone, its columns under the relationship', async () => {
    const overdue: Partial<SessionContext> = {
      about: { kind: 'rows', audience: 'overdue', relationship: 'owned_accounts', entity: 'account' },
    }
    const fields = {
      ids: { user_id: 'u7' },
      traits: { email: 'a@b.example' },
      columns: { ID: 885, OWNER: 'Ann' },
    }
    const sent = await calls(overdue, [
      change('add', 'use_1:885', fields),
      change('remove', 'use_1:886', fields),
    ])
    const row = {
      email: 'a@b.example',
      audience_key: 'overdue',
      owned_accounts__ID: 885,
      owned_accounts__OWNER: 'Ann',
      owned_accounts____entity: 'account',
    }
    expect(sent.map(({ type, userId, event, properties }) => ({ type, userId, event, properties }))).toEqual([
      { type: 'track', userId: 'u7', event: 'Audience Entered', properties: { ...row, overdue: true } },
      { type: 'track', userId: 'u7', event: 'Audience Exited', properties: { ...row, overdue: false } },
    ])
    await expect(calls(overdue, [], { track: false })).rejects.toMatchObject({ kind: 'fatal' })
  })

  test('a trait, a person without a user_id, and an account', async () => {
    const trait = await calls({ about: { kind: 'traits', names: ['ltv'] } }, [
      change('update', 'p', { ids: { anonymous_id: ['x'] }, traits: { ltv: 12 } }),
    ])
    expect(trait).toMatchObject([
      { type: 'identify', anonymousId: 'x', traits: { ltv: 12 } },
      { type: 'track', anonymousId: 'x', event: 'Trait Computed', properties: { trait_key: 'ltv', ltv: 12 } },
    ])
    loopback.received.length = 0
    const account = await calls({ entity: 'account', ...vip }, [
      change('add', 'acme', { ids: { account_id: 'acme' }, traits: {} }),
    ])
    expect(account).toMatchObject([{ type: 'group', groupId: 'acme', traits: { vip_customers: true } }])
    expect(account).toHaveLength(1)
  })

  test('a call that is too large is refused alone', async () => {
    const own = await opened('segment', { url: loopback.url, write_key: 'wk' }, vip)
    const results = await own.write(
      [
        change('add', 'a', { ids, traits: { note: 'x'.repeat(40_000) } }),
        change('add', 'b', { ids, traits: {} }),
      ],
      signal,
    )
    expect(results).toMatchObject([{ ok: false, reason: 'too large', retryable: false }, { ok: true }])
  })
})

describe('slack', () => {
  test('one message at the end, without people unless asked', async () => {
    const own = await opened('slack', { webhook_url: `${loopback.url}/hook`, examples: true })
    await own.write([change('add', 'a', { email: 'a <b>' }), change('remove', 'b', {})], signal)
    expect(loopback.received).toEqual([])
    await own.finish?.(signal)
    expect(JSON.parse(loopback.received[0]?.body ?? '')).toEqual({
      text: '*people*: 1 came, 1 left\n• email: a &lt;b&gt;',
    })
  })

  test('nothing changed, nothing said', async () => {
    const own = await opened('slack', { webhook_url: `${loopback.url}/hook` })
    await own.finish?.(signal)
    expect(loopback.received).toEqual([])
  })

  test('an answer of 200 that is an error is one', async () => {
    loopback.answer = () => ({ body: { ok: false, error: 'channel_not_found' } })
    const own = await opened('slack', { token: 't', channel: '#c', api_url: loopback.url })
    await own.write([change('add', 'a', {})], signal)
    await expect(own.finish?.(signal)).rejects.toMatchObject({ kind: 'fatal', message: 'channel_not_found' })
  })

  test('either a webhook, or a token and a channel', async () => {
    const { settings } = await typeOf('slack')
    expect(settings.safeParse({}).success).toBe(false)
    expect(settings.safeParse({ token: 't' }).success).toBe(false)
    expect(settings.safeParse({ token: 't', channel: '#c' }).success).toBe(true)
  })
})
