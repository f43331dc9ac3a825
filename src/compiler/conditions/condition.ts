import type { Condition, EventCondition, Test } from '../../definitions/conditions.ts'
import { and, compare, type Expr, not, or } from '../../ir/expr.ts'
import { aliasOf, type FromItem, type Join } from '../../ir/select.ts'
import { plainName } from '../../sql/names.ts'
import { type Entity, keyColumn } from '../compile-scope.ts'
import type { RelatedCondition } from '../relationships/collect-row-needs.ts'
import { measureKey, measureOfCondition, measureOfRows } from '../scans/measure.ts'
import { compareCount, compileFunnel } from './funnel.ts'
import { type Judged, joinBeside } from './judged.ts'
import { findTrait, type TraitReference } from './read-trait.ts'
import type { StatementBuilder } from './statement-builder.ts'
import { compileTests, type TestScope } from './test.ts'

type TraitLeaf = Extract<Condition, { kind: 'trait' }>
type AudienceLeaf = Extract<Condition, { kind: 'audience' }>
type UsersCondition = Extract<Condition, { kind: 'users' }>

/** The tree as a truth about each judged profile; NULL counts as false. */
export function compileCondition(statement: StatementBuilder, judged: Judged, condition: Condition): Expr {
  const compile = (inner: Condition): Expr => compileCondition(statement, judged, inner)
  switch (condition.kind) {
    case 'all':
      return and(condition.conditions.map(compile))
    case 'any':
      return or(condition.conditions.map(compile))
    case 'not':
      return not(compile(condition.condition))
    case 'users':
      return compileUsers(statement, judged, condition)
    case 'event': {
      if (judged.entity === 'account') return compile(anyUser(condition))
      const { value, count } = condition
      const found = foundEvents(statement, judged, condition)
      return value === undefined
        ? compareCount(found, count)
        : compileTests(found, value.tests, testScope(statement, judged))
    }
    case 'trait':
      if (judged.entity === 'account' && condition.entity === 'user') return compile(anyUser(condition))
      return compileTrait(statement, judged, condition)
    case 'audience':
      return compileAudienceLeaf(statement, judged, condition)
    case 'related':
      return compileRows(statement, judged, condition)
  }
}

/** How many events count, or what they are reduced to, for the judged user. */
function foundEvents(statement: StatementBuilder, judged: Judged, condition: EventCondition): Expr {
  if (condition.then === undefined) return measured(statement, judged, condition)
  const { step, found } = compileFunnel(statement, condition, condition.then)
  const own = (table: string): Expr => ({ kind: 'column', table, name: 'profile_number', type: 'integer' })
  const item: FromItem = { kind: 'step', name: step }
  joinBeside(judged, { kind: 'left', item, on: compare('=', own(step), own(judged.profile)) })
  return found
}

/** Rows of a relationship have been counted by a scan, for users or for accounts. */
function compileRows(statement: StatementBuilder, judged: Judged, condition: RelatedCondition): Expr {
  if (judged.entity === 'account' && condition.entity === 'user')
    return compileCondition(statement, judged, anyUser(condition))
  const table = condition.entity === judged.entity ? judged.profile : 'account_profiles'
  const key = measureKey(measureOfRows(condition, judged.knownOnly))
  const found = measure(statement, key, table)
  const tests = condition.value?.tests
  const enough =
    tests === undefined
      ? compareCount(found, condition.count)
      : compileTests(found, tests, testScope(statement, judged))
  if (table === judged.profile) return enough
  statement.read('profiles.account_profiles')
  const accounts: FromItem = {
    kind: 'relation',
    relation: statement.work('account_profiles'),
    alias: 'account_profiles',
  }
  if (judged.account !== undefined) {
    joinBeside(judged, leftJoin(accounts, 'account', judged.account))
    return enough
  }
  return anyAccount(statement, judged, `users_of_accounts_with_${plainName(condition.relationship)}`, {
    joins: [innerJoin(accounts, 'account'), ...usersBeside(statement, tests ?? [])],
    where: enough,
  })
}

