import { type ParametersByCode, type ProblemCode, problemText } from './problem-text.ts'
import type { Span } from './span.ts'
import type { ProblemParts } from './text/problem-parts.ts'

/** Something the author of a project can mend. Plain JSON, so that it can be cached and printed as data. */
export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** The next action. */
  readonly hint: string
  /** Absent where no file is to blame. */
  readonly span?: Span
  /** What the prose was made of, for tests and tools. */
  readonly parameters: object
}

type Texts = { readonly [C in ProblemCode]: (parameters: ParametersByCode[C]) => ProblemParts }

const texts: Texts = problemText

export function problem<C extends ProblemCode>(
  code: C,
  parameters: ParametersByCode[C],
  span?: Span,
): Problem {
  const { message, hint, severity = 'error' } = texts[code](parameters)
  return { code, severity, message, hint, ...(span === undefined ? {} : { span }), parameters }
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

/** Thrown by a phase that cannot go on; it has found all of its problems. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(({ code, message }) => `${code}: ${message}`).join('\n'), options)
    this.name = 'ProblemError'
    this.problems = problems
  }
}
