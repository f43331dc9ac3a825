import { request as send } from 'undici'
import { DeliveryError } from './destination.ts'

/** Answers that may be another one later. */
export const retryableStatus: ReadonlySet<number> = new Set([408, 423, 425, 429, 500, 502, 503, 504])

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** 30 s unless given. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Statuses the caller wants to read himself instead of having them thrown. */
  readonly accept?: (status: number) => boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Of an answer, in a message. */
const shownLength = 500

/**
 * One request, its answer read whole. Redirects are not followed: they could lead what is sent, and its credentials, elsewhere.
 *
 * @throws {DeliveryError} no connection, a time-out, or a status that is no success: 401 and 403 are fatal, 408, 423, 425, 429 and most of
 * 5xx retryable with what `Retry-After` says, everything else rejected
 */
export async function request(url: string, options: HttpRequest = {}): Promise<HttpAnswer> {
  const { method = 'POST', headers = {}, body, timeoutMs = 30_000, accept } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    // Its own limits of 300 s would be reached first.
    const limits = { headersTimeout: 0, bodyTimeout: 0, signal: timeout }
    const response = await send(url, {
      method,
      headers: sentHeaders(headers),
      ...(body !== undefined && { body }),
      ...limits,
    })
    const text = await response.body.text()
    const answer: HttpAnswer = {
      status: response.statusCode,
      headers: receivedHeaders(response.headers),
      text,
    }
    const taken = answer.status >= 200 && answer.status < 300
    if (taken || accept?.(answer.status) === true) return answer
    throw refusal(answer)
  } catch (error) {
    if (error instanceof DeliveryError) throw error
    if (timeout.aborted)
      throw new DeliveryError('retryable', 'time-out', `no answer within ${timeoutMs / 1000} s`, {
        cause: error,
      })
    throw new DeliveryError('retryable', 'no connection', connectionMessage(error), { cause: error })
  }
}

/** The error of an answer that is no success. */
export function refusal({ status, headers, text }: HttpAnswer): DeliveryError {
  const message = `HTTP ${status}${text === '' ? '' : `: ${text.slice(0, shownLength)}`}`
  if (status === 401 || status === 403) return new DeliveryError('fatal', 'not allowed', message)
  if (retryableStatus.has(status))
    return new DeliveryError(
      'retryable',
      status === 429 ? 'too many requests' : 'destination failed',
      message,
      {
        retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()),
      },
    )
  return new DeliveryError('rejected', `HTTP ${status}`, message)
}

/** Seconds, or an instant; undefined for anything else. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Math.ceil(Number(value) * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** Answers come as they are: nothing here unpacks them. */
function sentHeaders(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(given)
  if (!headers.has('accept')) headers.set('accept', '*/*')
  if (!headers.has('user-agent')) headers.set('user-agent', 'personas')
  headers.set('accept-encoding', 'identity')
  return headers
}

function receivedHeaders(received: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(received))
    for (const value of [values].flat()) headers.append(name, value)
  return headers
}

function connectionMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}
