import { nearest } from '../../diagnostics/nearest.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import { parseQuery, type QueryError } from '../../query/parse-query.ts'
import type { Argument, At, Call, Name, QueryNode } from '../../query/syntax.ts'
import type { Reading } from '../reading.ts'

/** What the parts of one query are read with. A query with a reported problem may hold any stand-in. */
export interface QueryReading {
  span(at: At): Span
  report(problem: Problem): void
  /** What has the form of a query and no meaning. */
  reject(at: At, detail: string, advice: string): void
  rejectName(name: Name, after: string, known: readonly string[]): void
  /** Counts a comparison, or what stands for one. */
  countPrimary(at: At): void
  written(at: At): string
}

/** As in the original: a query that needs more is better cut into audiences. */
const mostPrimaries = 50

/** @returns undefined where it cannot be parsed, which is reported */
export function openQuery(
  raw: { readonly query: string },
  reading: Reading,
): { readonly node: QueryNode; readonly of: QueryReading } | undefined {
  const { query } = raw
  const span = (at: At): Span => reading.places.partSpan(raw, 'query', at.start, at.end - at.start)
  const parsed = parseQuery(query)
  if (!parsed.ok) {
    reading.report(syntaxProblem(parsed.error, span(parsed.error.at)))
    return undefined
  }
  let primaries = 0
  const of: QueryReading = {
    span,
    report: (found) => reading.report(found),
    reject: (at, detail, advice) => reading.report(problem('PSN2072', { detail, advice }, span(at))),
    rejectName(name, after, known) {
      const near = nearest(name.text, known)
      reading.report(problem('PSN2071', { name: name.text, after, near, known }, span(name.at)))
    },
    countPrimary(at) {
      primaries += 1
      if (primaries === mostPrimaries + 1) {
        reading.report(problem('PSN2073', { most: mostPrimaries }, span(at)))
      }
    },
    written: (at) => query.slice(at.start, at.end),
  }
  return { node: parsed.node, of }
}

function syntaxProblem({ found, expected, near }: QueryError, span: Span): Problem {
  return problem('PSN2070', { found, expected, near }, span)
}

/** The one text a call takes, such as a name; reported where it is something else. */
export function textArgument(call: Call, of: QueryReading): { text: string; at: At } | undefined {
  const [only, second] = call.arguments
  const node = only === undefined ? undefined : ungroup(only.node)
  if (
    only === undefined ||
    second !== undefined ||
    node?.kind !== 'text' ||
    node.value === '' ||
    only.label !== undefined
  ) {
    rejectArguments(call, 'one text in quotes', of)
    return undefined
  }
  rejectType(only, of)
  return { text: node.value, at: node.at }
}

/** Arguments without label and type; others are reported. */
export function plainArguments(call: Call, of: QueryReading): readonly QueryNode[] {
  for (const argument of call.arguments) {
    if (argument.label !== undefined) {
      of.reject(
        argument.label.at,
        `\`${call.name.text}\` takes no \`${argument.label.text}:\``,
        'leave the label out',
      )
    }
    rejectType(argument, of)
  }
  return call.arguments.map(({ node }) => ungroup(node))
}

function rejectType({ as }: Argument, of: QueryReading): void {
  if (as !== undefined) of.reject(as.at, `\`as ${as.text}\` has no meaning here`, 'leave it out')
}

export function rejectArguments(call: Call, expected: string, of: QueryReading): void {
  of.reject(call.at, `\`${call.name.text}\` takes ${expected}`, `not \`${of.written(call.at)}\``)
}

/** Parentheses around a value, and `literal(…)`, say nothing. */
export function ungroup(node: QueryNode): QueryNode {
  if (node.kind === 'group') return ungroup(node.node)
  if (node.kind !== 'chain') return node
  const [first, second] = node.calls
  const [value, more] = first?.arguments ?? []
  return first?.name.text === 'literal' && second === undefined && value !== undefined && more === undefined
    ? ungroup(value.node)
    : node
}
