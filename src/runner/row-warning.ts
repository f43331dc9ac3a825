import type { Row, Value } from '../adapters/adapter.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Warning } from '../ir/step.ts'

/**
 * What the author is told of one row of a warning.
 *
 * PSN5023 is of `segment_id`, `identifiers`, and of the identifier that joins most: `identifier_type`,
 * `identifier_value`, `joined`. PSN3310 is of `kind` and `name` of a definition and its place, and of `begins` and
 * `first_event` in microseconds since 1970.
 * PSN5026 is of `identifier_type`, `identifier_value`, `max_partners`; PSN5025 of
 * `event_id` and `source`, NULL where the cut names none.
 *
 * @throws Error if the row has not the columns of its code
 */
export function rowWarning(code: Warning['code'], row: Row): Problem {
  switch (code) {
    case 'PSN5023':
      return problem(code, {
        profile: textOf(row.segment_id),
        identifiers: countOf(row.identifiers),
        type: textOf(row.identifier_type),
        value: textOf(row.identifier_value),
        joined: countOf(row.joined),
      })
    case 'PSN3310': {
      const span = {
        file: textOf(row.file),
        line: countOf(row.line),
        column: countOf(row.start_column),
        endLine: countOf(row.end_line),
        endColumn: countOf(row.end_column),
      }
      const of = `${textOf(row.kind)} \`${textOf(row.name)}\``
      return problem(code, { of, from: instantOf(row.begins), first: instantOf(row.first_event) }, span)
    }
    case 'PSN5026':
      return problem(code, {
        type: textOf(row.identifier_type),
        value: textOf(row.identifier_value),
        maxPartners: countOf(row.max_partners),
      })
    case 'PSN5025':
      return problem(code, {
        event: textOf(row.event_id),
        ...(row.source === null ? {} : { source: textOf(row.source) }),
      })
  }
}

function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value
  throw new Error(`a warning has ${String(value)} where it names something`)
}

/** To the second. */
function instantOf(value: Value | undefined): string {
  return new Date(countOf(value) / 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

function countOf(value: Value | undefined): number {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value)
  throw new Error(`a warning has ${String(value)} where it counts`)
}
