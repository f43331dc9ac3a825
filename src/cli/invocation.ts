import type { Options } from './options.ts'
import type { Output } from './output.ts'

/** A command as it was typed. */
export interface Invocation {
  readonly command: string
  readonly arguments: readonly string[]
  readonly options: Options
  readonly output: Output
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Loads a module by its address. */
  readonly importModule: (url: string) => Promise<unknown>
}

/** The body of a command. @returns the exit code */
export type CommandBody = (invocation: Invocation) => Promise<number>

export const exitCode = { done: 0, problems: 1, usage: 2 } as const
