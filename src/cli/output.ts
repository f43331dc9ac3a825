export interface OutputStyle {
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
}

/** Where text goes: results to stdout, everything said on the way to stderr. */
export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Whether stdout, and stderr, are shown with colours. */
  readonly color: { readonly out: boolean; readonly err: boolean }
  /** A person watches stderr. */
  readonly live: boolean
  /** Characters in a line of stdout; undefined where it is not a terminal. */
  readonly width?: number
  /** A result, whole lines. */
  result(text: string): void
  /** Something worth knowing: one line, or with --log-format json an object. Silent with --quiet. */
  log(event: string, message: string, data?: Readonly<Record<string, unknown>>): void
  /** An error or a warning, never silent. */
  alarm(level: 'error' | 'warning', text: string, data: Readonly<Record<string, unknown>>): void
  /** From now on these texts are masked in all that goes to stderr. */
  hide(secrets: readonly string[]): void
}

export function openOutput(options: OutputStyle): Output {
  const { stdout, stderr, env } = process
  const mayColor = options.color && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  let hidden: readonly string[] = []
  const say = (text: string): void => {
    stderr.write(hidden.reduce((masked, secret) => masked.replaceAll(secret, '***'), text))
  }
  const line = (level: string, event: string, data: Readonly<Record<string, unknown>>): void => {
    say(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...data }, jsonValue)}\n`)
  }
  return {
    json: options.json,
    quiet: options.quiet,
    color: {
      out: mayColor && (stdout.isTTY || isForced(env.FORCE_COLOR)),
      err: mayColor && (stderr.isTTY || isForced(env.FORCE_COLOR)),
    },
    live: stderr.isTTY && !options.json && !options.quiet && env.CI === undefined && env.TERM !== 'dumb',
    ...(stdout.isTTY ? { width: stdout.columns } : {}),
    result(text) {
      stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
    },
    log(event, message, data = {}) {
      if (options.quiet) return
      if (options.json) line('info', event, { message, ...data })
      else say(`${message}\n`)
    },
    alarm(level, text, data) {
      if (options.json) line(level, 'problem', data)
      else say(text.endsWith('\n') ? text : `${text}\n`)
    },
    hide(secrets) {
      hidden = secrets
    },
  }
}

function isForced(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0'
}

/** 64-bit integers have no JSON number; as text they stay exact. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
