import { Analyst, type Parameter } from './engine/analysis.ts'
import { Database, rowsOf } from './engine/database.ts'
import { Engine } from './engine/engine.ts'
import type { Result } from './engine/results.ts'
import { Session } from './engine/session.ts'
import { StatementLog } from './engine/statement-log.ts'
import { isList, type Json, member } from './json.ts'
import { bigqueryLanguage } from './service/language.ts'
import { type Service, startService } from './service/service.ts'
import { rowJson } from './values/decode.ts'

/** An engine without the API around it. */
export interface EngineUnderTest {
  readonly engine: Engine
  readonly log: StatementLog
  /** Rows of the last statement, each cell in the words of the API. */
  rows(sql: string, parameters?: readonly Parameter[]): Promise<readonly Json[]>
  /** Results of all statements; those of one session see its temporary tables and its transaction. */
  run(sql: string, session?: Session, parameters?: readonly Parameter[]): Promise<readonly Result[]>
  /** Why it is refused: `reason: message`. */
  refusal(sql: string, session?: Session): Promise<string>
  newSession(): Session
  /** A name of a new table. */
  newName(): string
  /** A new table with rows `a`, `b` and `c`, by its name. */
  filledTable(): Promise<string>
  /** Questions to the service so far. */
  asked(): number
  stop(): Promise<void>
}

export async function startEngine(): Promise<EngineUnderTest> {
  const service = await startService()
  const database = new Database('proj')
  database.createDataset('ds')
  const log = new StatementLog()
  let asked = 0
  const counting: Service = {
    ...service,
    call(method, message) {
      asked += 1
      return service.call(method, message)
    },
  }
  const engine = new Engine(database, new Analyst(counting, await bigqueryLanguage(service)), log)
  const run: EngineUnderTest['run'] = (sql, session = new Session(database), parameters = []) =>
    engine.run(sql, {
      session,
      parameters,
      defaultDataset: 'ds',
      signal: new AbortController().signal,
      place: { location: undefined },
      maximumBytesBilled: undefined,
      require: () => {},
    })
  let tables = 0
  const newName = (): string => {
    tables += 1
    return `t${tables}`
  }
  return {
    engine,
    log,
    run,
    newName,
    async filledTable() {
      const name = newName()
      await run(
        `create table ${name} (id string not null, n int64, score float64);` +
          `insert into ${name} (id, n, score) values ('a', 1, 1), ('b', 2, null), ('c', 3, 0.5)`,
      )
      return name
    },
    async rows(sql, parameters) {
      const rows = (await run(sql, undefined, parameters)).at(-1)?.rows
      if (rows === undefined) return []
      return rowsOf(rows.data).map((row) => plain(rowJson(row, rows.columns, { int64Timestamp: true })))
    },
    async refusal(sql, session) {
      try {
        await run(sql, session)
      } catch (error) {
        if (error instanceof Error && 'reason' in error) return `${String(error.reason)}: ${error.message}`
        throw error
      }
      throw new Error(`it was not refused: ${sql}`)
    },
    asked: () => asked,
    newSession: () => new Session(database),
    stop: () => service.stop(),
  }
}

/** `{ f: [{ v }] }` as a list. */
function plain(value: Json): Json {
  const fields = member(value, 'f')
  if (isList(fields)) return fields.map((each) => plain(member(each, 'v') ?? null))
  return isList(value) ? value.map((each) => plain(member(each, 'v') ?? null)) : value
}
