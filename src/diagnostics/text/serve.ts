/** Texts of PSN7xxx: the serving store, publishing and the Profile API. */
export const serveText = {
  PSN7001: (p: { store: string }) => ({
    message: `another process is publishing to ${p.store}`,
    hint: 'wait for it to end; a publish that was killed holds nothing',
  }),
}
