import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { google, metaFields } from '../../../src/sync/destinations/vendors/personal-data.ts'
import { hashed } from '../../../src/sync/mapping/hashed.ts'

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function meta(field: string, text: string): string | undefined {
  return metaFields[field]?.as(text)
}

describe('vectors that the platforms publish', () => {
  // As known from Meta, Conversions API, "Customer information parameters"; the page itself was not at hand.
  test.each([
    ['email', 'John_Smith@gmail.com', '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f'],
    ['phone', '1(650)555-1212', 'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176'],
    ['first_name', 'Mary', '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec'],
  ])('Meta, %s', (field, text, hash) => {
    expect(meta(field, text)).toBe(hash)
  })

  // As quoted from Google Ads help, "Customer Match".
  test('Google', () => {
    expect(google.email('example@gmail.com')).toBe(
      '264e53d93759bde067fd01ef2698f98d1253c730d12f021116f02eebcfa9ace6',
    )
  })
})

test.each([
  ['email', '  ANN@Example.com ', 'ann@example.com'],
  ['phone', '+44 (0)20 7946 0958', '4402079460958'],
  ['phone', '0049 30 1234', '49301234'],
  ['last_name', "O'Neil-Smith", 'oneilsmith'],
  ['first_initial', 'Åsa', 'å'],
  ['gender', 'Female', 'f'],
  ['birth_month', '3', '03'],
  ['birth_day', '09', '09'],
  ['city', 'St. Louis', 'stlouis'],
  ['zip', '94045-1234', '94045'],
  ['zip', 'SW1A 1AA', 'sw1a1aa'],
  ['country', 'US', 'us'],
])('Meta hashes %s %s as %s', (field, text, normal) => {
  expect(meta(field, text)).toBe(sha256(normal))
})

test.each([
  ['email', 'Ann.M.Lee@GMail.com ', 'annmlee@gmail.com'],
  ['email', 'a.b@googlemail.com', 'ab@googlemail.com'],
  ['email', 'a.b@example.com', 'a.b@example.com'],
  ['phone', '+1 (650) 555-1212', '+16505551212'],
  ['name', ' José ', 'josé'],
] as const)('Google hashes %s %s as %s', (field, text, normal) => {
  expect(google[field](text)).toBe(sha256(normal))
})

test('what is a hash already is never hashed again, in whatever letters', () => {
  const hash = sha256('ann@example.com')
  for (const [field, { as }] of Object.entries(metaFields))
    if (field !== 'external_id' && field !== 'mobile_ad_id') expect(as(hash.toUpperCase()), field).toBe(hash)
  for (const as of Object.values(google)) expect(as(` ${hash} `)).toBe(hash)
  expect(hashed(hash, 'phone')).toBe(hash)
})
