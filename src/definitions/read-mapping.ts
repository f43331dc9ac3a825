import { isRecord } from '../config/shape.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import type { MappingValue, Replacement, SyncInput } from './mapping.ts'
import type { Reading } from './reading.ts'

/** What an object with one of these keys says; with none of them it is a nested object. */
const directives = [
  'identifier',
  'trait',
  'audience',
  'column',
  'id',
  'value',
  'template',
  'coalesce',
  'list',
  'lower',
  'upper',
  'encode',
  'decode',
  'flatten',
  'replace',
  'hash',
] as const

type Directive = (typeof directives)[number]

/** Keys that stand beside a directive. */
const companions: Partial<Record<Directive, readonly string[]>> = {
  identifier: ['pick'],
  flatten: ['separator'],
  replace: ['pairs'],
  hash: ['as'],
}

const nothing: MappingValue = { kind: 'constant', value: null }

/** The fields of a sync: a name with dots is a nested object, unless it is in quotes of its own. */
export function readMapping(raw: Readonly<Record<string, unknown>>, reading: Reading): MappingValue {
  return { kind: 'object', members: readMembers(raw, reading) }
}

function readMembers(
  raw: Readonly<Record<string, unknown>>,
  reading: Reading,
): Readonly<Record<string, MappingValue>> {
  const members: Record<string, MappingValue> = {}
  for (const [key, value] of Object.entries(raw)) {
    const read = readValue(raw, key, value, reading)
    const literal = /^"(.*)"$/.exec(key)?.[1]
    const path = literal === undefined ? key.split('.') : [literal]
    if (path.includes('') || !place(members, path, read)) {
      const detail = `\`${key}\` is no name of a field, or is inside another field that is not an object`
      reading.report(problem('PSN2100', { detail }, reading.places.keySpan(raw, key)))
    }
  }
  return members
}

/** @returns false where another value is in the way */
function place(
  members: Record<string, MappingValue>,
  [first = '', ...rest]: readonly string[],
  value: MappingValue,
): boolean {
  const there = Object.hasOwn(members, first) ? members[first] : undefined
  if (rest.length === 0) {
    if (there !== undefined) return false
    members[first] = value
    return true
  }
  if (there !== undefined && there.kind !== 'object') return false
  const inner = { ...there?.members }
  members[first] = { kind: 'object', members: inner }
  return place(inner, rest, value)
}

function readValue(container: object, key: string | number, value: unknown, reading: Reading): MappingValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'constant', value }
  if (Array.isArray(value)) return { kind: 'list', items: readItems(value, reading) }
  if (isRecord(value)) {
    const found = directives.filter((directive) => Object.hasOwn(value, directive))
    const [only, second] = found
    if (only === undefined) return { kind: 'object', members: readMembers(value, reading) }
    const others = Object.keys(value).filter(
      (other) => other !== only && companions[only]?.includes(other) !== true,
    )
    if (second === undefined && others.length === 0) return readDirective(only, value, reading)
    return wrong(
      `\`${only}\` cannot stand beside ${others.map((other) => `\`${other}\``).join(', ')}`,
      value,
      others[0] ?? only,
      reading,
    )
  }
  return wrong('a field is a text, a number, true, false, null, a list or an object', container, key, reading)
}

function readItems(items: readonly unknown[], reading: Reading): readonly MappingValue[] {
  return items.map((item, index) => readValue(items, index, item, reading))
}

function readDirective(
  directive: Directive,
  raw: Readonly<Record<string, unknown>>,
  reading: Reading,
): MappingValue {
  const value = raw[directive]
  const name = (): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const inner = (): MappingValue => readValue(raw, directive, value, reading)
  const span = (): Span => reading.places.valueSpan(raw, directive)
  switch (directive) {
    case 'id':
      return value === true
        ? { kind: 'input', input: { kind: 'id', span: span() } }
        : wrong('`id` takes true', raw, 'id', reading)
    case 'value':
      return typeof value === 'object' && value !== null
        ? wrong('`value` takes a text, a number, true, false or null', raw, 'value', reading)
        : inner()
    case 'identifier': {
      const type = name()
      const { pick = 'first' } = raw
      if (type === undefined) return wrong('`identifier` takes a type', raw, 'identifier', reading)
      if (pick !== 'first' && pick !== 'last' && pick !== 'all')
        return wrong('`pick` is first, last or all', raw, 'pick', reading)
      return { kind: 'input', input: { kind: 'identifier', type, pick, span: span() } }
    }
    case 'trait':
    case 'audience':
    case 'column': {
      const named = name()
      return named === undefined
        ? wrong(`\`${directive}\` takes a name`, raw, directive, reading)
        : { kind: 'input', input: { kind: directive, name: named, span: span() } }
    }
    case 'template':
      return typeof value === 'string'
        ? { kind: 'template', parts: readTemplate(value, raw, reading) }
        : wrong('`template` takes a text', raw, 'template', reading)
    case 'coalesce':
    case 'list': {
      if (!Array.isArray(value)) return wrong(`\`${directive}\` takes a list`, raw, directive, reading)
      const items = readItems(value, reading)
      return directive === 'list' ? { kind: 'list', items } : { kind: 'coalesce', of: items }
    }
    case 'lower':
    case 'upper':
    case 'encode':
    case 'decode':
      return { kind: directive, of: inner() }
    case 'flatten': {
      const { separator = '.' } = raw
      return typeof separator === 'string'
        ? { kind: 'flatten', separator, of: inner() }
        : wrong('`separator` takes a text', raw, 'separator', reading)
    }
    case 'replace':
      return { kind: 'replace', replacements: readReplacements(raw, reading), of: inner() }
    case 'hash': {
      const { as = 'text' } = raw
      return as === 'email' || as === 'phone' || as === 'text'
        ? { kind: 'hash', as, of: inner() }
        : wrong('`as` is email, phone or text', raw, 'as', reading)
    }
  }
}

