import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountIds, hostile } from './sample.ts'
import { accounts, type Served, serve, users } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

async function got(path: string) {
  const { status, text } = await served.get(path)
  expect([status, text]).toEqual([200, expect.any(String)])
  return JSON.parse(text)
}

/** All pages of a resource. */
async function all(path: string): Promise<unknown[]> {
  const found: unknown[] = []
  for (let next = ''; ; ) {
    const { data, cursor } = await got(`${path}&next=${next}`)
    found.push(...data)
    expect(cursor.has_more).toBe(cursor.next !== '')
    if (!cursor.has_more) return found
    next = cursor.next
  }
}

describe('external_ids', () => {
  const path = `${users}/use_ann/external_ids`

  test('as the original shows them, the first seen first', async () => {
    const { data, cursor } = await got(path)
    expect(data).toHaveLength(10)
    expect(data[0]).toEqual({
      collection: 'users',
      type: 'email',
      id: 'Ann+Shop@Example.org',
      encoding: 'none',
      source_id: 'src1',
      created_at: '2026-05-01T10:00:00.000000Z',
      first_message_id: 'm-0',
    })
    expect(cursor).toEqual({ url: path, has_more: true, next: expect.any(String), limit: 10 })
  })

  test.each([1, 5, 100])('pages of %i hold each once', async (limit) => {
    expect(await all(`${path}?limit=${limit}`)).toEqual(
      hostile.map(({ type, value }) => expect.objectContaining({ type, id: value })),
    )
  })

  test('include takes types, verbose adds the profile it came with', async () => {
    const { data } = await got(`${path}?include=email,__proto__,nothing&verbose=true`)
    expect(data).toEqual([
      expect.objectContaining({ type: 'email', segment_id: 'use_old' }),
      expect.objectContaining({ type: '__proto__', segment_id: 'use_old' }),
    ])
  })

  test('none', async () => {
    expect(await got(`${users}/use_bare/external_ids`)).toMatchObject({
      data: [],
      cursor: { has_more: false },
    })
  })

  test('at most 100', async () => {
    expect((await served.get(`${path}?limit=101`)).status).toBe(400)
  })
})

describe('events', () => {
  const path = `${users}/use_ann/events`
  const revenues = (data: readonly { properties: { revenue: number } }[]) =>
    data.map(({ properties }) => properties.revenue)

  test('as the original shows them, the newest first', async () => {
    const { data, cursor } = await got(path)
    expect(revenues(data)).toEqual([104, 103, 102, 101, 100, 99, 98, 97, 96, 95])
    expect(data[0]).toEqual({
      external_ids: [
        { collection: 'users', type: 'user_id', id: 'a:b:c', encoding: 'none' },
        { collection: 'accounts', type: 'group_id', id: 'acme', encoding: 'none' },
      ],
      type: 'track',
      event: 'a"b, c',
      message_id: 'm-104',
      source_id: 'src1',
      timestamp: '2026-05-26T04:00:00.000000Z',
      context: { page: { url: '/\t' } },
      properties: { revenue: 104 },
      related: { users: 'use_ann' },
    })
    expect(cursor).toMatchObject({ url: path, has_more: true, limit: 10 })
  })

  test.each([
    ['asc', 1],
    ['asc', 4],
    ['desc', 2],
    ['desc', 100],
  ])('sort=%s in pages of %i holds each once', async (sort, limit) => {
    const found = await all(`${path}?sort=${sort}&limit=${limit}`)
    const upward = Array.from({ length: 105 }, (_, index) => index)
    expect(found.map((each) => JSON.parse(JSON.stringify(each)).properties.revenue)).toEqual(
      sort === 'asc' ? upward : upward.toReversed(),
    )
  })

  test.each([
    ['start=2026-05-26', 15],
    ['start=2026-05-26T03:00:00Z', 6],
    ['start=2026-05-26T05:00:00%2B02:00', 6],
    ['start=2026-05-26T05:00:00+02:00', 6],
    ['start=2026-05-26T01:00-0200', 6],
    ['start=2026-05-26T03:00:00.000001', 3],
    ['start=2026-05-25&end=2026-05-26', 15],
    ['end=2026-05-20T01:00:00Z', 3],
    ['include=Order%20Completed', 35],
    ['include=Order%20Completed,Product%20Viewed', 70],
    ['exclude=Order+Completed', 70],
    ['include=Order%20Completed&exclude=Order%20Completed', 0],
    ['include=order%20completed', 0],
    ['start=2026-05-26&end=2026-05-25', 0],
  ])('%s: %i', async (query, count) => {
    expect((await got(`${path}?limit=100&${query}`)).data).toHaveLength(count)
  })

  test.each(['start=yesterday', 'end=1', 'sort=up', 'limit=101', 'start='])(
    '%s is not valid',
    async (query) => {
      const { status, body } = await served.get(`${path}?${query}`)
      expect([status, body]).toMatchObject([400, { error: { code: 'validation_error' } }])
    },
  )

  test.each(['start=2026-02-30', 'end=2026-05-01T25:00', 'start=0000-01-01T00:00%2B01:00'])(
    '%s does not exist',
    async (query) => {
      const { status, body } = await served.get(`${path}?${query}`)
      expect([status, body]).toMatchObject([400, { error: { code: 'invalid_request_error' } }])
    },
  )
})

describe('metadata', () => {
  const known = {
    created_at: '2026-01-01T00:00:00.000000Z',
    updated_at: '2026-05-31T00:00:00.000000Z',
    expires_at: null,
    first_message_id: 'm-0',
    first_source_id: 'src1',
    last_message_id: 'm-9',
    last_source_id: 'src2',
  }

  test('as the original shows it; verbose adds who merged into it', async () => {
    expect(await got(`${users}/use_ann/metadata`)).toEqual({ metadata: known })
    expect(await got(`${users}/use_ann/metadata?verbose=true`)).toEqual({
      metadata: { ...known, merged_segment_ids: ['use_old'] },
    })
  })

  test('unknown', async () => {
    const nothing = Object.fromEntries(Object.keys(known).map((name) => [name, null]))
    expect(await got(`${users}/use_bare/metadata?verbose=true`)).toEqual({ metadata: nothing })
  })
})

describe('links', () => {
  test('accounts of a user, without those that are not served', async () => {
    const { data } = await got(`${users}/use_ann/links?limit=3`)
    expect(data).toEqual(
      accountIds.slice(0, 2).map((id) => ({
        to_collection: 'accounts',
        external_ids: [expect.objectContaining({ type: 'group_id', id, collection: 'accounts' })],
      })),
    )
    expect((await got(`${users}/use_ann/links`)).data.length).toBeLessThanOrEqual(10)
    expect((await served.get(`${users}/use_ann/links?limit=21`)).status).toBe(400)
  })

  test('users of an account', async () => {
    const { data } = await got(`${accounts}/acme/links`)
    expect(data).toEqual([{ to_collection: 'users', external_ids: expect.any(Array) }])
    expect(data[0].external_ids).toHaveLength(hostile.length)
  })

  test('none', async () => {
    expect(await got(`${users}/use_bare/links`)).toEqual({ data: [] })
  })
})
