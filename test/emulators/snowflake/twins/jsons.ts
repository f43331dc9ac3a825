import { castTo, once, toText, toVariant, variantText } from '../binder/casts.ts'
import { literal } from '../binder/names.ts'
import {
  array,
  boolean,
  float,
  integer,
  object,
  type Typed,
  text,
  typeText,
  variant,
} from '../binder/types.ts'
import { notModelled, wrongArguments } from '../errors.ts'
import type { PathStep } from '../language/syntax.ts'
import { formatted } from './times.ts'
import { argument, exactly, literalText, plain, refuseModifiers, type Twin } from './twin.ts'

function parse(trying: boolean): Twin {
  return plain('t', variant, (of) => `CAST(sf_parse_json(${of}, ${trying}) AS JSON)`)
}

/** One step into a value: a key of an object, or an element of an array counted from 0; NULL where there is none. */
function steps(of: string, path: readonly PathStep[]): string {
  return path.reduce((sql, step) => {
    if ('at' in step) return `json_extract(${sql}, ${literal(`$[${step.at}]`)})`
    // A pointer with digits would index an array, and `*` in a path means every member even in quotes.
    const pointer = step.key.includes('*')
    if (pointer)
      return `json_extract(${sql}, ${literal(`/${step.key.replaceAll('~', '~0').replaceAll('/', '~1')}`)})`
    return `json_extract(${sql}, ${literal(`$."${step.key.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)})`
  }, of)
}

function semiStructured(of: Typed, name: string): string {
  switch (of.type.kind) {
    case 'variant':
    case 'array':
    case 'object':
      return of.sql
    case 'null':
      return castTo(of, variant).sql
    default:
      throw wrongArguments(name, [typeText(of.type)])
  }
}

export function pathOf(of: Typed, path: readonly PathStep[]): Typed {
  return { sql: steps(semiStructured(of, 'GET_PATH'), path), type: variant }
}

/** A path as GET_PATH takes it, `a.b[0]['c']`; keys are case-sensitive. */
const getPath: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2)
  const written = literalText(call, 1, '')
  const path: PathStep[] = []
  const step = /(?:^|\.)([A-Za-z_][A-Za-z0-9_$]*|"(?:[^"]|"")*")|\[(\d+)\]|\['([^']*)'\]/y
  while (step.lastIndex < written.length) {
    const found = step.exec(written)
    if (found === null) throw notModelled(`the path ${written}`)
    const [, key, at, bracketed] = found
    if (at !== undefined) path.push({ at: Number(at) })
    else
      path.push({
        key: bracketed ?? (key?.startsWith('"') ? key.slice(1, -1).replaceAll('""', '"') : (key ?? '')),
      })
  }
  if (path.length === 0) throw notModelled('an empty path')
  return pathOf(context.bind(argument(call, 0)), path)
}

const get: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 2)
  const by = argument(call, 1)
  if (by.kind === 'text') return pathOf(context.bind(argument(call, 0)), [{ key: by.value }])
  return indexOf(context.bind(argument(call, 0)), context.bind(by))
}

export function indexOf(of: Typed, by: Typed): Typed {
  if (by.type.kind !== 'number' || by.type.scale > 0) throw notModelled(`index of type ${typeText(by.type)}`)
  const index = `CAST(${by.sql} AS BIGINT)`
  return {
    sql: `CASE WHEN ${index} >= 0 THEN json_extract(${semiStructured(of, 'GET')}, '$[' || ${index} || ']') END`,
    type: variant,
  }
}

/** Keys and values in turn; pairs with a NULL on either side are left out. */
function objectConstruct(keepNull: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    if (call.args.length % 2 !== 0 || call.args.some(({ kind }) => kind === 'star'))
      throw notModelled(`${call.name} of a row`)
    const pairs: string[] = []
    for (let at = 0; at < call.args.length; at += 2) {
      const key = context.bind(argument(call, at))
      if (key.type.kind !== 'text') throw wrongArguments(call.name, [typeText(key.type)])
      const value = toVariant(context.bind(argument(call, at + 1)))
      pairs.push(`{'k': ${key.sql}, 'v': ${value}}`)
    }
    if (pairs.length === 0) return { sql: "CAST('{}' AS JSON)", type: object }
    const kept = keepNull ? 'p.k IS NOT NULL' : 'p.k IS NOT NULL AND p.v IS NOT NULL'
    const members = `list_transform(list_filter([${pairs.join(', ')}], lambda p: ${kept}), lambda p: CAST(to_json(p.k) AS VARCHAR) || ':' || coalesce(CAST(p.v AS VARCHAR), 'null'))`
    return { sql: `CAST('{' || array_to_string(${members}, ',') || '}' AS JSON)`, type: object }
  }
}

function arrayConstruct(compact: boolean): Twin {
  return (call, context) => {
    refuseModifiers(call)
    const items = call.args.map((arg) => toVariant(context.bind(arg)))
    if (items.length === 0) return { sql: "CAST('[]' AS JSON)", type: array }
    const kept = compact
      ? `list_filter([${items.join(', ')}], lambda e: e IS NOT NULL)`
      : `[${items.join(', ')}]`
    return { sql: `to_json(${kept})`, type: array }
  }
}

const elements = (of: string): string => `json_extract(${of}, '$[*]')`

/** NULL elements become empty texts; strings come without quotes. */
const arrayToString: Twin = plain('vt', text, (of, by) =>
  once(
    of,
    (v) =>
      `CASE WHEN json_type(${v}) = 'ARRAY' THEN array_to_string(list_transform(${elements(v)}, lambda e: coalesce(${variantText('e')}, '')), ${by}) END`,
  ),
)

