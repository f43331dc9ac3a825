import { evaluateAudience } from '../reference/definitions/audiences.ts'
import { evaluateFormula } from '../reference/definitions/formulas.ts'
import { evaluateRowTrait } from '../reference/definitions/relationships.ts'
import {
  type Found,
  type Pipeline,
  type Row,
  type Run,
  type SqlTrait,
  worldsOf,
} from '../reference/definitions/sql-traits.ts'
import { evaluateTrait } from '../reference/definitions/traits.ts'
import { byCodePoint, textOf } from '../reference/definitions/values.ts'
import { typedTraits, type World } from '../reference/definitions/world.ts'
import { baseTraits } from './base-traits.ts'
import {
  accountKinds,
  type Drawn,
  entities,
  type NamedFormula,
  relationships,
  stagedAudiences,
  userKinds,
} from './sql-trait-definitions.ts'
import {
  dayOf,
  dealColumns,
  type GivenRuns,
  properties,
  runTimes,
  type Table,
  tables,
} from './sql-trait-rows.ts'
import { entityOf, tableColumns } from './sql-trait-run.ts'
import { eventNames } from './world-arbitraries.ts'

const seen: SqlTrait = {
  name: 'seen',
  entity: 'user',
  keys: ['user_id'],
  identifiers: [],
  links: [],
  columns: ['seen_orders'],
  brings: 'nothing',
}

function traitOf(name: Table, runs: GivenRuns): SqlTrait {
  const { shape } = runs.tables[name]
  const { keys, beside, create, late } = shape
  const brings = (create ?? !late) ? (late ? 'next' : 'now') : 'nothing'
  const identifiers = brings === 'nothing' ? [] : beside.filter((each) => each === 'email')
  const links = beside.filter((each) => each !== 'email')
  const taken: readonly string[] = [...keys, ...identifiers, ...links]
  return {
    name,
    entity: entityOf(name),
    keys,
    identifiers,
    links,
    columns: Object.keys(tableColumns(name, shape)).filter((column) => !taken.includes(column)),
    brings,
  }
}

function identifiersOf({ identifiers = [] }: World, type: string, user?: string): readonly string[] {
  return identifiers
    .filter((each) => each.type === type && (user === undefined || each.user === user))
    .map(({ value }) => value)
    .sort(byCodePoint)
}

/** What the select of a trait gives in a run. */
function rowsOf(runs: GivenRuns, run: number, trait: SqlTrait, world: World): readonly Row[] {
  if (trait.name === 'seen') {
    const orders = evaluateTrait(world, baseTraits[0] ?? {})
    return world.users.flatMap(({ id }): readonly Row[] => {
      const [first] = identifiersOf(world, 'user_id', id)
      return first === undefined || !orders.has(id)
        ? []
        : [{ user_id: first, seen_orders: orders.get(id) ?? null }]
    })
  }
  const found = tables.find((table) => table === trait.name)
  const { shape, rows } = runs.tables[found ?? 'crm']
  const known = identifiersOf(world, shape.keys[0] ?? '')
  return (rows[run] ?? [])
    .filter((row) => !shape.late || known.includes(String(row[shape.keys[0] ?? ''])))
    .map((row) => (row.crm_day === undefined ? row : { ...row, crm_day: dayOf(row.crm_day) }))
}

export function expectedWorlds(runs: GivenRuns): readonly Found[] {
  const traits = [...tables.map((name) => traitOf(name, runs)), seen]
  const pipeline: Pipeline = {
    traits,
    limits: [
      { type: 'user_id', limit: runs.userLimit },
      { type: 'email', limit: 5 },
      { type: 'anonymous_id', limit: 5 },
    ],
    userTraits: userKinds,
    accountTraits: accountKinds,
    tables: { deals: { columns: dealColumns, rows: runs.deals } },
    entities,
    relationships,
    events: Object.fromEntries(eventNames.map((name) => [name, { properties, contexts: {} }])),
  }
  return worldsOf(
    pipeline,
    runTimes.map(
      (asOf, index): Run => ({
        asOf,
        calls: runs.calls[index] ?? [],
        rowsOf: (trait, world) => rowsOf(runs, index, trait, world),
      }),
    ),
  )
}

/** The world with its formulas, one after the other. */
export function withFormulas(plain: World, { formulas }: Drawn): World {
  let world = plain
  for (const each of formulas) world = withFormula(world, each)
  return world
}

function withFormula(world: World, { name, entity, formula, default: otherwise }: NamedFormula): World {
  const kinds = entity === 'user' ? world.userTraits : world.accountTraits
  const having = <T extends { readonly traits: Row }>(each: T): T => ({
    ...each,
    traits: {
      ...each.traits,
      [name]: evaluateFormula(formula, typedTraits(each.traits, kinds)) ?? otherwise ?? null,
    },
  })
  const withIt: World['userTraits'] = { ...kinds, [name]: 'number' }
  return entity === 'user'
    ? { ...world, userTraits: withIt, users: world.users.map(having) }
    : { ...world, accountTraits: withIt, accounts: world.accounts.map(having) }
}

/** Everything that a run publishes of users and accounts. */
export function expectedValues(world: World, drawn: Drawn) {
  const audiences = new Map<string, { entity: string; ids: ReadonlySet<string> }>()
  for (const raw of [...stagedAudiences, ...drawn.audiences])
    audiences.set(String(raw.name), {
      entity: String(raw.entity),
      ids: evaluateAudience(world, raw, audiences),
    })
  const computed = [...drawn.traits, ...drawn.rowTraits].map((raw) => ({
    raw,
    values: raw.relationship === undefined ? evaluateTrait(world, raw) : evaluateRowTrait(world, raw),
  }))
  const of = (
    entity: 'user' | 'account',
    subjects: World['users'] | World['accounts'],
    kinds: World['userTraits'],
  ) =>
    Object.fromEntries(
      subjects.map(({ id, traits }) => [
        id,
        {
          ...Object.fromEntries(
            Object.entries(typedTraits(traits, kinds)).map(([name, typed]) => [
              name,
              typed.kind === 'timestamp' ? (textOf(typed) ?? null) : typed.value,
            ]),
          ),
          ...Object.fromEntries(
            computed
              .filter(({ raw }) => raw.entity === entity)
              .map(({ raw, values }) => [String(raw.name), values.get(id) ?? null]),
          ),
          ...Object.fromEntries(
            [...audiences]
              .filter(([, audience]) => audience.entity === entity)
              .map(([name, { ids }]) => [name, ids.has(id)]),
          ),
        },
      ]),
    )
  const sorted = (texts: readonly string[]): readonly string[] => [...texts].sort(byCodePoint)
  const identifiersOf = (user: string): readonly string[] =>
    (world.identifiers ?? []).flatMap((each) => (each.user === user ? [`${each.type}:${each.value}`] : []))
  return {
    identifiers: Object.fromEntries(world.users.map(({ id }) => [id, sorted(identifiersOf(id))])),
    members: Object.fromEntries(world.accounts.map(({ id, users }) => [id, sorted(users)])),
    users: of('user', world.users, world.userTraits),
    accounts: of('account', world.accounts, world.accountTraits),
  }
}
