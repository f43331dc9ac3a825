import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostile } from './sample.ts'
import { type Served, serve, users } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

async function document() {
  const { status, text } = await served.get('/openapi.json', { headers: {} })
  expect(status).toBe(200)
  return JSON.parse(text)
}

describe('the OpenAPI document', () => {
  test('is valid, of version 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate(await document())
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  test('has every route with its parameters, and needs a token where one is needed', async () => {
    const { paths, info, components } = await document()
    const base = '/v1/spaces/{space}/collections/{collection}/profiles/{profile}'
    expect(info.version).toBe('1.2.3')
    expect(components.securitySchemes.token).toMatchObject({ type: 'http', scheme: 'basic' })
    const parameters = Object.fromEntries(
      Object.keys(paths).map((path) => [
        path.replace(base, ''),
        (paths[path].get.parameters ?? [])
          .filter((each: { in: string }) => each.in === 'query')
          .map((each: { name: string }) => each.name),
      ]),
    )
    expect(parameters).toEqual({
      '/health': [],
      '/ready': [],
      '/traits': ['limit', 'next', 'include', 'class', 'verbose'],
      '/external_ids': ['limit', 'next', 'include', 'verbose'],
      '/events': ['limit', 'next', 'start', 'end', 'include', 'exclude', 'sort'],
      '/metadata': ['verbose'],
      '/links': ['limit'],
    })
    for (const path of Object.keys(paths)) {
      expect(Object.keys(paths[path])).toEqual(['get'])
      expect(paths[path].get.security !== undefined).toBe(path.startsWith(base))
    }
  })

  test.each(['traits', 'external_ids', 'events', 'metadata', 'links'])(
    'describes %s as they are',
    async (resource) => {
      const ajv = new Ajv2020({ strict: false })
      const found = await document()
      const path = `/v1/spaces/{space}/collections/{collection}/profiles/{profile}/${resource}`
      const { schema } = found.paths[path].get.responses[200].content['application/json']
      const validate = ajv.compile(schema)
      for (const query of ['', '?verbose=true', '?limit=20']) {
        const { body } = await served.get(`${users}/email:${hostile[0]?.value}/${resource}${query}`)
        expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
      }
    },
  )
})
