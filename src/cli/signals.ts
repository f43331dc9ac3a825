import { constants } from 'node:os'

/** How long a stopped command may take to tidy up, beyond which the process ends as it is. */
const graceMs = 15_000

export interface Signals {
  readonly signal: AbortSignal
  /** 130 or 143 once a signal came. */
  exitCode(): number | undefined
  stopListening(): void
}

/** Turns the first SIGINT or SIGTERM into an abort; the second ends the process at once. */
export function listenForSignals(): Signals {
  const controller = new AbortController()
  let code: number | undefined
  const names = ['SIGINT', 'SIGTERM'] as const
  const listener = (name: (typeof names)[number]): void => {
    const exit = 128 + constants.signals[name]
    if (code !== undefined) process.exit(exit)
    code = exit
    setTimeout(() => process.exit(exit), graceMs).unref()
    controller.abort(new Error(`stopped by ${name}`))
  }
  for (const name of names) process.on(name, listener)
  return {
    signal: controller.signal,
    exitCode: () => code,
    stopListening: () => {
      for (const name of names) process.off(name, listener)
    },
  }
}