/** The text of anything: JSON strings without quotes, times in the given format. */
const toChar: Twin = (call, context) => {
  refuseModifiers(call)
  exactly(call, 1, 2)
  const of = context.bind(argument(call, 0))
  if (call.args.length === 2) {
    const format = literalText(call, 1, '')
    if (of.type.kind === 'date' || of.type.kind === 'timestamp_ntz') return formatted(of, format)
    throw notModelled(`${call.name} of ${typeText(of.type)} with a format`)
  }
  return { sql: toText(of), type: text }
}

const isType = (...types: readonly string[]): Twin =>
  plain('v', boolean, (of) => `(json_type(${of}) IN (${types.map(literal).join(', ')}))`)

function asType(type: typeof text, jsonTypes: readonly string[]): Twin {
  return (call, context) => {
    refuseModifiers(call)
    exactly(call, 1)
    const of = semiStructured(context.bind(argument(call, 0)), call.name)
    const sql = once(
      of,
      (v) =>
        `CASE WHEN json_type(${v}) IN (${jsonTypes.map(literal).join(', ')}) THEN ${castTo({ sql: v, type: variant }, type).sql} END`,
    )
    return { sql, type }
  }
}

const integers = ['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT']

const toVariantTwin: Twin = (call, context) => {
  exactly(call, 1)
  return { sql: toVariant(context.bind(argument(call, 0))), type: variant }
}

export const jsonTwins: Readonly<Record<string, Twin>> = {
  PARSE_JSON: parse(false),
  TRY_PARSE_JSON: parse(true),
  TO_JSON: plain('v', text, (of) => `CAST(${of} AS VARCHAR)`),
  TO_VARIANT: toVariantTwin,
  TO_CHAR: toChar,
  TO_VARCHAR: toChar,
  GET: get,
  GET_PATH: getPath,
  OBJECT_CONSTRUCT: objectConstruct(false),
  OBJECT_CONSTRUCT_KEEP_NULL: objectConstruct(true),
  OBJECT_KEYS: plain('v', array, (of) => `to_json(json_keys(${of}))`),
  ARRAY_CONSTRUCT: arrayConstruct(false),
  ARRAY_CONSTRUCT_COMPACT: arrayConstruct(true),
  ARRAY_SIZE: plain('v', integer, (of) =>
    once(
      of,
      (v) => `CASE WHEN json_type(${v}) = 'ARRAY' THEN CAST(json_array_length(${v}) AS DECIMAL(38, 0)) END`,
    ),
  ),
  ARRAY_CONTAINS: plain('jv', boolean, (value, of) =>
    once(
      of,
      (v) =>
        `CASE WHEN json_type(${v}) = 'ARRAY' THEN list_contains(list_transform(${elements(v)}, lambda e: CAST(e AS VARCHAR)), CAST(${value} AS VARCHAR)) END`,
    ),
  ),
  ARRAY_DISTINCT: plain('v', array, (of) =>
    once(of, (v) => `CASE WHEN json_type(${v}) = 'ARRAY' THEN to_json(list_distinct(${elements(v)})) END`),
  ),
  ARRAY_CAT: plain(
    'vv',
    array,
    (a, b) =>
      `CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN to_json(list_concat(${elements(a)}, ${elements(b)})) END`,
  ),
  // From an index on, up to but not including another; negative ones count from the end.
  ARRAY_SLICE: plain('vnn', array, (of, from, to) =>
    once(of, (v) => {
      const end = `json_array_length(${v})`
      const at = (index: string): string =>
        `CAST(CASE WHEN ${index} < 0 THEN greatest(${end} + ${index}, 0) ELSE ${index} END AS BIGINT)`
      return `CASE WHEN json_type(${v}) = 'ARRAY' AND ${from} IS NOT NULL AND ${to} IS NOT NULL THEN to_json(list_slice(${elements(v)}, ${at(from)} + 1, ${at(to)})) END`
    }),
  ),
  ARRAY_TO_STRING: arrayToString,
  SPLIT: plain('tt', array, (of, by) => `to_json(string_split(${of}, ${by}))`),
  TYPEOF: plain('v', text, (of) => `sf_typeof(${of})`),
  IS_NULL_VALUE: plain('v', boolean, (of) => `(json_type(${of}) = 'NULL')`),
  STRIP_NULL_VALUE: plain('v', variant, (of) =>
    once(of, (v) => `CASE WHEN json_type(${v}) <> 'NULL' THEN ${v} END`),
  ),
  IS_ARRAY: isType('ARRAY'),
  IS_OBJECT: isType('OBJECT'),
  IS_BOOLEAN: isType('BOOLEAN'),
  IS_VARCHAR: isType('VARCHAR'),
  IS_CHAR: isType('VARCHAR'),
  IS_INTEGER: isType(...integers),
  IS_DECIMAL: isType(...integers, 'DOUBLE'),
  IS_DOUBLE: isType(...integers, 'DOUBLE'),
  AS_VARCHAR: asType(text, ['VARCHAR']),
  AS_CHAR: asType(text, ['VARCHAR']),
  AS_BOOLEAN: asType(boolean, ['BOOLEAN']),
  AS_INTEGER: asType(integer, integers),
  AS_DOUBLE: asType(float, [...integers, 'DOUBLE']),
  AS_ARRAY: asType(array, ['ARRAY']),
  AS_OBJECT: asType(object, ['OBJECT']),
}
