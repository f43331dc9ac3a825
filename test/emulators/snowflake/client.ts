import snowflake from 'snowflake-sdk'
import type { SnowflakeSettings } from './start.ts'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

export type Row = Readonly<Record<string, unknown>>

export interface Client {
  readonly connection: snowflake.Connection
  rows(sqlText: string, more?: Partial<snowflake.StatementOption>): Promise<readonly Row[]>
  statement(sqlText: string, more?: Partial<snowflake.StatementOption>): Promise<snowflake.RowStatement>
  close(): Promise<void>
}

function connectionOptions(settings: SnowflakeSettings): snowflake.ConnectionOptions {
  const { account, username, password, host, port, protocol, database, warehouse, role } = settings
  return {
    account,
    username,
    password,
    accessUrl: `${protocol}://${host}:${port}`,
    database,
    schema: 'PUBLIC',
    warehouse,
    role,
  }
}

/** The unmodified SDK against the emulator. */
export async function connect(
  settings: SnowflakeSettings,
  more: Partial<snowflake.ConnectionOptions> = {},
): Promise<Client> {
  const connection = snowflake.createConnection({ ...connectionOptions(settings), ...more })
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
  const execute = (
    sqlText: string,
    more: Partial<snowflake.StatementOption>,
  ): Promise<{ statement: snowflake.RowStatement; rows: readonly Row[] }> =>
    new Promise((resolve, reject) => {
      connection.execute({
        sqlText,
        ...more,
        complete: (error, statement, rows) =>
          error ? reject(error) : resolve({ statement, rows: rows ?? [] }),
      })
    })
  return {
    connection,
    rows: async (sqlText, options = {}) => (await execute(sqlText, options)).rows,
    statement: async (sqlText, options = {}) => (await execute(sqlText, options)).statement,
    close: () =>
      new Promise((resolve, reject) => {
        connection.destroy((error) => (error ? reject(error) : resolve()))
      }),
  }
}
