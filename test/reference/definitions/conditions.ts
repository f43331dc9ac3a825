import { elementsOf, instantOf, numberOf, sameValue, type Typed, textOf } from './values.ts'
import type { World, WorldRow } from './world.ts'

/** A condition as written in a project: `{ property: …, equals: … }`. */
export type Raw = Readonly<Record<string, unknown>>

export interface Lookup {
  readonly asOf: number
  parent?(property: string): Typed | undefined
  /** Of the event that is judged. */
  own?(property: string): Typed | undefined
  trait(name: string): Typed | undefined
  /** Of the row that is judged, or of one above it. */
  column?(name: string, of: string | undefined): Typed | undefined
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Milliseconds of `30m`, `12h`, `90d`. */
function duration(text: unknown): number {
  const match = /^(\d+)([smhdw])$/.exec(String(text))
  if (match === null) throw new Error(`no duration: ${String(text)}`)
  return Number(match[1]) * (unitSeconds[match[2] ?? ''] ?? 0) * 1000
}

export function list(value: unknown): readonly Raw[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Error('a list was expected')
  return value.map(record)
}

export function record(value: unknown): Raw {
  if (typeof value !== 'object' || value === null) throw new Error('a map was expected')
  return Object.fromEntries(Object.entries(value))
}

/** Whether an event satisfies all conditions of a `where`. */
export function whereHolds(world: World, row: WorldRow, conditions: readonly Raw[], lookup: Lookup): boolean {
  return conditions.every((condition) => conditionHolds(world, row, condition, lookup))
}

function conditionHolds(world: World, row: WorldRow, condition: Raw, lookup: Lookup): boolean {
  if (condition.all !== undefined)
    return list(condition.all).every((inner) => conditionHolds(world, row, inner, lookup))
  if (condition.any !== undefined)
    return list(condition.any).some((inner) => conditionHolds(world, row, inner, lookup))
  if (condition.not !== undefined) {
    const inner = record(condition.not)
    // Who must wait for the time to be over waits for either answer.
    const then = onlyThen(inner)
    return then === undefined
      ? !conditionHolds(world, row, inner, lookup)
      : isFollowed(world, row, { ...then, not: then.not !== true }, lookup)
  }
  if (condition.then !== undefined) return isFollowed(world, row, record(condition.then), lookup)
  const own: Lookup = { ...lookup, own: (property) => eventValue(world, row, 'property', property) }
  if (condition.trait !== undefined) {
    const of = lookup.trait(String(condition.trait))
    return testsOf(condition, ['trait']).every(([operator, right]) => testHolds(of, operator, right, own))
  }
  const kind = condition.property === undefined ? 'context' : 'property'
  const path = String(condition[kind])
  const whole = path.replace(/\.\$$/, '')
  const value = eventValue(world, row, kind, whole)
  const tests = testsOf(condition, [kind])
  if (!path.endsWith('.$')) return tests.every(([operator, right]) => testHolds(value, operator, right, own))
  const elements = value === undefined ? [] : elementsOf(value)
  const absent = tests.filter(([operator, right]) => operator === 'exists' && right === false)
  const others = tests.filter((test) => !absent.includes(test))
  if (absent.length > 0 && elements.length > 0) return false
  if (others.length === 0) return true
  return elements.some((element) =>
    others.every(([operator, right]) => testHolds(element, operator, right, own)),
  )
}

/** What follows, by itself: in lists of one, and behind `not`, which is that of what follows. */
function onlyThen(condition: Raw): Raw | undefined {
  if (condition.then !== undefined) return record(condition.then)
  const inner = condition.all ?? condition.any
  if (inner !== undefined) {
    const [only, second] = list(inner)
    return only === undefined || second !== undefined ? undefined : onlyThen(only)
  }
  if (condition.not === undefined) return undefined
  const then = onlyThen(record(condition.not))
  return then && { ...then, not: then.not !== true }
}

/** Whether what must, or must not, follow an event does: events of the same user. */
export function isFollowed(world: World, parent: WorldRow, then: Raw, lookup: Lookup): boolean {
  const start = Date.parse(parent.at)
  const within = duration(then.within)
  if (then.require_window_elapsed === true && start + within > lookup.asOf) return false
  const found = world.rows.filter((row) => {
    const at = Date.parse(row.at)
    return (
      row.user === parent.user &&
      row.event === then.event &&
      isFrom(then, row) &&
      at <= lookup.asOf &&
      at > start &&
      at <= start + within &&
      whereHolds(world, row, list(then.where), {
        asOf: lookup.asOf,
        trait: lookup.trait,
        parent: (property) => eventValue(world, parent, 'property', property),
      })
    )
  })
  return compareCount(found.length, then.count) !== (then.not === true)
}

export function compareCount(found: number, count: unknown): boolean {
  const { exactly, at_most: most, at_least: least = 1 } = count === undefined ? {} : record(count)
  if (exactly !== undefined) return found === exactly
  if (most !== undefined) return found <= Number(most)
  return found >= Number(least)
}

/** Events of all sources count but those left out. */
export function isFrom(raw: Raw, row: WorldRow): boolean {
  return !(Array.isArray(raw.exclude_sources) && raw.exclude_sources.includes(row.source ?? 'web'))
}

/** Events of before a definition was made do not count where it says so. */
export function isSince(history: unknown, row: WorldRow): boolean {
  return history === undefined || Date.parse(row.at) >= Date.parse(String(history))
}

export function eventValue(
  world: World,
  row: WorldRow,
  kind: 'property' | 'context',
  path: string,
): Typed | undefined {
  const type = world.events[row.event]?.[kind === 'property' ? 'properties' : 'contexts'][path]
  if (type === undefined) return undefined
  return { kind: type, value: (kind === 'property' ? row.properties : row.contexts)[path] ?? null }
}

export function testsOf(
  condition: Raw,
  subjects: readonly string[],
): readonly (readonly [string, unknown])[] {
  return Object.entries(condition).filter(([key]) => !subjects.includes(key))
}

/** One operator; a missing value satisfies `exists: false` only. */
export function testHolds(
  value: Typed | undefined,
  operator: string,
  right: unknown,
  lookup: Lookup,
): boolean {
  const missing = value === undefined || value.value === null
  if (operator === 'exists') return right === !missing
  if (missing) return false
  if (['within_last', 'within_next', 'before_last', 'after_next'].includes(operator)) {
    const at = instantOf(value)
    if (at === undefined) return false
    const length = duration(right)
    if (operator === 'within_last') return at >= lookup.asOf - length && at <= lookup.asOf
    if (operator === 'within_next') return at >= lookup.asOf && at <= lookup.asOf + length
    if (operator === 'before_last') return at < lookup.asOf - length
    return at > lookup.asOf + length
  }
  const operands = operandsOf(right, lookup)
  if (operands === undefined || operands.some((operand) => operand.value === null)) return false
  const [first] = operands
  const has = (test: (text: string, part: string) => boolean): boolean => {
    const text = textOf(value)
    return operands.some((operand) => {
      const part = textOf(operand)
      return text !== undefined && part !== undefined && test(text, part)
    })
  }
  const equalsAny = operands.some((operand) => sameValue(value, operand))
  const ordered = (
    read: (of: Typed) => number | undefined,
    test: (left: number, other: number) => boolean,
  ): boolean => {
    const [left, other] = [read(value), first && read(first)]
    return left !== undefined && other !== undefined && test(left, other)
  }
  switch (operator) {
    case 'equals':
    case 'one_of':
      return equalsAny
    case 'not_equals':
    case 'none_of':
      return !equalsAny
    case 'contains':
    case 'contains_one_of':
      return has((text, part) => text.includes(part))
    case 'does_not_contain':
      return !has((text, part) => text.includes(part))
    case 'starts_with':
      return has((text, part) => text.startsWith(part))
    case 'ends_with':
      return has((text, part) => text.endsWith(part))
    case 'less_than':
      return ordered(numberOf, (left, other) => left < other)
    case 'less_than_or_equal':
      return ordered(numberOf, (left, other) => left <= other)
    case 'greater_than':
      return ordered(numberOf, (left, other) => left > other)
    case 'greater_than_or_equal':
      return ordered(numberOf, (left, other) => left >= other)
    case 'before':
      return ordered(instantOf, (left, other) => left < other)
    case 'after':
      return ordered(instantOf, (left, other) => left > other)
    default:
      throw new Error(`no operator ${operator}`)
  }
}

function operandsOf(right: unknown, lookup: Lookup): readonly Typed[] | undefined {
  if (Array.isArray(right)) return right.map(literal)
  if (typeof right !== 'object' || right === null) return [literal(right)]
  const { parent, property, trait, column, of } = record(right)
  const found =
    column !== undefined
      ? lookup.column?.(String(column), of === undefined ? undefined : String(of))
      : parent !== undefined
        ? lookup.parent?.(String(parent))
        : property !== undefined
          ? lookup.own?.(String(property))
          : lookup.trait(String(trait))
  return found === undefined ? undefined : [found]
}

function literal(value: unknown): Typed {
  switch (typeof value) {
    case 'number':
      return { kind: 'number', value }
    case 'boolean':
      return { kind: 'boolean', value }
    default:
      return { kind: 'text', value: String(value) }
  }
}

/**
 * Whether an event's time is in the window; `ended` leaves the old end open.
 *
 * @param all times of all events of that name of the same profile, for sessions
 */
export function inWindow(raw: Raw, at: number, asOf: number, all: readonly number[], ended = false): boolean {
  if (raw.session !== undefined) {
    const length = duration(raw.session)
    const later = [...new Set(all.filter((other) => other >= at && other <= asOf)), asOf].sort(
      (a, b) => a - b,
    )
    return ended || later.every((time, index) => (later[index + 1] ?? time) - time < length)
  }
  if (raw.within !== undefined) return ended || at >= asOf - duration(raw.within)
  if (raw.between !== undefined) {
    const [near, far] = Array.isArray(raw.between) ? raw.between : []
    return at <= asOf - duration(near) && (ended || at >= asOf - duration(far))
  }
  if (raw.since !== undefined && at < Date.parse(String(raw.since))) return false
  return raw.until === undefined || at < Date.parse(String(raw.until))
}
