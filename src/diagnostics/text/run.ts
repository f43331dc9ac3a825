import type { ProblemParts } from './problem-parts.ts'

/** PSN5xxx: found while a project is run, tested or shown. */
export const runText = {
  PSN5001: (p: { node: string; reason: string; remedy?: string; compiled?: string }): ProblemParts => ({
    message: `\`${p.node}\` failed: ${p.reason}`,
    hint: [p.remedy, p.compiled && `its SQL is in ${p.compiled}`].filter(Boolean).join('; '),
  }),
  PSN5002: (p: { node: string; message: string; hint: string; rows: readonly string[] }): ProblemParts => ({
    message: `${p.message}${p.rows.map((row) => `\n    ${row}`).join('')}`,
    hint: p.hint,
  }),
  PSN5003: (p: { node: string; reason: string; compiled?: string }): ProblemParts => ({
    message: `\`${p.node}\` did not come to an end: ${p.reason}`,
    hint: `this is a bug of personas: please report it${p.compiled ? ` with ${p.compiled}` : ''}`,
  }),
  PSN5004: (p: { schema: string; waitedSeconds: number }): ProblemParts => ({
    message: `another run is writing to schema \`${p.schema}\`${
      p.waitedSeconds > 0 ? ` and did not end within ${p.waitedSeconds} seconds` : ''
    }`,
    hint: 'wait until it has ended, or let this one wait for it with --lock-timeout 600',
  }),
  PSN5005: (p: { node: string; needs: string; table: string }): ProblemParts => ({
    message: `\`${p.node}\` reads \`${p.table}\` of \`${p.needs}\`, which has not been built as it is now`,
    hint: p.node.startsWith('publish.')
      ? 'run everything once before you select: `personas run`'
      : `select what it needs as well, with --select +${p.node}, or run everything once`,
  }),
  PSN5006: (p: { selector: string }): ProblemParts => ({
    message: `no node answers to the selector \`${p.selector}\``,
    hint: '`personas ls` prints the names there are',
    severity: 'warning',
  }),
  PSN5007: (p: { test: string; differences: number }): ProblemParts => ({
    message: `unit test \`${p.test}\` does not hold: ${p.differences} ${
      p.differences === 1 ? 'difference' : 'differences'
    }`,
    hint: 'expected and actual values are in the table above',
  }),
  PSN5008: (p: { test: string; rows: number; samples: readonly string[] }): ProblemParts => ({
    message: `${p.test}: ${p.rows} ${p.rows === 1 ? 'row says' : 'rows say'} otherwise${p.samples
      .map((row) => `\n    ${row}`)
      .join('')}`,
    hint: 'run the project again; if it stays, this is a bug of personas: please report it',
  }),
  PSN5009: (p: { folder: string }): ProblemParts => ({
    message: `there is nothing to load in ${p.folder}`,
    hint: 'put CSV files at <schema>/<table>.csv there, or write the sample shop with `personas seed --sample`',
  }),
  PSN5010: (p: { folder: string }): ProblemParts => ({
    message: `${p.folder} is not empty`,
    hint: 'name a new folder: `personas init my-project`',
  }),
  PSN5011: (p: { name: string; near?: string }): ProblemParts => ({
    message: `there is no table or node named \`${p.name}\``,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : '`personas ls` prints the nodes, docs/tables.md the tables',
  }),
  PSN5012: (p: { test: string; table: string; near?: string }): ProblemParts => ({
    message: `unit test \`${p.test}\` gives rows of \`${p.table}\`, but no source has that table`,
    hint: p.near
      ? `did you mean \`${p.near}\`?`
      : 'name it <source>.<table>: for a Segment source any of its tables, for a table source its own',
  }),
  PSN5013: (p: { table: string }): ProblemParts => ({
    message: `\`${p.table}\` does not exist yet`,
    hint: '`personas run` builds it',
  }),
  PSN5014: (p: { schema: string; reason: string }): ProblemParts => ({
    message: `cannot create tables in schema \`${p.schema}\`: ${p.reason}`,
    hint: `grant the target's user the right to create and use \`${p.schema}\``,
  }),
  PSN5015: (p: { file: string; reason: string }): ProblemParts => ({
    message: `cannot write ${p.file}: ${p.reason}`,
    hint: 'make the folder writable, or set `paths.target` in personas.config.yaml to one that is',
  }),
  PSN5016: (p: { file: string; reason: string; hint: string }): ProblemParts => ({
    message: `cannot load ${p.file}: ${p.reason}`,
    hint: p.hint,
  }),
  PSN5017: (p: { test: string; column: string; table: string }): ProblemParts => ({
    message: `unit test \`${p.test}\` gives \`${p.column}\` of \`${p.table}\` values of different types`,
    hint: 'write all of them as text, as numbers, as booleans, or as ISO instants',
  }),
  PSN5018: (p: { node: string; tables: readonly string[] }): ProblemParts => ({
    message: `\`${p.node}\` writes ${p.tables.length === 0 ? 'no table' : 'more than one table'}`,
    hint: p.tables.length === 0 ? 'show one that does' : `show one of them: ${p.tables.join(', ')}`,
  }),
  PSN5019: (p: { reason: string }): ProblemParts => ({
    message: p.reason,
    hint: '--inline takes one select',
  }),
  PSN5020: (p: { test: string }): ProblemParts => ({
    message: `unit test \`${p.test}\` could not run`,
    hint: 'the problems below are of the part of the project that it speaks of, with only the tables it gives',
  }),
  PSN5021: (p: { folder: string; reason: string }): ProblemParts => ({
    message: `cannot start a project in ${p.folder}: ${p.reason}`,
    hint: 'name a new folder in a place that you may write to: `personas init my-project`',
  }),
  PSN5022: (p: { selector: string }): ProblemParts => ({
    message: `no test answers to the selector \`${p.selector}\``,
    hint: '`personas test` prints the names there are; `"a refund*"` chooses by their beginning',
    severity: 'warning',
  }),
  PSN5023: (p: {
    profile: string
    identifiers: number
    type: string
    value: string
    joined: number
  }): ProblemParts => ({
    message: `profile ${p.profile} holds ${p.identifiers.toLocaleString('en')} identifiers; ${p.type} \`${
      p.value
    }\` joins ${p.joined.toLocaleString('en')} of them`,
    hint: 'block the value, lower the limit of its type, or take apart what it joined with `identity.cut`; `warn_cluster_size` sets from where on this is said',
    severity: 'warning',
  }),
  PSN5024: (p: { trait: string; key: string }): ProblemParts => ({
    message: `no row shown of SQL trait \`${p.trait}\` belongs to a profile that is known`,
    hint: `check that its ${p.key} holds what the sources send as ${p.key}; before the first run all are unknown`,
    severity: 'warning',
  }),
  PSN5026: (p: { type: string; value: string; maxPartners: number }): ProblemParts => ({
    message: `${p.type} \`${p.value}\` has been seen with more than ${p.maxPartners.toLocaleString(
      'en',
    )} other identifiers and joins nobody any more`,
    hint: 'block the value if it identifies nobody, and run with `--full-refresh` to undo what it joined before; `max_partners` sets from where on an identifier is left out',
    severity: 'warning',
  }),
  PSN5025: (p: { event: string; source?: string }): ProblemParts => ({
    message: `\`identity.cut\` names event \`${p.event}\`${
      p.source === undefined ? '' : ` of source \`${p.source}\``
    }, which no run has taken in`,
    hint: 'nothing is cut by it: name the event as its source does, in the column of its id',
    severity: 'warning',
  }),
  PSN5027: (p: { file: string; reason: string }): ProblemParts => ({
    message: `there is no run to go on from: ${p.file} ${p.reason}`,
    hint: '`personas run` starts a new one',
  }),
  PSN5028: (p: { what: 'project' | 'target' | 'schema'; was: string; is: string }): ProblemParts => ({
    message: `the last run was of ${p.what} \`${p.was}\`, and this is ${p.what} \`${p.is}\``,
    hint:
      p.what === 'target'
        ? `go on with --target ${p.was}, or start a new run with \`personas run\``
        : 'start a new run with `personas run`',
  }),
  PSN5029: (p: { schema: string }): ProblemParts => ({
    message: `the connection that kept other runs out of schema \`${p.schema}\` was lost, so the run was stopped`,
    hint: '`personas retry` goes on from where it was, once the server answers',
  }),
  PSN5030: (p: { runId: string; schema: string; reason: string }): ProblemParts => ({
    message: `run ${p.runId} is not in \`${p.schema}.runs\`: ${p.reason}`,
    hint: 'how it ended is in run_results.json of the target folder',
    severity: 'warning',
  }),
  PSN5031: (p: { runId: string; laterRunId: string }): ProblemParts => ({
    message: `run ${p.laterRunId} has written since run ${p.runId} failed: there is nothing left to go on from`,
    hint: '`personas run` starts a new one',
  }),
  PSN5032: (p: { minutes: number }): ProblemParts => ({
    message: `the clock of this machine is ${Math.abs(p.minutes).toLocaleString('en')} minutes ${
      p.minutes > 0 ? 'ahead of' : 'behind'
    } that of the warehouse, and the run takes its instant from it`,
    hint: 'set the clock, or give the instant with --as-of',
    severity: 'warning',
  }),
  PSN5033: (p: { asOf: string }): ProblemParts => ({
    message: `no event has happened by ${p.asOf}: traits of events and audiences are as if there were none`,
    hint: "give a later --as-of, or check the time zone of the sources' timestamps",
    severity: 'warning',
  }),
  PSN5034: (p: { warehouse: string }) => ({
    message: `${p.warehouse} does not say beforehand how much a statement would read`,
    hint: 'leave out --dry-run, or choose a target of BigQuery with --target',
  }),
} satisfies Record<string, (parameters: never) => ProblemParts>
