import type { TestProject } from 'vitest/node'
import { type SnowflakeSettings, startSnowflakeEmulator } from '../emulators/snowflake/start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The simulated Snowflake of this test run. */
    snowflake: SnowflakeSettings
  }
}

/** Starts one simulated Snowflake for the whole test run, and says at the end what went through it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Else the driver asks cloud metadata addresses where it runs.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true'
  const emulator = await startSnowflakeEmulator()
  const { host, port, protocol, account, username, password, privateKey, oauthToken, programmaticToken } =
    emulator
  const { database, warehouse, role, readerRole } = emulator
  project.provide('snowflake', {
    ...{ host, port, protocol, account, username, password, privateKey, oauthToken, programmaticToken },
    ...{ database, warehouse, role, readerRole },
  })
  return async () => {
    const { gated, executed, refused } = emulator.counts()
    if (gated > 0) {
      console.error(
        `Snowflake (simulated, no account involved): ${gated} distinct statements, ${executed} executed, ${refused} refused`,
      )
    }
    await emulator.stop()
  }
}
