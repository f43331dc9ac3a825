import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Where we work, for messages. */
export interface Place {
  readonly project: string
  readonly dataset: string
  readonly location: string | undefined
}

interface Answer {
  /** HTTP status, or what the socket said. */
  readonly code: string
  readonly reason: string
  readonly message: string
}

/** What BigQuery answered, or what kept it from answering. */
export function bigqueryError(cause: unknown, place: Place): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const answer = answerOf(cause)
  const { code, reason, message } = answer
  const { project } = place
  const origin = { cause, serverCode: reason || code, retryable: isPassing(cause) }
  if (isCredential(answer))
    return new WarehouseError(problem('PSN4031', { project, reason: message }), origin)
  switch (reason) {
    case 'accessDenied':
    case 'insufficientPermissions':
    case 'forbidden':
      return new WarehouseError(problem('PSN4032', { project, message }), origin)
    case 'notFound':
      if (/Dataset|location/i.test(message))
        return new WarehouseError(
          problem('PSN4033', { ...place, location: place.location ?? '', message }),
          origin,
        )
      break
    case 'bytesBilledLimitExceeded':
      return new WarehouseError(problem('PSN4034', { message }), origin)
    case 'quotaExceeded':
    case 'billingNotEnabled':
    case 'billingTierLimitExceeded':
      return new WarehouseError(problem('PSN4035', { project, message }), origin)
    case 'resourcesExceeded':
      return new WarehouseError(problem('PSN4036', { message }), origin)
    case 'stopped':
      return new WarehouseError(problem('PSN4010', { engine: 'BigQuery' }), origin)
    default:
  }
  if (isUnanswered(answer))
    return new WarehouseError(problem('PSN4037', { project, reason: message }), origin)
  if (/cancell?ed/i.test(message) && /job|request/i.test(message))
    return new WarehouseError(problem('PSN4010', { engine: 'BigQuery' }), origin)
  return new WarehouseError(problem('PSN4000', { engine: 'BigQuery', message }), origin)
}

/** Whether the same may succeed when it is sent again. */
export function isPassing(cause: unknown): boolean {
  const answer = answerOf(cause)
  return (
    passing.has(answer.reason) ||
    (answer.reason === '' && isUnanswered(answer)) ||
    // Two statements that change one table: the second is refused.
    /could not serialize access|aborted due to concurrent/i.test(answer.message)
  )
}

/** Whether BigQuery has such a job already. */
export function isDuplicate(cause: unknown): boolean {
  return answerOf(cause).code === '409'
}

export function isMissing(cause: unknown): boolean {
  const { code, reason } = answerOf(cause)
  return code === '404' || reason === 'notFound'
}

export function isDenied(cause: unknown): boolean {
  return answerOf(cause).reason === 'accessDenied'
}

/** No answer came, or one of a server that could not: what was asked for may have been done. */
export function mayHaveArrived(cause: unknown): boolean {
  return isUnanswered(answerOf(cause))
}

const passing: ReadonlySet<string> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'rateLimitExceeded',
  'jobRateLimitExceeded',
  'tableUnavailable',
  'userRateLimitExceeded',
])

function isUnanswered({ code }: Answer): boolean {
  return /^(5\d\d|408|429|E[A-Z_]+|UND_ERR_\w+|ERR_STREAM\w*)$/.test(code)
}

function isCredential({ code, reason, message }: Answer): boolean {
  return (
    code === '401' ||
    reason === 'authError' ||
    code === 'invalid_grant' ||
    code === 'ENOENT' ||
    /default credentials|invalid_grant|invalid_client|DECODER|private key|refresh access token|unable to impersonate/i.test(
      message,
    )
  )
}

/** Errors of the API, of jobs and of sockets, each of which names the same differently. */
function answerOf(cause: unknown): Answer {
  if (cause instanceof WarehouseError && cause.cause !== undefined) return answerOf(cause.cause)
  if (!(cause instanceof Error)) return { code: '', reason: '', message: String(cause) }
  const [first] = 'errors' in cause && Array.isArray(cause.errors) ? cause.errors : []
  const reason = textOf(first, 'reason') ?? textOf(cause, 'reason') ?? ''
  const code = textOf(cause, 'code') ?? textOf(cause, 'status') ?? ''
  const inner = code === '' && cause.cause instanceof Error ? answerOf(cause.cause) : undefined
  return { code: inner?.code ?? code, reason, message: textOf(first, 'message') ?? cause.message }
}

function textOf(of: unknown, key: string): string | undefined {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, key)) return undefined
  const value: unknown = Reflect.get(of, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
