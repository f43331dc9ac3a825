import type { CommandBody } from './invocation.ts'

export interface FlagSpec {
  readonly flags: string
  readonly description: string
  readonly choices?: readonly string[]
  readonly env?: string
}

/** What the command line shows of a command; its body is loaded only when it runs. */
export interface CommandSpec {
  readonly name: string
  readonly arguments?: string
  readonly argumentHelp?: Readonly<Record<string, string>>
  readonly summary: string
  /** More than the summary, shown by the command's own help. */
  readonly details?: string
  readonly flags: readonly FlagSpec[]
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[]
  readonly load: () => Promise<CommandBody>
}

export const globalFlags: readonly FlagSpec[] = [
  {
    flags: '--project-dir <folder>',
    description: 'where personas.config.yaml is',
    env: 'PERSONAS_PROJECT_DIR',
  },
  { flags: '-t, --target <name>', description: 'target of personas.config.yaml', env: 'PERSONAS_TARGET' },
  { flags: '--vars <yaml>', description: "variables, such as '{lookback_days: 30}'", env: 'PERSONAS_VARS' },
  {
    flags: '-s, --select <selector...>',
    description: 'nodes: name, tag:x, type:x, path:x, owner:x, source:x, +x, x+, @x, comma = and, space = or',
    env: 'PERSONAS_SELECT',
  },
  { flags: '--exclude <selector...>', description: 'nodes to leave out', env: 'PERSONAS_EXCLUDE' },
  {
    flags: '--as-of <instant>',
    description: 'the one instant to compute for; now unless given',
    env: 'PERSONAS_AS_OF',
  },
  { flags: '--threads <n>', description: 'nodes computed side by side', env: 'PERSONAS_THREADS' },
  {
    flags: '--log-format <format>',
    description: 'of what stderr says',
    choices: ['text', 'json'],
    env: 'PERSONAS_LOG_FORMAT',
  },
  { flags: '-q, --quiet', description: 'say nothing but results and problems', env: 'PERSONAS_QUIET' },
  { flags: '--no-color', description: 'plain text (also NO_COLOR)', env: 'PERSONAS_NO_COLOR' },
]

const lockTimeout: FlagSpec = {
  flags: '--lock-timeout <seconds>',
  description: 'wait that long for another run on the same schema; 0 unless given',
  env: 'PERSONAS_LOCK_TIMEOUT',
}

const fullRefresh: FlagSpec = {
  flags: '--full-refresh',
  description: 'rebuild from all events instead of going on from the last run',
}

const alsoPublish: FlagSpec = {
  flags: '--publish',
  description: 'then publish profiles for the Profile API',
}

const allowDeletes: FlagSpec = {
  flags: '--allow-deletes',
  description: 'remove more than `on_delete_over` allows, this once',
}

const syncFlags: readonly FlagSpec[] = [
  { flags: '--dry-run', description: 'counts and sample payloads; nothing is sent' },
  { flags: '--full-resync', description: 'everything counts as never delivered' },
  {
    flags: '--retry-rejected',
    description: 'send again what was rejected, given up or may have arrived',
  },
  allowDeletes,
]

