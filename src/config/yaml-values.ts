import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { type ExpressionError, evaluateExpressions, hasExpression, type Variables } from './expressions.ts'
import type { YamlFile } from './parse-yaml.ts'
import { scalarOffsets } from './scalar-offsets.ts'

/** Where values of a file stand. Containers are the very objects and arrays of {@link YamlValues.value}. */
export interface Places {
  /** The value of a member, or the whole container. */
  valueSpan(container: object, key?: string | number): Span
  /** The key itself; the whole container where it has no such key. */
  keySpan(container: object, key: string): Span
  /** `length` characters from `index` in a text value; the whole value where an expression gave them. */
  partSpan(container: object, key: string, index: number, length: number): Span
  /** What is written in place of a value, where that is an expression. */
  writtenExpression(container: object, key: string | number): string | undefined
  /** Whether an expression there has no value; that is a problem of its own, its type is none. */
  isUnfilled(container: object, key: string | number): boolean
}

/** A text that came from the environment, and where it was used. */
export interface EnvironmentValue {
  readonly value: string
  /** The innermost key it stands under, and the outermost. */
  readonly key: string
  readonly topKey: string
  readonly span: Span
}

/** A file's content as plain data, expressions filled in. */
export interface YamlValues {
  readonly value: unknown
  readonly places: Places
  readonly problems: readonly Problem[]
  readonly fromEnvironment: readonly EnvironmentValue[]
  readonly readsEnvironment: boolean
  readonly varNames: ReadonlySet<string>
}

/** Turns a parsed file into plain data. Problems: variables that do not exist, bad expressions, inexact integers. */
export function yamlValues(yaml: YamlFile, variables: Variables): YamlValues {
  const nodes = new Map<object, Node>()
  const aliases = new Map<Node, unknown>()
  const problems: Problem[] = []
  const fromEnvironment: EnvironmentValue[] = []
  let topKey = ''
  const varNames = new Set<string>()
  const unfilled = new Set<unknown>()
  let readsEnvironment = false

  const convert = (node: unknown, key: string): unknown => {
    if (isScalar(node)) {
      const { value } = node
      if (typeof value === 'string') {
        const filled = hasExpression(value) ? fill(node, value, key) : value
        if (typeof filled === 'string') checkCharacters(node, filled, key)
        return filled
      }
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        const rule = 'is a larger integer than a number holds exactly; write it in quotes'
        problems.push(problem('PSN1014', { key, rule }, nodeSpan(yaml, node)))
      }
      return value
    }
    if (isMap(node)) {
      const object: Record<string, unknown> = {}
      nodes.set(object, node)
      const complex = node.items.find(({ key: name }) => !isScalar(name))
      if (complex !== undefined) {
        problems.push(complexKey(yaml, complex.key, node))
        unfilled.add(node)
        return null
      }
      for (const pair of node.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
        checkCharacters(isNode(pair.key) ? pair.key : node, name, key)
        if (node === yaml.document.contents) topKey = name
        // `__proto__` must be a plain member, not the prototype.
        if (name === '__proto__') Object.defineProperty(object, name, { value: null, enumerable: true })
        else object[name] = convert(pair.value, name)
      }
      return object
    }
    if (isCollection(node)) {
      const array: unknown[] = []
      nodes.set(array, node)
      for (const item of node.items) array.push(convert(item, key))
      return array
    }
    if (isAlias(node)) {
      const anchored = node.resolve(yaml.document)
      if (anchored === undefined) return null
      // An alias inside its own anchor finds this null: the value never holds itself.
      if (!aliases.has(anchored)) {
        aliases.set(anchored, null)
        aliases.set(anchored, convert(anchored, key))
      }
      return aliases.get(anchored)
    }
    return null
  }

  const checkCharacters = (node: Node, text: string, key: string): void => {
    if (!/[\0\ud800-\udfff]/.test(text) || !/[\0\p{Surrogate}]/u.test(text)) return
    problems.push(problem('PSN1007', { key, isNul: text.includes('\0') }, nodeSpan(yaml, node)))
  }

  const fill = (node: Scalar, text: string, key: string): unknown => {
    const found = evaluateExpressions(text, variables)
    readsEnvironment ||= found.readsEnvironment
    for (const name of found.varNames) varNames.add(name)
    for (const value of found.fromEnvironment)
      fromEnvironment.push({ value, key, topKey, span: nodeSpan(yaml, node) })
    if (found.errors.length > 0) unfilled.add(node)
    for (const error of found.errors) {
      problems.push(expressionProblem(error, variables, partOf(yaml, node, text, error.index, error.length)))
    }
    if (typeof found.value !== 'object' || found.value === null) return found.value
    const copy: unknown = structuredClone(found.value)
    placeAt(nodes, copy, node)
    return copy
  }

  const value = convert(yaml.document.contents, 'the file')
  return {
    value,
    places: placesOf(yaml, nodes, unfilled),
    problems,
    fromEnvironment,
    readsEnvironment,
    varNames,
  }
}

