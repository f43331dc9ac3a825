import { type Problem, ProblemError } from '../diagnostics/problem.ts'

interface Origin {
  readonly cause: unknown
  /** What the server calls it, for example an SQLSTATE. */
  readonly serverCode?: string | undefined
  /** The same statement may succeed when sent again. */
  readonly retryable?: boolean
}

/** What a warehouse answered instead of a result. Never holds a password or a URL with one. */
export class WarehouseError extends ProblemError {
  readonly code: Problem['code']
  readonly serverCode: string | undefined
  readonly retryable: boolean

  constructor(problem: Problem, { cause, serverCode, retryable = false }: Origin) {
    super([problem], { cause })
    this.name = 'WarehouseError'
    this.message = problem.message
    this.code = problem.code
    this.serverCode = serverCode
    this.retryable = retryable
  }
}
