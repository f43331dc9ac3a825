/** Time, so that tests can go through hours at once. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 to 1. */
  random(): number
}

/** Lets so many calls through per time, shared by all that deliver to one destination. */
export interface Pace {
  /** Resolves when the next call may be made. */
  take(signal: AbortSignal): Promise<void>
  /** Nothing is let through before so many milliseconds have passed. */
  pause(ms: number): void
}

/** Lets through what both let through; of a pause only the shared one knows. */
export function narrowed(shared: Pace, own: Pace): Pace {
  return {
    async take(signal) {
      await own.take(signal)
      await shared.take(signal)
    },
    pause: (ms) => shared.pause(ms),
  }
}

/** A bucket that holds the calls of one interval and fills evenly. */
export function openPace(
  rate: { readonly requests: number; readonly perMs: number } | undefined,
  clock: Clock,
): Pace {
  let filledAt = clock.now()
  let left = rate?.requests ?? 0
  let pausedUntil = 0
  const waitMs = (): number => {
    const now = clock.now()
    if (now < pausedUntil) return pausedUntil - now
    if (rate === undefined) return 0
    const each = rate.perMs / rate.requests
    left = Math.min(rate.requests, left + (now - filledAt) / each)
    filledAt = now
    if (left >= 1) {
      left -= 1
      return 0
    }
    return (1 - left) * each
  }
  return {
    async take(signal) {
      for (;;) {
        signal.throwIfAborted()
        const ms = waitMs()
        if (ms <= 0) return
        await clock.sleep(Math.ceil(ms), signal)
      }
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.now() + ms)
    },
  }
}
