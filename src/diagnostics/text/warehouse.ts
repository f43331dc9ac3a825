import type { ProblemParts } from './problem-parts.ts'

const snowflakeGrants = {
  database: 'grant usage on database … to role …',
  role: 'grant role … to user …',
  warehouse: 'grant usage on warehouse … to role …',
}

/** PSN4xxx: talking to a warehouse. */
export const warehouseText = {
  PSN4000: (p: { engine: string; message: string }): ProblemParts => ({
    message: `${p.engine} refused a statement: ${p.message}`,
    hint: 'the compiled SQL is under target/compiled; run it by hand to see more',
  }),
  PSN4001: (p: { address: string; reason: string }): ProblemParts => ({
    message: `no PostgreSQL server answers at ${p.address} (${p.reason})`,
    hint: 'start the server, or correct host and port of the target in personas.config.yaml',
  }),
  PSN4002: (p: { address: string; user: string }): ProblemParts => ({
    message: `the PostgreSQL server at ${p.address} refused to log in user \`${p.user}\``,
    hint: 'check user and password of the target in personas.config.yaml, or the environment variable they come from',
  }),
  PSN4003: (p: { address: string; database: string }): ProblemParts => ({
    message: `there is no database \`${p.database}\` on the PostgreSQL server at ${p.address}`,
    hint: `create it with \`createdb ${p.database}\`, or correct the target in personas.config.yaml`,
  }),
  PSN4004: (p: { message: string }): ProblemParts => ({
    message: `the warehouse does not allow it: ${p.message}`,
    hint: /extension/.test(p.message)
      ? 'ask an administrator to run `create extension pgcrypto` once in this database'
      : "grant the target's user this right",
  }),
  PSN4005: (p: { path: string; pid?: string }): ProblemParts => ({
    message: `${p.path} is in use by another process${p.pid ? ` (PID ${p.pid})` : ''}`,
    hint: 'wait until the other run has ended, or close the program that has the file open',
  }),
  PSN4006: (p: { path: string; reason: string }): ProblemParts => ({
    message: `cannot open the database ${p.path}: ${p.reason}`,
    hint: 'make the folder and the file writable, or set `path` of the target to a place that is',
  }),
  PSN4007: (p: { path: string }): ProblemParts => ({
    message: `${p.path} is not a DuckDB database that this version can read`,
    hint: 'move the file away, or set `path` of the target to another file',
  }),
  PSN4008: (p: { message: string }): ProblemParts => ({
    message: `the disk is full: ${p.message}`,
    hint: 'free some space and run again; the tables of the last good run are untouched',
  }),
  PSN4009: (p: { message: string }): ProblemParts => ({
    message: `the connection to the warehouse was lost: ${p.message}`,
    hint: 'run again once the server answers; the tables of the last good run are untouched',
  }),
  PSN4010: (p: { engine: string }): ProblemParts => ({
    message: `${p.engine} stopped a statement because it was cancelled`,
    hint: 'run again; if nobody cancelled it, raise the statement timeout of the warehouse',
  }),
  PSN4011: (p: { address: string; reason: string }): ProblemParts => ({
    message: `cannot secure the connection to the PostgreSQL server at ${p.address}: ${p.reason}`,
    hint: 'set `sslmode` of the target to disable, require or verify-full, as the server offers',
  }),
  PSN4012: (p: { message: string }): ProblemParts => ({
    message: `the warehouse ran out of memory: ${p.message}`,
    hint: 'for DuckDB raise `memory_limit` of the target, or lower `threads`',
  }),
  PSN4013: (p: { target: string; type: string }): ProblemParts => ({
    message: `target \`${p.target}\` is of type \`${p.type}\`, which is not supported yet`,
    hint: 'choose a target of type duckdb or postgres with --target',
  }),
  PSN4014: (p: { address: string; reason: string }): ProblemParts => ({
    message: `cannot connect to the PostgreSQL server at ${p.address}: ${p.reason}`,
    hint: 'check the connection settings of the target in personas.config.yaml',
  }),
  PSN4050: (p: { warehouse: string; package: string }): ProblemParts => ({
    message: `the driver of ${p.warehouse} is not installed`,
    hint: `run \`npm install ${p.package}\` beside personas`,
  }),
  PSN4051: (p: { address: string; user: string; reason: string }): ProblemParts => ({
    message: `Snowflake at ${p.address} refused to log in user \`${p.user}\`: ${p.reason}`,
    hint: 'check `username` and what the target logs in with, or the environment variables they come from',
  }),
  PSN4052: (p: { kind: 'database' | 'role' | 'warehouse'; name: string }): ProblemParts => ({
    message:
      p.name === ''
        ? `the session at Snowflake has no ${p.kind}`
        : `there is no ${p.kind} \`${p.name}\` at Snowflake, or the user may not use it`,
    hint: `correct \`${p.kind}\` of the target, or grant it: \`${snowflakeGrants[p.kind]}\``,
  }),
  PSN4053: (p: { address: string; reason: string }): ProblemParts => ({
    message: `no Snowflake account answers at ${p.address} (${p.reason})`,
    hint: 'check `account` of the target: it is what stands before .snowflakecomputing.com in the address of the web interface',
  }),
  PSN4054: (p: { reason: string }): ProblemParts => ({
    message: `the private key of the Snowflake target cannot be used: ${p.reason}`,
    hint: 'give a key in PEM form (PKCS#8), and `private_key_passphrase` where it is encrypted',
  }),
  PSN4055: (p: { message: string }): ProblemParts => ({
    message: `Snowflake stopped a statement that took too long: ${p.message}`,
    hint: 'raise `statement_timeout` of the target or STATEMENT_TIMEOUT_IN_SECONDS of the warehouse, or use a larger warehouse',
  }),
  PSN4056: (p: { message: string }): ProblemParts => ({
    message: `the warehouse of the Snowflake target does not run: ${p.message}`,
    hint: 'set AUTO_RESUME of the warehouse, grant OPERATE on it, or look at the resource monitor that stopped it',
  }),
} satisfies Record<string, (parameters: never) => ProblemParts>
