import { problem } from '../../diagnostics/problem.ts'
import type { At, Call, Chain, Comparator, QueryNode } from '../../query/syntax.ts'
import { isPath } from '../condition-shape.ts'
import type { Operand, Operator, Scalar, Test } from '../conditions.ts'
import { isoInstant } from '../duration.ts'
import type { OfEvent } from '../read-tests.ts'
import { plainArguments, type QueryReading, rejectArguments, textArgument, ungroup } from './query-reading.ts'

type Takes = 'nothing' | 'scalar' | 'number' | 'text' | 'texts' | 'list' | 'instant' | 'duration'

interface Comparison {
  readonly operator: Operator
  readonly takes: Takes
  /** For `absent`. */
  readonly value?: boolean
}

/** The first name of an operator is the one that is rendered. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  equals: { operator: 'equals', takes: 'scalar' },
  differs: { operator: 'not_equals', takes: 'scalar' },
  less_than: { operator: 'less_than', takes: 'number' },
  at_most: { operator: 'less_than_or_equal', takes: 'number' },
  greater_than: { operator: 'greater_than', takes: 'number' },
  at_least: { operator: 'greater_than_or_equal', takes: 'number' },
  one_of: { operator: 'one_of', takes: 'list' },
  none_of: { operator: 'none_of', takes: 'list' },
  contains: { operator: 'contains', takes: 'texts' },
  omits: { operator: 'does_not_contain', takes: 'texts' },
  contains_one_of: { operator: 'contains_one_of', takes: 'list' },
  starts_with: { operator: 'starts_with', takes: 'text' },
  ends_with: { operator: 'ends_with', takes: 'text' },
  exists: { operator: 'exists', takes: 'nothing', value: true },
  absent: { operator: 'exists', takes: 'nothing', value: false },
  before_date: { operator: 'before', takes: 'instant' },
  after_date: { operator: 'after', takes: 'instant' },
  within_last: { operator: 'within_last', takes: 'duration' },
  within_next: { operator: 'within_next', takes: 'duration' },
  before_last: { operator: 'before_last', takes: 'duration' },
  after_next: { operator: 'after_next', takes: 'duration' },
  before: { operator: 'before', takes: 'instant' },
  after: { operator: 'after', takes: 'instant' },
}

const signs: Readonly<Record<string, string>> = {
  '=': 'equals',
  '==': 'equals',
  '!=': 'differs',
  '<>': 'differs',
  '≠': 'differs',
  '<': 'less_than',
  '<=': 'at_most',
  '≤': 'at_most',
  '>': 'greater_than',
  '>=': 'at_least',
  '≥': 'at_least',
}

/** What stands after a subject: calls such as `.contains('a')`, and at the end a sign with its right side. */
export interface Compared {
  readonly calls: readonly Call[]
  readonly sign?: { readonly comparator: Comparator; readonly right: QueryNode }
}

/** Every comparison of one subject; all must hold. One at least, or it is reported. */
export function readTests(
  subject: At,
  { calls, sign }: Compared,
  event: OfEvent,
  of: QueryReading,
): readonly Test[] {
  const tests: Test[] = []
  const add = (name: string, at: At, operand: (comparison: Comparison) => Operand | undefined): void => {
    const comparison = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined
    if (comparison === undefined) {
      of.rejectName({ text: name, at }, of.written(subject), Object.keys(comparisons))
      return
    }
    const { operator } = comparison
    if (tests.some((test) => test.operator === operator)) {
      const advice = 'write two conditions joined by AND'
      of.reject(at, `\`${name}\` is asked twice of \`${of.written(subject)}\``, advice)
    }
    const found = operand(comparison)
    if (found !== undefined) tests.push({ operator, operand: found, span: of.span(at) })
  }
  for (const call of calls) {
    add(call.name.text, call.name.at, (comparison) => readArguments(call, comparison, event, of))
  }
  if (sign !== undefined) {
    const { comparator, right } = sign
    const name = signs[comparator.written] ?? comparator.written
    add(name, comparator.at, ({ takes }) => readOperand(ungroup(right), takes, event, of))
  }
  if (calls.length === 0 && sign === undefined) {
    const written = of.written(subject)
    of.reject(
      subject,
      `\`${written}\` does not say what must hold`,
      'compare it, for example `= 5` or `.exists()`',
    )
  }
  return tests
}

function readArguments(
  call: Call,
  { takes, value }: Comparison,
  event: OfEvent,
  of: QueryReading,
): Operand | undefined {
  const nodes = plainArguments(call, of)
  const [only, second] = nodes
  switch (takes) {
    case 'nothing':
      if (only !== undefined) rejectArguments(call, 'nothing', of)
      return { kind: 'literal', value: value ?? true }
    case 'list':
      return readList(call, nodes, of)
    case 'texts':
      if (only !== undefined && second === undefined && only.kind !== 'list')
        return readOperand(only, 'text', event, of)
      return readList(call, nodes, of, 'text')
    case 'scalar':
    case 'number':
    case 'text':
    case 'instant':
    case 'duration':
      if (only === undefined || second !== undefined) {
        rejectArguments(call, `one ${nouns[takes]}`, of)
        return undefined
      }
      return readOperand(only, takes, event, of)
  }
}

const nouns: Readonly<Record<Takes, string>> = {
  nothing: 'nothing',
  scalar: 'text, number, true or false',
  number: 'number',
  text: 'text',
  texts: 'text or more',
  list: 'value or more',
  instant: "date, or date and time with a zone, such as '2026-06-01T00:00:00Z'",
  duration: 'duration such as 7 days',
}

