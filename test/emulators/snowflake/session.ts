import { Engine, noBinds } from './engine/engine.ts'

/** An engine with one session and no protocol in between, for tests of the language. */
export interface TestSession {
  readonly engine: Engine
  /** Rows of the last statement; numbers as text, as exact as they are. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  /** The first value of the first row. */
  value(expression: string): Promise<unknown>
  /** Names and types of the columns. */
  types(sql: string): Promise<readonly string[]>
  close(): Promise<void>
}

export async function openSession(): Promise<TestSession> {
  const engine = await Engine.open()
  engine.catalog.addDatabase('DB')
  engine.warehouses.add('WH')
  engine.roles.set('OWNER', 'all')
  const session = await engine.openSession('token', 'TESTER')
  session.database = 'DB'
  session.schema = 'PUBLIC'
  session.warehouse = 'WH'
  session.role = 'OWNER'
  const run = async (sql: string) => {
    const results = await engine.run(sql, session, noBinds, new AbortController().signal)
    const last = results[results.length - 1]
    if (last === undefined) throw new Error('no statement')
    return last
  }
  return {
    engine,
    rows: async (sql) => (await run(sql)).rows,
    value: async (expression) => (await run(`select ${expression} as value`)).rows[0]?.[0],
    types: async (sql) => (await run(sql)).columns.map(({ name, type }) => `${name} ${JSON.stringify(type)}`),
    async close() {
      await engine.closeSession(session)
      engine.close()
    },
  }
}
