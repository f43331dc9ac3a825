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
    hint: rightToGrant(p.message),
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
    hint: `${
      /temp_file_limit/.test(p.message) ? 'raise `temp_file_limit` for the user' : 'free some space'
    } and run again; the tables of the last good run are untouched`,
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
    hint: "set `sslmode` of the target to disable, require, verify-ca or verify-full, as the server offers, and `sslrootcert` to the certificate of who signed the server's",
  }),
  PSN4024: (p: { name: string }): ProblemParts => ({
    message: `the DuckDB file and a schema in it are both named \`${p.name}\`, so DuckDB cannot tell which is meant`,
    hint: `name the file otherwise: ${p.name}_warehouse.duckdb, for example`,
  }),
  PSN4012: (p: { message: string }): ProblemParts => ({
    message: `the warehouse ran out of memory: ${p.message}`,
    hint: 'for DuckDB raise `memory_limit` of the target, or lower `threads`',
  }),
  PSN4014: (p: { address: string; reason: string }): ProblemParts => ({
    message: `cannot connect to the PostgreSQL server at ${p.address}: ${p.reason}`,
    hint: 'check the connection settings of the target in personas.config.yaml',
  }),
  PSN4020: (p: { setting: string; path: string; reason: string }): ProblemParts => ({
    message: `cannot read ${p.path}, the \`${p.setting}\` of the target: ${p.reason}`,
    hint: 'name a file in PEM form that you may read',
  }),
  PSN4021: (p: { holders: readonly string[] }): ProblemParts => ({
    message: `PostgreSQL gave up waiting for a lock${
      p.holders.length === 0
        ? '; whoever held it has let go since'
        : p.holders.map((each) => `\n    ${each}`).join('')
    }`,
    hint: 'wait until the other session has ended, or end it with `select pg_terminate_backend(pid)`; `lock_timeout` of the target sets how long is waited',
  }),
  PSN4023: (p: { message: string }): ProblemParts => ({
    message: `a table or a statement holds more than PostgreSQL takes: ${p.message}`,
    hint: /row is too big/.test(p.message)
      ? 'a row has 8,160 bytes, about a thousand values: define fewer traits of this entity'
      : /columns/.test(p.message)
        ? 'columns that were dropped count too: drop the table, and the next run makes it anew'
        : 'split what this node computes',
  }),
  PSN4022: (p: { message: string }): ProblemParts => ({
    message: `a statement took longer than it may: ${p.message}`,
    hint: 'raise `statement_timeout` of the target, or that of the user or the server',
  }),
  PSN4030: (p: { package: string; warehouse: string }): ProblemParts => ({
    message: `${p.warehouse} needs \`${p.package}\`, which is not installed`,
    hint: `run \`npm install ${p.package}\` where personas is installed`,
  }),
  PSN4031: (p: { project: string; reason: string }): ProblemParts => ({
    message: `BigQuery does not accept the credentials for project \`${p.project}\`: ${p.reason}`,
    hint: 'run `gcloud auth application-default login`, or set `keyfile`, `token` or `impersonate_service_account` of the target',
  }),
  PSN4032: (p: { project: string; message: string }): ProblemParts => ({
    message: `BigQuery does not allow it: ${p.message}`,
    hint: /jobs\.create/.test(p.message)
      ? `grant the role BigQuery Job User on project ${p.project}`
      : /datasets\.create/.test(p.message)
        ? 'create both datasets by hand and grant BigQuery Data Editor on them, or grant the role BigQuery User on the project'
        : 'grant BigQuery Data Editor on the datasets that are written, and BigQuery Data Viewer on those of the sources',
  }),
  PSN4033: (p: { project: string; dataset: string; location: string; message: string }): ProblemParts => ({
    message: `BigQuery does not find it: ${p.message}`,
    hint:
      p.location === ''
        ? 'check `project` and `dataset` of the target and the schemas of sources; datasets of other locations need `location`'
        : `jobs of this target run in ${p.location}: check \`location\`, \`project\` and \`dataset\` of the target and the schemas of sources`,
  }),
  PSN4034: (p: { message: string }): ProblemParts => ({
    message: `a statement would read more than the target allows: ${p.message}`,
    hint: 'raise `maximum_bytes_billed` of the target, or read less: choose nodes with --select, or narrow the sources',
  }),
  PSN4035: (p: { project: string; message: string }): ProblemParts => ({
    message: `project \`${p.project}\` has used up what BigQuery lets it use: ${p.message}`,
    hint: 'wait until the quota is renewed, raise it, or enable billing; the tables of the last good run are untouched',
  }),
  PSN4036: (p: { message: string }): ProblemParts => ({
    message: `BigQuery ran out of resources: ${p.message}`,
    hint: 'lower `threads` of the target, or give the project more slots',
  }),
  PSN4037: (p: { project: string; reason: string }): ProblemParts => ({
    message: `BigQuery does not answer for project \`${p.project}\`: ${p.reason}`,
    hint: 'run again once it does; the tables of the last good run are untouched',
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

/** What PostgreSQL calls the thing decides what to ask an administrator for. */
function rightToGrant(message: string): string {
  if (/extension/.test(message)) {
    return 'ask an administrator to run `create extension pgcrypto` once in this database'
  }
  const [, kind = '', name = ''] =
    /(?:permission denied for|must be owner of) (\w+) "?([^"]*)"?/.exec(message) ?? []
  if (/must be owner/.test(message)) {
    return `make the target's user its owner: \`alter ${kind} ${name} owner to …\`; a run alters and replaces its own tables`
  }
  switch (kind) {
    case 'database':
      return `\`grant create on database ${name} to …\`, or have the target's \`schema\` and \`work_schema\` created for its user`
    case 'schema':
      return `\`grant usage on schema ${name} to …\` where it is read, \`grant usage, create on schema ${name} to …\` where a run writes`
    case 'table':
    case 'view':
      return `\`grant select on ${name} to …\`, best on all tables of its schema`
    default:
      return "grant the target's user this right"
  }
}
