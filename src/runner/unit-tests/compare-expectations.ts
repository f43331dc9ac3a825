import type { Adapter, Value } from '../../adapters/adapter.ts'
import type { UnitTest } from '../../definitions/definitions.ts'
import { relation } from '../../ir/relation.ts'

/** One thing that is not as a unit test says. */
export interface Difference {
  readonly what: string
  readonly expected: string
  readonly actual: string
}

type RawRow = Readonly<Record<string, unknown>>

interface Published {
  readonly adapter: Adapter
  /** A public table as SQL. */
  table(name: string): string
  /** Profile → its identifiers, `type:value`. */
  readonly identifiers: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Holds what a run published against what a unit test expects.
 *
 * @param identifierTypes keys of an expected row that say which profile is meant; the others are traits
 */
export async function compareExpectations(
  adapter: Adapter,
  schema: string,
  test: UnitTest,
  identifierTypes: ReadonlySet<string>,
): Promise<readonly Difference[]> {
  const table = (name: string): string => adapter.dialect.relation(relation(schema, name))
  const published: Published = { adapter, table, identifiers: await readIdentifiers(adapter, table) }
  const { profiles, traits = [], accountTraits = [], audiences = {} } = test.expect
  const found: Difference[] = []
  if (profiles !== undefined) found.push(...(await compareProfiles(published, profiles)))
  for (const row of traits) found.push(...(await compareUser(published, row, identifierTypes)))
  for (const row of accountTraits) found.push(...(await compareAccount(published, row)))
  for (const [audience, members] of Object.entries(audiences)) {
    found.push(...(await compareAudience(published, audience, members)))
  }
  return found
}

async function readIdentifiers(
  adapter: Adapter,
  table: (name: string) => string,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>()
  const rows = await adapter.query(
    `select canonical_segment_id, type, value from ${table('user_identifiers')} order by type, value`,
  )
  for (const row of rows) {
    const profile = String(row.canonical_segment_id)
    const own = found.get(profile) ?? new Set<string>()
    found.set(profile, own.add(`${row.type}:${row.value}`))
  }
  return found
}

async function compareProfiles(
  { adapter, table }: Published,
  expected: number,
): Promise<readonly Difference[]> {
  const rows = await adapter.query(
    `select count(distinct canonical_segment_id) as profiles from ${table('id_graph')}`,
  )
  const actual = String(rows[0]?.profiles)
  return actual === String(expected) ? [] : [{ what: 'profiles', expected: String(expected), actual }]
}

async function compareUser(
  published: Published,
  row: RawRow,
  identifierTypes: ReadonlySet<string>,
): Promise<readonly Difference[]> {
  const keys = Object.entries(row).filter(([name]) => identifierTypes.has(name))
  const wanted = keys.map(([type, value]) => `${type}:${value}`)
  const label = wanted.join(', ')
  const profiles = [...published.identifiers].filter(([, own]) => wanted.every((each) => own.has(each)))
  const [only] = profiles
  if (wanted.length === 0 || only === undefined || profiles.length > 1) {
    const actual = wanted.length === 0 ? 'the row names no identifier' : `${profiles.length} profiles`
    return [{ what: label === '' ? 'a row of traits' : label, expected: 'one profile', actual }]
  }
  const expected = Object.fromEntries(Object.entries(row).filter(([name]) => !identifierTypes.has(name)))
  return compareRow(published, 'profile_traits', ['canonical_segment_id', only[0]], label, expected)
}

async function compareAccount(published: Published, row: RawRow): Promise<readonly Difference[]> {
  const { account_id, group_id, ...expected } = row
  const id = String(account_id ?? group_id)
  return compareRow(published, 'account_traits', ['account_id', id], `account ${id}`, expected)
}

async function compareRow(
  { adapter, table }: Published,
  name: string,
  [key, value]: readonly [string, string],
  label: string,
  expected: RawRow,
): Promise<readonly Difference[]> {
  const rows = await adapter.query(`select * from ${table(name)} where ${key} = $1`, [value])
  const [actual] = rows
  if (actual === undefined) return [{ what: label, expected: `a row in ${name}`, actual: 'none' }]
  return Object.entries(expected).flatMap(([trait, wanted]) => {
    const found = actual[trait]
    const what = `${trait} of ${label}`
    if (found === undefined) return [{ what, expected: shown(wanted), actual: `${name} has no such column` }]
    return isSame(wanted, found) ? [] : [{ what, expected: shown(wanted), actual: shown(found) }]
  })
}

/** Each expected text is an identifier of one member, and no member goes unnamed. */
async function compareAudience(
  { adapter, table, identifiers }: Published,
  audience: string,
  expected: readonly string[],
): Promise<readonly Difference[]> {
  const rows = await adapter.query(
    `select entity, profile_id from ${table('audience_memberships')}
    where audience_key = $1 and exited_at is null order by profile_id`,
    [audience],
  )
  const members = rows.map((row) => {
    const id = String(row.profile_id)
    const own = row.entity === 'account' ? new Set([`group_id:${id}`]) : identifiers.get(id)
    return { id, names: own ?? new Set<string>() }
  })
  const isNamed = (member: (typeof members)[number], wanted: string): boolean =>
    member.id === wanted ||
    member.names.has(wanted) ||
    [...member.names].some((name) => valueIn(name) === wanted)
  const missing = expected.filter((wanted) => !members.some((member) => isNamed(member, wanted)))
  const extra = members.filter((member) => !expected.some((wanted) => isNamed(member, wanted)))
  const what = `audience ${audience}`
  return [
    ...missing.map((wanted) => ({ what, expected: `${wanted} in it`, actual: 'not a member' })),
    ...extra.map(({ id, names }) => ({
      what,
      expected: 'not a member',
      actual: [...names].join(', ') || id,
    })),
  ]
}

function valueIn(identifier: string): string {
  return identifier.slice(identifier.indexOf(':') + 1)
}

/** Numbers to nine digits, instants whatever their zone, lists by their elements. */
export function isSame(expected: unknown, actual: Value): boolean {
  if (expected === null || expected === undefined || actual === null) return (expected ?? null) === actual
  if (typeof expected === 'number' || typeof expected === 'bigint') {
    if (typeof actual === 'boolean' || actual === '') return false
    const difference = Math.abs(Number(actual) - Number(expected))
    return difference <= 1e-9 * Math.max(1, Math.abs(Number(expected)))
  }
  if (typeof expected === 'string') {
    return actual === expected || String(actual) === expected || isSameInstant(expected, actual)
  }
  if (typeof expected === 'object') return isSameJson(expected, actual)
  return expected === actual
}

function isSameInstant(expected: string, actual: Value): boolean {
  if (typeof actual !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(expected) || !/T.*Z$/.test(actual))
    return false
  return Date.parse(expected) === Date.parse(actual)
}

function isSameJson(expected: object, actual: Value): boolean {
  if (typeof actual !== 'string') return false
  try {
    const parsed: unknown = JSON.parse(actual)
    return JSON.stringify(parsed) === JSON.stringify(expected)
  } catch {
    // A text that is no JSON is not the list that was expected.
    return false
  }
}

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
