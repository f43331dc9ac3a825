import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import { checkParameter } from '../engine/parameters.ts'
import type { Session } from '../engine/session.ts'
import { SnowflakeError } from '../errors.ts'
import { type Account, checkLogin } from './accounts.ts'
import { type Answer, answer, refusal, success } from './answers.ts'
import { record } from './json.ts'
import { parametersOf } from './session-parameters.ts'

interface Login {
  readonly session: Session
  readonly masterToken: string
  token: string
  expired: boolean
  masterExpired: boolean
}

/** Sessions by their tokens, which run out, and are renewed with master tokens. */
export class Logins {
  readonly #engine: Engine
  readonly #account: Account
  readonly #byToken = new Map<string, Login>()

  constructor(engine: Engine, account: Account) {
    this.#engine = engine
    this.#account = account
  }

  get(token: string): Login | undefined {
    return this.#byToken.get(token)
  }

  async login(url: URL, data: unknown): Promise<Answer> {
    const refused = checkLogin(this.#account, data)
    if (refused !== undefined)
      return answer({
        data: { nextAction: 'RETRY_LOGIN', errorCode: refused.code },
        code: refused.code,
        message: refused.message,
        success: false,
      })
    const token = randomUUID()
    const session = await this.#engine.openSession(token, this.#account.user)
    const role = folded(url.searchParams.get('roleName'))
    if (role !== undefined && !this.#engine.roles.has(role)) {
      return refusal(
        '390189',
        `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
      )
    }
    session.role = role ?? 'PUBLIC'
    // What is not there is left out without a word; the first statement that needs it fails.
    const warehouse = folded(url.searchParams.get('warehouse'))
    if (warehouse !== undefined && this.#engine.warehouses.has(warehouse)) session.warehouse = warehouse
    const database = folded(url.searchParams.get('databaseName'))
    const schemas = database === undefined ? undefined : this.#engine.catalog.databases.get(database)
    if (database !== undefined && schemas !== undefined) {
      session.database = database
      const schema = folded(url.searchParams.get('schemaName')) ?? 'PUBLIC'
      if (schemas.has(schema)) session.schema = schema
    }
    for (const [name, value] of Object.entries(record(record(data).SESSION_PARAMETERS))) {
      try {
        checkParameter(name, String(value))
        session.parameters.set(name, String(value))
      } catch (error) {
        // Drivers set parameters of their own that mean nothing here; what the twins depend on has to be as they have it.
        if (error instanceof SnowflakeError && error.code === '000002')
          return refusal(error.code, error.message)
      }
    }
    const login: Login = { session, masterToken: randomUUID(), token, expired: false, masterExpired: false }
    this.#byToken.set(token, login)
    return success({
      token,
      masterToken: login.masterToken,
      validityInSeconds: 3600,
      masterValidityInSeconds: 14_400,
      displayUserName: session.user,
      serverVersion: 'simulated',
      firstLogin: false,
      healthCheckInterval: 45,
      sessionId: session.id,
      parameters: parametersOf(session),
      sessionInfo: {
        databaseName: session.database ?? null,
        schemaName: session.schema ?? null,
        warehouseName: session.warehouse ?? null,
        roleName: session.role,
      },
    })
  }

  renew(masterToken: string): Answer {
    const login = [...this.#byToken.values()].find((candidate) => candidate.masterToken === masterToken)
    if (login === undefined || login.masterExpired)
      return refusal('390114', 'Authentication token has expired. The user must authenticate again.')
    this.#byToken.delete(login.token)
    login.token = randomUUID()
    login.expired = false
    this.#byToken.set(login.token, login)
    return success({
      sessionToken: login.token,
      validityInSecondsST: 3600,
      masterToken,
      validityInSecondsMT: 14_400,
      sessionId: login.session.id,
    })
  }

  expire(what: 'session' | 'master'): void {
    for (const login of this.#byToken.values()) {
      login.expired = true
      login.masterExpired ||= what === 'master'
    }
  }

  async end({ token, session }: Login): Promise<void> {
    this.#byToken.delete(token)
    await this.#engine.closeSession(session)
  }

  async endAll(): Promise<void> {
    for (const { session } of this.#byToken.values()) await this.#engine.closeSession(session)
    this.#byToken.clear()
  }
}

/** Unquoted names of a connection string fold as they do in SQL. */
function folded(name: string | null): string | undefined {
  if (name === null || name === '') return undefined
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase()
}
