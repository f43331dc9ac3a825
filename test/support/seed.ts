import { randomInt } from 'node:crypto'
import fc from 'fast-check'

/**
 * What every property draws its cases from: the same on every run, so that a change is judged by the change.
 * `SEED=7 npm test` draws other cases, `SEED=random npm test` new ones; a failure names the seed it needs.
 */
export const seed =
  process.env.SEED === 'random' ? randomInt(2 ** 31) : Number(process.env.SEED ?? 20_260_601)

fc.configureGlobal({ seed })
