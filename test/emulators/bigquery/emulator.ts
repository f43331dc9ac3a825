import type { StatementCounts } from './engine/statement-log.ts'
import { isObject, type Json, type JsonObject, listMember, parseJson } from './json.ts'
import { startBigqueryServer } from './server/server.ts'

/** Where the emulator is and who may use it: what `inject('bigquery')` gives. */
export interface BigqueryAddress {
  readonly apiEndpoint: string
  readonly project: string
  readonly token: string
}

/** A fault for requests or jobs of one token; `on` is a pattern on `METHOD /path` of requests, or on the SQL of jobs. */
export type FaultGiven = { readonly on?: string; readonly times?: number; readonly message?: string } & (
  | { readonly kind: 'answer'; readonly status: number; readonly reason: string }
  | { readonly kind: 'reset'; readonly after?: boolean }
  | { readonly kind: 'job'; readonly reason: string }
  | { readonly kind: 'delay'; readonly millis: number }
)

export interface BigqueryClient {
  /** The address with a token of its own, for which alone faults and grants are set. */
  readonly address: BigqueryAddress
  /** Replaces what is to go wrong next. */
  faults(faults: readonly FaultGiven[]): Promise<void>
  /** Permissions as IAM names them, such as `bigquery.tables.create`. */
  deny(permissions: readonly string[]): Promise<void>
  pageRows(rows: number): Promise<void>
  /** Resources of all jobs of this token, oldest first. */
  jobs(): Promise<readonly Json[]>
}

let clients = 0

/** Sets what a test wants of the running emulator, for nobody but itself. */
export function bigqueryClient(shared: BigqueryAddress): BigqueryClient {
  clients += 1
  const address = { ...shared, token: `${shared.token}.${process.pid}-${clients}` }
  const path = `clients/${encodeURIComponent(address.token)}`
  return {
    address,
    faults: async (faults) =>
      void (await control(shared, 'PUT', path, { faults: faults.map((each) => ({ ...each })) })),
    deny: async (permissions) => void (await control(shared, 'PUT', path, { denied: permissions })),
    pageRows: async (rows) => void (await control(shared, 'PUT', path, { pageRows: rows })),
    jobs: async () =>
      listMember(await control(shared, 'GET', `jobs?token=${encodeURIComponent(address.token)}`), 'jobs'),
  }
}

/** What has become of all statements so far, for the summary of a test run. */
export async function bigqueryStatements(shared: BigqueryAddress): Promise<JsonObject> {
  const counts = await control(shared, 'GET', 'statements')
  return isObject(counts) ? counts : {}
}

async function control(
  { apiEndpoint }: BigqueryAddress,
  method: string,
  path: string,
  body?: Json,
): Promise<Json> {
  const response = await fetch(`${apiEndpoint}/emulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the emulator answered ${response.status}: ${text}`)
  return parseJson(text)
}

export interface BigqueryEmulator extends BigqueryAddress {
  counts(): StatementCounts
  stop(): Promise<void>
}

/** Starts an emulator in this process. @throws Error where the analyzer is not installed, or has no binary for this platform */
export async function startBigqueryEmulator(): Promise<BigqueryEmulator> {
  return await startBigqueryServer()
}
