import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Formula } from '../reference/definitions/formulas.ts'
import type { Kind } from '../reference/definitions/values.ts'
import { baseKinds } from './base-traits.ts'
import { leaf, subjectsOf, test, tree } from './condition-arbitraries.ts'
import { count, options, rowWindow, types, window } from './event-arbitraries.ts'
import { dealColumns, properties, sentTraits, sqlColumns } from './sql-trait-rows.ts'
import { eventNames } from './world-arbitraries.ts'

export const userKinds: Readonly<Record<string, Kind>> = {
  ...sqlColumns.crm,
  ...sqlColumns.ext,
  ...sqlColumns.vis,
  seen_orders: 'integer',
  ...sentTraits.user,
}
export const accountKinds: Readonly<Record<string, Kind>> = {
  ...sqlColumns.firm,
  ...sqlColumns.org,
  ...sentTraits.account,
}

export const entities: readonly Raw[] = [{ name: 'deal', table: 'shop.deals', primary_key: 'id' }]
/** Joined by a column of a SQL trait, by a formula of such, and by a column of accounts. */
export const relationships: readonly Raw[] = [
  { name: 'deals', entity: 'deal', trait: { name: 'crm_stage', join_key: 'stage' } },
  { name: 'worth_deals', entity: 'deal', trait: { name: 'formula_0', join_key: 'amount' } },
  { name: 'firm_deals', entity: 'deal', account_trait: { name: 'firm_stage', join_key: 'stage' } },
]

const formulaNames = ['formula_0', 'formula_1', 'formula_2', 'formula_3'] as const

/** @param names of traits, of whatever kind: text may look like a number, and what cannot be one is NULL */
function formulaOf(names: readonly string[]): fc.Arbitrary<Formula> {
  const trait = fc.constantFrom(...names).map((name): Formula => ({ trait: name }))
  const number = fc.constantFrom(0, 1, 2, 2.5, 10, 0.1).map((value): Formula => ({ number: value }))
  const text = fc.constantFrom('a', '5', '', '2.5').map((value): Formula => ({ text: value }))
  const some = (of: fc.Arbitrary<Formula>) => fc.array(of, { minLength: 1, maxLength: 3 })
  return fc.letrec<{ formula: Formula }>((tie) => ({
    formula: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: trait },
      number,
      tie('formula').map((negate) => ({ negate })),
      {
        weight: 3,
        arbitrary: fc.record({
          operator: fc.constantFrom('+', '-', '*', '/'),
          left: tie('formula'),
          right: tie('formula'),
        }),
      },
      fc.record({ call: fc.constantFrom('abs', 'floor', 'ceil'), of: fc.tuple(tie('formula')) }),
      fc.record({
        call: fc.constant('round'),
        of: fc.tuple(tie('formula')),
        digits: fc.constantFrom(0, 1, 2),
      }),
      fc.record({ call: fc.constantFrom('least', 'greatest', 'coalesce'), of: some(tie('formula')) }),
      fc.record({
        call: fc.constant('nullif'),
        of: fc.tuple(tie('formula'), fc.oneof(tie('formula'), text)),
      }),
      fc.record({ call: fc.constant('coalesce'), of: fc.tuple(trait, text) }),
    ),
  })).formula
}

export interface NamedFormula {
  readonly name: string
  readonly entity: 'user' | 'account'
  readonly formula: Formula
  readonly default?: number
}

/** Each may read those before it; the last is of accounts. */
const formulas: fc.Arbitrary<readonly NamedFormula[]> = fc.tuple(
  ...formulaNames.map((name, index) => {
    const entity = index === 3 ? 'account' : 'user'
    const kinds =
      index === 3 ? { ...accountKinds, ...baseKinds.account } : { ...userKinds, ...baseKinds.user }
    const names = [...Object.keys(kinds), ...(index === 3 ? [] : formulaNames.slice(0, index))]
    return fc.tuple(formulaOf(names), fc.option(fc.constantFrom(0, 1.5), { nil: undefined, freq: 2 })).map(
      ([formula, otherwise]): NamedFormula => ({
        name,
        entity,
        formula,
        ...(otherwise !== undefined && { default: otherwise }),
      }),
    )
  }),
)

const formulaKinds: Readonly<Record<string, Kind>> = Object.fromEntries(
  formulaNames.slice(0, 3).map((name) => [name, 'number']),
)
const ofUsers = { ...userKinds, ...baseKinds.user, ...formulaKinds }
const ofAccounts = { ...accountKinds, ...baseKinds.account, formula_3: 'number' } as const
const references = (kinds: Readonly<Record<string, Kind>>): readonly Raw[] =>
  Object.keys(kinds).map((trait) => ({ trait }))

function where(kinds: Readonly<Record<string, Kind>>): fc.Arbitrary<readonly Raw[]> {
  const subjects = [...subjectsOf('property', properties), ...subjectsOf('trait', kinds)]
  const condition = tree(leaf(subjects, references(kinds)))
  return fc.oneof(fc.constant([]), fc.tuple(condition))
}

