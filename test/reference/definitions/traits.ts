import { eventValue, inWindow, isFrom, isSince, list, type Raw, whereHolds } from './conditions.ts'
import { byCodePoint, elementsOf, numberOf, type Typed, textOf } from './values.ts'
import { typedTraits, type World, type WorldRow } from './world.ts'

type Result = string | number | boolean

export type Reduced = Raw & { readonly type: string }

/** What the events of some users are reduced to, with the type that it has. */
export function reduceEvents(
  world: World,
  raw: Reduced,
  users: readonly string[],
  traits: Readonly<Record<string, Typed>>,
  counts: (row: WorldRow) => boolean,
): Typed | undefined {
  const value = valueFor(world, raw, users, traits, counts)
  return value === undefined ? undefined : { kind: kindOf(world, raw), value }
}

function kindOf(world: World, raw: Reduced): Typed['kind'] {
  switch (raw.type) {
    case 'count':
    case 'unique_list_count':
      return 'integer'
    case 'unique_list':
      return 'list'
    case 'most_frequent':
      return 'text'
    case 'min':
    case 'max':
      return raw.as === 'text' ? 'text' : 'number'
    case 'first':
    case 'last':
      return world.events[String(raw.event)]?.properties[String(raw.property)] ?? 'text'
    default:
      return 'number'
  }
}

/** The value of an event trait for each user or account that has one. Slow on purpose: one profile after another. */
export function evaluateTrait(
  world: World,
  raw: Raw,
  counts?: (row: WorldRow) => boolean,
): ReadonlyMap<string, Result> {
  const results = new Map<string, Result>()
  const subjects =
    raw.entity === 'account'
      ? world.accounts.map(({ id, users, traits }) => ({
          id,
          users,
          traits: typedTraits(traits, world.accountTraits),
        }))
      : world.users
          .filter(({ known }) => known || raw.include_anonymous === true)
          .map(({ id, traits }) => ({ id, users: [id], traits: typedTraits(traits, world.userTraits) }))
  for (const { id, users, traits } of subjects) {
    const value = valueFor(world, raw, users, traits, counts) ?? fallback(raw)
    if (value !== undefined) results.set(id, value)
  }
  return results
}

function fallback({ type, default: of }: Raw): Result | undefined {
  if (!Array.isArray(of)) return typeof of === 'object' || of === undefined ? undefined : literal(of)
  const texts = of.map(String)
  return JSON.stringify(type === 'unique_list' ? [...new Set(texts)].sort(byCodePoint) : of)
}

function literal(of: unknown): Result {
  return typeof of === 'number' || typeof of === 'boolean' ? of : String(of)
}

