import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knownFunctions } from './binder/expression-binder.ts'
import { aggregateExamples, four, windowExamples } from './examples/aggregates.ts'
import { conditionalExamples } from './examples/conditionals.ts'
import { jsonExamples } from './examples/jsons.ts'
import { numberExamples } from './examples/numbers.ts'
import { textExamples } from './examples/texts.ts'
import { timeExamples } from './examples/times.ts'
import { openSession, type TestSession } from './session.ts'

let session: TestSession
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.close())

const scalarExamples = {
  ...numberExamples,
  ...textExamples,
  ...timeExamples,
  ...jsonExamples,
  ...conditionalExamples,
}

describe('a scalar function does as its page says', () => {
  for (const [page, cases] of Object.entries(scalarExamples)) {
    test(`${page}`, async () => {
      for (const [expression, expected] of cases)
        expect(await session.value(expression), expression).toEqual(expected)
    })
  }

  test('the clock gives one instant for a statement', async () => {
    const clocks =
      'current_timestamp() = localtimestamp() and getdate() = current_timestamp and sysdate() = current_timestamp()::timestamp_ntz and current_date() = sysdate()::date'
    expect(await session.value(clocks)).toBe(true)
  })
})

describe('an aggregate does as its page says', () => {
  for (const [page, cases] of Object.entries(aggregateExamples)) {
    test(`${page}`, async () => {
      for (const [expression, expected] of cases) {
        expect((await session.rows(`select ${expression} from ${four}`))[0]?.[0], expression).toEqual(
          expected,
        )
      }
    })
  }

  test('no rows: a count of 0, an empty array, an empty list, the rest NULL', async () => {
    const sql = `select count(*), array_agg(x), listagg(x::varchar, ','), sum(x), max(x), count_if(x > 1) from ${four} where x > 9`
    expect(await session.rows(sql)).toEqual([['0', '[]', '', null, null, '0']])
  })
})

describe('a window function does as its page says', () => {
  for (const [name, [expression, values]] of Object.entries(windowExamples)) {
    test(`${name}`, async () => {
      expect((await session.rows(`select ${expression} from ${four} order by x`)).flat()).toEqual(values)
    })
  }
})

test('every function with a twin is tried here', () => {
  const tried = JSON.stringify([scalarExamples, aggregateExamples, windowExamples]).toLowerCase()
  const clocks = ['current_date', 'current_timestamp', 'getdate', 'localtimestamp', 'sysdate']
  const missing = knownFunctions
    .map((name) => name.toLowerCase())
    .filter((name) => !clocks.includes(name) && !tried.includes(`${name}(`))
  expect(missing).toEqual([])
})
