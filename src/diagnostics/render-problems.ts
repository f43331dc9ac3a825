import { createColors } from 'picocolors'
import type { Problem } from './problem.ts'
import { placeOf, type Span } from './span.ts'

export interface RenderOptions {
  /** The text of a project file by its `Span.file`; undefined where it cannot be read. */
  readonly source: (file: string) => string | undefined
  readonly color: boolean
}

/** For people: one block per problem with the source line and a caret, sorted by file and place, a blank line between. */
export function renderProblems(problems: readonly Problem[], options: RenderOptions): string {
  const linesByFile = new Map<string, readonly string[] | undefined>()
  const linesOf = (file: string): readonly string[] | undefined => {
    if (!linesByFile.has(file)) linesByFile.set(file, options.source(file)?.split(/\r?\n/))
    return linesByFile.get(file)
  }
  return sortProblems(problems)
    .map((problem) => renderProblem(problem, linesOf, options.color))
    .join('\n')
}

/** For programs: the same problems in the same order as plain data. */
export function problemsAsJson(problems: readonly Problem[]): readonly Problem[] {
  return sortProblems(problems).map(({ code, severity, message, hint, span, parameters }) => ({
    code,
    severity,
    message,
    hint,
    ...(span === undefined ? {} : { span }),
    parameters,
  }))
}

/** By file, line and column; problems without a place first, equal places in the order found. */
function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((left, right) => compareSpans(left.span, right.span))
}

function compareSpans(left: Span | undefined, right: Span | undefined): number {
  if (left === undefined || right === undefined)
    return Number(left !== undefined) - Number(right !== undefined)
  if (left.file !== right.file) return left.file < right.file ? -1 : 1
  return left.line - right.line || left.column - right.column
}

function renderProblem(
  problem: Problem,
  linesOf: (file: string) => readonly string[] | undefined,
  color: boolean,
): string {
  const paint = createColors(color)
  const accent = problem.severity === 'error' ? paint.red : paint.yellow
  const head = `${accent(paint.bold(`${problem.severity}[${problem.code}]`))}: ${problem.message}\n`
  const { span, hint } = problem
  if (span === undefined) return `${head}  ${accent(hint)}\n`
  const place = `  ${placeOf(span)}\n`
  const line = linesOf(span.file)?.[span.line - 1]
  if (line === undefined) return `${head}${place}  ${accent(hint)}\n`
  const gutter = String(span.line)
  const end = span.endLine === span.line ? span.endColumn - 1 : line.trimEnd().length
  const carets = '^'.repeat(Math.max(1, end - span.column + 1))
  // Tabs stay tabs, so that the caret stands under its text whatever their width.
  const indent = line.slice(0, span.column - 1).replaceAll(/[^\t]/g, ' ')
  const marker = `${' '.repeat(gutter.length)} | ${indent}${accent(`${carets} ${hint}`)}\n`
  return `${head}${place}${gutter} | ${line}\n${marker}`
}