function placesOf(yaml: YamlFile, nodes: ReadonlyMap<object, Node>, unfilled: ReadonlySet<unknown>): Places {
  const member = (container: object, key: string | number): { key?: unknown; value?: unknown } => {
    const node = nodes.get(container)
    if (isMap(node))
      return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) ?? {}
    return isCollection(node) ? { value: node.items[Number(key)] } : {}
  }
  const valueSpan = (container: object, key?: string | number): Span => {
    const value = key === undefined ? undefined : member(container, key).value
    return nodeSpan(yaml, isNode(value) ? value : nodes.get(container))
  }
  return {
    valueSpan,
    keySpan(container, key) {
      const found = member(container, key).key
      return isNode(found) ? nodeSpan(yaml, found) : valueSpan(container)
    },
    partSpan(container, key, index, length) {
      const { value } = member(container, key)
      const text: unknown = Reflect.get(container, key)
      if (!isScalar(value) || typeof value.value !== 'string' || typeof text !== 'string')
        return valueSpan(container, key)
      const found = indexAsWritten(value.value, text, index, length)
      return found === undefined ? valueSpan(container, key) : partOf(yaml, value, value.value, found, length)
    },
    isUnfilled: (container, key) => unfilled.has(member(container, key).value),
    writtenExpression(container, key) {
      const { value } = member(container, key)
      return isScalar(value) && typeof value.value === 'string' && hasExpression(value.value)
        ? value.value
        : undefined
    },
  }
}

function nodeSpan(yaml: YamlFile, node: Node | undefined): Span {
  const range = node?.range
  return range ? yaml.span(range[0], range[1]) : yaml.span(0, yaml.text.length)
}

/** A part of a scalar, found again in what is written; at its end, the place after it. */
function partOf(yaml: YamlFile, node: Scalar, text: string, index: number, length: number): Span {
  const offsets = scalarOffsets(node, text, yaml.text)
  const start = offsets?.[Math.min(index, text.length)]
  const last = offsets?.[Math.min(index + Math.max(1, length), text.length)]
  if (start === undefined || last === undefined) return nodeSpan(yaml, node)
  return yaml.span(start, Math.max(start + 1, last))
}

/** Where a part of a filled text is in the one that was written, unless an expression gave any of it. */
function indexAsWritten(written: string, filled: string, index: number, length: number): number | undefined {
  if (written === filled || written.slice(0, index + length) === filled.slice(0, index + length)) return index
  const after = filled.length - index
  if (after <= 0) return written.length
  return written.slice(-after) === filled.slice(-after) ? written.length - after : undefined
}

/** Containers that came out of a variable stand where the expression stands. */
function placeAt(nodes: Map<object, Node>, value: unknown, node: Node): void {
  if (typeof value !== 'object' || value === null) return
  nodes.set(value, node)
  for (const inner of Object.values(value)) placeAt(nodes, inner, node)
}

function complexKey(yaml: YamlFile, key: unknown, map: YAMLMap | YAMLSeq): Problem {
  const expression = isMap(key)
  const span = isNode(key) ? nodeSpan(yaml, key) : nodeSpan(yaml, map)
  return problem('PSN1004', { detail: 'a key must be plain text', expression }, span)
}

function expressionProblem(error: ExpressionError, variables: Variables, span: Span): Problem {
  switch (error.kind) {
    case 'environment':
      return problem('PSN1020', { variable: error.name }, span)
    case 'variable':
      return problem(
        'PSN1021',
        { variable: error.name, near: nearest(error.name, Object.keys(variables.vars)) },
        span,
      )
    case 'syntax':
      return problem('PSN1022', { detail: error.detail }, span)
  }
}
