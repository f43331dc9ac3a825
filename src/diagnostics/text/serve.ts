/** Texts of PSN7xxx: the serving store, publishing and the Profile API. */
export const serveText = {
  PSN7001: (p: { store: string }) => ({
    message: `another process is publishing to ${p.store}`,
    hint: 'wait for it to end; a publish that was killed holds nothing',
  }),
  PSN7002: (p: { store: string; reason: string }) => ({
    message: `${p.store} is no serving store of this version of personas: ${p.reason}`,
    hint: 'use the version that made it, or remove the store and publish again',
  }),
  PSN7003: (p: { store: string; reason: string }) => ({
    message: `nothing more can be written to ${p.store}: ${p.reason}`,
    hint: 'what was served before is still served; make room on its disk and publish again',
  }),
  PSN7004: (p: { store: string; reason: string }) => ({
    message: `the serving store ${p.store} cannot be used: ${p.reason}`,
    hint: 'check `serving.store` in personas.config.yaml, and the rights on it',
  }),
}
