import type { Output } from './output.ts'

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

export function reportUsage({ message, hint }: { message: string; hint: string }, output: Output): void {
  output.alarm('error', `error: ${message}\n  ${hint}`, { message, hint })
}
