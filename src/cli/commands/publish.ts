import type { Adapter } from '../../adapters/adapter.ts'
import type { Config } from '../../config/config.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import { compileFor } from '../../runner/compile-for.ts'
import { takeLock } from '../../runner/run-lock.ts'
import { publishProfiles, usualProfilesAtOnce } from '../../serve/publish/publish.ts'
import { openStore } from '../../serve/store/open-store.ts'
import { writeServing } from '../artifacts.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withFreeAdapter } from '../project.ts'
import { placeOfStore } from '../store-place.ts'

/** How often it says how far it is. */
const everyMs = 2_000

export const publish: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  const { output } = invocation
  return withFreeAdapter(invocation, config, async (warehouse) => {
    const { serving, problems } = await compileFor(project, warehouse, { cached: true })
    reportProblems(problems, output, config.projectDir)
    const plan = serving()
    const store = await openStore(config.serving.store)
    // Where the warehouse is only read, nothing is remembered in it.
    const remembers = config.target.syncState === undefined
    let saidAt = performance.now()
    try {
      const published = await locked(invocation, config, warehouse, remembers, (signal) =>
        publishProfiles({
          plan,
          warehouse,
          target: config.target.name,
          store,
          remembers,
          full: invocation.options.full,
          profilesAtOnce: usualProfilesAtOnce,
          signal,
          compiled: (files) => writeServing(config, files),
          report: (profiles) => {
            if (performance.now() - saidAt < everyMs) return
            saidAt = performance.now()
            output.log('publishing', `${count(profiles)} profiles`, { profiles })
          },
        }),
      )
      const { release, written, removed, compared } = published
      output.result(
        [
          `version ${count(release.version)} of ${placeOfStore(config)}: run ${release.runId}, as of ${release.asOf}`,
          `${count(compared)} profiles ${published.full ? 'in all' : 'looked at'}, ${count(written)} written, ${count(removed)} removed; ${count(release.users)} users and ${count(release.accounts)} accounts are served`,
        ].join('\n'),
      )
      return exitCode.done
    } finally {
      await store.close()
    }
  })
}

/** While it is read, no run may change the warehouse's tables. */
async function locked<T>(
  { options, output, signal }: Invocation,
  { target: { schema } }: Config,
  warehouse: Adapter,
  mayWrite: boolean,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!mayWrite) return use(signal)
  const lock = await takeLock(warehouse, schema, options.lockTimeoutSeconds, signal, () =>
    output.log('waiting', `waiting for another run on schema ${schema} to end`, { schema }),
  )
  if (lock === undefined) {
    throw new ProblemError([problem('PSN5004', { schema, waitedSeconds: options.lockTimeoutSeconds })])
  }
  try {
    return await use(AbortSignal.any([signal, lock.lost]))
  } finally {
    await lock.release()
  }
}

function count(number: number): string {
  return number.toLocaleString('en')
}
