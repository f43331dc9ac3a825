import { didYouMean, type ProblemParts } from './problem-parts.ts'

/** Texts of PSN6xxx: destinations and syncs. */
export const syncText = {
  PSN6001: (p: { destination: string; setting: string; detail: string; near?: string }) => ({
    message: `setting \`${p.setting}\` of destination \`${p.destination}\`: ${p.detail}`,
    hint: didYouMean(p.near, 'see the settings with `personas destinations <type>`'),
  }),
  PSN6002: (p: { sync: string; remove: number; of: number; limit: number }) => ({
    message: `sync \`${p.sync}\` would remove ${p.remove.toLocaleString('en')} of ${p.of.toLocaleString('en')} delivered records, more than \`on_delete_over: ${p.limit * 100}%\` allows; nothing was sent`,
    hint: 'see what they are with --dry-run; where they are to go, run once with --allow-deletes',
  }),
  PSN6003: (p: { destination: string; type: string; near?: string }) => ({
    message: `destination \`${p.destination}\` is of type \`${p.type}\`, which does not exist`,
    hint: didYouMean(
      p.near,
      'see the types with `personas destinations`; one of your own is a file: ./destinations/crm.mjs',
    ),
  }),
  PSN6004: (p: { destination: string; file: string; detail: string }) => ({
    message: `destination \`${p.destination}\` cannot be loaded from ${p.file}: ${p.detail}`,
    hint: 'see docs/destinations.md for how a destination of your own is written',
  }),
  PSN6005: (p: { sync: string; mode: string; destination: string; modes: readonly string[] }) => ({
    message: `sync \`${p.sync}\` is of mode \`${p.mode}\`, which destination \`${p.destination}\` cannot do`,
    hint: `it can ${p.modes.join(', ')}`,
  }),
  PSN6006: (p: { schema: string }) => ({
    message: `another sync is writing to schema \`${p.schema}\``,
    hint: 'wait for it with --lock-timeout <seconds>',
  }),
  PSN6007: (p: { sync: string; table: string; column?: string }) => ({
    message: `sync \`${p.sync}\` reads ${p.column === undefined ? '' : `column \`${p.column}\` of `}table \`${p.table}\`, which no run has made yet`,
    hint: 'run `personas run` first',
  }),
  PSN6008: (p: { sync: string; times: number }) => ({
    message: `sync \`${p.sync}\` reads rows that changed while they were compared with what was delivered, ${p.times} times in a row`,
    hint: 'run it when nobody writes to what it reads, or let it read a table or a model in place of a view whose rows are others each time',
  }),
  PSN6010: (p: { sync: string; destination: string; detail: string }) => ({
    message: `sync \`${p.sync}\` to \`${p.destination}\` did not end: ${p.detail}`,
    hint: 'what was acknowledged is remembered; `personas retry` goes on with the rest',
  }),
  PSN6011: (p: { sync: string; counts: string }): ProblemParts => ({
    message: `sync \`${p.sync}\` could not deliver all records: ${p.counts}`,
    hint: '`personas show sync_records` says why, and `sync_dead_letters` what is held back; `personas retry` sends again what was not taken',
  }),
  PSN6012: (p: { destination: string; detail: string }) => ({
    message: `destination \`${p.destination}\` does not answer as it should: ${p.detail}`,
    hint: 'check its settings and credentials',
  }),
}
