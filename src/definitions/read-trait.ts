import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import type { EventTrait, FormulaTrait, RelatedTrait, SqlTrait } from './definitions.ts'
import { type Formula, type FormulaError, formulaFunctions, parseFormula } from './formula.ts'
import { readHistory } from './history.ts'
import { readTraitQuery } from './query/read-query.ts'
import {
  readExcluded,
  readReducerOptions,
  readRowWhere,
  readWhere,
  readWindow,
  reducedPath,
} from './read-condition.ts'
import { readFallback } from './read-fallback.ts'
import { type Reading, readCarried } from './reading.ts'
import type {
  RawEventTrait,
  RawFormulaTrait,
  RawQueryTrait,
  RawRelatedTrait,
  RawTrait,
} from './trait-shape.ts'

/** Rows of a SQL trait, unless it says how many: as many as the original took. */
export const mostRows = 25_000_000

/** A trait as its own file tells it: the text of a SQL trait is in another file. */
export type ReadTrait = EventTrait | RelatedTrait | FormulaTrait | Omit<SqlTrait, 'sql'>

export function readTrait(raw: RawTrait, reading: Reading): ReadTrait {
  if ('query' in raw) return readQueryTrait(raw, reading)
  if (raw.type === 'formula') return readFormulaTrait(raw, reading)
  if ('relationship' in raw) return readRelatedTrait(raw, reading)
  if (raw.type !== 'sql') return readEventTrait(raw, reading)
  const { type, file, entity = 'user', create_profiles: createProfiles, max_rows: maxRows = mostRows } = raw
  return {
    ...readCarried(raw, reading.places),
    entity,
    ignoreWarnings: raw.ignore_warnings ?? [],
    type,
    file,
    fileSpan: reading.places.valueSpan(raw, 'file'),
    ...(createProfiles === undefined ? {} : { createProfiles }),
    maxRows,
  }
}

function readEventTrait(raw: RawEventTrait, reading: Reading): EventTrait {
  const { places } = reading
  const window = readWindow(raw, reading)
  const { entity = 'user', type, event, property, user_trait: userTrait } = raw
  if (userTrait !== undefined && entity === 'user')
    rejectUserTrait(places.keySpan(raw, 'user_trait'), reading)
  return {
    ...readCarried(raw, places),
    entity,
    ignoreWarnings: raw.ignore_warnings ?? [],
    type,
    event,
    eventSpan: places.valueSpan(raw, 'event'),
    ...(property === undefined
      ? {}
      : { property: { path: reducedPath(property, raw), span: places.valueSpan(raw, 'property') } }),
    ...(userTrait !== undefined && {
      userTrait: { trait: userTrait, span: places.valueSpan(raw, 'user_trait') },
    }),
    where: readWhere(raw.where, 'own', reading),
    ...(window === undefined ? {} : { window }),
    ...readExcluded(raw, reading),
    ...readHistory(raw, reading),
    includeAnonymous: readAnonymous(raw, reading),
    ...readReducerOptions(type, raw),
    ...readFallback(raw, { type, ...(raw.as === 'text' && { asText: true }) }, reading),
  }
}

function rejectUserTrait(span: Span, { report }: Reading): void {
  report(problem('PSN2033', { key: 'user_trait', detail: 'has a meaning only in traits of accounts' }, span))
}

function readRelatedTrait(raw: RawRelatedTrait, reading: Reading): RelatedTrait {
  const { places } = reading
  const window = readWindow(raw, reading)
  const { entity = 'user', type, relationship, column } = raw
  return {
    ...readCarried(raw, places),
    entity,
    type,
    relationship,
    relationshipSpan: places.valueSpan(raw, 'relationship'),
    ...(column === undefined ? {} : { column: { column, span: places.valueSpan(raw, 'column') } }),
    where: readRowWhere(raw, reading),
    ...(window === undefined ? {} : { window }),
    includeAnonymous: readAnonymous(raw, reading),
    ...readReducerOptions(type, raw),
    ...readFallback(raw, { type, ...(raw.as === 'text' && { asText: true }) }, reading),
    ignoreWarnings: raw.ignore_warnings ?? [],
  }
}

function readQueryTrait(raw: RawQueryTrait, reading: Reading): EventTrait | RelatedTrait {
  const entity = raw.entity ?? 'user'
  const queried = readTraitQuery(raw, reading)
  const carried = {
    ...readCarried(raw, reading.places),
    entity,
    ...readFallback(raw, queried, reading),
    includeAnonymous: readAnonymous(raw, reading),
    ignoreWarnings: raw.ignore_warnings ?? [],
  }
  const history = readHistory(raw, reading)
  if ('relationship' in queried) {
    if (history.historySince !== undefined) {
      const detail = 'is of events, not of rows'
      const span = reading.places.keySpan(raw, 'history_since')
      reading.report(problem('PSN2033', { key: 'history_since', detail }, span))
    }
    return { ...carried, ...queried }
  }
  if (queried.userTrait !== undefined && entity === 'user') rejectUserTrait(queried.userTrait.span, reading)
  return { ...carried, ...queried, ...history }
}

function readAnonymous(
  raw: RawEventTrait | RawRelatedTrait | RawQueryTrait,
  { places, report }: Reading,
): boolean {
  if (raw.entity === 'account' && raw.include_anonymous !== undefined) {
    const detail = 'has a meaning only for users'
    report(problem('PSN2033', { key: 'include_anonymous', detail }, places.keySpan(raw, 'include_anonymous')))
  }
  return raw.include_anonymous ?? false
}

function readFormulaTrait(raw: RawFormulaTrait, reading: Reading): FormulaTrait {
  const { places } = reading
  const { entity = 'user', type, expression } = raw
  const parsed = parseFormula(expression)
  if (!parsed.ok) {
    const span = places.partSpan(raw, 'expression', parsed.error.index, parsed.error.length)
    reading.report(formulaProblem(parsed.error, expression, span))
  }
  const standIn: Formula = { kind: 'number', value: 0 }
  return {
    ...readCarried(raw, places),
    entity,
    ignoreWarnings: raw.ignore_warnings ?? [],
    type,
    expression,
    expressionSpan: places.valueSpan(raw, 'expression'),
    formula: parsed.ok ? parsed.formula : standIn,
    ...readFallback(raw, { type }, reading),
  }
}

function formulaProblem(error: FormulaError, expression: string, span: Span): Problem {
  switch (error.kind) {
    case 'syntax':
      return problem('PSN2040', { expression, detail: error.detail }, span)
    case 'function': {
      const near = nearest(error.name, formulaFunctions)
      return problem('PSN2041', { name: error.name, near, known: formulaFunctions }, span)
    }
    case 'arguments':
      return problem('PSN2042', { name: error.name, expected: error.expected, found: error.found }, span)
  }
}