export const commandTable: readonly CommandSpec[] = [
  {
    name: 'init',
    arguments: '[dir]',
    argumentHelp: { dir: 'an empty or new folder; the current one unless given' },
    summary: 'a working project with sample data on DuckDB',
    flags: [],
    examples: [['personas init my-project', 'the sample shop, ready to run']],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'debug',
    summary: 'config, versions, connection, permissions',
    flags: [],
    examples: [
      ['personas debug', 'check the default target'],
      ['personas debug --target pg', 'check another one'],
    ],
    load: async () => (await import('./commands/debug.ts')).debug,
  },
  {
    name: 'parse',
    summary: 'check definitions without a warehouse',
    details: 'Reads the config and all files under models/ and reports every problem in one go.',
    flags: [],
    examples: [
      ['personas parse', 'check everything'],
      ['personas parse --log-format json', 'problems as data, one a line on stderr'],
    ],
    load: async () => (await import('./commands/parse.ts')).parse,
  },
  {
    name: 'compile',
    summary: 'write SQL and manifest to target/, execute nothing',
    details: 'Of the warehouse only the catalogue is read: which tables and columns the sources have.',
    flags: [
      { flags: '--dry-run', description: 'bytes that a run would read, by node, as BigQuery estimates them' },
      { flags: '--output <format>', description: 'of --dry-run', choices: ['table', 'json'] },
    ],
    examples: [
      ['personas compile', 'SQL of all nodes, in target/compiled/<target>/<type>/<name>.sql'],
      ['personas compile --target pg', 'the same for another warehouse'],
      ['personas compile --target bq --dry-run', 'what a run would read there, without running it'],
    ],
    load: async () => (await import('./commands/compile.ts')).compile,
  },
  {
    name: 'run',
    summary: 'identity, traits and audiences in dependency order',
    details:
      'Public tables change at the end, in one transaction, and only if everything that was selected succeeded.',
    flags: [lockTimeout, fullRefresh, alsoPublish],
    examples: [
      ['personas run', 'everything'],
      ['personas run --select +orders_90d', 'one trait and all it needs'],
      ['personas run --select tag:nightly --exclude type:audience', 'by tag, without audiences'],
      ['personas run --as-of 2026-06-01', 'as it was at an instant'],
    ],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'retry',
    summary: 'go on with the last run or syncs, if they failed or were stopped',
    details: [
      'Nodes that failed, were skipped or were edited since run, with all that comes after them; what is done stays.',
      'Syncs that failed, or some of whose records were not taken, go on; what was rejected is sent again.',
      'Target, selection, variables and the instant are as they were, which target/run_results.json and sync_results.json hold.',
    ].join('\n'),
    flags: [lockTimeout, allowDeletes],
    examples: [['personas retry', 'after what stood in the way is mended']],
    load: async () => (await import('./commands/retry.ts')).retry,
  },
  {
    name: 'test',
    summary: 'unit tests and data tests',
    details: [
      'Unit tests of the project run each in a DuckDB of its own in memory, or in schemas of their own on --target.',
      'Data tests ask the public tables of the target; before the first run there is nothing to ask.',
    ].join('\n'),
    flags: [],
    examples: [
      ['personas test', 'unit tests, and data tests of the default target'],
      ['personas test --select "a refund*"', 'unit tests by name'],
    ],
    load: async () => (await import('./commands/test.ts')).test,
  },
  {
    name: 'sync',
    summary: 'deliver to destinations what changed since the last sync',
    details: [
      'Reads the public tables as the last run left them, compares them with what was delivered, and sends the difference.',
      'An interrupted sync is gone on with: nothing acknowledged is sent again.',
    ].join('\n'),
    flags: [lockTimeout, ...syncFlags],
    examples: [
      ['personas sync', 'all syncs'],
      ['personas sync --select dormant_to_crm --dry-run', 'what one of them would send'],
    ],
    load: async () => (await import('./commands/sync.ts')).sync,
  },
  {
    name: 'build',
    summary: 'run, test and sync, in this order, up to the first that fails',
    flags: [lockTimeout, fullRefresh, alsoPublish, ...syncFlags],
    examples: [
      ['personas build', 'everything, as a schedule would'],
      ['personas build --select +dormant_to_crm', 'one sync and all it needs'],
    ],
    load: async () => (await import('./commands/build.ts')).build,
  },
  {
    name: 'serve',
    summary: 'the Profile API over HTTP, from what was last published',
    details: [
      'Listens on 127.0.0.1 port 8780 unless `serving` of the config or a flag says otherwise.',
      'A publish is served from the moment it is done. SIGTERM and SIGINT end it once what runs is answered.',
    ].join('\n'),
    flags: [
      { flags: '--host <address>', description: 'to listen on' },
      { flags: '--port <n>', description: 'to listen on; 0 for any free one' },
    ],
    examples: [
      ['personas serve', 'as the config says'],
      ['personas serve --host 0.0.0.0 --log-format json', 'in a container, a JSON line for each request'],
    ],
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    name: 'tokens',
    arguments: '<action> [name]',
    argumentHelp: {
      action: '`create`, `list` or `revoke`',
      name: 'of the token, for `create` and `revoke`',
    },
    summary: 'who may ask the Profile API; `tokens create <name>` prints a new token, once',
    flags: [],
    examples: [
      ['personas tokens create shop-api', 'a token for one caller'],
      ['personas tokens list', 'names, and since when'],
      ['personas tokens revoke shop-api', 'refused from the next request on'],
    ],
    load: async () => (await import('./commands/tokens.ts')).tokens,
  },
  {
    name: 'destinations',
    arguments: '[name] [destination]',
    argumentHelp: {
      name: 'a type to describe, or `test`',
      destination: 'with `test`: one of the project',
    },
    summary: 'types of destinations; `destinations test <name>` checks one',
    flags: [],
    examples: [
      ['personas destinations', 'all types'],
      ['personas destinations webhook', 'settings of one'],
      ['personas destinations test crm_hook', 'settings and credentials, nothing is sent'],
    ],
    load: async () => (await import('./commands/destinations.ts')).destinations,
  },
  {
    name: 'publish',
    summary: 'make the profiles of the last run what the Profile API serves',
    details: [
      'Profiles of which something may have changed since the last publish are read, and what differs is written to the serving store.',
      'Readers see the old version until the new one is complete.',
    ].join('\n'),
    flags: [lockTimeout, { flags: '--full', description: 'everything, whatever was published before' }],
    examples: [
      ['personas publish', 'what has changed'],
      ['personas run --publish', 'after a run'],
    ],
    load: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    name: 'suppress',
    arguments: '<identifiers...>',
    argumentHelp: { identifiers: 'type:value' },
    summary: 'no longer follow and serve whoever has an identifier',
    details: [
      'The Profile API answers 404 at once. Runs take in no event of theirs that is received from now on; what is known stays.',
      '`forget` erases that, too.',
    ].join('\n'),
    flags: [lockTimeout],
    examples: [['personas suppress email:ann@example.org', 'whoever that is, whatever letters are capital']],
    load: async () => (await import('./commands/suppress.ts')).suppress,
  },
  {
    name: 'unsuppress',
    arguments: '<identifiers...>',
    argumentHelp: { identifiers: 'type:value' },
    summary: 'follow them again from now on, and serve them from the next publish on',
    details: 'What was received before stays out. It also ends that somebody is forgotten.',
    flags: [lockTimeout],
    examples: [['personas unsuppress email:ann@example.org', 'ends the suppression']],
    load: async () => (await import('./commands/suppress.ts')).unsuppress,
  },
  {
    name: 'forget',
    arguments: '<identifiers...>',
    argumentHelp: { identifiers: 'type:value' },
    summary: 'erase whoever has an identifier, everywhere',
    details: [
      'The Profile API answers 404 at once. A run follows, which takes all that is theirs out of the tables, with all identifiers of their',
      'profile; the next syncs take them out of the destinations. A hash of each identifier stays, so that no full refresh and no later',
      'event brings them back. Source tables are yours to clean.',
    ].join('\n'),
    flags: [lockTimeout, { flags: '--dry-run', description: 'only who that is' }],
    examples: [
      ['personas forget user_id:u42', 'one person'],
      ['personas forget email:ann@example.org user_id:u7', 'two, with one run'],
    ],
    load: async () => (await import('./commands/forget.ts')).forget,
  },
  {
    name: 'ls',
    summary: 'names of nodes',
    flags: [
      {
        flags: '--output <format>',
        description: 'how',
        choices: ['text', 'json', 'path', 'selector'],
      },
    ],
    examples: [
      ['personas ls', 'all nodes'],
      ['personas ls --select +vip --output path', 'files that define an audience and what it needs'],
    ],
    load: async () => (await import('./commands/ls.ts')).ls,
  },
  {
    name: 'show',
    arguments: '[name]',
    argumentHelp: { name: 'a public table, a trait, an audience, a model or a node' },
    summary: 'rows of a table, a node or a query; a definition in another form',
    flags: [
      { flags: '--inline <select>', description: 'SQL to run in place of a name' },
      {
        flags: '--as <form>',
        description: 'the definition of a trait or an audience, not its rows',
        choices: ['query', 'yaml'],
      },
      { flags: '--limit <n>', description: 'rows at most; 20 unless given, 0 for all' },
      { flags: '--output <format>', description: 'how', choices: ['table', 'json', 'csv'] },
    ],
    examples: [
      ['personas show profile_traits', 'a public table'],
      ['personas show dormant_big_spenders', 'members of an audience with their identifiers'],
      ['personas show --inline "select count(*) from personas.id_graph"', 'any select'],
      ['personas show dormant_big_spenders --as query', 'its definition, with the text query language'],
      ['personas show user_identifiers --limit 0 --output csv', 'all rows, as CSV'],
    ],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'seed',
    summary: 'load CSV files into the warehouse',
    details: 'seeds/<schema>/<table>.csv becomes <schema>.<table>, which is replaced.',
    flags: [{ flags: '--sample', description: 'first write the sample shop to seeds/, where it is missing' }],
    examples: [
      ['personas seed', 'all files under seeds/'],
      ['personas seed --sample', 'the sample shop'],
    ],
    load: async () => (await import('./commands/seed.ts')).seed,
  },
  {
    name: 'clean',
    summary: 'remove generated files',
    details: 'Empties target/. A DuckDB database in it stays unless --all is given.',
    flags: [{ flags: '--all', description: 'databases too' }],
    examples: [['personas clean', 'compiled SQL, manifest, results']],
    load: async () => (await import('./commands/clean.ts')).clean,
  },
]