function readList(
  call: Call,
  nodes: readonly QueryNode[],
  of: QueryReading,
  only?: 'text',
): Operand | undefined {
  const items = nodes.flatMap((node) => (node.kind === 'list' ? node.items.map(ungroup) : [node]))
  if (items.length === 0) {
    rejectArguments(call, `one ${nouns[only === undefined ? 'list' : 'texts']}`, of)
    return undefined
  }
  const values = items.flatMap((item) => {
    const value = readScalar(item, of)
    if (value !== undefined && (only === undefined || typeof value === 'string')) return [value]
    of.reject(
      item.at,
      `\`${of.written(item.at)}\` cannot be in the list of \`${call.name.text}\``,
      listAdvice,
    )
    return []
  })
  return { kind: 'list', values }
}

const listAdvice = 'list texts in quotes (or numbers, true and false where numbers have a meaning)'

/** One right-hand side. */
function readOperand(node: QueryNode, takes: Takes, event: OfEvent, of: QueryReading): Operand | undefined {
  if (takes === 'duration') {
    const seconds = readDuration(node, of)
    return seconds === undefined ? undefined : { kind: 'duration', seconds }
  }
  if (node.kind === 'chain') return readReference(node, event, of)
  const value = readScalar(node, of)
  if (takes === 'instant') {
    const instant = typeof value === 'string' ? isoInstant(value) : undefined
    if (instant !== undefined) return { kind: 'literal', value: instant }
  } else if (value !== undefined) {
    const suits =
      takes === 'number' ? typeof value === 'number' : takes === 'text' ? typeof value === 'string' : true
    if (suits) return { kind: 'literal', value }
  }
  const quoted = takes === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
  const advice = quoted ? `write ${String(value)} without quotes` : referenceAdvice
  of.reject(node.at, `a ${nouns[takes]} is expected, not \`${of.written(node.at)}\``, advice)
  return undefined
}

const referenceAdvice =
  "trait('…') may stand here too, inside a `where` property('…') or of rows column('…'), and for a nested event property(parent: '…')"

/** Seconds of `90 days`; at least one, and no more than the YAML form can write. */
export function readDuration(node: QueryNode, of: QueryReading): number | undefined {
  if (node.kind === 'duration' && node.amount >= 1 && node.amount < 1_000_000_000) return node.seconds
  const detail = `a duration is expected, not \`${of.written(node.at)}\``
  of.reject(node.at, detail, 'write a whole number and a unit, for example 90 days, 12 hours or 30 minutes')
  return undefined
}

function readScalar(node: QueryNode, of: QueryReading): Scalar | undefined {
  switch (node.kind) {
    case 'text':
    case 'boolean':
      return node.value
    case 'number':
      if (Number.isFinite(node.value) && (!Number.isInteger(node.value) || Number.isSafeInteger(node.value)))
        return node.value
      of.reject(node.at, 'the number is larger than a number holds exactly', 'write it in quotes')
      return 0
    case 'and':
    case 'or':
    case 'prefix':
    case 'group':
    case 'comparison':
    case 'chain':
    case 'list':
    case 'duration':
    case 'word':
      return undefined
  }
}

function readReference(node: Chain, event: OfEvent, of: QueryReading): Operand | undefined {
  const [call, second] = node.calls
  if (call === undefined || second !== undefined) {
    of.reject(node.at, `\`${of.written(node.at)}\` cannot stand on the right`, referenceAdvice)
    return undefined
  }
  switch (call.name.text) {
    case 'trait':
    case 'custom_trait': {
      const name = textArgument(call, of)
      return name && { kind: 'trait', trait: name.text, span: of.span(name.at) }
    }
    case 'property':
      return readProperty(call, event, of)
    case 'column':
      return readColumn(call, event, of)
    default:
      of.rejectName(call.name, 'a comparison', ['trait', 'property', 'column'])
      return undefined
  }
}

/** `column('c')` of the same row, `column('c', of: 'r')` of one above. */
function readColumn(call: Call, event: OfEvent, of: QueryReading): Operand | undefined {
  const [argument, second, third] = call.arguments
  const node = argument === undefined ? undefined : ungroup(argument.node)
  const above = second === undefined ? undefined : ungroup(second.node)
  if (
    argument?.label !== undefined ||
    argument?.as !== undefined ||
    node?.kind !== 'text' ||
    node.value === '' ||
    third !== undefined ||
    (second !== undefined && (second.label?.text !== 'of' || second.as !== undefined)) ||
    (above !== undefined && (above.kind !== 'text' || above.value === ''))
  ) {
    rejectArguments(call, 'one text in quotes, and perhaps of: and the name of a relationship', of)
    return undefined
  }
  const { value: column } = node
  const span = of.span(node.at)
  if (event !== 'row') of.report(problem('PSN2037', { column }, span))
  return { kind: 'column', column, ...(above?.kind === 'text' && { of: above.value }), span }
}

/** `property('p')` of the same event, `property(parent: 'p')` of the one before. */
function readProperty(call: Call, event: OfEvent, of: QueryReading): Operand | undefined {
  const [argument, second] = call.arguments
  const label = argument?.label?.text
  const node = argument === undefined ? undefined : ungroup(argument.node)
  const known = label === undefined || label === 'parent'
  if (
    !known ||
    second !== undefined ||
    node?.kind !== 'text' ||
    node.value === '' ||
    argument?.as !== undefined
  ) {
    rejectArguments(call, 'one text in quotes, or parent: and one', of)
    return undefined
  }
  const { value: property } = node
  const span = of.span(node.at)
  if (label === 'parent') {
    if (event !== 'own and parent') of.report(problem('PSN2035', { property }, span))
    return { kind: 'parent', property, span }
  }
  if (event === 'none' || event === 'row') of.report(problem('PSN2036', { property }, span))
  else if (!isPath(property))
    of.report(problem('PSN2038', { key: 'property', found: `\`${property}\`` }, span))
  return { kind: 'property', property, span }
}
