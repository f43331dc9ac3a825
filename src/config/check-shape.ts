import type { z } from 'zod'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { formatCodes, isRecord } from './shape.ts'
import type { Places } from './yaml-values.ts'

type Path = readonly PropertyKey[]

/** Whether a value has the shape of a schema without transformations, and if not, what is wrong where. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Checks plain data against a schema and maps every issue to its place.
 *
 * @param owner what the value is, for messages: "trait `orders_90d`", "the file"
 */
export function checkShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
  places: Places,
  owner: string,
): Checked<T> {
  if (conforms(schema, value)) return { ok: true, value }
  if (readNumbersFromExpressions(schema, value, places) && conforms(schema, value)) return { ok: true, value }
  const { error } = schema.safeParse(value)
  const problems = (error?.issues ?? []).flatMap((issue) => issueProblems(issue, value, places, owner))
  return { ok: false, problems: withoutMisspelt(problems) }
}

/** `evnt` is unknown and `event` missing: one mistake, not two. */
function withoutMisspelt(problems: readonly Problem[]): readonly Problem[] {
  const meant = new Set<string>()
  for (const { code, parameters } of problems) {
    if (code === 'PSN1010' && 'near' in parameters && 'within' in parameters) {
      meant.add(`${parameters.near} of ${parameters.within}`)
    }
  }
  return problems.filter(
    ({ code, parameters }) =>
      code !== 'PSN1011' ||
      !(
        'key' in parameters &&
        'within' in parameters &&
        meant.has(`${parameters.key} of ${parameters.within}`)
      ),
  )
}

/** Zod compiles a schema when it is first used, which takes as long as checking some dozen values without. */
const checksBeforeCompiling = 100
let checks = 0

/** Schemas here only check, so the value itself already is of the type. */
function conforms<T>(schema: z.ZodType<T>, value: unknown): value is T {
  checks += 1
  return schema.safeParse(value, { jitless: checks <= checksBeforeCompiling }).success
}

/** `port: "{{ env_var 'PORT' }}"` is a number where a number is wanted, though the environment holds only text. */
function readNumbersFromExpressions(schema: z.ZodType, value: unknown, places: Places): boolean {
  let changed = false
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    if (issue.code !== 'invalid_type') continue
    const { container, key } = locate(value, issue.path)
    if (container === undefined || key === undefined) continue
    const found = Reflect.get(container, key)
    if (typeof found !== 'string' || places.writtenExpression(container, key) === undefined) continue
    const read = /^-?\d+(\.\d+)?$/.test(found) ? Number(found) : { true: true, false: false }[found]
    if (read !== undefined) changed = Reflect.set(container, key, read)
  }
  return changed
}

function issueProblems(issue: z.core.$ZodIssue, root: unknown, places: Places, owner: string): Problem[] {
  const { container, key } = locate(root, issue.path)
  if (container !== undefined && key !== undefined && places.isUnfilled(container, key)) return []
  const found = container === undefined || key === undefined ? root : Reflect.get(container, key)
  const span = container === undefined ? whole(root, places) : places.valueSpan(container, key)
  const name = nameOf(issue.path)
  const written =
    container === undefined || key === undefined ? undefined : places.writtenExpression(container, key)
  // What came from an expression is shown as written: it may be a secret.
  const shown = written === undefined ? describeValue(found) : `what ${written} gives`
  const wrongType = (expected: string): Problem =>
    problem('PSN1012', { key: name, expected, found: shown }, span)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(' ')
      const within = ownerOf(issue.path, owner)
      return issue.keys.map((unknown) => {
        const near = nearest(unknown, known)
        const at = isRecord(found) ? places.keySpan(found, unknown) : span
        return problem('PSN1010', { key: unknown, within, near, known }, at)
      })
    }
    case 'invalid_type': {
      if (found === undefined && container !== undefined) {
        const within = ownerOf(issue.path.slice(0, -1), owner)
        return [problem('PSN1011', { key: name, within }, firstKey(container, places))]
      }
      return [wrongType(custom(issue.message) ?? wordFor(issue.expected))]
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const near = typeof found === 'string' ? nearest(found, allowed) : undefined
      return [problem('PSN1013', { key: name, found: shown, allowed, near }, span)]
    }
    case 'invalid_union':
      return [wrongType(custom(issue.message) ?? 'of another type')]
    case 'invalid_format': {
      const code = formatCodes.find((format) => format === issue.message)
      if (code === undefined) break
      return [problem(code, { key: name, found: shown }, span)]
    }
    case 'custom': {
      const { error, found: several, allowed } = issue.params ?? {}
      if (!Array.isArray(several) || !Array.isArray(allowed)) break
      const within = ownerOf(issue.path, owner)
      if (error === 'several') return [problem('PSN2031', { within, keys: several.map(String) }, span)]
      const keys = isRecord(found) ? Object.keys(found) : []
      const [unknown] = keys
      const near = unknown === undefined ? undefined : nearest(unknown, allowed.map(String))
      return [problem('PSN2030', { within, near, keys, allowed: allowed.map(String) }, span)]
    }
    default:
      break
  }
  return [problem('PSN1014', { key: name, rule: ruleOf(issue) }, span)]
}

/** The container that holds what a path names, and its key there. */
function locate(root: unknown, path: Path): { container?: object; key?: string | number } {
  let container: unknown = root
  for (const step of path.slice(0, -1)) {
    if (typeof container !== 'object' || container === null) return {}
    container = Reflect.get(container, step)
  }
  const key = path.at(-1)
  if (typeof container !== 'object' || container === null || key === undefined || typeof key === 'symbol')
    return {}
  return { container, key }
}

function whole(root: unknown, places: Places): Span {
  return places.valueSpan(typeof root === 'object' && root !== null ? root : {})
}

/** A missing key is shown at the first key beside it: the whole container may be many lines. */
function firstKey(container: object, places: Places): Span {
  const [first] = Object.keys(container)
  return first === undefined || Array.isArray(container)
    ? places.valueSpan(container)
    : places.keySpan(container, first)
}

/** The innermost key with a name, and which of its items: `where`, `where[2]`. */
function nameOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === 'string')
  const items = path.slice(at + 1).map((index) => `[${String(index)}]`)
  return at === -1 ? 'this' : String(path[at]) + items.join('')
}

const singular: Readonly<Record<string, string>> = { targets: 'target', spaces: 'space' }

function ownerOf(path: Path, owner: string): string {
  if (path.length === 0) return owner
  const [list, member] = path
  const noun = singular[String(list)]
  if (noun !== undefined && path.length === 2) return `${noun} \`${String(member)}\``
  return `\`${nameOf(path)}\` of ${owner}`
}

/** What was found, for messages. */
export function describeValue(found: unknown): string {
  if (found === undefined || found === null) return 'empty'
  if (Array.isArray(found)) return 'a list'
  if (typeof found === 'object') return 'a map'
  return `\`${typeof found === 'string' && found.length > 60 ? `${found.slice(0, 59)}…` : String(found)}\``
}

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function wordFor(expected: string): string {
  return words[expected] ?? expected
}

/** Zod's own messages begin with "Invalid"; ours are put where the expected type is named. */
function custom(message: string): string | undefined {
  return message.startsWith('Invalid') ? undefined : message
}

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'array')
        return `must have ${issue.minimum} ${issue.minimum === 1 ? 'item' : 'items'} at least`
      return custom(issue.message)?.startsWith('Too') === false
        ? issue.message
        : `must be at least ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'array'
        ? `must have ${issue.maximum} items at most`
        : `must be at most ${issue.maximum}`
    default:
      return custom(issue.message) ?? 'is not valid'
  }
}