function valueFor(
  world: World,
  raw: Raw,
  users: readonly string[],
  traits: Readonly<Record<string, Typed>>,
  counts: (row: WorldRow) => boolean = () => true,
): Result | undefined {
  const asOf = Date.parse(world.asOf)
  const matching = world.rows.filter(
    (row) =>
      row.event === raw.event &&
      users.includes(row.user) &&
      Date.parse(row.at) <= asOf &&
      isFrom(raw, row) &&
      isSince(raw.history_since, row) &&
      counts(row) &&
      whereHolds(world, row, list(raw.where), { asOf, trait: (name) => traits[name] }),
  )
  const values = matching.flatMap((row) => valuesOf(world, raw, row).map((value) => ({ row, value })))
  const all = timesOf(world, raw, users)
  const counted = values.filter(({ row }) => inWindow(raw, Date.parse(row.at), asOf, all))
  const slides = raw.within !== undefined || raw.between !== undefined || raw.session !== undefined
  const ever = slides
    ? values.filter(({ row }) => inWindow(raw, Date.parse(row.at), asOf, all, true)).length > 0
    : counted.length > 0
  const texts = counted.map(({ value }) => textOf(value) ?? '')
  const numbers = counted.flatMap(({ value }) => numberOf(value) ?? [])
  switch (raw.type) {
    case 'count':
      return ever ? counted.length : undefined
    case 'sum':
      return ever ? total(numbers) : undefined
    case 'unique_list_count':
      return ever ? new Set(texts).size : undefined
    case 'avg':
      return numbers.length === 0 ? undefined : total(numbers) / numbers.length
    case 'median':
      return atShare(numbers, 0.5)
    case 'percentile':
      return atShare(numbers, Number(raw.p))
    case 'min':
      if (raw.as === 'text') return [...texts].sort(byCodePoint)[0]
      return numbers.length === 0 ? undefined : Math.min(...numbers)
    case 'max':
      if (raw.as === 'text') return [...texts].sort(byCodePoint).at(-1)
      return numbers.length === 0 ? undefined : Math.max(...numbers)
    case 'unique_list':
      return texts.length === 0
        ? undefined
        : JSON.stringify([...new Set(texts)].sort(byCodePoint).slice(0, 10_000))
    case 'most_frequent': {
      const least = typeof raw.min_frequency === 'number' ? raw.min_frequency : 2
      const counts = [...new Set(texts)].map((text) => ({
        text,
        n: texts.filter((other) => other === text).length,
      }))
      return counts.filter(({ n }) => n >= least).sort((a, b) => b.n - a.n || byCodePoint(a.text, b.text))[0]
        ?.text
    }
    case 'first':
    case 'last': {
      const sign = raw.type === 'first' ? 1 : -1
      const [best] = [...counted].sort(
        (a, b) =>
          sign * (Date.parse(a.row.at) - Date.parse(b.row.at) || byCodePoint(a.row.id, b.row.id)) ||
          byCodePoint(textOf(a.value) ?? '', textOf(b.value) ?? ''),
      )
      if (best === undefined) return undefined
      const { kind, value } = best.value
      return kind === 'text' ||
        kind === 'list' ||
        kind === 'timestamp' ||
        value === null ||
        typeof value === 'object'
        ? textOf(best.value)
        : value
    }
    default:
      throw new Error(`no trait type ${String(raw.type)}`)
  }
}

/** The first of the sorted values up to which the share of all is reached, in billionths. */
function atShare(numbers: readonly number[], share: number): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b)
  const wanted = Math.round(share * 1e9) * sorted.length
  return sorted.find((_, index) => (index + 1) * 1e9 >= wanted)
}

/** Times of all events of that name of some users, whatever else is asked of them. */
export function timesOf(world: World, raw: Raw, users: readonly string[]): readonly number[] {
  return world.rows
    .filter((row) => row.event === raw.event && users.includes(row.user))
    .map((row) => Date.parse(row.at))
}

/** What one event contributes: nothing where the property has no value, or no number where one is needed. */
function valuesOf(world: World, raw: Raw, row: WorldRow): readonly Typed[] {
  if (raw.type === 'count') return [{ kind: 'integer', value: 1 }]
  const path = raw.as === 'array' ? String(raw.property).replace('.$', '') : String(raw.property)
  const user = world.users.find(({ id }) => id === row.user)
  const value =
    raw.user_trait === undefined
      ? eventValue(world, row, 'property', path.replace(/\.\$$/, ''))
      : typedTraits(user?.traits ?? {}, world.userTraits)[String(raw.user_trait)]
  if (value === undefined || value.value === null) return []
  const all = path.endsWith('.$') ? elementsOf(value) : [value]
  const numeric =
    ['sum', 'avg', 'min', 'max', 'median', 'percentile'].includes(String(raw.type)) && raw.as !== 'text'
  return numeric ? all.filter((each) => numberOf(each) !== undefined) : all
}

/** Exact to nine digits, as integers. */
function total(numbers: readonly number[]): number {
  let billionths = 0n
  for (const each of numbers) {
    const [whole = '0', fraction = ''] = each.toFixed(9).split('.')
    const magnitude = BigInt(whole.replace('-', '')) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
    billionths += each < 0 ? -magnitude : magnitude
  }
  const digits = (billionths < 0n ? -billionths : billionths).toString().padStart(10, '0')
  return Number(`${billionths < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`)
}
