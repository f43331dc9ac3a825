import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountIds, annTraits, asOf } from './sample.ts'
import { accounts, type Served, serve, users } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

const path = `${users}/use_ann/traits`
const valueByName = new Map(annTraits.map(({ name, value }) => [name, value]))
const names = [...valueByName.keys()].sort()

async function page(query: string) {
  const { status, text } = await served.get(`${path}?${query}`)
  expect(status).toBe(200)
  const { traits, cursor } = JSON.parse(text)
  return { traits: new Map<string, unknown>(Object.entries(traits)), cursor }
}

describe('traits', () => {
  test('ten by name, and a cursor by the id that the profile has now', async () => {
    const { traits, cursor } = await page('')
    expect([...traits.keys()]).toEqual(names.slice(0, 10))
    expect(cursor).toEqual({ url: path, has_more: true, next: expect.stringMatching(/^[\w-]+$/), limit: 10 })
    for (const [name, value] of traits) expect(value).toEqual(valueByName.get(name))
  })

  test.each([1, 2, 3, 7, 200])('pages of %i hold each trait once', async (limit) => {
    const found: string[] = []
    for (let next = ''; ; ) {
      const { traits, cursor } = await page(`limit=${limit}&next=${next}`)
      found.push(...traits.keys())
      next = cursor.next
      if (!cursor.has_more) break
    }
    expect(found).toEqual(names)
  })

  test('a page goes on where the last one ended, whatever changed since', async () => {
    const gone = Buffer.from('["traits","c0005"]').toString('base64url')
    expect([...(await page(`next=${gone}&limit=2`)).traits.keys()]).toEqual(['c001', 'c002'])
  })

  test('include names some; those it does not have are left out', async () => {
    const { traits, cursor } = await page('include=vip,nothing,c003,__proto__')
    expect([...traits.keys()]).toEqual(['__proto__', 'c003', 'vip'])
    expect(cursor).toMatchObject({ has_more: false, next: '' })
    expect([...(await page('include=gr%C3%B6%C3%9Fe%20%F0%9F%98%80')).traits.keys()]).toEqual(['größe 😀'])
    expect((await page('include=nothing')).traits.size).toBe(0)
    expect((await page('include=')).traits.size).toBe(10)
  })

  test('class', async () => {
    expect([...(await page('class=audience')).traits.keys()]).toEqual(['dormant', 'vip'])
    expect([...(await page('class=computed_trait')).traits.keys()]).toEqual(['ab', 'ab c', 'ab"', 'größe 😀'])
    expect([...(await page('class=computed_trait&include=ab,vip')).traits.keys()]).toEqual(['ab'])
  })

  test('verbose says who brought a trait, and when', async () => {
    const { traits } = await page('verbose=true&include=c001,ab,vip')
    const computed = { source_id: 'personas', updated_at: asOf }
    expect(Object.fromEntries(traits)).toEqual({
      ab: { value: [], ...computed },
      c001: { value: 1, source_id: 'src1', updated_at: '2026-05-01T10:00:00.000000Z' },
      vip: { value: true, ...computed },
    })
    const whole = await page('verbose=true&limit=200')
    expect([...whole.traits.keys()]).toEqual(names.slice(0, 200))
  })

  test('a profile without any', async () => {
    const { text } = await served.get(`${users}/email:bare@example.org/traits?verbose=true`)
    expect(text).toBe(
      `{"traits":{},"cursor":{"url":"${users}/use_bare/traits","has_more":false,"next":"","limit":10}}`,
    )
  })

  test.each(accountIds.slice(0, 3))(
    'of account %s, by group_id, and by the url of its cursor',
    async (id) => {
      const { body } = await served.get(`${accounts}/group_id:${encodeURIComponent(id)}/traits`)
      expect(body).toMatchObject({ traits: { seats: 3 } })
      const { url } = JSON.parse(JSON.stringify(body)).cursor
      expect((await served.get(url)).body).toEqual(body)
    },
  )

  test('of an account by its bare id', async () => {
    expect((await served.get(`${accounts}/acme/traits`)).body).toMatchObject({ traits: { seats: 3 } })
  })

  test.each(['limit=0', 'limit=201', 'limit=ten', 'limit=1.5', 'limit=', 'class=trait', 'verbose=yes'])(
    '%s is not valid',
    async (query) => {
      const { status, body } = await served.get(`${path}?${query}`)
      expect([status, body]).toEqual([
        400,
        { error: { code: 'validation_error', message: expect.stringContaining('querystring/') } },
      ])
    },
  )

  test.each(['abc', 'WyJ0cmFpdHMiXQ', '=', 'e30', 'WyJldmVudHMiLCJhIiwiYiJd', '%00', 'WyJ0cmFpdHMiLDFd'])(
    'next=%s is no cursor',
    async (next) => {
      const { status, body } = await served.get(`${path}?next=${next}`)
      expect([status, body]).toEqual([
        400,
        { error: { code: 'invalid_request_error', message: '`next` is no cursor of this resource.' } },
      ])
    },
  )
})
