import type { TestProject } from 'vitest/node'
import { type Server, serverFromBinaries } from './postgres-binaries.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL server of this test run, with the right to create roles and databases. */
    postgresUrl: string
  }
}

const ways: Readonly<Record<string, () => Promise<Server>>> = {
  url: fromEnvironment,
  container: fromContainer,
  local: () => serverFromBinaries('local'),
  embedded: () => serverFromBinaries('embedded'),
}

/**
 * Starts one real PostgreSQL server for the whole test run and stops it afterwards, whatever the tests did. TEST_PG names
 * the only ways to try (`url`, `container`, `local`, `embedded`, comma between them).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = process.env.TEST_PG ? process.env.TEST_PG.split(',') : Object.keys(ways)
  const reasons: string[] = []
  for (const way of wanted) {
    try {
      const start = ways[way]
      if (start === undefined) throw new Error(`TEST_PG knows ${Object.keys(ways).join(', ')}`)
      const server = await start()
      console.error(`PostgreSQL for the tests: ${way}`)
      project.provide('postgresUrl', server.url)
      return () => server.stop()
    } catch (error) {
      reasons.push(`  ${way}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(
    `no PostgreSQL server for the tests:\n${reasons.join('\n')}\n` +
      'Any of these helps: `npm install` (brings one along), `apt-get install postgresql`, a running Docker, ' +
      'or TEST_POSTGRES_URL=postgres://user:password@host:5432/database',
  )
}

async function fromEnvironment(): Promise<Server> {
  const url = process.env.TEST_POSTGRES_URL
  if (url === undefined || url === '') throw new Error('TEST_POSTGRES_URL is not set')
  return { url, stop: async () => {} }
}

/** @throws Error at once where no container engine answers */
async function fromContainer(): Promise<Server> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  await getContainerRuntimeClient()
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
  const container = await new PostgreSqlContainer('postgres:16-alpine').start()
  return {
    url: container.getConnectionUri(),
    stop: async () => {
      await container.stop()
    },
  }
}
