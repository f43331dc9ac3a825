import type { SnowflakeTarget } from '../config/config.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { addressOf } from './snowflake-settings.ts'
import { WarehouseError } from './warehouse-error.ts'

const engine = 'Snowflake'

interface Answer {
  /** Six digits: those from 400000 on are the driver's own, the others the server's. */
  readonly code: string
  readonly message: string
}

/** What stood in the way of a session. */
export function connectionError(cause: unknown, settings: SnowflakeTarget['settings']): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const { code, message } = answerOf(cause)
  const origin = { cause, serverCode: code }
  const address = addressOf(settings)
  if (isNetwork(code)) {
    const reason = reasonOf(cause) ?? message
    return new WarehouseError(problem('PSN4053', { address, reason }), { ...origin, retryable: true })
  }
  if (
    /^4040(2[678]|07|08|45)$/.test(code) ||
    code.startsWith('ERR_OSSL') ||
    /private key|passphrase|decrypt/i.test(message)
  ) {
    return new WarehouseError(problem('PSN4054', { reason: message }), origin)
  }
  if (/^3901(86|89)$/.test(code)) {
    return new WarehouseError(problem('PSN4052', { kind: 'role', name: settings.role ?? '' }), origin)
  }
  if (/^39\d{4}$/.test(code)) {
    return new WarehouseError(
      problem('PSN4051', { address, user: settings.username, reason: message }),
      origin,
    )
  }
  return new WarehouseError(problem('PSN4053', { address, reason: message }), origin)
}

/** @param fateUnknown the connection broke where the statement may have been done already */
export function statementError(cause: unknown, fateUnknown = false): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const { code, message } = answerOf(cause)
  if (isNetwork(code) || isSessionGone(cause)) {
    const said = fateUnknown ? `${message}; whether the last statement was done is not known` : message
    return new WarehouseError(problem('PSN4009', { message: said }), {
      cause,
      serverCode: code,
      retryable: !fateUnknown,
    })
  }
  return new WarehouseError(refusal(code, message), { cause, serverCode: code, retryable: passing.has(code) })
}

/** A lock that was not given in time, a transaction that another one aborted, a server that is busy. */
const passing: ReadonlySet<string> = new Set(['000625', '000626', '000629', '300005'])

function refusal(code: string, message: string): Problem {
  switch (code) {
    case '003001':
    case '003041':
      return problem('PSN4004', { message })
    case '000604':
      return problem('PSN4010', { engine })
    case '000630':
      return problem('PSN4055', { message })
    case '000606':
      return problem('PSN4052', { kind: 'warehouse', name: '' })
    case '090105':
    case '090106':
      return problem('PSN4052', { kind: 'database', name: '' })
    case '000607':
    case '000608':
    case '090073':
      return problem('PSN4056', { message })
    default:
      return problem('PSN4000', { engine, message })
  }
}

/** No answer, or one that is none: what was asked may have been done. */
export function isLost(cause: unknown): boolean {
  return isNetwork(answerOf(cause).code)
}

/** The server no longer knows the session, so the statement was not begun. */
export function isSessionGone(cause: unknown): boolean {
  return ['390111', '390112', '390114', '405503', '407001', '407002'].includes(answerOf(cause).code)
}

function isNetwork(code: string): boolean {
  return /^40[12]00[1-3]$/.test(code)
}

function reasonOf(cause: unknown): string | undefined {
  const inner = cause instanceof Error ? cause.cause : undefined
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined
}

/** In one line; the server's own has the place and the finding in lines of their own. */
function answerOf(cause: unknown): Answer {
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return {
    code,
    message: message
      .replace(/^SQL (compilation|execution|access control) error:\s*/i, '')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim(),
  }
}
