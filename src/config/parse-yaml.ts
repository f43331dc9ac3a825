import { type Document, LineCounter, parseDocument } from 'yaml'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'

/** A YAML file as written: its document model, and the way from offsets to places. */
export interface YamlFile {
  /** Relative to the project, with forward slashes. */
  readonly file: string
  readonly text: string
  readonly document: Document.Parsed
  /** The syntax problems; the document holds what could still be read. */
  readonly problems: readonly Problem[]
  /** The span of a stretch of the text, blanks at its end left out. */
  span(start: number, end: number): Span
}

/** Errors of what was read, not of how it is written. */
const structural: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'MULTIPLE_DOCS'])

/** Parses one document of YAML 1.2. Never throws: what is wrong is in `problems`. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, keepSourceTokens: false })
  const span = (start: number, end: number): Span => {
    let last = end
    while (last > start + 1 && isBlank(text.charCodeAt(last - 1))) last -= 1
    const from = lines.linePos(start)
    const to = lines.linePos(last)
    return { file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
  // What follows the first syntax error is mostly its echo.
  const firstSyntax = document.errors.find(({ code }) => !structural.has(code))
  const errors = document.errors.filter((error) => error === firstSyntax || structural.has(error.code))
  const problems = errors.map(({ code, message, pos }) => {
    const [start, end] = pos
    if (code === 'DUPLICATE_KEY') {
      const key = /^[^:\s]+/.exec(text.slice(start))?.[0] ?? ''
      return problem('PSN1005', { key }, span(start, start + key.length))
    }
    if (code === 'MULTIPLE_DOCS') return problem('PSN1006', { file }, span(start, start + 3))
    const line = text.slice(text.lastIndexOf('\n', start - 1) + 1).split('\n', 1)[0] ?? ''
    const detail = message
      .replace(/; please use .*$/, '')
      .replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())
    return problem('PSN1004', { detail, expression: /:\s*\{\{/.test(line) }, span(start, end))
  })
  return { file, text, document, problems, span }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}
