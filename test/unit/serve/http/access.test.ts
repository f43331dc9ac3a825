import { describe, expect, onTestFinished, test } from 'vitest'
import { newToken, tokenHash } from '../../../../src/serve/token.ts'
import { asOf } from './sample.ts'
import { basic, publish, type Served, type ServeSettings, serve, users } from './served.ts'

const path = `${users}/use_ann/traits`

async function started(settings?: ServeSettings): Promise<Served> {
  const served = await serve(settings)
  onTestFinished(() => served.close())
  return served
}

const withHeader = (authorization: string): RequestInit => ({ headers: { authorization } })

describe('access', () => {
  test('a token is known from the moment it is made until it is revoked', async () => {
    const { store, get } = await started()
    const token = newToken()
    const status = async () => (await get(path, withHeader(basic(token)))).status
    expect(await status()).toBe(401)
    expect(await store.addToken({ name: 'shop', hash: tokenHash(token), createdAt: asOf })).toBe(true)
    expect([await status(), await status()]).toEqual([200, 200])
    await store.revokeToken('shop')
    expect([await status(), await status()]).toEqual([401, 401])
  })

  test('a refused request says how to ask, and nothing of the token', async () => {
    const { get } = await started()
    const { status, body, headers, text } = await get(path, withHeader(basic(newToken())))
    expect([status, body]).toMatchObject([401, { error: { code: 'authentication_error' } }])
    expect(headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(headers.get('personas-run-id')).toBeNull()
    expect(text).not.toContain('psn_')
  })

  test('a header that is something else is refused', async () => {
    const { get, token } = await started()
    const encode = (text: string) => Buffer.from(text).toString('base64')
    const headers = [
      '',
      'Basic',
      'Basic !',
      `Bearer ${token}`,
      token,
      `Basic ${encode(token)}`,
      `Basic ${encode(`${token}:password`)}`,
      `Basic ${encode(`:${token}`)}`,
      `Basic ${encode(`${token}a:`)}`,
      `Basic ${'A'.repeat(12_000)}`,
    ]
    for (const header of headers) expect((await get(path, withHeader(header))).status, header).toBe(401)
    expect((await get(path, { headers: {} })).status).toBe(401)
    expect((await get(path, withHeader(basic(token).replace('Basic', 'bAsIc')))).status).toBe(200)
  })

  test('more callers than are remembered', async () => {
    const { store, get } = await started()
    const tokens = Array.from({ length: 300 }, newToken)
    for (const [index, token] of tokens.entries())
      await store.addToken({ name: `t${index}`, hash: tokenHash(token), createdAt: asOf })
    for (const token of [...tokens, ...tokens])
      expect((await get(path, withHeader(basic(token)))).status).toBe(200)
  })

  test('no pages of other origins', async () => {
    const { get, token } = await started()
    const headers = { authorization: basic(token), origin: 'https://example.org' }
    const answer = await get(path, { headers })
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect((await get(path, { method: 'OPTIONS', headers })).status).toBe(405)
  })
})

describe('rate limit', () => {
  test('of the space, counted for those with a token alone', async () => {
    const { get } = await started({ rateLimit: 5 })
    for (let count = 0; count < 20; count += 1) expect((await get(path, { headers: {} })).status).toBe(401)
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(path)))
    const refused = answers.filter(({ status }) => status === 429)
    // They may fall into two seconds.
    expect(answers.length - refused.length).toBeLessThanOrEqual(10)
    expect(refused.length).toBeGreaterThanOrEqual(10)
    for (const { body, headers } of refused) {
      expect(body).toEqual({
        error: { code: 'rate_limit_error', message: 'More than 5 requests in a second.' },
      })
      expect(headers.get('retry-after')).toBe('1')
      expect(headers.get('request-id')).toBeTruthy()
    }
    expect((await get('/health')).status).toBe(200)
  })

  test('0 is none', async () => {
    const { get } = await started({ rateLimit: 0 })
    const answers = await Promise.all(Array.from({ length: 200 }, () => get(path)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('before the first publish', () => {
  test('503, and 200 as soon as something is published', async () => {
    const { get, store } = await started({ empty: true })
    const unavailable = [
      503,
      { error: { code: 'service_unavailable', message: 'Nothing was published yet.' } },
    ]
    for (const each of [path, '/ready']) {
      const { status, body, headers } = await get(each)
      expect([status, body]).toEqual(unavailable)
      expect(headers.get('retry-after')).toBe('10')
    }
    expect((await get('/health')).status).toBe(200)
    expect((await get('/metrics')).text).not.toMatch(/^personas_release_version /m)
    await publish(store)
    expect((await get(path)).status).toBe(200)
    expect((await get('/ready')).status).toBe(200)
    expect((await get('/metrics')).text).toMatch(/^personas_release_version 1$/m)
  })
})
