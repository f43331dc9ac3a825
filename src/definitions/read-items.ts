import type { z } from 'zod'
import { checkShape, describeValue } from '../config/check-shape.ts'
import { isRecord } from '../config/shape.ts'
import type { Places } from '../config/yaml-values.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { spanContains } from '../diagnostics/span.ts'
import type { Reading } from './reading.ts'

/** The lists of one file, and what is collected while they are read. */
export interface ItemsOf {
  readonly value: Readonly<Record<string, unknown>>
  readonly places: Places
  readonly problems: Problem[]
  /** Problems of keys given twice and of expressions: what holds one is not judged further. */
  readonly unfilled: readonly Problem[]
  /** Names of the definitions left out. */
  readonly broken: string[]
}

const nouns: Readonly<Record<string, string>> = {
  sources: 'source',
  entities: 'entity',
  relationships: 'relationship',
  traits: 'trait',
  audiences: 'audience',
  destinations: 'destination',
  syncs: 'sync',
  unit_tests: 'unit test',
}

type Read<Raw, Result> = (raw: Raw, reading: Reading) => Result

/** Reads the list under a key, each item by itself: what is wrong with one leaves the others. */
export function readItems<Raw, Result>(
  of: ItemsOf,
  key: string,
  shape: z.ZodType<Raw>,
  read: Read<Raw, Result>,
): Result[] {
  const list = of.value[key]
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) {
    const parameters = { key, expected: 'a list', found: describeValue(list) }
    of.problems.push(problem('PSN1012', parameters, of.places.valueSpan(of.value, key)))
    return []
  }
  return list.flatMap((item: unknown, index) => {
    const name = isRecord(item) && typeof item.name === 'string' ? item.name : undefined
    const owner = name === undefined ? `${nouns[key]} ${index + 1}` : `${nouns[key]} \`${name}\``
    const result = readItem(of, item, shape, read, owner, list, index)
    if (result !== undefined) return [result]
    if (name !== undefined) of.broken.push(name)
    return []
  })
}

/** @returns undefined where it has problems, which are reported */
export function readItem<Raw, Result>(
  of: ItemsOf,
  item: unknown,
  shape: z.ZodType<Raw>,
  read: Read<Raw, Result>,
  owner: string,
  container: object,
  key: string | number,
): Result | undefined {
  const { places, problems, unfilled } = of
  if (!isRecord(item)) {
    if (places.isUnfilled(container, key)) return undefined
    const parameters = { key: owner.replaceAll('`', ''), expected: 'a map', found: describeValue(item) }
    problems.push(problem('PSN1012', parameters, places.valueSpan(container, key)))
    return undefined
  }
  const whole = unfilled.length === 0 ? undefined : places.valueSpan(item)
  const inside = unfilled.filter(
    ({ span }) => whole !== undefined && span !== undefined && spanContains(whole, span),
  )
  // Which of two values was meant is not known.
  if (inside.some(({ code }) => code === 'PSN1005')) return undefined
  const checked = checkShape(shape, item, places, owner)
  if (!checked.ok) {
    problems.push(...checked.problems)
    return undefined
  }
  if (inside.length > 0) return undefined
  const before = problems.length
  const result = read(checked.value, { places, report: (one) => problems.push(one) })
  return problems.length === before ? result : undefined
}