/** Found by a scan before any audience; NULL where there is no such event. */
function measured(statement: StatementBuilder, judged: Judged, condition: EventCondition): Expr {
  return measure(statement, measureKey(measureOfCondition(condition, judged.knownOnly)), judged.profile)
}

function measure(statement: StatementBuilder, key: string, table: string): Expr {
  const found = statement.scope.measure(key)
  if (found === undefined) throw new Error(`no scan measures ${key} for an audience`)
  for (const node of found.computedIn) statement.computeIn(node)
  return { kind: 'column', table, name: found.column, type: found.type }
}

/** What speaks of users without saying which, in an account audience, speaks of any of them. */
function anyUser(condition: Condition): UsersCondition {
  return { kind: 'users', quantifier: 'any', condition, span: condition.span }
}

function compileTrait(statement: StatementBuilder, judged: Judged, leaf: TraitLeaf): Expr {
  const scope = testScope(statement, judged)
  const own = leaf.entity === judged.entity
  const table = own ? judged.profile : `${leaf.entity}_profiles`
  const value = wideColumn(statement, leaf.entity, table, { trait: leaf.trait, span: leaf.traitSpan })
  if (own) return compileTests(value, leaf.tests, scope)
  statement.read('profiles.account_profiles')
  const accounts: FromItem = {
    kind: 'relation',
    relation: statement.work('account_profiles'),
    alias: 'account_profiles',
  }
  if (judged.account !== undefined) {
    joinBeside(judged, leftJoin(accounts, 'account', judged.account))
    return compileTests(value, leaf.tests, scope)
  }
  return anyAccount(statement, judged, `users_of_accounts_with_${plainName(leaf.trait)}`, {
    joins: [innerJoin(accounts, 'account'), ...usersBeside(statement, leaf.tests)],
    where: compileTests(value, leaf.tests, scope),
  })
}

/** The users themselves beside their accounts, where a test compares with a trait of theirs. */
function usersBeside(statement: StatementBuilder, tests: readonly Test[]): readonly Join[] {
  if (!tests.some((test) => test.operand.kind === 'trait')) return []
  const users: FromItem = {
    kind: 'relation',
    relation: statement.work('user_profiles'),
    alias: 'user_profiles',
  }
  return [leftJoin(users, 'user', linkColumn('user'))]
}

/** On the right of a test stand traits of whom the condition speaks. */
function testScope(statement: StatementBuilder, judged: Judged): TestScope {
  return {
    run: statement.run,
    reference: (of) =>
      of.kind === 'trait' ? wideColumn(statement, judged.entity, judged.profile, of) : undefined,
  }
}

function wideColumn(
  statement: StatementBuilder,
  entity: Entity,
  table: string,
  of: TraitReference,
): Expr | undefined {
  const found = findTrait(statement, entity, of)
  return found && { kind: 'column', table, name: found.column, type: found.type }
}

function compileAudienceLeaf(statement: StatementBuilder, judged: Judged, leaf: AudienceLeaf): Expr {
  const { scope } = statement
  const found = scope.audience(leaf.audience)
  // Definitions with an unknown audience are not compiled.
  if (found === undefined) throw new Error(`audience ${leaf.audience} is not defined`)
  if (judged.entity === 'account' && found.entity === 'user')
    return compileCondition(statement, judged, anyUser(leaf))
  statement.read(`audience.${leaf.audience}`)
  const alias = found.relation.name
  const members: FromItem = { kind: 'relation', relation: found.relation, alias }
  const key = found.entity === judged.entity ? judged.key : judged.account
  if (key === undefined)
    return anyAccount(statement, judged, `users_of_accounts_in_${plainName(leaf.audience)}`, {
      joins: [innerJoin(members, 'account')],
      where: and([]),
    })
  joinBeside(judged, leftJoin(members, found.entity, key))
  return {
    kind: 'present',
    of: { kind: 'column', table: alias, name: keyColumn(found.entity), type: 'text' },
  }
}