const userTrait = leaf(subjectsOf('trait', ofUsers), references(ofUsers))
const accountTrait = leaf(subjectsOf('account_trait', ofAccounts), references(ofAccounts))
const counted = fc
  .tuple(fc.record({ event: fc.constantFrom(...eventNames), where: where(ofUsers) }), count, rowWindow)
  .map(([of, times, during]): Raw => ({ ...of, ...times, ...during }))
const summed = fc
  .tuple(
    fc.record({ event: fc.constantFrom(...eventNames), sum: fc.constant('amount') }),
    test(references(ofUsers)),
  )
  .map(([of, holds]): Raw => ({ ...of, ...holds }))
function rowsOf(names: readonly string[], kinds: Readonly<Record<string, Kind>>): fc.Arbitrary<Raw> {
  const conditions = tree(leaf(subjectsOf('column', dealColumns), references(kinds)))
  const where = fc.oneof(fc.constant([]), fc.tuple(conditions))
  return fc
    .tuple(fc.record({ relationship: fc.constantFrom(...names), where }), count)
    .map(([of, times]) => ({ ...of, ...times }))
}
const members = fc.constantFrom<Raw>({ audience: 'staged' }, { audience: 'staged_firms' })
const userCondition = tree(
  fc.oneof(
    { weight: 4, arbitrary: userTrait },
    { weight: 2, arbitrary: counted },
    summed,
    rowsOf(['deals', 'worth_deals'], ofUsers),
    leaf(subjectsOf('account_trait', ofAccounts), references(ofUsers)),
    members,
  ),
)
const accountCondition = tree(
  fc.oneof(
    { weight: 3, arbitrary: accountTrait },
    fc
      .tuple(fc.constantFrom('any_user', 'all_users', 'none_of_users'), userCondition)
      .map(([quantifier, condition]): Raw => ({ [quantifier]: condition })),
    rowsOf(['firm_deals'], ofAccounts),
    members,
  ),
)

/** Named by others. */
export const stagedAudiences: readonly Raw[] = [
  { name: 'staged', entity: 'user', include_anonymous: true, match: { trait: 'crm_stage', exists: true } },
  { name: 'staged_firms', entity: 'account', match: { account_trait: 'firm_stage', exists: true } },
]

const audiences: fc.Arbitrary<Raw> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      entity: fc.constant('user'),
      include_anonymous: fc.boolean(),
      match: userCondition,
    }),
  },
  fc.record({ entity: fc.constant('account'), match: accountCondition }),
)

const traits: fc.Arbitrary<Raw> = fc
  .record({
    entity: fc.constantFrom('user', 'account'),
    anonymous: fc.boolean(),
    type: fc.constantFrom(...types),
    event: fc.constantFrom(...eventNames),
    property: fc.constantFrom(...Object.keys(properties)),
    ofUser: fc.option(fc.constantFrom(...Object.keys(ofUsers)), { nil: undefined }),
    beside: options,
    during: window,
    users: where(ofUsers),
    accounts: where(ofAccounts),
  })
  .map(({ entity, anonymous, type, event, property, ofUser, beside, during, users, accounts }): Raw => {
    const { as, ...rest } = beside(type)
    const acting = entity === 'account' && ['most_frequent', 'first', 'last'].includes(type)
    const of = acting && ofUser !== undefined ? { user_trait: ofUser } : { property }
    return {
      entity,
      type,
      event,
      ...(type !== 'count' && { ...of, ...rest, ...(as !== undefined && as !== 'array' && { as }) }),
      ...(entity === 'user' && { include_anonymous: anonymous }),
      ...during,
      where: entity === 'user' ? users : accounts,
    }
  })

const rowTraits: fc.Arbitrary<Raw> = fc
  .constantFrom(...relationships)
  .chain(({ name, account_trait: account }) => {
    const [entity, kinds] =
      account === undefined ? (['user', ofUsers] as const) : (['account', ofAccounts] as const)
    return fc
      .tuple(
        fc.constantFrom<Raw>(
          { type: 'count' },
          { type: 'sum', column: 'amount' },
          { type: 'unique_list', column: 'stage' },
        ),
        rowsOf([String(name)], kinds),
      )
      .map(
        ([of, { relationship, where: conditions }]): Raw => ({
          entity,
          ...of,
          relationship,
          where: conditions,
        }),
      )
  })

export interface Drawn {
  readonly formulas: readonly NamedFormula[]
  readonly traits: readonly Raw[]
  readonly rowTraits: readonly Raw[]
  readonly audiences: readonly Raw[]
}

const named = (prefix: string, of: fc.Arbitrary<Raw>, many: number): fc.Arbitrary<readonly Raw[]> =>
  fc
    .array(of, { minLength: many, maxLength: many })
    .map((all) => all.map((raw, index) => ({ name: `${prefix}_${index}`, ...raw })))

export const definitions: fc.Arbitrary<Drawn> = fc.record({
  formulas,
  traits: named('trait', traits, 6),
  rowTraits: named('row_trait', rowTraits, 2),
  audiences: named('people', audiences, 10),
})