function readReplacements(raw: Readonly<Record<string, unknown>>, reading: Reading): readonly Replacement[] {
  const { pairs } = raw
  const bad = (): readonly Replacement[] => {
    const detail = '`pairs` takes one or two of { search: …, with: …, ignore_case: false, once: false }'
    const key = 'pairs' in raw ? 'pairs' : 'replace'
    reading.report(problem('PSN2100', { detail }, reading.places.keySpan(raw, key)))
    return []
  }
  if (!Array.isArray(pairs) || pairs.length < 1 || pairs.length > 2) return bad()
  const read = pairs.map((pair: unknown): Replacement | undefined => {
    if (!isRecord(pair)) return undefined
    const { search, with: by, ignore_case: ignoreCase = false, once = false, ...unknown } = pair
    if (Object.keys(unknown).length > 0 || typeof search !== 'string' || search === '') return undefined
    if (typeof by !== 'string' || typeof ignoreCase !== 'boolean' || typeof once !== 'boolean')
      return undefined
    return { search, with: by, ignoreCase, once }
  })
  const good = read.filter((pair) => pair !== undefined)
  return good.length === read.length ? good : bad()
}

/** `Dear ${trait.first_name}`; `$${` is a plain `${`. */
function readTemplate(
  text: string,
  raw: Readonly<Record<string, unknown>>,
  reading: Reading,
): readonly (string | SyncInput)[] {
  const parts: (string | SyncInput)[] = []
  let plain = ''
  let end = 0
  for (const match of text.matchAll(/\$\$\{|\$\{\s*([^}]*?)\s*\}|\$\{/g)) {
    plain += text.slice(end, match.index)
    end = match.index + match[0].length
    if (match[0] === '$${') {
      plain += '${'
      continue
    }
    const input = readReference(match[1])
    const span = reading.places.partSpan(raw, 'template', match.index, match[0].length)
    if (input === undefined) {
      const detail = `\`${match[0]}\` names nothing: write \${trait.x}, \${identifier.x}, \${audience.x}, \${column.x} or \${id}`
      reading.report(problem('PSN2100', { detail }, span))
      continue
    }
    if (plain !== '') parts.push(plain)
    plain = ''
    parts.push({ ...input, span })
  }
  plain += text.slice(end)
  return plain === '' ? parts : [...parts, plain]
}

function readReference(written: string | undefined): SyncInput | undefined {
  if (written === 'id') return { kind: 'id' }
  const [, kind, name] = /^(trait|identifier|audience|column)\.(.+)$/.exec(written ?? '') ?? []
  if (name === undefined) return undefined
  if (kind === 'identifier') return { kind, type: name, pick: 'first' }
  return kind === 'trait' || kind === 'audience' || kind === 'column' ? { kind, name } : undefined
}

function wrong(detail: string, container: object, key: string | number, reading: Reading): MappingValue {
  const near = typeof key === 'string' ? nearest(key, directives) : undefined
  const parameters = { detail, ...(near !== undefined && near !== key && { near }) }
  const span =
    typeof key === 'string'
      ? reading.places.keySpan(container, key)
      : reading.places.valueSpan(container, key)
  reading.report(problem('PSN2100', parameters, span))
  return nothing
}
