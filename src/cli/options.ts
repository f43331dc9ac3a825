import { UsageError } from './usage-error.ts'

/** What the flags say, of all commands together; each reads those it has. */
export interface Options {
  readonly projectDir?: string
  readonly target?: string
  /** YAML or JSON text. */
  readonly vars?: string
  readonly select: readonly string[]
  readonly exclude: readonly string[]
  /** ISO instant with `Z`. */
  readonly asOf?: string
  readonly threads?: number
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
  readonly lockTimeoutSeconds: number
  readonly fullRefresh: boolean
  readonly dryRun: boolean
  readonly fullResync: boolean
  readonly retryRejected: boolean
  readonly allowDeletes: boolean
  readonly limit: number
  readonly output?: string
  readonly inline?: string
  /** The form a definition is shown in. */
  readonly as?: string
  readonly host?: string
  readonly port?: number
  readonly sample: boolean
  /** Also publish for the Profile API. */
  readonly publish: boolean
  /** Whatever is remembered of what was published. */
  readonly full: boolean
  readonly all: boolean
}

/** @throws {UsageError} a value that the flag does not take */
export function readOptions(raw: Readonly<Record<string, unknown>>): Options {
  const asOf = text(raw.asOf)
  const threads = text(raw.threads)
  const projectDir = text(raw.projectDir)
  const target = text(raw.target)
  const vars = text(raw.vars)
  const output = text(raw.output)
  const inline = text(raw.inline)
  const as = text(raw.as)
  const host = text(raw.host)
  const port = text(raw.port)
  return {
    ...(projectDir === undefined ? {} : { projectDir }),
    ...(target === undefined ? {} : { target }),
    ...(vars === undefined ? {} : { vars }),
    ...(output === undefined ? {} : { output }),
    ...(inline === undefined ? {} : { inline }),
    ...(as === undefined ? {} : { as }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: parsePort(port) }),
    ...(asOf === undefined ? {} : { asOf: parseInstant(asOf) }),
    ...(threads === undefined ? {} : { threads: parseWhole('--threads', threads, 1) }),
    select: selectors(raw.select),
    exclude: texts(raw.exclude),
    json: raw.logFormat === 'json',
    quiet: raw.quiet === true,
    color: raw.color !== false,
    lockTimeoutSeconds: parseWhole('--lock-timeout', text(raw.lockTimeout) ?? '0', 0),
    fullRefresh: raw.fullRefresh === true,
    dryRun: raw.dryRun === true,
    fullResync: raw.fullResync === true,
    retryRejected: raw.retryRejected === true,
    allowDeletes: raw.allowDeletes === true,
    limit: parseWhole('--limit', text(raw.limit) ?? '20', 0),
    sample: raw.sample === true,
    publish: raw.publish === true,
    full: raw.full === true,
    all: raw.all === true,
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A repeated or variadic flag; from the environment it is one text. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(String) : []
}

/** Nothing at all would choose nothing, which nobody asks for. */
function selectors(value: unknown): readonly string[] {
  const given = texts(value)
  if (given.length === 0 || given.some((each) => each.trim() !== '')) return given
  throw new UsageError('--select takes a selector, not nothing', 'for example --select +orders_90d')
}

function parseWhole(flag: string, written: string, least: number): number {
  const value = Number(written)
  if (/^\d+$/.test(written) && Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError(
    `${flag} takes a whole number from ${least}, not \`${written}\``,
    `for example ${flag} 4`,
  )
}

function parsePort(written: string): number {
  const port = parseWhole('--port', written, 0)
  if (port <= 65_535) return port
  throw new UsageError(`--port takes a number up to 65535, not \`${written}\``, 'for example --port 8780')
}

const isoInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** An ISO date (its first instant, UTC) or an ISO instant with a zone. @returns the same with `Z` */
export function parseInstant(written: string): string {
  const time = isoInstant.test(written) ? Date.parse(written) : Number.NaN
  const sameDay = !Number.isNaN(time) && isRealDay(written.slice(0, 10))
  if (sameDay) return new Date(time).toISOString()
  throw new UsageError(
    `--as-of takes a date or an instant with its zone, not \`${written}\``,
    'for example --as-of 2026-06-01 or --as-of 2026-06-01T12:00:00Z',
  )
}

/** `Date` reads 30 February as 2 March. */
function isRealDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}
