import { DeliveryError, type DestinationType, type Session } from './destination.ts'

const kinds = ['retryable', 'rejected', 'fatal'] as const

/**
 * A destination of a project, whose errors are told by their shape: its `DeliveryError` may be of another installation, or an
 * `Error` with a `kind`. Anything else it throws is fatal but a `fetch` that failed.
 */
export function guarded(own: DestinationType): DestinationType {
  return {
    ...own,
    check: (settings, signal) => told(() => own.check(settings, signal)),
    async open(settings, context): Promise<Session> {
      const session = await told(() => own.open(settings, context))
      return {
        prepare: (signal) => told(async () => session.prepare?.(signal)),
        write: (changes, signal) => told(() => session.write(changes, signal)),
        finish: (signal) => told(async () => session.finish?.(signal)),
        close: async () => session.close(),
      }
    },
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DeliveryError) throw error
    throw deliveryError(error)
  }
}

function deliveryError(error: unknown): DeliveryError {
  if (!(error instanceof Error)) return new DeliveryError('fatal', 'module', String(error), { cause: error })
  const given = 'kind' in error ? kinds.find((kind) => kind === error.kind) : undefined
  const retryAfterMs =
    'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined
  if (given !== undefined) {
    const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : given
    return new DeliveryError(given, reason, error.message, { retryAfterMs, cause: error })
  }
  const connection =
    error.message === 'fetch failed' || error.name === 'TimeoutError' || error.name === 'AbortError'
  return connection
    ? new DeliveryError('retryable', 'no connection', error.message, { cause: error })
    : new DeliveryError('fatal', 'module', `${error.name}: ${error.message}`, { cause: error })
}
