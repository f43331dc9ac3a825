import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Exchange, exchange } from './exchange.ts'
import { hostile } from './sample.ts'
import { basic, type Served, serve } from './served.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly schema: { readonly type: string; readonly enum?: readonly string[]; readonly maximum?: number }
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly responses: Readonly<Record<string, { content: { 'application/json': { schema: object } } }>>
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>
}

let served: Served
let operations: readonly (readonly [string, Operation])[]
/** Of each operation, what a status says its body is; of all others, what an error is. */
const bodies = new Map<string, ValidateFunction>()
beforeAll(async () => {
  served = await serve()
  const { text } = await served.get('/openapi.json')
  // What the server says of itself.
  const document = JSON.parse(text) as Document
  operations = Object.entries(document.paths).map(([path, { get }]) => [path, get] as const)
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(document, 'api')
  const error = ajv.getSchema('api#/components/schemas/Error')
  if (error !== undefined) bodies.set('error', error)
  for (const [path, { responses }] of operations) {
    for (const status of Object.keys(responses)) {
      const pointer = `/paths/${path.replaceAll('/', '~1')}/get/responses/${status}/content/application~1json/schema`
      bodies.set(`${path} ${status}`, ajv.compile({ $ref: `api#${encodeURI(pointer)}` }))
    }
  }
})
afterAll(() => served.close())

/** Texts that something between the wire and the store may take for something else. */
const nasty = fc.oneof(
  fc.constantFrom('', '\0', '%', '%zz', '%ff', '%C0%80', '%ED%A0%80', '__proto__', 'constructor', 'toString'),
  fc.constantFrom('😀', 'é', '\u202e', '..', '../..', '//', '.', '?', '#', '&', '=', '+', ';', ' ', '\t'),
  fc.constantFrom('1e999', '-1', '0', '99999999999999999999', 'NaN', 'null', 'true', '[]', '{"a":1}'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 1, max: 20_000 }).map((length) => 'x'.repeat(length)),
)

const identifier = fc.constantFrom(...hostile).map(({ type, value }) => `${type}:${value}`)

function valid({ name, schema }: Parameter): fc.Arbitrary<string> {
  if (name === 'space') return fc.constant('shop')
  if (name === 'profile') return fc.oneof(identifier, fc.constantFrom('use_ann', 'use_old', 'acme'))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.type === 'integer') return fc.integer({ min: 1, max: schema.maximum ?? 100 }).map(String)
  if (schema.type === 'boolean') return fc.constantFrom('true', 'false')
  if (name === 'start' || name === 'end') return fc.constantFrom('2026-05-21', '2026-05-22T01:00:00Z')
  if (name === 'next') return fc.constant('')
  return fc.constantFrom('vip', 'ab,ab c', 'Order Completed', 'email,user_id')
}

/** Mostly as the document says, sometimes not; mostly encoded, sometimes as it is. */
function written(parameter: Parameter, hostility: number): fc.Arbitrary<string> {
  const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))
  return fc.oneof(
    { weight: 10, arbitrary: valid(parameter).map(encoded) },
    { weight: hostility, arbitrary: nasty.map(encoded) },
    { weight: hostility, arbitrary: nasty },
  )
}

function target([path, { parameters = [] }]: (typeof operations)[number], hostility: number) {
  const inPath = parameters.filter((each) => each.in === 'path')
  const inQuery = parameters.filter((each) => each.in === 'query')
  return fc
    .tuple(
      fc.tuple(...inPath.map((each) => written(each, hostility))),
      fc
        .subarray(inQuery)
        .chain((chosen) =>
          fc.tuple(...chosen.map((each) => written(each, hostility).map((value) => `${each.name}=${value}`))),
        ),
    )
    .map(([values, query]) => {
      const filled = inPath.reduce(
        (url, { name }, index) => url.replace(`{${name}}`, () => values[index] ?? ''),
        path,
      )
      return query.length === 0 ? filled : `${filled}?${query.join('&')}`
    })
}

const header = fc.oneof(
  fc.constantFrom(
    'accept: \u0001',
    'content-type: a',
    'range: bytes=0-',
    'x: é',
    'cookie: a=b',
    'te: trailers',
  ),
  fc.constantFrom('content-length: 5', 'transfer-encoding: chunked', 'accept-version: 1', 'upgrade: h2c'),
  fc.string({ maxLength: 20 }).map((value) => `x-garbage: ${value.replace(/[\r\n]/g, '')}`),
)

function isFine(path: string, { status, head, body }: Exchange, method: string): void {
  expect(status).toBeGreaterThanOrEqual(200)
  expect(status).toBeLessThan(500)
  expect(head).toMatch(/^request-id: /im)
  if (method === 'HEAD' && body === '') return
  const validate = bodies.get(`${path} ${status}`) ?? bodies.get('error')
  expect(validate?.(JSON.parse(body)), `${status} ${body}`).toBe(true)
}

test('requests that keep to the document get what it promises', async () => {
  const requests = fc
    .constantFrom(...operations)
    .chain((operation) => target(operation, 0).map((url) => [operation[0], url] as const))
  await fc.assert(
    fc.asyncProperty(requests, async ([path, url]) => {
      const answer = await exchange(served.url, `GET ${url}`, [`authorization: ${basic(served.token)}`])
      expect([200, 404]).toContain(answer.status)
      isFine(path, answer, 'GET')
    }),
    { numRuns: 300 },
  )
})

test('any other request is refused in the shape of errors, never with a 5xx', async () => {
  const requests = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      path: fc.constant(operation[0]),
      url: fc.oneof(
        { weight: 4, arbitrary: target(operation, 4) },
        { weight: 1, arbitrary: nasty.map((text) => `/${text}`) },
      ),
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant('GET') },
        { weight: 2, arbitrary: fc.constant('HEAD') },
        {
          weight: 2,
          arbitrary: fc.constantFrom(
            'POST',
            'PUT',
            'PATCH',
            'DELETE',
            'OPTIONS',
            'TRACE',
            'PROPFIND',
            'NO',
            'get',
          ),
        },
      ),
      headers: fc.array(header, { maxLength: 3 }),
      token: fc.oneof(
        { weight: 4, arbitrary: fc.constant(`authorization: ${basic(served.token)}`) },
        { weight: 1, arbitrary: nasty.map((text) => `authorization: ${text.replace(/[\r\n]/g, '')}`) },
      ),
    }),
  )
  await fc.assert(
    fc.asyncProperty(requests, async ({ path, url, method, headers, token }) => {
      const answer = await exchange(served.url, `${method} ${url.replace(/[\r\n]/g, '')}`, [
        ...headers,
        token,
      ])
      isFine(path, answer, method)
    }),
    { numRuns: 1500 },
  )
  expect(served.failed).toEqual([])
  expect((await served.get('/health')).status).toBe(200)
})
