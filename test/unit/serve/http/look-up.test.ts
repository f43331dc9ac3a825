import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostile } from './sample.ts'
import { basic, type Served, serve, users } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

describe('a profile is found', () => {
  test.each(hostile)('by $type $value', async ({ type, value }) => {
    const path = `${users}/${encodeURIComponent(type)}:${encodeURIComponent(value)}/metadata`
    expect((await served.get(path)).status).toBe(200)
    const encodedColon = path.replace(':', '%3A')
    expect((await served.get(encodedColon)).status).toBe(200)
  })

  test.each([
    'email:ann%2Bshop@example.org',
    'email:ANN+SHOP@EXAMPLE.ORG',
    'user_id:%C3%9CN%C3%AFC%C3%98D%C3%A9%20%F0%9F%98%80',
    'use_ann',
    'use_old',
  ])('as %s', async (profile) => {
    const { status, body } = await served.get(`${users}/${profile}/traits`)
    expect([status, body]).toMatchObject([200, { cursor: { url: `${users}/use_ann/traits` } }])
  })

  test('HEAD has the headers of GET and no body', async () => {
    const path = `${users}/use_ann/traits`
    const [head, get] = [await served.get(path, headOf(served)), await served.get(path)]
    expect([head.status, head.text]).toEqual([200, ''])
    const told = ({ headers }: typeof head) =>
      [...headers].filter(([name]) => !['date', 'request-id', 'connection', 'keep-alive'].includes(name))
    expect(told(head)).toEqual(told(get))
  })
})

function headOf({ token }: Served): RequestInit {
  return { method: 'HEAD', headers: { authorization: basic(token) } }
}

describe('a profile is not found', () => {
  test.each([
    'email:nobody@example.org',
    'EMAIL:ann+shop@example.org',
    'use_nobody',
    'email:%00',
    '__proto__',
    'user_id:100%25%25',
  ])('as %s', async (profile) => {
    const { status, body } = await served.get(`${users}/${profile}/traits`)
    expect([status, body]).toEqual([404, { error: { code: 'not_found', message: 'Profile was not found.' } }])
  })

  test('in another space', async () => {
    const { status, body } = await served.get('/v1/spaces/other/collections/users/profiles/use_ann/traits')
    expect([status, body]).toEqual([404, { error: { code: 'not_found', message: 'Space was not found.' } }])
  })

  test('in the other collection', async () => {
    expect((await served.get('/v1/spaces/shop/collections/accounts/profiles/use_ann/traits')).status).toBe(
      404,
    )
  })
})

describe('what is no look-up is refused', () => {
  test.each(['email:', ':ann@example.org', ':', '', 'email:%zz', '%', 'email:%ff', 'email:%ED%A0%80'])(
    '%s',
    async (profile) => {
      const { status, body } = await raw(`${users}/${profile}/traits`)
      expect(status).toBe(400)
      expect(JSON.parse(body).error.code).toMatch(/^(invalid_request|validation)_error$/)
    },
  )

  test('a collection that does not exist', async () => {
    const { status, body } = await served.get('/v1/spaces/shop/collections/us%20ers/profiles/use_ann/traits')
    expect([status, body]).toMatchObject([400, { error: { code: 'validation_error' } }])
  })

  test.each(['include=%ff', 'include=%', 'nothing=%zz', '%C3=1'])('the query %s', async (query) => {
    const { status, body } = await raw(`${users}/use_ann/traits?${query}`)
    expect([status, JSON.parse(body).error.code]).toEqual([400, 'invalid_request_error'])
  })
})

/** As it is written: `fetch` would mend it. */
async function raw(path: string): Promise<{ status: number | undefined; body: string }> {
  const { hostname, port } = new URL(served.url)
  return new Promise((settle, fail) => {
    const asked = request(
      { hostname, port, path, headers: { authorization: basic(served.token) } },
      (answer) => {
        let body = ''
        answer.on('data', (chunk) => {
          body += chunk
        })
        answer.on('end', () => settle({ status: answer.statusCode, body }))
      },
    )
    asked.on('error', fail).end()
  })
}
