import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Change, DeliveryError, type FieldValue, type RowResult } from '../../destination.ts'
import { type HttpAnswer, type HttpRequest, request } from '../../http.ts'

/** What is true of every vendor here. */
export const untested = 'payload-tested only: never run against the real service'

export const everyMode = ['add', 'update', 'upsert', 'delete', 'mirror'] as const

/** An address of a vendor, for proxies and tests; requests append their path. */
export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''))

export interface JsonRequest extends Omit<HttpRequest, 'body'> {
  readonly json?: unknown
}

/** A request with a JSON body, if any. */
export function sendJson(url: string, { json, headers, ...options }: JsonRequest): Promise<HttpAnswer> {
  return request(url, {
    ...options,
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
}

/**
 * The answer to a request, read.
 *
 * @throws {DeliveryError} as `request`, and retryable for an answer that is not what the vendor's documentation says
 */
export async function askJson<T>(url: string, schema: z.ZodType<T>, options: JsonRequest): Promise<T> {
  return readJson(await sendJson(url, options), schema)
}

export function readJson<T>({ status, text }: HttpAnswer, schema: z.ZodType<T>): T {
  const read = schema.safeParse(jsonOf(text))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new DeliveryError(
    'retryable',
    'unexpected answer',
    `HTTP ${status}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not readable'}`,
  )
}

/** JSON as it is, an empty text as an empty object, anything else as undefined. */
export function jsonOf(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A change that says who it is about. */
export interface Row {
  readonly index: number
  readonly id: string
  readonly change: Change
}

export interface Rows {
  readonly rows: readonly Row[]
  /** One for each change: refused where it has no id, taken until something else is said. */
  readonly results: RowResult[]
}

/** Finds out which changes have an id, in the field that a vendor knows its records by. */
export function identified(changes: readonly Change[], field: string): Rows {
  const rows: Row[] = []
  const results = changes.map((change, index): RowResult => {
    const id = textOf(change.fields[field] ?? null)
    if (id === '') return refused(`no ${field}`, `the mapping gives no \`${field}\``)
    rows.push({ index, id, change })
    return { ok: true }
  })
  return { rows, results }
}

export function refused(reason: string, message: string, retryable = false): RowResult {
  return { ok: false, reason, message, retryable }
}

/**
 * When a vendor says that rows were refused, but not which ones: the only row is; otherwise the batch is halved.
 *
 * @throws {DeliveryError} there is more than one row
 */
export function refusedSomewhere({ rows, results }: Rows, reason: string, message: string): void {
  const [only, second] = rows
  if (second !== undefined) throw new DeliveryError('rejected', reason, message)
  if (only !== undefined) results[only.index] = refused(reason, message)
}

/** Removals and the others; a batch holds only one of the two. */
export function isRemoval(changes: readonly Change[]): boolean {
  return changes[0]?.operation === 'remove'
}

/** One text for a value, as forms and CSV have it; nothing for null. */
export function textOf(value: FieldValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Fields without those that say who a record is about. */
export function without(fields: Change['fields'], names: readonly string[]): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const found: T[][] = []
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size))
  return found
}

export interface Patience {
  readonly firstMs: number
  readonly withinMs: number
  readonly signal: AbortSignal
}

/**
 * Asks until there is an answer, waiting twice as long each time, at most half a minute.
 *
 * @throws {DeliveryError} retryable, when it takes too long or the sync is stopped; the work may still be done by the vendor
 */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  { firstMs, withinMs, signal }: Patience,
): Promise<T> {
  const until = performance.now() + withinMs
  for (let waitMs = firstMs; ; waitMs = Math.min(waitMs * 2, 30_000)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() + waitMs > until)
      throw new DeliveryError('retryable', 'time-out', `no result within ${withinMs / 1000} s`)
    try {
      await sleep(waitMs, undefined, { signal })
    } catch (error) {
      throw new DeliveryError('retryable', 'stopped', 'stopped while waiting for the result', {
        cause: error,
      })
    }
  }
}

export const waiting = {
  poll_seconds: z.number().min(0.01).max(60).default(2).describe('first wait between looks at a job'),
  wait_minutes: z.number().min(0.01).max(720).default(30).describe('how long a job may take'),
}
