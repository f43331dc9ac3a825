import type { EventTrait } from '../../definitions/definitions.ts'
import { problem } from '../../diagnostics/problem.ts'
import { and, compare, type Expr, typeOf } from '../../ir/expr.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { Join } from '../../ir/select.ts'
import { renderExpr, renderWhere } from '../../sql/render-expr.ts'
import { type CompileScope, keyColumn } from '../compile-scope.ts'
import { definitionNode } from '../compiled-definition.ts'
import {
  asksElements,
  type EventInScope,
  type EventRows,
  eventColumn,
  eventProperty,
  findEvent,
} from '../conditions/event-rows.ts'
import { traitOperands } from '../conditions/operands.ts'
import { traitsAsComputed } from '../conditions/read-trait.ts'
import { asText } from '../conditions/read-value.ts'
import { type StatementBuilder, statementBuilder } from '../conditions/statement-builder.ts'
import { compileWhere } from '../conditions/where.ts'
import { windowBounds, windowName } from '../conditions/window.ts'
import { type Aggregate, aggregateOf, aggregatesNumbers } from './aggregate.ts'

/** A trait of events: the events that count with their value, then one aggregate per profile. */
export function compileEventTrait(trait: EventTrait, scope: CompileScope): CompiledNode {
  const statement = statementBuilder(scope)
  const event = findEvent(statement, trait.event, trait.eventSpan)
  const aggregate = aggregateOf(trait)
  const key = keyColumn(trait.entity)
  const own = scope.trait(trait.entity, trait.name)
  const relation = own?.relation ?? statement.work(`trait_${trait.name}`)
  const name = own?.column ?? trait.name
  const read = trait.property === undefined ? undefined : readProperty(statement, event, trait)
  const value = read && aggregate.read(read.value)
  const type = aggregate.type(value === undefined ? 'text' : typeOf(value))
  const events = eventsStep(statement, event, trait, aggregate, value, read?.joins ?? [])
  const rows = aggregate.steps(statement, { table: events, key, type: value && typeOf(value) })
  const select = scope.templates.render('trait', {
    steps: statement.steps,
    key: scope.dialect.ident(key),
    value: renderExpr(rows.value, scope.dialect),
    name: scope.dialect.ident(name),
    rows: scope.dialect.ident(rows.table),
    where:
      value === undefined || rows.table !== events
        ? ''
        : renderWhere(
            aggregate.counts({ kind: 'column', table: events, name: 'value', type: typeOf(value) }),
            scope.dialect,
          ),
  })
  return definitionNode('trait', trait, statement, {
    relation,
    columns: [
      { name: key, type: 'text' },
      { name, type },
    ],
    select,
  })
}

interface ReadProperty {
  readonly value: Expr
  readonly joins: readonly Join[]
}

/** The value of the trait's property on an event, or on each element where the path ends in `.$`. */
function readProperty(statement: StatementBuilder, event: EventInScope, trait: EventTrait): ReadProperty {
  const { path, span } = trait.property ?? { path: '', span: trait.span }
  const whole = eventProperty(statement, event, 'property', path, span) ?? {
    kind: 'null' as const,
    type: 'text' as const,
  }
  const type = typeOf(whole)
  if (aggregatesNumbers(trait.type) && !asksElements(path) && (type === 'boolean' || type === 'timestamp'))
    statement.report(problem('PSN3105', { trait: trait.name, path, type }, span))
  if (!asksElements(path)) return { value: whole, joins: [] }
  return {
    value: { kind: 'column', table: 'items', name: 'element', type: 'text' },
    joins: [{ kind: 'cross', item: { kind: 'elements', of: asText(whole), alias: 'items' } }],
  }
}

/**
 * The events that count, one row per event, element and account: the profile's key, what the aggregate needs of the
 * event, its `value`, and where needed `in_window`.
 */
function eventsStep(
  statement: StatementBuilder,
  event: EventInScope,
  trait: EventTrait,
  aggregate: Aggregate,
  value: Expr | undefined,
  elements: readonly Join[],
): string {
  const profile = profileOf(statement, event, trait)
  const traits = traitsAsComputed(statement, trait.entity, profile.key, traitOperands(trait.where))
  const rows: EventRows = {
    event,
    from: { kind: 'relation', relation: event.staged.relation, alias: event.alias },
    joins: [...profile.keyJoins, ...traits.joins],
    keys: [
      { of: eventColumn(event, 'arrival'), name: 'arrival' },
      ...(trait.entity === 'account' ? [{ of: profile.key, name: keyColumn('account') }] : []),
    ],
    reference: (of) => (of.kind === 'trait' ? traits.read(of.trait, of.span) : undefined),
  }
  const filter = compileWhere(statement, rows, trait.where)
  const bounds = windowBounds(eventColumn(event, 'timestamp'), trait.window, statement.run)
  // An event that has left its window still tells that the profile once had a value.
  const decays = aggregate.decays && bounds.slides && bounds.lower !== undefined
  const limits = [decays ? undefined : bounds.lower, bounds.upper].filter((bound) => bound !== undefined)
  return statement.step(`${event.alias}${windowName(decays ? undefined : trait.window)}_events`, {
    columns: [
      { of: profile.key, name: keyColumn(trait.entity) },
      ...aggregate.columns.map((name) => ({ of: eventColumn(event, name), name })),
      ...(value === undefined ? [] : [{ of: value, name: 'value' }]),
      ...(decays && bounds.lower !== undefined ? [{ of: bounds.lower, name: 'in_window' }] : []),
    ],
    from: rows.from,
    joins: [...profile.filterJoins, ...rows.joins, ...filter.joins, ...elements],
    where: and([...profile.where, ...limits, filter.where]),
  })
}

interface ProfileOfEvent {
  readonly key: Expr
  /** What the key is read from. */
  readonly keyJoins: readonly Join[]
  /** What `where` is read from. */
  readonly filterJoins: readonly Join[]
  readonly where: readonly Expr[]
}

/** Whose event it is: a user's, known ones only unless asked otherwise, or each account's the user is linked to. */
function profileOf(statement: StatementBuilder, event: EventInScope, trait: EventTrait): ProfileOfEvent {
  const user = eventColumn(event, 'canonical_segment_id')
  const beside = (alias: string, column: string): Join => ({
    kind: 'inner',
    item: { kind: 'relation', relation: statement.work(alias), alias },
    on: compare('=', { kind: 'column', table: alias, name: column, type: 'text' }, user),
  })
  if (trait.entity === 'account') {
    statement.read('identity.accounts')
    const key: Expr = { kind: 'column', table: 'account_users', name: 'account_id', type: 'text' }
    return { key, keyJoins: [beside('account_users', 'canonical_segment_id')], filterJoins: [], where: [] }
  }
  if (trait.includeAnonymous) return { key: user, keyJoins: [], filterJoins: [], where: [] }
  statement.read('identity.profiles')
  return {
    key: user,
    keyJoins: [],
    filterJoins: [beside('profiles', 'segment_id')],
    where: [{ kind: 'column', table: 'profiles', name: 'known', type: 'boolean' }],
  }
}
