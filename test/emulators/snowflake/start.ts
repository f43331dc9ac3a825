import { generateKeyPairSync } from 'node:crypto'
import { Engine } from './engine/engine.ts'
import type { Ended } from './engine/statement-log.ts'
import { publicKeyOf } from './protocol/accounts.ts'
import type { Faults } from './protocol/faults.ts'
import { SnowflakeServer } from './protocol/server.ts'

/** What a client needs to log in; plain data, so that it can be handed to other processes. */
export interface SnowflakeSettings {
  readonly host: string
  readonly port: number
  readonly protocol: 'http'
  readonly account: string
  readonly username: string
  readonly password: string
  /** PKCS 8, PEM. */
  readonly privateKey: string
  readonly oauthToken: string
  readonly programmaticToken: string
  readonly database: string
  readonly warehouse: string
  /** May do everything. */
  readonly role: string
  /** May read, but change nothing. */
  readonly readerRole: string
}

export interface SnowflakeEmulator extends SnowflakeSettings {
  readonly faults: Faults
  expireSessions(what?: 'session' | 'master'): void
  /** Every statement in the order it ended, with the error it ended in. */
  queries(): readonly Ended[]
  /** Distinct statements. */
  counts(): { readonly gated: number; readonly executed: number; readonly refused: number }
  refusals(): ReadonlyMap<string, string>
  /** `POST /queries/v1/query-request`, … */
  requests(): readonly string[]
  stop(): Promise<void>
}

export interface EmulatorOptions {
  readonly chunkRows?: number
  readonly answerWithinMs?: number
}

/**
 * A **simulated** Snowflake on a loopback port: the v1 client protocol over statements that are bound by the rules of
 * Snowflake's documentation and run on DuckDB. It is our reading of that documentation, not Snowflake.
 */
export async function startSnowflakeEmulator({
  chunkRows = 1000,
  answerWithinMs = 5000,
}: EmulatorOptions = {}): Promise<SnowflakeEmulator> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const settings = {
    host: '127.0.0.1',
    protocol: 'http',
    account: 'simulated',
    username: 'PERSONAS',
    password: 'simulated-password',
    privateKey,
    oauthToken: 'simulated-oauth-token',
    programmaticToken: 'simulated-programmatic-token',
    database: 'PERSONAS',
    warehouse: 'PERSONAS_WH',
    role: 'PERSONAS_ROLE',
    readerRole: 'PERSONAS_READER',
  } as const
  const engine = await Engine.open()
  engine.catalog.addDatabase(settings.database)
  engine.warehouses.add(settings.warehouse)
  engine.roles.set(settings.role, 'all').set(settings.readerRole, 'read').set('PUBLIC', 'nothing')
  const account = {
    name: settings.account,
    user: settings.username,
    password: settings.password,
    publicKey: publicKeyOf(privateKey),
    oauthToken: settings.oauthToken,
    programmaticToken: settings.programmaticToken,
  }
  const server = await SnowflakeServer.listen(engine, account, { chunkRows, answerWithinMs })
  return {
    ...settings,
    port: server.port,
    faults: server.faults,
    expireSessions: (what) => server.expireSessions(what),
    queries: () => engine.log.all,
    counts: () => engine.log.counts,
    refusals: () => engine.log.refusals,
    requests: () => server.requests,
    async stop() {
      await server.close()
      engine.close()
    },
  }
}
