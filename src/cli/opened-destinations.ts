import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledSync } from '../compiler/syncs/compile-sync.ts'
import type { Project } from '../definitions/load-project.ts'
import { type Problem, ProblemError, problem } from '../diagnostics/problem.ts'
import type { Clock } from '../sync/deliver/pace.ts'
import { openDestination } from '../sync/open-destination.ts'
import type { OpenedDestination } from '../sync/sync-run.ts'
import type { Invocation } from './invocation.ts'

export const clock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: () => Math.random(),
}

/** @throws {ProblemError} everything wrong with the settings of destinations that are used */
export async function openedDestinations(
  { output, importModule }: Invocation,
  { config, definitions }: Project,
  syncs: readonly CompiledSync[],
): Promise<ReadonlyMap<string, OpenedDestination>> {
  const opened = new Map<string, OpenedDestination>()
  const problems: Problem[] = []
  const secrets: string[] = [...config.secrets]
  for (const definition of definitions.destinations) {
    const own = syncs.filter((each) => each.definition.destination === definition.name)
    if (own.length === 0) continue
    try {
      const destination = await openDestination(definition, config.projectDir, clock, importModule)
      opened.set(definition.name, destination)
      secrets.push(...destination.type.secrets.flatMap((name) => textsOf(definition.settings[name])))
      const { modes } = destination.capabilities
      for (const { definition: each } of own) {
        if (modes.includes(each.mode)) continue
        const parameters = { sync: each.name, mode: each.mode, destination: definition.name, modes }
        problems.push(problem('PSN6005', parameters, each.modeSpan))
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      problems.push(...error.problems)
    }
  }
  output.hide(secrets)
  if (problems.length > 0) throw new ProblemError(problems)
  return opened
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
