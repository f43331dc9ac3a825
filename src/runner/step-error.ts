import type { Row } from '../adapters/adapter.ts'

/** A step ran but its answer is not acceptable. What the warehouse itself refuses is a `WarehouseError` instead. */
export class StepError extends Error {
  override readonly name = 'StepError'
  /** `check`: the data breaks a rule, the author's to mend. `bound`: a loop did not end in time, ours to mend. */
  readonly kind: 'check' | 'bound'
  readonly step: string
  readonly hint: string
  /** Up to five rows a check answered, as evidence. */
  readonly evidence: readonly Row[]

  constructor(
    kind: 'check' | 'bound',
    step: string,
    message: string,
    hint: string,
    evidence: readonly Row[] = [],
  ) {
    super(message)
    this.kind = kind
    this.step = step
    this.hint = hint
    this.evidence = evidence
  }
}
