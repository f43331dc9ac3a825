/** The prose of a problem: the message states the fact, the hint the next action. */
export interface ProblemParts {
  readonly message: string
  readonly hint: string
  /** `error` unless set. */
  readonly severity?: 'error' | 'warning'
}

/** `did you mean …?` where a near name exists, else the other advice. */
export function didYouMean(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `did you mean \`${near}\`?`
}
