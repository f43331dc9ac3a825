import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

/** A CSV file that cannot be loaded as it is. */
export class CsvError extends WarehouseError {
  override readonly name = 'CsvError'
  readonly reason: string
  readonly hint: string
  /** Counted from 1; absent where the whole file is meant. */
  readonly line: number | undefined

  constructor(file: string, { reason, hint }: CsvReason, line: number | undefined, cause: unknown) {
    super(problem('PSN5016', { file, reason, hint }), { cause })
    this.reason = reason
    this.hint = hint
    this.line = line
  }
}

interface CsvReason {
  readonly reason: string
  readonly hint: string
}

export const notUtf8: CsvReason = { reason: 'it is not UTF-8 text', hint: 'save the file as UTF-8' }

export function csvError(file: string, reason: CsvReason, line?: number, cause?: unknown): CsvError {
  return new CsvError(file, reason, line, cause)
}

/** What DuckDB's reader says of a line, without its advice on options of its own; undefined where it speaks of no line. */
export function readerError(file: string, cause: unknown): CsvError | undefined {
  const message = cause instanceof Error ? cause.message : String(cause)
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  if (line === undefined) return undefined
  const [, expected, found] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? []
  return csvError(file, lineReason(message, expected, found), Number(line), cause)
}

function lineReason(message: string, expected: string | undefined, found: string | undefined): CsvReason {
  if (expected !== undefined && found !== undefined)
    return { reason: `the first line names ${expected} columns, but this one has ${found}`, hint: quoting }
  if (/unterminated quote/i.test(message))
    return { reason: 'a quotation mark is opened and not closed', hint: quoting }
  if (/unicode|utf-8/i.test(message)) return notUtf8
  const [said = ''] = message
    .split('\n')
    .filter((each) => !/^(Invalid Input Error: )?CSV Error on Line|^Original Line/.test(each))
  return { reason: said, hint: 'mend the line' }
}

const quoting =
  'mend the line; a value with a separator, a line end or a "quotation mark" in it is written "like ""this"""'
