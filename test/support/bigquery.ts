import type { TestProject } from 'vitest/node'
import { type BigqueryAddress, startBigqueryEmulator } from '../emulators/bigquery/emulator.ts'
import { findBinary } from '../emulators/bigquery/service/binary.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The BigQuery emulator of this test run; the reason where the platform can have none. */
    bigquery: BigqueryAddress | { readonly missing: string }
  }
}

/**
 * Starts one BigQuery emulator for the whole test run: Google's own analyzer and evaluator behind the API of BigQuery. Where
 * that has no binary, tests of it are skipped; where it is only not installed, the run fails and says how to install it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { BIGQUERY_PROJECT: account } = process.env
  if (account !== undefined) {
    console.error(
      `BigQuery for the tests: the project ${account}, for real; the emulator for tests of faults`,
    )
  }
  const binary = findBinary()
  if ('missing' in binary) {
    console.error(`BigQuery for the tests: none, skipped: ${binary.missing}`)
    project.provide('bigquery', binary)
    return async () => {}
  }
  const emulator = await startBigqueryEmulator()
  console.error('BigQuery for the tests: emulated on the GoogleSQL analyzer and evaluator')
  const { apiEndpoint, project: of, token } = emulator
  project.provide('bigquery', { apiEndpoint, project: of, token })
  return async () => {
    const { statements, analyzed, refused, notVerifiable, millis } = emulator.counts()
    if (statements > 0) {
      const unverified = Object.entries(notVerifiable).map(
        ([why, count]) => `\n  not verified, ${count}: ${why}`,
      )
      console.error(
        `BigQuery, emulated: ${statements} statements in ${(millis / statements).toFixed(1)} ms each; ` +
          `${analyzed} different ones passed Google's analyzer, ${refused} were refused${unverified.join('')}`,
      )
    }
    await emulator.stop()
  }
}
