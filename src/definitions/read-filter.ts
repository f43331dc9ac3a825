import { nearest } from '../diagnostics/nearest.ts'
import { problem } from '../diagnostics/problem.ts'
import type { FqlNode } from '../query/fql-syntax.ts'
import { parseFql } from '../query/parse-fql.ts'
import type { At } from '../query/syntax.ts'
import type { RawSync } from './definition-shapes.ts'
import { type FilterExpr, type FilterFunction, filterEvents, filterFunctions } from './filter.ts'
import type { MappingValue } from './mapping.ts'
import type { Reading } from './reading.ts'

interface Scope {
  /** Whether records have traits. */
  readonly profiles: boolean
  /** Whether they have columns. */
  readonly columns: boolean
  /** Absent: known only once the tables are. */
  readonly mapping?: MappingValue | undefined
}

/** A wrong filter lets nothing through; it is a problem of its definition anyway. */
const nothing: FilterExpr = { kind: 'value', value: false }

/** The text of `filter`, read. */
export function readFilter(raw: RawSync, text: string, scope: Scope, reading: Reading): FilterExpr {
  const wrong = (detail: string, at: At, near?: string): FilterExpr => {
    const span = reading.places.partSpan(raw, 'filter', at.start, Math.max(1, at.end - at.start))
    const parameters = { sync: raw.name, detail, ...(near !== undefined && { near }) }
    reading.report(problem('PSN2102', parameters, span))
    return nothing
  }
  const parsed = parseFql(text)
  if (!parsed.ok) {
    const { at, found, expected } = parsed.error
    const there = found === undefined ? 'it ends' : `there is \`${found}\``
    return wrong(`${there} where ${listed(expected)} should be`, at)
  }
  const filter = resolve(parsed.node, { ...scope, wrong })
  const constant = parsed.node.kind === 'value' && typeof parsed.node.value !== 'boolean'
  return constant || parsed.node.kind === 'list' ? wrong('it is no condition', parsed.node.at) : filter
}

interface Resolving extends Scope {
  wrong(detail: string, at: At, near?: string): FilterExpr
}

function resolve(node: FqlNode, scope: Resolving): FilterExpr {
  const of = (each: FqlNode): FilterExpr => resolve(each, scope)
  switch (node.kind) {
    case 'value':
      return { kind: 'value', value: node.value }
    case 'and':
    case 'or':
      return { kind: node.kind, parts: node.parts.map(of) }
    case 'not':
      return { kind: 'not', of: of(node.of) }
    case 'list':
      return { kind: 'list', items: node.items.map(of) }
    case 'in':
      checkEvents(node.item, node.list.kind === 'list' ? node.list.items : [], scope)
      if (node.list.kind === 'value') return scope.wrong('`in` asks of a list', node.list.at)
      return { kind: 'in', item: of(node.item), list: of(node.list) }
    case 'comparison':
      checkEvents(node.left, [node.right], scope)
      checkEvents(node.right, [node.left], scope)
      return { kind: 'comparison', operator: node.operator, left: of(node.left), right: of(node.right) }
    case 'call':
      return call(node, scope)
    case 'path':
      return path(node, scope)
  }
}

function call(node: FqlNode & { readonly kind: 'call' }, scope: Resolving): FilterExpr {
  const { text, at } = node.name
  const names = Object.keys(filterFunctions).filter((name): name is FilterFunction => name in filterFunctions)
  const name = names.find((each) => each === text)
  if (name === undefined)
    return scope.wrong(`there is no function \`${text}\``, at, nearest(text, names) ?? undefined)
  const wanted = filterFunctions[name]
  if (node.arguments.length !== wanted)
    return scope.wrong(`\`${name}\` takes ${wanted === 1 ? 'one value' : 'two values'}`, node.at)
  const [, pattern] = node.arguments
  if (name === 'match' && pattern?.kind === 'value' && typeof pattern.value === 'string') {
    const unclosed = /^(?:\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])+\]|[^\\[])*$/.test(pattern.value)
    if (!unclosed) return scope.wrong('the pattern has a `[` without its `]`, or ends in `\\`', pattern.at)
  }
  return { kind: 'call', name, arguments: node.arguments.map((each) => resolve(each, scope)) }
}

function path({ path: names, at }: FqlNode & { readonly kind: 'path' }, scope: Resolving): FilterExpr {
  const [first = '', second, third] = names
  if (first === 'event' && second === undefined) return { kind: 'event' }
  if (second !== undefined && third === undefined) {
    if (first === 'traits' && scope.profiles) return { kind: 'input', input: { kind: 'trait', name: second } }
    if (first === 'properties' && scope.columns)
      return { kind: 'input', input: { kind: 'column', name: second } }
  }
  if (scope.mapping !== undefined) {
    const missing = missingField(scope.mapping, names)
    if (missing !== undefined) return scope.wrong(missing.detail, at, missing.near)
  }
  return { kind: 'field', path: names }
}

/** What is wrong with the name of a field; undefined where the mapping gives it, or may. */
export function missingField(
  mapping: MappingValue,
  names: readonly string[],
): { readonly detail: string; readonly near?: string } | undefined {
  let value = mapping
  for (const name of names) {
    if (value.kind !== 'object') return undefined
    const next = Object.hasOwn(value.members, name) ? value.members[name] : undefined
    if (next === undefined) {
      const near = nearest(name, Object.keys(value.members))
      return { detail: `there is no field \`${names.join('.')}\``, ...(near !== undefined && { near }) }
    }
    value = next
  }
  return undefined
}

function checkEvents(left: FqlNode, right: readonly FqlNode[], scope: Resolving): void {
  if (left.kind !== 'path' || left.path.length !== 1 || left.path[0] !== 'event') return
  for (const each of right) {
    if (each.kind !== 'value' || filterEvents.some((event) => event === each.value)) continue
    scope.wrong('`event` is "new", "updated" or "deleted"', each.at)
  }
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'something else'
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}