/** Users linked to an account that passes. */
function anyAccount(
  statement: StatementBuilder,
  judged: Judged,
  name: string,
  { joins, where }: { joins: readonly Join[]; where: Expr },
): Expr {
  statement.read('identity.accounts')
  const step = statement.step(name, {
    distinct: true,
    columns: [{ of: linkColumn('user'), name: keyColumn('user') }],
    from: { kind: 'relation', relation: statement.work('account_users'), alias: 'account_users' },
    joins,
    where,
  })
  joinBeside(judged, leftJoin({ kind: 'step', name: step }, 'user', judged.key))
  return { kind: 'present', of: { kind: 'column', table: step, name: keyColumn('user'), type: 'text' } }
}

/** Linked users counted per account, all of them and those the condition holds for. */
function compileUsers(statement: StatementBuilder, judged: Judged, condition: UsersCondition): Expr {
  if (judged.entity !== 'account')
    throw new Error('a condition on linked users reached the compiler inside a condition on one user')
  statement.read('identity.accounts')
  statement.read('profiles.user_profiles')
  const user: Judged = {
    entity: 'user',
    key: linkColumn('user'),
    profile: 'user_profiles',
    knownOnly: false,
    account: linkColumn('account'),
    joins: [],
  }
  const holds = compileCondition(statement, user, condition.condition)
  const users: FromItem = {
    kind: 'relation',
    relation: statement.work('user_profiles'),
    alias: 'user_profiles',
  }
  const step = statement.step(`${subjectOf(condition.condition)}_users_by_account`, {
    columns: [
      { of: linkColumn('account'), name: keyColumn('account') },
      { of: { kind: 'countRows' }, name: 'linked_users' },
      {
        of: {
          kind: 'count',
          of: { kind: 'when', condition: holds, value: { kind: 'integer', value: 1 } },
        },
        name: 'matching_users',
      },
    ],
    from: { kind: 'relation', relation: statement.work('account_users'), alias: 'account_users' },
    joins: [innerJoin(users, 'user'), ...user.joins],
    groupBy: [linkColumn('account')],
  })
  joinBeside(judged, leftJoin({ kind: 'step', name: step }, 'account', judged.key))
  const linked: Expr = { kind: 'column', table: step, name: 'linked_users', type: 'integer' }
  const matching: Expr = { kind: 'column', table: step, name: 'matching_users', type: 'integer' }
  const zero: Expr = { kind: 'integer', value: 0 }
  const some: Expr = { kind: 'coalesce', parts: [matching, zero] }
  // An account without linked users has no row: `none` holds, `any` and `all` do not.
  switch (condition.quantifier) {
    case 'any':
      return compare('>', some, zero)
    case 'all':
      return compare('=', matching, linked)
    case 'none':
      return compare('=', some, zero)
  }
}

/** What the condition is about first, to name its step by. */
function subjectOf(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const [first] = condition.conditions
      return first === undefined ? 'all' : subjectOf(first)
    }
    case 'not':
      return `not_${subjectOf(condition.condition)}`
    case 'users':
      return subjectOf(condition.condition)
    case 'event':
      return plainName(condition.event)
    case 'trait':
      return plainName(condition.trait)
    case 'audience':
      return plainName(condition.audience)
    case 'related':
      return plainName(condition.relationship)
  }
}

function linkColumn(entity: Entity): Expr {
  return { kind: 'column', table: 'account_users', name: keyColumn(entity), type: 'text' }
}

function leftJoin(item: FromItem, entity: Entity, key: Expr): Join {
  return { kind: 'left', item, on: compare('=', keyOf(item, entity), key) }
}

/** To the rows of `account_users`. */
function innerJoin(item: FromItem, entity: Entity): Join {
  return { kind: 'inner', item, on: compare('=', keyOf(item, entity), linkColumn(entity)) }
}

function keyOf(item: FromItem, entity: Entity): Expr {
  return { kind: 'column', table: aliasOf(item), name: keyColumn(entity), type: 'text' }
}
