/** Texts of PSN7xxx: the serving store, publishing and the Profile API. */
export const serveText = {
  PSN7001: (p: { store: string }) => ({
    message: `another process is publishing to ${p.store}`,
    hint: 'wait for it to end; a publish that was killed holds nothing',
  }),
  PSN7010: (_: object) => ({
    message: 'there is nothing to publish: no run has ended well on this target',
    hint: 'run `personas run` first',
  }),
  PSN7011: (p: { runId: string }) => ({
    message: `definitions have changed since run ${p.runId}, whose tables would be published`,
    hint: 'run `personas run` first, or `personas run --publish`',
  }),
  PSN7012: (_: object) => ({
    message:
      'the last run took events in and did not end: its tables are half of one run and half of another',
    hint: '`personas retry` goes on with it',
  }),
}
