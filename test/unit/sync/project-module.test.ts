import { expect, test } from 'vitest'
import { z } from 'zod'
import { DeliveryError, destinationType } from '../../../src/sync/destination.ts'
import { guarded } from '../../../src/sync/project-module.ts'

async function thrownFor(error: unknown): Promise<unknown> {
  const type = destinationType({
    type: 'own',
    summary: '',
    settings: z.unknown(),
    secrets: [],
    capabilities: () => ({
      modes: ['upsert'],
      batchRows: 1,
      concurrency: 1,
      repeated: 'harmless',
      visible: 'batch',
    }),
    async check() {
      throw error
    },
    async open() {
      throw new Error('not opened here')
    },
  })
  return guarded(type)
    .check({}, new AbortController().signal)
    .catch((caught: unknown) => caught)
}

test.each([
  [
    Object.assign(new Error('later'), { kind: 'retryable', retryAfterMs: 500 }),
    { kind: 'retryable', retryAfterMs: 500 },
  ],
  [
    Object.assign(new Error('bad row'), { kind: 'rejected', reason: 'no plan' }),
    { kind: 'rejected', reason: 'no plan' },
  ],
  [Object.assign(new Error('x'), { kind: 'strange' }), { kind: 'fatal', reason: 'module' }],
  [new TypeError('fetch failed'), { kind: 'retryable', reason: 'no connection' }],
  [new TypeError('x is not a function'), { kind: 'fatal', message: 'TypeError: x is not a function' }],
  ['text', { kind: 'fatal', message: 'text' }],
])('%s becomes what deliveries understand', async (error, expected) => {
  const caught = await thrownFor(error)
  expect(caught).toBeInstanceOf(DeliveryError)
  expect(caught).toMatchObject(expected)
})
