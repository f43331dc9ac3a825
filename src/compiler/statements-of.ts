import type { Step } from '../ir/step.ts'

/** All that a step may send, once each. */
export function statementsOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'statement':
    case 'check':
    case 'warning':
      return [step.sql]
    case 'transaction':
      return step.body.map(({ sql }) => sql)
    case 'repeat':
      return [step.until, ...step.body.flatMap(statementsOf)]
    case 'branch':
      return [step.condition, ...step.body.flatMap(statementsOf)]
  }
}
