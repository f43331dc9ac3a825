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
  PSN7010: (p: { target: string }) => ({
    message: `there is nothing to publish: no run has ended well on target \`${p.target}\``,
    hint: 'run `personas run` first',
  }),
  PSN7011: (p: { runId: string }) => ({
    message: `definitions have changed since run ${p.runId}, whose tables would be published`,
    hint: 'run `personas run` first, or `personas run --publish`',
  }),
  PSN7012: (p: { runId: string }) => ({
    message: `run ${p.runId} took events in and did not end: its tables are half of one run and half of another`,
    hint: '`personas retry` goes on with it',
  }),
  PSN7020: (p: { host: string; port: number }) => ({
    message: `port ${p.port} of ${p.host} is in use by another process`,
    hint: 'end that one, or choose another with --port or `serving.port`',
  }),
  PSN7021: (p: { host: string; port: number; reason: string }) => ({
    message: `cannot listen on ${p.host} port ${p.port}: ${p.reason}`,
    hint: 'choose an address of this machine with --host, and a port it may use with --port',
  }),
  PSN7022: (p: { name: string }) => ({
    message: `a token is named \`${p.name}\` already`,
    hint: 'choose another name, or revoke that one first with `personas tokens revoke`',
  }),
  PSN7023: (p: { name: string; names: readonly string[] }) => ({
    message: `no token is named \`${p.name}\``,
    hint: p.names.length === 0 ? 'there is none yet' : `there are ${p.names.join(', ')}`,
  }),
}
