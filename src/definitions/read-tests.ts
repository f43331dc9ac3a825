import { problem } from '../diagnostics/problem.ts'
import { isOperator } from './condition-shape.ts'
import type { Operand, Operator, Test } from './conditions.ts'
import { durationSeconds, isoInstant } from './duration.ts'
import type { RawOperand } from './raw-conditions.ts'
import type { Reading } from './reading.ts'

const durationOperators: ReadonlySet<string> = new Set([
  'within_last',
  'within_next',
  'before_last',
  'after_next',
])
const timeOperators: ReadonlySet<string> = new Set(['before', 'after'])

/** What a right-hand side may refer to: the event that is judged, and the one before it; or rows of relationships. */
export type OfEvent = 'none' | 'own' | 'own and parent' | 'row'

/** Every operator of a leaf; one at least. */
export function readTests(raw: object, subject: string, event: OfEvent, reading: Reading): readonly Test[] {
  const tests: Test[] = []
  for (const [key, value] of Object.entries(raw)) {
    if (!isOperator(key)) continue
    const operand = readOperand(key, value, raw, event, reading)
    tests.push({ operator: key, operand, span: reading.places.keySpan(raw, key) })
  }
  if (tests.length === 0) {
    const name = String(Reflect.get(raw, subject))
    reading.report(problem('PSN2032', { subject: name }, reading.places.valueSpan(raw, subject)))
  }
  return tests
}

function readOperand(
  operator: Operator,
  raw: RawOperand,
  leaf: object,
  event: OfEvent,
  reading: Reading,
): Operand {
  if (typeof raw !== 'object') {
    if (durationOperators.has(operator)) return { kind: 'duration', seconds: durationSeconds(String(raw)) }
    if (timeOperators.has(operator)) {
      return { kind: 'literal', value: readInstant(String(raw), leaf, operator, reading) }
    }
    return { kind: 'literal', value: raw }
  }
  if ('parent' in raw) {
    const span = reading.places.valueSpan(raw, 'parent')
    if (event !== 'own and parent') reading.report(problem('PSN2035', { property: raw.parent }, span))
    return { kind: 'parent', property: raw.parent, span }
  }
  if ('property' in raw) {
    const span = reading.places.valueSpan(raw, 'property')
    if (event === 'none' || event === 'row')
      reading.report(problem('PSN2036', { property: raw.property }, span))
    return { kind: 'property', property: raw.property, span }
  }
  if ('trait' in raw) return { kind: 'trait', trait: raw.trait, span: reading.places.valueSpan(raw, 'trait') }
  if ('column' in raw) {
    const span = reading.places.valueSpan(raw, 'column')
    if (event !== 'row') reading.report(problem('PSN2037', { column: raw.column }, span))
    return { kind: 'column', column: raw.column, ...(raw.of === undefined ? {} : { of: raw.of }), span }
  }
  return { kind: 'list', values: raw }
}

/** An instant of the right form as ISO text in UTC with milliseconds; a date is its midnight in UTC. */
export function readInstant(text: string, container: object, key: string, reading: Reading): string {
  const instant = isoInstant(text)
  if (instant !== undefined) return instant
  reading.report(problem('PSN2022', { key, found: `\`${text}\`` }, reading.places.valueSpan(container, key)))
  return text
}
