import { problem } from '../diagnostics/problem.ts'
import type { Server } from './postgres-settings.ts'
import { WarehouseError } from './warehouse-error.ts'

interface Answer {
  readonly code: string | undefined
  readonly message: string
}

/** What stood in the way of a connection. */
export function connectionError(cause: unknown, server: Server): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const { address, user, database } = server
  const { code, message } = answerOf(cause)
  const origin = { cause, serverCode: code }
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ENOENT':
      return new WarehouseError(problem('PSN4001', { address, reason: code }), { ...origin, retryable: true })
    case '57P03':
      // It is starting, or going down.
      return new WarehouseError(problem('PSN4001', { address, reason: message }), {
        ...origin,
        retryable: true,
      })
    case '28000':
      // A server that takes encrypted connections only looks at nothing else.
      if (/no encryption/.test(message)) {
        return new WarehouseError(problem('PSN4011', { address, reason: message }), origin)
      }
      return new WarehouseError(problem('PSN4002', { address, user }), origin)
    case '28P01':
      return new WarehouseError(problem('PSN4002', { address, user }), origin)
    case '3D000':
      return new WarehouseError(problem('PSN4003', { address, database }), origin)
    case '42501':
      return new WarehouseError(problem('PSN4004', { message }), origin)
    default:
  }
  if (/timeout expired|timed out/i.test(message)) {
    return new WarehouseError(
      problem('PSN4001', { address, reason: `no answer within ${server.connectTimeoutSeconds} seconds` }),
      {
        ...origin,
        retryable: true,
      },
    )
  }
  if (/SSL|TLS|certificate/i.test(message)) {
    return new WarehouseError(problem('PSN4011', { address, reason: message }), origin)
  }
  // A server that asks for a password we do not have never gets as far as refusing one.
  if (/SASL|password must be/i.test(message))
    return new WarehouseError(problem('PSN4002', { address, user }), origin)
  if (isLost(code, message)) {
    return new WarehouseError(problem('PSN4009', { message }), { ...origin, retryable: true })
  }
  const retryable = code !== undefined && isPassing(code)
  return new WarehouseError(problem('PSN4014', { address, reason: message }), { ...origin, retryable })
}

/** What the server said of a statement. Its `detail` is left out: that may hold values of rows. */
export function statementError(cause: unknown): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const { code, message } = answerOf(cause)
  const origin = { cause, serverCode: code, retryable: code !== undefined && isPassing(code) }
  switch (code) {
    case '42501':
      return new WarehouseError(problem('PSN4004', { message }), origin)
    case '53100':
      return new WarehouseError(problem('PSN4008', { message }), origin)
    case '53200':
      return new WarehouseError(problem('PSN4012', { message }), origin)
    case '54000':
    case '54011':
      return new WarehouseError(problem('PSN4023', { message }), origin)
    case '53400':
      // `temp_file_limit`: a disk that is full for us alone.
      return new WarehouseError(problem('PSN4008', { message }), origin)
    case '55P03':
      return new WarehouseError(problem('PSN4021', { holders: [] }), origin)
    case '57014':
      if (/statement timeout/.test(message))
        return new WarehouseError(problem('PSN4022', { message }), origin)
      return new WarehouseError(problem('PSN4010', { engine: 'PostgreSQL' }), origin)
    default:
  }
  if (/No space left on device|File too large/.test(message)) {
    return new WarehouseError(problem('PSN4008', { message }), origin)
  }
  if (isLost(code, message)) {
    return new WarehouseError(problem('PSN4009', { message }), { ...origin, retryable: true })
  }
  return new WarehouseError(problem('PSN4000', { engine: 'PostgreSQL', message }), origin)
}

/** Serialisation failures, deadlocks, too many connections, a server that is starting. */
function isPassing(code: string): boolean {
  return ['40001', '40P01', '53300', '55P03', '57P03'].includes(code)
}

function isLost(code: string | undefined, message: string): boolean {
  return (
    (code !== undefined && /^(08...|57P01|57P02|ECONN.*|EPIPE)$/.test(code)) ||
    /Connection terminated|not queryable|Client was closed/i.test(message)
  )
}

/** Node tries every address of a host and wraps what each of them said. */
function answerOf(cause: unknown): Answer {
  if (cause instanceof AggregateError && cause.errors.length > 0) return answerOf(cause.errors[0])
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return { code: typeof code === 'string' ? code : undefined, message }
}
