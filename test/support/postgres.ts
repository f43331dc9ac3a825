import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL server of this test run, with the right to create roles and databases. */
    postgresUrl: string
  }
}

interface Server {
  readonly url: string
  stop(): Promise<void>
}

const ways: Readonly<Record<string, () => Promise<Server>>> = {
  url: fromEnvironment,
  container: fromContainer,
  local: () => fromBinaries('local'),
  embedded: () => fromBinaries('embedded'),
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

/** The server hangs on a pipe to this process: it ends with it even if this process is killed. */
async function fromBinaries(kind: 'local' | 'embedded'): Promise<Server> {
  const script = new URL('./postgres-server.mjs', import.meta.url)
  const child = spawn(process.execPath, [script.pathname, kind], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await firstLine(child)
  if (line.startsWith('postgres://')) return { url: line, stop: () => ended(child) }
  await ended(child)
  throw new Error(line.replace(/^none /, '') || 'it ended without a word')
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) return ''
  for await (const line of createInterface({ input: child.stdout })) return line
  return ''
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await exit
}
