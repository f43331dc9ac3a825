import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { engines } from '../support/engines.ts'
import {
  compareWithReference,
  randomStreams,
  type StreamShape,
  seeded,
  streamText,
} from './identity-streams.ts'

/** `IDENTITY_SEED` repeats a run; `IDENTITY_STREAMS` sets how many streams each shape takes. */
const seed = Number(process.env.IDENTITY_SEED ?? randomInt(2 ** 31))

const shapes: Readonly<Record<string, Omit<StreamShape, 'streams'>>> = {
  'limits for ever': { maxEvents: 30, windowed: false, late: false, smallHardLimits: false },
  'limits in windows': { maxEvents: 30, windowed: true, late: false, smallHardLimits: false },
  'limits in windows, late events': { maxEvents: 30, windowed: true, late: true, smallHardLimits: false },
  'merge and mapping limits': { maxEvents: 30, windowed: false, late: false, smallHardLimits: true },
  'all limits at once': { maxEvents: 30, windowed: true, late: true, smallHardLimits: true },
  'long streams': { maxEvents: 120, windowed: true, late: true, smallHardLimits: false },
}

describe.each(engines.map((engine) => ({ engine })))('identity on $engine.name', ({ engine }) => {
  test.each(Object.entries(shapes))(
    `equals the sequential reference: %s (seed ${seed})`,
    async (name, shape) => {
      const place = await engine.open()
      try {
        const usual = engine.name === 'duckdb' ? 320 : 60
        const streams = Math.ceil(
          Number(process.env.IDENTITY_STREAMS ?? usual) / (shape.maxEvents > 60 ? 8 : 1),
        )
        const random = seeded(seed + Object.keys(shapes).indexOf(name))
        const given = randomStreams(random, { ...shape, streams })
        const found = await compareWithReference(place.adapter, place.workSchema, given)
        const shown = found.slice(0, 2).map((difference) => ({
          ...difference,
          rules: given.rules,
          hardLimits: given.hardLimits,
          events: streamText(given, difference.stream),
        }))
        expect(shown, `seed ${seed}: ${found.length} differences`).toEqual([])
      } finally {
        await place.drop()
      }
    },
    240_000,
  )
})
