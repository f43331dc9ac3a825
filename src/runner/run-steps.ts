import type { Adapter, Row } from '../adapters/adapter.ts'
import type { Problem } from '../diagnostics/problem.ts'
import type { Repeat, Step } from '../ir/step.ts'
import { rowWarning } from './row-warning.ts'
import { StepError } from './step-error.ts'

/** What steps need of an adapter. */
export type StepTarget = Pick<Adapter, 'execute' | 'query' | 'transaction'>

/** Told while steps run, for progress and tests. */
export type StepEvent =
  | { readonly kind: 'step'; readonly step: string; readonly rows: number; readonly seconds: number }
  | {
      readonly kind: 'round'
      readonly step: string
      /** From 1. */
      readonly round: number
      readonly remaining: bigint
    }
  | { readonly kind: 'warning'; readonly step: string; readonly problem: Problem }

const evidenceRows = 5

/**
 * Runs steps in order, each when the one before has ended.
 *
 * @param signal once aborted, no further step starts and the reason is thrown
 * @returns rows affected by the last statement or transaction
 * @throws {StepError} a check answered rows, or a loop passed its bound
 * @throws {WarehouseError} the warehouse refused a statement
 */
export async function runSteps(
  target: StepTarget,
  steps: readonly Step[],
  report: (event: StepEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<number> {
  let rows = 0
  for (const step of steps) {
    signal?.throwIfAborted()
    const started = performance.now()
    switch (step.kind) {
      case 'statement':
        rows = await target.execute(step.sql)
        break
      case 'transaction':
        rows = await target.transaction(step.body.map((statement) => statement.sql))
        break
      case 'repeat':
        rows = await runRepeat(target, step, report, signal)
        break
      case 'branch':
        if (remainingOf(await target.query(step.condition), step.name) !== 0n)
          rows = await runSteps(target, step.body, report, signal)
        break
      case 'check':
        await runCheck(target, step)
        break
      case 'warning':
        for (const row of await target.query(step.sql)) {
          report({ kind: 'warning', step: step.name, problem: rowWarning(step.code, row) })
        }
        break
    }
    report({ kind: 'step', step: step.name, rows, seconds: (performance.now() - started) / 1000 })
  }
  return rows
}

async function runRepeat(
  target: StepTarget,
  step: Repeat,
  report: (event: StepEvent) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  let rows = 0
  let limit: number | undefined
  for (let round = 1; ; round += 1) {
    const remaining = remainingOf(await target.query(step.until), step.name)
    if (remaining === 0n) return rows
    limit ??= roundsAllowed(step.bound, remaining)
    if (round > limit) {
      throw new StepError(
        'bound',
        step.name,
        `\`${step.name}\` is not done after ${limit} rounds, ${remaining} remaining`,
        'this is a bug of personas: please report it with the compiled file of this node',
      )
    }
    report({ kind: 'round', step: step.name, round, remaining })
    rows = await runSteps(target, step.body, report, signal)
  }
}

/** Rounds a loop may take whose first answer is `first`. */
export function roundsAllowed(bound: Repeat['bound'], first: bigint): number {
  return bound === 'linear' ? Number(first) : Math.ceil(2 * Math.log2(Number(first))) + 4
}

function remainingOf(rows: readonly Row[], step: string): bigint {
  const value = rows[0]?.remaining
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  throw new Error(`the query of \`${step}\` answered ${String(value)} instead of one integer, \`remaining\``)
}

async function runCheck(target: StepTarget, step: Extract<Step, { kind: 'check' }>): Promise<void> {
  const rows = await target.query(step.sql)
  if (rows.length === 0) return
  throw new StepError('check', step.name, step.message, step.hint, rows.slice(0, evidenceRows))
}
